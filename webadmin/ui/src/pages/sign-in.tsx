// Signing in.  Whoever was on a page when the session ended comes back to it.
import { useEffect, useRef } from "preact/hooks";
import { api, session, sessionEnded } from "../core/api";
import { language, t } from "../core/i18n";
import { Gate } from "../parts/frame";
import { Field, Form } from "../parts/form";

export function SignIn({ needsSetup }: { needsSetup: boolean }) {
	const h1 = useRef<HTMLHeadingElement>(null);

	useEffect(() => { document.title = t("signInTitle") + " · Porchlight"; }, [language.value]);
	useEffect(() => { if (needsSetup) h1.current?.focus(); }, []);
	if (needsSetup)
		return (
			<Gate>
				<h1 ref={h1} tabIndex={-1}>{t("notSetUpTitle")}</h1>
				<p>{t("notSetUpText")}</p>
				<p>{t("notSetUpCommand")} <code>porchlight init</code></p>
			</Gate>
		);
	return (
		<Gate>
			<h1 ref={h1} tabIndex={-1}>{t("signInTitle")}</h1>
			<p class="lead">{t("signInLead")}</p>
			{sessionEnded.value && <p class="notice warn" role="status">{t("sessionEnded")}</p>}
			<Form submit={t("signIn")} autoFocus onSubmit={async (v) => {
				const s = await api<{ name: string; csrf: string }>("POST", "/session", { name: v["name"], password: v["password"] });

				sessionEnded.value = false;
				session.value = s;
			}}>
				<Field name="name" label={t("adminName")} required autoComplete="username" maxLength={64} />
				<Field name="password" label={t("password")} type="password" required autoComplete="current-password" />
			</Form>
			<p class="below"><a href="/ca">{t("caLink")}</a></p>
		</Gate>
	);
}
