// words.mjs WORK: the catalogues and the CSV reader, bundled for node by esbuild.
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { equal, check, main, test } from "./counting.mjs";

const work = resolve(process.argv[2]);
const { buildSync } = createRequire(join(work, "node_modules", "x.js"))("esbuild");

async function bundled(source) {
	const outfile = join(work, source.replace(/\W+/g, "-") + ".mjs");

	buildSync({
		stdin: { contents: source, resolveDir: join(work, "src"), loader: "ts" }, absWorkingDir: work, outfile,
		bundle: true, format: "esm", platform: "node", preserveSymlinks: true, logLevel: "error",
	});
	return import(pathToFileURL(outfile).href);
}

// The modules ask the browser for its language and storage; here there is none of either.
if (!globalThis.navigator?.languages)
	Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] }, configurable: true });
const words = await bundled('export { en } from "./words/en"; export { ko } from "./words/ko"; export { koServer } from "./words/ko-server";');
const csv = await bundled('export { parseCsv, toCsv } from "./core/csv"; export { previewOf } from "./core/import-check"; export { t, language, formatSpan, formatBytes } from "./core/i18n";');
const texts = (m) => (typeof m === "string" ? [m] : [m.one, m.other]);
const names = (s) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);

function sources(dir) {
	return readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(join(dir, e.name)) : [join(dir, e.name)]));
}

test("both languages have the same messages, none is empty", () => {
	equal(Object.keys(words.ko).sort(), Object.keys(words.en).sort(), "keys");
	for (const catalogue of [words.en, words.ko])
		for (const [k, m] of Object.entries(catalogue))
			check(texts(m).every((s) => s.trim() !== ""), k + " is empty");
});

test("a Korean message has parameters of the English one, and misses none but a count", () => {
	for (const [k, m] of Object.entries(words.en)) {
		const wanted = new Set(texts(m).flatMap(names)), has = new Set(names(words.ko[k]));

		for (const p of has)
			check(wanted.has(p), `${k}: {${p}} is not in English`);
		for (const p of wanted)
			check(has.has(p), `${k}: {${p}} is missing in Korean`);
	}
});

test("Korean is Korean", () => {
	const same = Object.keys(words.en).filter((k) => words.en[k] === words.ko[k] && /[a-z]{4}/.test(words.en[k]));

	equal(same, [], "messages left in English");
});

test("every message is used", () => {
	const all = sources(join(work, "src")).filter((f) => !/words\/(en|ko)\.ts$/.test(f)).map((f) => readFileSync(f, "utf8")).join("\n");
	const unused = Object.keys(words.en).filter((k) => !all.includes(`"${k}"`) && !/^(csvColumn|groupKind|kind|level|level_of|levelShort|result)_/.test(k));

	equal(unused, [], "unused");
});

test("no text stands in the pages outside the catalogues", () => {
	for (const f of sources(join(work, "src")).filter((f) => f.endsWith(".tsx")))
		for (const m of readFileSync(f, "utf8").matchAll(/>([^<>{}()=;]*[A-Za-z]{3}[^<>{}()=;]*)<\//g))
			check(/^(Porchlight|porchlight .*)$/.test(m[1].trim()), `${f}: ${m[1].trim()}`);
});

test("plural, numbers, spans and sizes by language", () => {
	csv.language.value = "en";
	equal([csv.t("usersTotal", { n: 1 }), csv.t("usersTotal", { n: 1234 })], ["There is 1 user.", "There are 1,234 users."], "English");
	equal([csv.formatSpan(59000), csv.formatSpan(7200000), csv.formatBytes(1500000)], ["59 seconds", "2 hours", "1.5 MB"], "English");
	csv.language.value = "ko";
	equal(csv.t("usersTotal", { n: 1234 }), "사용자가 1,234명 있습니다.", "Korean");
	csv.language.value = "en";
});

test("CSV: quotes, line ends, empty lines, a byte order mark", () => {
	equal(csv.parseCsv('\ufeffname,display\r\n\r\nal,"Al, ""the"" man"\nbo, Bo \n'), { rows: [
		{ line: 1, fields: ["name", "display"] }, { line: 3, fields: ["al", 'Al, "the" man'] }, { line: 4, fields: ["bo", "Bo"] },
	], badLine: null }, "rows");
	equal(csv.parseCsv('name\n"two\nlines"\nx').rows.map((r) => r.line), [1, 2, 4], "a field over two lines");
});

test("CSV: the first bad line", () => {
	const line = (s) => csv.previewOf(s).problem?.line ?? null;

	for (const [s, want] of [
		["", 1], ["name\n", 1], ["nom\na\n", 1], ["display\nx\n", 1], ["name,name\na,b\n", 1], ["name\na\n\nA b\n", 4],
		["name\na\na\n", 3], ["name\na,b\n", 2], ["name,display\na\n", null], ['name\na\n"b\n', 3], ['name\na"b\n', 2], ["name\n.a\n", 2],
		["name,password\na,short\n", 2], ["name,password\na,\n", null], ["NAME\na\n", null], ["name\n" + "x".repeat(65) + "\n", 2],
	])
		equal(line(s), want, JSON.stringify(s));
});

test("a saved cell is never a formula", () => {
	equal(csv.toCsv([["=1+1", "+A1", "-A1", "@x", "+82 (2) 555-0100", 'say "hi"', "a,b", "plain"]]),
		"\ufeff'=1+1,'+A1,'-A1,'@x,+82 (2) 555-0100,\"say \"\"hi\"\"\",\"a,b\",plain\r\n", "cells");
});

await main();
