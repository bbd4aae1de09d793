// What all pages share: title, lead sentence, actions; empty states; times; secrets that are shown once.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatAgo, formatTime, t } from "../core/i18n";
import { say } from "../core/toast";
import { Icon } from "./icon";

// The first heading gets the focus when a page opens, so that screen readers and Tab start there.
export function Page({ title, lead, actions, back, children }: {
	title: string; lead?: ComponentChildren; actions?: ComponentChildren; back?: [string, string]; children: ComponentChildren;
}) {
	const h1 = useRef<HTMLHeadingElement>(null);

	useEffect(() => {
		h1.current?.focus({ preventScroll: true });
		scrollTo(0, 0);
	}, []);
	useEffect(() => { document.title = title + " · Porchlight"; }, [title]);
	return (
		<>
			{back && <p class="back"><a href={back[0]}><Icon name="back" />{back[1]}</a></p>}
			<div class="page-head">
				<div>
					<h1 ref={h1} tabIndex={-1}>{title}</h1>
					{lead && <p class="lead">{lead}</p>}
				</div>
				{actions && <div class="actions">{actions}</div>}
			</div>
			{children}
		</>
	);
}

export function Loading() {
	return <p class="loading" role="status">{t("loading")}</p>;
}

export function Empty({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
	return (
		<div class="empty">
			<h2>{title}</h2>
			<p>{text}</p>
			{children && <div class="actions">{children}</div>}
		</div>
	);
}

export function Time({ ms, ago }: { ms: number | null | undefined; ago?: boolean }) {
	if (!ms)
		return <span class="faint">{t("never")}</span>;
	const at = new Date(ms);
	return <time dateTime={at.toISOString()} title={ago ? formatTime(ms) : undefined}>{ago ? formatAgo(ms, Date.now()) : formatTime(ms)}</time>;
}

export function Copy({ value, what }: { value: string; what: string }) {
	return (
		<button type="button" onClick={() => {
			navigator.clipboard.writeText(value).then(() => say(t("copied", { what })), () => say(t("copyFailed")));
		}}>
			<Icon name="copy" />{t("copy")}<span class="unseen"> {what}</span>
		</button>
	);
}

// Something that is shown this once: a password, a link, a key.
export function Secret({ label, value }: { label: string; value: string }) {
	return (
		<div class="secret">
			<p class="secret-label">{label}</p>
			<div class="secret-row"><code>{value}</code><Copy value={value} what={label} /></div>
		</div>
	);
}

// Lines for a client's own file.  They wrap: nothing scrolls sideways, and copying takes them as they are.
export function Lines({ file, what, text }: { file: string; what: string; text: string }) {
	return (
		<figure class="lines">
			<figcaption><code>{file}</code><Copy value={text + "\n"} what={what} /></figcaption>
			<pre><code>{text}</code></pre>
		</figure>
	);
}

export function Facts({ rows }: { rows: ([string, ComponentChildren] | null)[] }) {
	return (
		<dl class="facts">
			{rows.map((r) => r && <div key={r[0]}><dt>{r[0]}</dt><dd>{r[1]}</dd></div>)}
		</dl>
	);
}

// A page that keeps itself current says so, and can be told to stop (WCAG 2.2.2).
export function useLive(seconds: number): [number, ComponentChildren] {
	const [on, setOn] = useState(true);

	return [on ? seconds * 1000 : 0, (
		<label class="switch"><input type="checkbox" checked={on} onChange={() => setOn(!on)} />{t("liveUpdate")}</label>
	)];
}
