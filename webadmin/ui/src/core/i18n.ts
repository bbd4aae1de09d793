// Words, numbers and dates in the chosen language.
//
// English is the catalogue that defines the keys; a key or a {parameter} that is missing in a call does not compile,
// and neither does a language that lacks a key.  A message with plural forms picks one by its parameter n.
import { computed, signal } from "@preact/signals";
import { en } from "../words/en";
import { ko } from "../words/ko";
import { readChoice, keepChoice } from "./stored";

export type Message = string | { readonly one: string; readonly other: string };
export type Key = keyof typeof en;

type Names<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Names<Rest> : never;
type Parameters<K extends Key> = (typeof en)[K] extends string
	? Names<(typeof en)[K]>
	: (typeof en)[K] extends { other: infer S }
		? Names<S> | "n"
		: never;
type Args<K extends Key> = [Parameters<K>] extends [never] ? [] : [Record<Parameters<K>, string | number>];

export const languages = { en: "English", ko: "한국어" } as const;
export type Language = keyof typeof languages;
const catalogues: Record<Language, Record<Key, Message>> = { en, ko };

function firstLanguage(): Language {
	const wanted = [readChoice("language") ?? "", ...navigator.languages];

	for (const w of wanted) {
		const found = (Object.keys(languages) as Language[]).find((l) => w.toLowerCase().split("-")[0] === l);

		if (found)
			return found;
	}
	return "en";
}

export const language = signal<Language>(firstLanguage());

export function chooseLanguage(l: Language): void {
	keepChoice("language", l);
	language.value = l;
}

// How numbers and dates look: the reader's own region where it speaks the chosen language (26 November in Britain).
const locale = computed(() => navigator.languages.find((l) => l.toLowerCase().split("-")[0] === language.value) ?? language.value);
const numbers = computed(() => new Intl.NumberFormat(locale.value));
const plurals = computed(() => new Intl.PluralRules(locale.value));

export function t<K extends Key>(key: K, ...args: Args<K>): string {
	const message = catalogues[language.value][key];
	const values = (args[0] ?? {}) as Record<string, string | number>;
	const text = typeof message === "string"
		? message
		: plurals.value.select(Number(values["n"])) === "one" ? message.one : message.other;

	return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const v = values[name];

		return v === undefined ? whole : typeof v === "number" ? numbers.value.format(v) : v;
	});
}

// A key made from a word of the server's, such as a state; the word itself where there is no such key.
export function tWord(prefix: string, word: string): string {
	const key = prefix + word;

	return key in en ? t(key as "ok") : word;
}

export function formatNumber(n: number): string {
	return numbers.value.format(n);
}

export function formatTime(ms: number): string {
	return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

export function formatClock(ms: number): string {
	return new Intl.DateTimeFormat(locale.value, { timeStyle: "medium" }).format(ms);
}

export function formatDate(ms: number): string {
	return new Intl.DateTimeFormat(locale.value, { dateStyle: "long" }).format(ms);
}

export function formatList(items: string[]): string {
	return new Intl.ListFormat(locale.value, { type: "conjunction" }).format(items);
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function formatAgo(ms: number, now: number): string {
	const seconds = (ms - now) / 1000;
	const f = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
	const unit = units.find(([, size]) => Math.abs(seconds) >= size);

	return unit ? f.format(Math.trunc(seconds / unit[1]), unit[0]) : t("justNow");
}

export function formatSpan(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	const unit = units.find(([, size]) => seconds >= size) ?? ["second", 1];

	return new Intl.NumberFormat(locale.value, { style: "unit", unit: unit[0], unitDisplay: "long" })
		.format(Math.round(seconds / unit[1]));
}

export function formatBytes(n: number): string {
	const sizes = ["byte", "kilobyte", "megabyte", "gigabyte"];
	let i = 0;

	while (n >= 1000 && i < sizes.length - 1) {
		n /= 1000;
		i++;
	}
	return new Intl.NumberFormat(locale.value, {
		style: "unit", unit: sizes[i]!, unitDisplay: i === 0 ? "long" : "short", maximumFractionDigits: i === 0 ? 0 : 1,
	}).format(n);
}

export function timeZoneName(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
