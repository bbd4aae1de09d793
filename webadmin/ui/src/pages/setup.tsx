// The one-time links: the first set-up of the server, and an administrator's choice of a password.
// The token stands behind the '#', which browsers never send: it is in no log.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError } from "../core/api";
import { language, t } from "../core/i18n";
import { LoadError } from "../parts/failure";
import { FieldError, Field, Form, type Values } from "../parts/form";
import { Gate } from "../parts/frame";
import { Loading } from "../parts/page";
import { DnsTable } from "../parts/dns";

const PASSWORD_CHARS_MIN = 10;
const token = location.hash.slice(1);

type Step = "address" | "admin" | "check" | "done";
interface Draft { domain: string; host: string; admin: string; password: string }

function Title({ text }: { text: string }) {
	const h1 = useRef<HTMLHeadingElement>(null);

	useEffect(() => {
		document.title = text + " · Porchlight";
		h1.current?.focus();
	}, [text]);
	return <h1 ref={h1} tabIndex={-1}>{text}</h1>;
}

const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

// The same twice, and long enough; what else makes a good password the server says.
export function checkedPassword(v: Values): string {
	const password = v["password"]!;

	if (Array.from(password).length < PASSWORD_CHARS_MIN)
		throw new FieldError("password", t("passwordShort", { n: PASSWORD_CHARS_MIN }));
	if (password !== v["again"])
		throw new FieldError("again", t("passwordsDiffer"));
	return password;
}

export function NewPassword() {
	return (
		<>
			<Field name="password" label={t("passwordNew")} help={t("passwordHelp")} type="password" required autoComplete="new-password" maxLength={256} />
			<Field name="again" label={t("passwordAgain")} type="password" required autoComplete="new-password" maxLength={256} />
		</>
	);
}

function Steps({ step }: { step: Step }) {
	const all: [Step, string][] = [["address", t("stepAddress")], ["admin", t("stepAdmin")], ["check", t("stepCheck")], ["done", t("stepDone")]];

	return (
		<ol class="steps" aria-label={t("steps")}>
			{all.map(([s, text]) => <li key={s} aria-current={s === step ? "step" : undefined}>{text}</li>)}
		</ol>
	);
}

function AddressStep({ draft, onNext }: { draft: Draft; onNext: (d: Partial<Draft>) => void }) {
	const [domain, setDomain] = useState(draft.domain);
	const shown = NAME.test(domain.trim()) ? domain.trim().toLowerCase() : "example.org";

	return (
		<>
			<Title text={t("setupTitle")} />
			<p class="lead">{t("setupLead")}</p>
			<Form submit={t("next")} autoFocus={false} onSubmit={async (v) => {
				const d = v["domain"]!.trim().toLowerCase(), h = v["host"]!.trim().toLowerCase();

				if (!NAME.test(d))
					throw new FieldError("domain", t("domainWrong"));
				if (!NAME.test(h))
					throw new FieldError("host", t("hostWrong"));
				onNext({ domain: d, host: h });
			}}>
				<Field name="domain" label={t("domain")} help={t("domainHelp", { address: "sip:alice@" + shown })} value={draft.domain} required maxLength={253} onInput={setDomain} />
				<Field name="host" label={t("host")} help={t("hostHelp", { host: "im." + shown })} value={draft.host} required maxLength={253} />
			</Form>
		</>
	);
}

function AdminStep({ draft, onNext, onBack }: { draft: Draft; onNext: (d: Partial<Draft>) => void; onBack: () => void }) {
	return (
		<>
			<Title text={t("setupAdminTitle")} />
			<p class="lead">{t("setupAdminLead")}</p>
			<Form submit={t("next")} onSubmit={async (v) => onNext({ admin: v["admin"]!.trim(), password: checkedPassword(v) })}>
				<Field name="admin" label={t("adminNew")} value={draft.admin} required autoComplete="username" maxLength={64} />
				<NewPassword />
			</Form>
			<p class="below"><button type="button" class="link" onClick={onBack}>{t("stepBack")}</button></p>
		</>
	);
}

