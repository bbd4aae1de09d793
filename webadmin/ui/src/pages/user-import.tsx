// Many users at once, from CSV: look first, then add all of them or none.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError } from "../core/api";
import { COLUMNS, saveFile, toCsv } from "../core/csv";
import { decodeCsv, previewOf, type Preview } from "../core/import-check";
import { t, tWord } from "../core/i18n";
import { errorText } from "../parts/failure";
import { Icon } from "../parts/icon";
import { Page } from "../parts/page";
import { Table } from "../parts/table";

const PREVIEW_ROWS = 10;
const FILE_BYTES_MAX = 4 * 1024 * 1024; /* what the server takes */

interface Imported { added: number; users: { name: string; password?: string | null }[] }
interface Chosen { name: string; text: string; encoding: string; preview: Preview }

function sample(): void {
	saveFile("porchlight-users.csv", toCsv([[...COLUMNS],
		["alice", "Alice Example", "alice@example.org", "Sales", "Clerk", "+1 555 0100", ""]]), "text/csv");
}

function Result({ result }: { result: Imported }) {
	const made = result.users.filter((u) => u.password);
	const h2 = useRef<HTMLHeadingElement>(null);

	useEffect(() => { h2.current?.focus(); }, []);
	return (
		<section class="panel">
			<h2 ref={h2} tabIndex={-1}>{t("importDone", { n: result.added })}</h2>
			{made.length > 0 && (
				<>
					<p>{t("importPasswords", { n: made.length })}</p>
					<p class="notice warn">{t("importPasswordsOnce")}</p>
				</>
			)}
			<div class="buttons">
				{made.length > 0 && (
					<button type="button" class="main" onClick={() => saveFile("porchlight-passwords.csv", toCsv([["name", "password"], ...made.map((u) => [u.name, u.password!])]), "text/csv")}>
						<Icon name="download" />{t("importSavePasswords")}
					</button>
				)}
				<a class="button" href="#/users">{t("toUsers")}</a>
			</div>
		</section>
	);
}

function PreviewPanel({ chosen, error, busy, onImport }: { chosen: Chosen; error: ApiError | null; busy: boolean; onImport: () => void }) {
	const { preview } = chosen;
	const h2 = useRef<HTMLHeadingElement>(null);
	const hidden = preview.columns.indexOf("password");

	useEffect(() => { h2.current?.focus(); }, [chosen]);
	return (
		<section class="panel" aria-labelledby="preview">
			<h2 id="preview" ref={h2} tabIndex={-1}>{preview.problem ? t("importBad", { file: chosen.name }) : t("importPreview", { n: preview.rows.length, file: chosen.name })}</h2>
			{chosen.encoding !== "UTF-8" && <p class="faint">{t("importConverted", { encoding: chosen.encoding })}</p>}
			{preview.problem && <p class="notice bad" role="alert">{t("importBadLine", { line: preview.problem.line, why: preview.problem.text })}</p>}
			{error && <p class="notice bad" role="alert">{errorText(error)}</p>}
			{preview.rows.length > 0 && (
				<Table caption={t("importCaption")} rows={preview.rows.slice(0, PREVIEW_ROWS).map((fields, i) => ({ fields, i }))} rowKey={(r) => r.i}
					columns={preview.columns.map((c, i) => ({
						head: tWord("csvColumn_", c),
						cell: (r: { fields: string[] }) => i === hidden ? (r.fields[i] ? "••••••" : t("passwordMade")) : r.fields[i] ?? "",
					}))} />
			)}
			{preview.rows.length > PREVIEW_ROWS && <p class="faint">{t("importMore", { n: preview.rows.length - PREVIEW_ROWS })}</p>}
			{!preview.problem && (
				<div class="buttons">
					<button type="button" class="main" aria-disabled={busy} onClick={onImport}>{busy ? t("working") : t("importGo", { n: preview.rows.length })}</button>
				</div>
			)}
		</section>
	);
}

export function UserImport() {
	const [chosen, setChosen] = useState<Chosen | null>(null);
	const [unreadable, setUnreadable] = useState("");
	const [error, setError] = useState<ApiError | null>(null);
	const [busy, setBusy] = useState(false);
	const [result, setResult] = useState<Imported | null>(null);

	async function choose(file: File | undefined) {
		setChosen(null);
		setError(null);
		setUnreadable("");
		if (!file)
			return;
		if (file.size > FILE_BYTES_MAX) {
			setUnreadable(t("importTooBig"));
			return;
		}
		const decoded = decodeCsv(await file.arrayBuffer());

		if (decoded)
			setChosen({ name: file.name, ...decoded, preview: previewOf(decoded.text) });
		else
			setUnreadable(t("importNotText"));
	}

	async function send() {
		if (!chosen || busy)
			return;
		setBusy(true);
		setError(null);
		try {
			setResult(await api<Imported>("POST", "/users/import", chosen.text));
		} catch (e) {
			setError(e as ApiError);
		}
		setBusy(false);
	}

	return (
		<Page title={t("importTitle")} lead={t("importLead")} back={["#/users", t("navUsers")]}>
			{result ? <Result result={result} /> : (
				<>
					<section class="panel">
						<h2>{t("importFile")}</h2>
						<p>{t("importColumns")}</p>
						<p><code>{COLUMNS.join(",")}</code></p>
						<p class="help" id="import-help">{t("importRules")}</p>
						<div class="field">
							<label for="csv">{t("importChoose")}</label>
							<input id="csv" type="file" accept=".csv,text/csv" aria-describedby="import-help" onChange={(e) => void choose(e.currentTarget.files?.[0])} />
						</div>
						<p><button type="button" onClick={sample}><Icon name="download" />{t("importSample")}</button></p>
						<div role="alert">{unreadable && <p class="notice bad">{unreadable}</p>}</div>
					</section>
					{chosen && <PreviewPanel chosen={chosen} error={error} busy={busy} onImport={() => void send()} />}
				</>
			)}
		</Page>
	);
}
