// Group chats: standing ones, made here, and those that people have made in their clients.
import { useState } from "preact/hooks";
import { formatNumber, t, tWord } from "../core/i18n";
import { useLoad } from "../core/load";
import { go } from "../core/router";
import type { Group, Status } from "../core/types";
import { LoadError } from "../parts/failure";
import { AddGroup, DeleteGroup, titleOf } from "../parts/group-dialogs";
import { Badge, Icon } from "../parts/icon";
import { Empty, Loading, Page, Time } from "../parts/page";
import { usePaged } from "../parts/paged";
import { Pager, Table } from "../parts/table";

export function groupHref(g: Group): string {
	return "#/groups/" + encodeURIComponent(g.name);
}

export function GroupAccess({ group }: { group: Group }) {
	return group.locked
		? <Badge tone="stop" text={t("groupLocked")} />
		: <Badge tone={group.access === "open" ? "good" : "off"} text={tWord("groupAccess_", group.access)} />;
}

function GroupTable({ rows, busy, onDelete }: { rows: Group[]; busy: boolean; onDelete: (g: Group) => void }) {
	return (
		<Table caption={t("navGroups")} rows={rows} rowKey={(g) => g.id} busy={busy} columns={[
			{ head: t("group"), cell: (g) => <><a href={groupHref(g)}>{titleOf(g)}</a><span class="sub">{g.name}</span></> },
			{ head: t("groupKind"), cell: (g) => tWord("groupKind_", g.kind) },
			{ head: t("groupAccess"), cell: (g) => <GroupAccess group={g} /> },
			{ head: t("groupMembers"), kind: "number", cell: (g) => formatNumber(g.members) },
			{ head: t("created"), cell: (g) => <Time ms={g.created_ms} /> },
			{ head: t("actions"), unseenHead: true, kind: "actions", cell: (g) => (
				<button type="button" class="danger" onClick={() => onDelete(g)}>{t("groupDelete")}<span class="unseen"> {titleOf(g)}</span></button>
			) },
		]} />
	);
}

export function Groups() {
	const list = usePaged<{ groups: Group[]; next: string | null }>("/groups", {});
	const status = useLoad<Status>("/status");
	const [open, setOpen] = useState<"add" | Group | null>(null);
	const rows = list.data?.groups ?? [];
	const add = <button type="button" class="main" onClick={() => setOpen("add")}><Icon name="plus" />{t("groupAdd")}</button>;

	return (
		<Page title={t("navGroups")} lead={t("groupsLead")} actions={add}>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{list.data && rows.length === 0 && !list.hasBack && <Empty title={t("noGroupsTitle")} text={t("noGroupsText")}>{add}</Empty>}
			{rows.length > 0 && <GroupTable rows={rows} busy={list.busy} onDelete={setOpen} />}
			<Pager shown={rows.length} hasBack={list.hasBack} hasNext={list.hasNext} onBack={list.back} onNext={list.next} />
			{open === "add" && <AddGroup domain={status.data?.domain ?? ""} onDone={(g) => go(groupHref(g))} onClose={() => setOpen(null)} />}
			{open !== null && open !== "add" && <DeleteGroup group={open} onDone={list.reload} onClose={() => setOpen(null)} />}
		</Page>
	);
}
