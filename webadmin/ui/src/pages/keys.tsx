// API keys: for programs that read, or also change, what these pages do.
import { useState } from "preact/hooks";
import { api, part } from "../core/api";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { ApiKey } from "../core/types";
import { Confirm, Dialog } from "../parts/dialog";
import { LoadError } from "../parts/failure";
import { Choice, Field, Form } from "../parts/form";
import { Badge, Icon } from "../parts/icon";
import { Empty, Loading, Page, Secret, Time } from "../parts/page";
import { Table } from "../parts/table";

const DAY_MS = 86400000;

function AddDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
	const [made, setMade] = useState<ApiKey | null>(null);
	const [scope, setScope] = useState("read");

	return (
		<Dialog title={made ? t("keyMade", { name: made.name }) : t("keyAdd")} onClose={onClose}>
			{made ? (
				<>
					<p>{t("keyMadeText")}</p>
					<Secret label={t("keyLabel")} value={made.key ?? ""} />
					<p class="notice warn">{t("shownOnce")}</p>
					<div class="buttons"><button type="button" class="main" onClick={onClose}>{t("done")}</button></div>
				</>
			) : (
				<Form submit={t("keyAdd")} autoFocus onCancel={onClose} onSubmit={async (v) => {
					const ends = Number(v["ends"]);

					setMade(await api<ApiKey>("POST", "/keys", {
						name: v["name"]!.trim(), may_change: scope === "change",
						...(ends > 0 ? { expires_ms: Date.now() + ends * DAY_MS } : {}),
					}));
					onDone();
				}}>
					<Field name="name" label={t("keyName")} help={t("keyNameHelp")} required maxLength={64} />
					<Choice name="scope" legend={t("keyScope")} value={scope} onChange={setScope} options={[
						["read", t("keyRead"), t("keyReadHelp")], ["change", t("keyChange"), t("keyChangeHelp")],
					]} />
					<Field name="ends" label={t("keyEnds")} value="90" options={[
						["30", t("inDays", { n: 30 })], ["90", t("inDays", { n: 90 })], ["365", t("inDays", { n: 365 })], ["0", t("keyNever")],
					]} />
				</Form>
			)}
		</Dialog>
	);
}

function KeyEnd({ apiKey }: { apiKey: ApiKey }) {
	if (!apiKey.expires_ms)
		return <>{t("keyNever")}</>;
	return apiKey.expires_ms < Date.now() ? <Badge tone="off" text={t("keyOver")} /> : <Time ms={apiKey.expires_ms} />;
}

export function Keys() {
	const list = useLoad<{ keys: ApiKey[] }>("/keys");
	const [adding, setAdding] = useState(false);
	const [ending, setEnding] = useState<ApiKey | null>(null);
	const rows = list.data?.keys ?? [];
	const add = <button type="button" class="main" onClick={() => setAdding(true)}><Icon name="plus" />{t("keyAdd")}</button>;

	return (
		<Page title={t("navKeys")} lead={t("keysLead")} actions={add}>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{list.data && rows.length === 0 && <Empty title={t("noKeysTitle")} text={t("noKeysText")} />}
			{rows.length > 0 && (
				<Table caption={t("navKeys")} rows={rows} rowKey={(k) => k.id} busy={list.busy} columns={[
					{ head: t("keyName"), cell: (k) => k.name },
					{ head: t("keyScope"), cell: (k) => k.may_change ? <Badge tone="warn" text={t("keyChange")} /> : <Badge tone="info" text={t("keyRead")} /> },
					{ head: t("created"), cell: (k) => <Time ms={k.created_ms} /> },
					{ head: t("keyEnds"), cell: (k) => <KeyEnd apiKey={k} /> },
					{ head: t("keyUsed"), cell: (k) => <Time ms={k.last_used_ms} ago /> },
					{ head: t("actions"), unseenHead: true, kind: "actions", cell: (k) => (
						<button type="button" class="danger" onClick={() => setEnding(k)}>{t("keyEnd")}<span class="unseen"> {k.name}</span></button>
					) },
				]} />
			)}
			{adding && <AddDialog onDone={list.reload} onClose={() => setAdding(false)} />}
			{ending && (
				<Confirm title={t("keyEndTitle", { name: ending.name })} action={t("keyEnd")} onClose={() => setEnding(null)} consequences={[t("keyEndWhat"), t("deleteNoUndo")]} onConfirm={async () => {
					await api("DELETE", "/keys/" + part(ending.id));
					setEnding(null);
					list.reload();
					say(t("keyEnded", { name: ending.name }));
				}} />
			)}
		</Page>
	);
}