function CheckStep({ draft, onDone, onBack }: { draft: Draft; onDone: () => void; onBack: () => void }) {
	return (
		<>
			<Title text={t("setupCheckTitle")} />
			<p class="lead">{t("setupCheckLead")}</p>
			<dl class="facts">
				<div><dt>{t("domain")}</dt><dd>{draft.domain}</dd></div>
				<div><dt>{t("host")}</dt><dd>{draft.host}</dd></div>
				<div><dt>{t("adminNew")}</dt><dd>{draft.admin}</dd></div>
			</dl>
			<Form submit={t("setupGo")} onSubmit={async () => {
				try {
					await api("POST", "/setup", { token, ...draft });
				} catch (e) {
					/* The fields are on the steps before: name the one that is meant. */
					if (e instanceof ApiError && e.field)
						throw new ApiError(e.status, e.code, `${e.field}: ${e.message}`, null);
					throw e;
				}
				onDone();
			}}>{null}</Form>
			<p class="below"><button type="button" class="link" onClick={onBack}>{t("stepBack")}</button></p>
		</>
	);
}

function DoneStep({ draft, port }: { draft: Draft; port: number }) {
	return (
		<>
			<Title text={t("setupDoneTitle")} />
			<p class="lead">{t("setupDoneLead", { domain: draft.domain })}</p>
			<h2>{t("dnsTitle")}</h2>
			<p>{t("dnsLead")}</p>
			<DnsTable place={{ domain: draft.domain, host: draft.host, port }} />
			<h2>{t("setupCaTitle")}</h2>
			<p>{t("setupCaText")}</p>
			<div class="buttons">
				<a class="button main" href="/">{t("toSignIn")}</a>
				<a class="button" href="/ca">{t("caLink")}</a>
			</div>
		</>
	);
}

function Wizard({ port }: { port: number }) {
	const [step, setStep] = useState<Step>("address");
	const [draft, setDraft] = useState<Draft>({ domain: "", host: "", admin: "", password: "" });
	const on = (to: Step) => (d: Partial<Draft>) => {
		setDraft({ ...draft, ...d });
		setStep(to);
	};

	return (
		<Gate wide>
			<Steps step={step} />
			{step === "address" && <AddressStep draft={draft} onNext={on("admin")} />}
			{step === "admin" && <AdminStep draft={draft} onNext={on("check")} onBack={() => setStep("address")} />}
			{step === "check" && <CheckStep draft={draft} onDone={() => { on("done")({ password: "" }); }} onBack={() => setStep("admin")} />}
			{step === "done" && <DoneStep draft={draft} port={port} />}
		</Gate>
	);
}

function LinkPage() {
	const [done, setDone] = useState(false);

	if (done)
		return (
			<Gate>
				<Title text={t("linkDoneTitle")} />
				<p>{t("linkDoneText")}</p>
				<p><a class="button main" href="/">{t("toSignIn")}</a></p>
			</Gate>
		);
	return (
		<Gate>
			<Title text={t("linkTitle")} />
			<p class="lead">{t("linkLead")}</p>
			<Form submit={t("save")} onSubmit={async (v) => {
				await api("POST", "/link", { token, password: checkedPassword(v) });
				setDone(true);
			}}>
				<NewPassword />
			</Form>
		</Gate>
	);
}

export function SetupApp() {
	const [state, setState] = useState<{ needed: boolean; sip_port: number } | null>(null);
	const [error, setError] = useState<ApiError | null>(null);

	function ask() {
		setError(null);
		api<{ needed: boolean; sip_port: number }>("GET", "/setup").then(setState, setError);
	}
	useEffect(() => {
		/* Out of the address line and the history; a reload starts from the link again. */
		history.replaceState(null, "", location.pathname);
		/* A link pasted into this very page changes only what is behind the '#'. */
		addEventListener("hashchange", () => { if (location.hash !== "") location.reload(); });
		ask();
	}, []);
	useEffect(() => { document.documentElement.lang = language.value; }, [language.value]);
	if (error)
		return <Gate><LoadError error={error} retry={ask} /></Gate>;
	if (state === null)
		return <Gate><Loading /></Gate>;
	if (token === "")
		return (
			<Gate>
				<Title text={t("setupClosedTitle")} />
				<p>{state.needed ? t("notSetUpText") : t("setupClosed")}</p>
				<p><a class="button" href="/">{t("toSignIn")}</a></p>
			</Gate>
		);
	return state.needed ? <Wizard port={state.sip_port} /> : <LinkPage />;
}
