// What is one's own: password, language, theme, signing out.
import { useState } from "preact/hooks";
import { api, part, session, sessionEnded } from "../core/api";
import { chooseLanguage, language, languages, t, type Language } from "../core/i18n";
import { chooseTheme, storedTheme, type Theme } from "../core/theme";
import { say } from "../core/toast";
import { Choice, Form } from "../parts/form";
import { Page } from "../parts/page";
import { checkedPassword, NewPassword } from "./setup";

export async function signOut(): Promise<void> {
	try {
		await api("DELETE", "/session", {});
	} catch {
		// gone already, or the server is: either way this page is done with it
	}
	session.value = null;
	sessionEnded.value = false;
	location.hash = "";
}

function PasswordPanel() {
	const [round, setRound] = useState(0);

	return (
		<section class="panel" aria-labelledby="my-password">
			<h2 id="my-password">{t("accountPassword")}</h2>
			<p>{t("accountPasswordText")}</p>
			<Form key={round} submit={t("accountPasswordGo")} onSubmit={async (v) => {
				await api("POST", `/admins/${part(session.value!.name)}/password`, { password: checkedPassword(v) });
				setRound(round + 1);
				say(t("accountPasswordDone"));
			}}>
				<NewPassword />
			</Form>
		</section>
	);
}

export function Account() {
	const [theme, setTheme] = useState<Theme>(storedTheme());

	return (
		<Page title={t("navAccount")} lead={t("accountLead", { name: session.value!.name })} actions={<button type="button" onClick={() => void signOut()}>{t("signOut")}</button>}>
			<PasswordPanel />
			<section class="panel" aria-labelledby="looks">
				<h2 id="looks">{t("accountLooks")}</h2>
				<p class="help">{t("accountLooksText")}</p>
				<Choice name="language" legend={t("language")} value={language.value} onChange={(v) => chooseLanguage(v as Language)}
					options={(Object.keys(languages) as Language[]).map((l): [string, string] => [l, languages[l]])} />
				<Choice name="theme" legend={t("theme")} value={theme} onChange={(v) => {
					setTheme(v as Theme);
					chooseTheme(v as Theme);
				}} options={[["system", t("themeSystem")], ["light", t("themeLight")], ["dark", t("themeDark")]]} />
			</section>
		</Page>
	);
}
