// Pieces of the frame that the signed-out pages have too.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { chooseLanguage, language, languages, t, type Language } from "../core/i18n";
import { say, toast } from "../core/toast";
import type { ApiError } from "../core/api";
import { errorText } from "./failure";
import { Icon } from "./icon";

export function SkipLink() {
	return (
		<a class="skip" href="#main" onClick={(e) => {
			/* The part after '#' is where we are; so only the focus moves. */
			e.preventDefault();
			document.querySelector<HTMLElement>("main h1")?.focus();
		}}>{t("skip")}</a>
	);
}

export function Brand({ href }: { href: string }) {
	return <a class="brand" href={href}><img src="/icon.svg" alt="" width="30" height="30" />Porchlight</a>;
}

export function LanguageSwitch() {
	return (
		<div class="languages" role="group" aria-label={t("language")}>
			{(Object.keys(languages) as Language[]).map((l) => (
				<button type="button" key={l} lang={l} aria-pressed={l === language.value} onClick={() => chooseLanguage(l)}>{languages[l]}</button>
			))}
		</div>
	);
}

// The live region stays; only what it says changes, so that it is read out.
export function ToastArea() {
	const current = toast.value;

	return (
		<div class="toast-area">
			<div role="status" class={current ? "toast" : "toast gone"}>
				{current && <span>{current.text}</span>}
				{current?.undo && (
					<button type="button" onClick={() => {
						current.undo!().then(() => say(t("undone")), (e: ApiError) => say(errorText(e)));
					}}>{t("undo")}</button>
				)}
				{current && <button type="button" class="quiet" aria-label={t("close")} onClick={() => { toast.value = null; }}><Icon name="close" /></button>}
			</div>
		</div>
	);
}

// The card in the middle of the signed-out pages.
export function Gate({ children, wide }: { children: ComponentChildren; wide?: boolean }) {
	useEffect(() => { document.documentElement.lang = language.value; }, [language.value]);
	return (
		<div class="gate">
			<SkipLink />
			<header class="gate-head"><Brand href="/" /><LanguageSwitch /></header>
			<main id="main" class={wide ? "card wide" : "card"}>{children}</main>
			<ToastArea />
		</div>
	);
}
