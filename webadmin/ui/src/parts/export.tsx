// Saves a whole list, as it is filtered, as CSV.
import { useState } from "preact/hooks";
import type { ApiError } from "../core/api";
import { saveFile, toCsv } from "../core/csv";
import { t } from "../core/i18n";
import { loadAll, type Filter } from "../core/load-all";
import { say } from "../core/toast";
import { errorText } from "./failure";
import { Icon } from "./icon";

const ROWS_MAX = 100000; /* what a spreadsheet still opens at ease */

export function ExportButton<T>({ path, member, filter, file, head, row }: {
	path: string; member: string; filter: Filter; file: string; head: readonly string[]; row: (item: T) => string[];
}) {
	const [busy, setBusy] = useState(false);

	async function save() {
		if (busy)
			return;
		setBusy(true);
		try {
			const all = await loadAll<T>(path, member, filter, undefined, ROWS_MAX);

			saveFile(file, toCsv([[...head], ...all.rows.map(row)]), "text/csv");
			say(t(all.more ? "exportedFirst" : "exported", { n: all.rows.length, file }));
		} catch (e) {
			say(errorText(e as ApiError));
		}
		setBusy(false);
	}
	return <button type="button" aria-disabled={busy} onClick={() => void save()}><Icon name="download" />{busy ? t("working") : t("exportCsv")}</button>;
}
