// What went wrong, in words that say what to do.
import type { ApiError } from "../core/api";
import { language, t, tWord, type Key } from "../core/i18n";
import { koServer } from "../words/ko-server";

const byCode: Record<string, Key> = {
	unreachable: "errorUnreachable",
	too_many_attempts: "errorWait",
	wrong_credentials: "errorCredentials",
	wrong_token: "errorToken",
	set_up_already: "errorSetUpAlready",
	last_admin: "errorLastAdmin",
	forbidden: "errorForbidden",
	unauthorized: "errorUnauthorized",
	storage: "errorStorage",
	internal: "errorInternal",
	timeout: "errorTimeout",
};

function known(message: string): string {
	const found = koServer.find(([pattern]) => pattern.test(message));

	return found ? message.replace(found[0], found[1]) : message;
}

// The server's own words are English; the Korean of those it is known to say stands in words/ko-server.ts.
function serverWords(e: ApiError): string {
	if (language.value === "en")
		return e.message;
	const line = /^line (\d+)(?:, (\w+))?: (.*)$/.exec(e.message);

	if (line)
		return t("importServerLine", { line: line[1]!, column: tWord("csvColumn_", line[2] ?? ""), why: known(line[3]!) });
	return known(e.message);
}

export function errorText(e: ApiError, label?: string): string {
	const key = byCode[e.code];

	if (key)
		return t(key as "errorWait");
	const words = serverWords(e);
	/* A message about a member reads on from its name: "is too long". */
	if (label && language.value === "en" && /^(is|has|does|belongs|cannot|must|exists|was|needs)\b/.test(words))
		return `${label} ${words}.`;
	return words.charAt(0).toUpperCase() + words.slice(1);
}

export function LoadError({ error, retry }: { error: ApiError; retry: () => void }) {
	return (
		<div class="notice bad" role="alert">
			<p>{errorText(error)}</p>
			<button type="button" onClick={retry}>{t("tryAgain")}</button>
		</div>
	);
}
