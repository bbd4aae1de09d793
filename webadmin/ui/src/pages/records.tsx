// Who talked with whom, and when; never the text.
import { useState } from "preact/hooks";
import { formatList, formatNumber, formatSpan, t, tWord } from "../core/i18n";
import { useLoad } from "../core/load";
import { replaceQuery, route } from "../core/router";
import type { ConversationRecord, Settings } from "../core/types";
import { ExportButton } from "../parts/export";
import { errorText, LoadError } from "../parts/failure";
import { Badge, type Tone } from "../parts/icon";
import { Empty, Loading, Page, Time } from "../parts/page";
import { usePaged } from "../parts/paged";
import { Pager, Table } from "../parts/table";

const PAGE_ROWS = 50;
const DAY_MS = 86400000;

interface RecordList { records: ConversationRecord[]; next: string | null }

const EXPORT = ["started", "ended", "kind", "who", "messages", "result"];

function exported(r: ConversationRecord): string[] {
	return [new Date(r.started_ms).toISOString(), r.ended_ms ? new Date(r.ended_ms).toISOString() : "", r.kind,
		r.participants.map((p) => p.uri).join(" "), String(r.messages), String(r.result)];
}

// A SIP status in words.
function resultOf(r: ConversationRecord): [Tone, string] {
	if (r.result === 0)
		return ["info", r.ended_ms ? t("resultNone") : t("resultRunning")];
	if (r.result === 202)
		return ["info", t("resultStored")];
	if (r.result < 300)
		return ["good", t("resultDelivered")];
	const known = [403, 404, 408, 480, 486, 487, 488, 503, 603].includes(r.result);
	return ["warn", known ? tWord("result_", String(r.result)) : t("resultFailed", { code: String(r.result) })];
}

// The start of a day in the reader's time zone, from a date field.
function dayStart(value: string): number | null {
	const ms = new Date(value + "T00:00:00").getTime();

	return Number.isNaN(ms) ? null : ms;
}

function Filters() {
	const q = route.value.query;

	function change(e: Event) {
		const f = (e.currentTarget as HTMLElement).closest("form")!;
		const v = (name: string) => (f.elements.namedItem(name) as HTMLInputElement).value.trim();

		e.preventDefault();
		replaceQuery({ user: v("user"), from: v("from"), to: v("to") });
	}
	return (
		<form class="filters" role="search" aria-label={t("recordsFind")} onSubmit={change}>
			<div class="field search"><label for="r-user">{t("recordsPerson")}</label>
				<input id="r-user" name="user" type="search" autoComplete="off" spellcheck={false} defaultValue={q.get("user") ?? ""} aria-describedby="r-help" />
				<p class="unseen" id="r-help">{t("recordsPersonHelp")}</p></div>
			<div class="field"><label for="r-from">{t("recordsFrom")}</label><input id="r-from" name="from" type="date" defaultValue={q.get("from") ?? ""} /></div>
			<div class="field"><label for="r-to">{t("recordsTo")}</label><input id="r-to" name="to" type="date" defaultValue={q.get("to") ?? ""} /></div>
			<div class="field"><button type="submit">{t("recordsShow")}</button></div>
		</form>
	);
}

function Details({ record }: { record: ConversationRecord }) {
	return (
		<div class="details">
			<Table caption={t("recordParticipants")} rows={record.participants} rowKey={(p) => p.uri + (p.joined_ms ?? "")} columns={[
				{ head: t("recordPerson"), cell: (p) => <span title={p.uri}>{p.user}</span> },
				{ head: t("recordSent"), kind: "number", cell: (p) => formatNumber(p.sent) },
				{ head: t("recordReceived"), kind: "number", cell: (p) => formatNumber(p.received) },
				{ head: t("endpointClient"), cell: (p) => p.client || <span class="faint">{t("unknown")}</span> },
				{ head: t("recordJoined"), cell: (p) => <Time ms={p.joined_ms} /> },
			]} />
		</div>
	);
}

function RecordTable({ rows, busy }: { rows: ConversationRecord[]; busy: boolean }) {
	const [open, setOpen] = useState<number | null>(null);

	return (
		<Table caption={t("navRecords")} rows={rows} rowKey={(r) => r.id} busy={busy} after={(r) => open === r.id && (
			<tr role="row" class="details-row" id={"record-" + r.id}><td role="cell" colSpan={7}><Details record={r} /></td></tr>
		)} columns={[
			{ head: t("recordStarted"), cell: (r) => <Time ms={r.started_ms} /> },
			{ head: t("recordKind"), cell: (r) => tWord("kind_", r.kind) },
			{ head: t("recordWho"), cell: (r) => formatList(r.who) },
			{ head: t("recordMessages"), kind: "number", cell: (r) => formatNumber(r.messages) },
			{ head: t("recordLength"), cell: (r) => r.ended_ms ? formatSpan(r.ended_ms - r.started_ms) : t("resultRunning") },
			{ head: t("recordResult"), cell: (r) => { const [tone, text] = resultOf(r); return <Badge tone={tone} text={text} />; } },
			{ head: t("actions"), unseenHead: true, kind: "actions", cell: (r) => (
				<button type="button" aria-expanded={open === r.id} aria-controls={open === r.id ? "record-" + r.id : undefined}
					onClick={() => setOpen(open === r.id ? null : r.id)}>{t("details")}<span class="unseen"> {formatList(r.who)}</span></button>
			) },
		]} />
	);
}

export function Records() {
	const q = route.value.query;
	const user = q.get("user") ?? "", from = dayStart(q.get("from") ?? ""), to = dayStart(q.get("to") ?? "");
	const filter = { user, from, to: to === null ? null : to + DAY_MS };
	const list = usePaged<RecordList>("/records", { ...filter, limit: PAGE_ROWS });
	const settings = useLoad<Settings>("/settings");
	const filtered = user !== "" || from !== null || to !== null;
	const rows = list.data?.records ?? [];

	return (
		<Page title={t("navRecords")} lead={settings.data ? t("recordsLead", { n: settings.data.record_days }) : t("recordsLeadShort")} actions={
			<ExportButton<ConversationRecord> path="/records" member="records" filter={filter} file="porchlight-conversations.csv" head={EXPORT} row={exported} />
		}>
			<Filters key={q.toString()} />
			{list.error && (list.data ? <p class="notice bad" role="alert">{errorText(list.error)}</p> : <LoadError error={list.error} retry={list.reload} />)}
			{!list.data && !list.error && <Loading />}
			<p class="unseen" role="status">{list.data && !list.busy ? t("recordsShown", { n: rows.length }) : ""}</p>
			{list.data && rows.length === 0 && (filtered
				? <Empty title={t("noMatchTitle")} text={t("noMatchRecords")}><button type="button" onClick={() => replaceQuery({})}>{t("showAll")}</button></Empty>
				: <Empty title={t("noRecordsTitle")} text={t("noRecordsText")} />)}
			{rows.length > 0 && <RecordTable rows={rows} busy={list.busy} />}
			<Pager shown={rows.length} hasBack={list.hasBack} hasNext={list.hasNext} onBack={list.back} onNext={list.next} />
		</Page>
	);
}
