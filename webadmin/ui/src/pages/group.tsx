// One group chat: what it is called, who may come, and who is in it.
import { useState } from "preact/hooks";
import { api, ApiError, part } from "../core/api";
import { t, tWord } from "../core/i18n";
import { useLoad } from "../core/load";
import { go } from "../core/router";
import { say } from "../core/toast";
import type { Group, GroupMember, Role } from "../core/types";
import { errorText, LoadError } from "../parts/failure";
import { Choice, Field, Form } from "../parts/form";
import { AccessChoice, AddMember, DeleteGroup, memberPath, titleOf } from "../parts/group-dialogs";
import { Badge, Icon } from "../parts/icon";
import { Facts, Loading, Page, Time } from "../parts/page";
import { Table } from "../parts/table";

function Settings({ group, onSaved }: { group: Group; onSaved: () => void }) {
	const [access, setAccess] = useState<string>(group.access);
	const [locked, setLocked] = useState(group.locked);
	const change = (body: object) => api("PATCH", "/groups/" + part(group.name), body);

	return (
		<section class="panel" aria-labelledby="group-settings">
			<h2 id="group-settings">{t("groupSettings")}</h2>
			<Form submit={t("save")} onSubmit={async (v) => {
				const before = { subject: group.subject ?? "", access: group.access, locked: group.locked };

				await change({ subject: v["subject"]!.trim(), access, locked });
				onSaved();
				say(t("saved"), async () => {
					await change(before);
					onSaved();
				});
			}}>
				<Field name="subject" label={t("groupSubject")} help={t("groupSubjectHelp")} value={group.subject ?? ""} maxLength={128} />
				<AccessChoice value={access} onChange={setAccess} />
				<Choice name="locked" legend={t("groupLock")} value={locked ? "yes" : "no"} onChange={(v) => setLocked(v === "yes")} options={[
					["no", t("groupLockOff")], ["yes", t("groupLocked"), t("groupLockHelp")],
				]} />
			</Form>
		</section>
	);
}

function MemberTable({ group, rows, busy, onChanged }: { group: Group; rows: GroupMember[]; busy: boolean; onChanged: () => void }) {
	async function act(what: () => Promise<unknown>, words: string, back: () => Promise<unknown>) {
		try {
			await what();
		} catch (e) {
			say(errorText(e as ApiError));
			return;
		}
		onChanged();
		say(words, async () => {
			await back();
			onChanged();
		});
	}
	const put = (m: GroupMember, role: Role) => api("PUT", memberPath(group.name, m.user!), { role });
	const other = (m: GroupMember): Role => m.role === "presenter" ? "attendee" : "presenter";

	return (
		<Table caption={t("groupMembers")} rows={rows} rowKey={(m) => m.user ?? ""} busy={busy} columns={[
			{ head: t("accessPerson"), cell: (m) => m.user === null ? t("unknown") : <a href={"#/users/" + encodeURIComponent(m.user)}>{m.user}</a> },
			{ head: t("memberRole"), cell: (m) => m.organizer ? t("role_organizer") : tWord("role_", m.role) },
			{ head: t("memberHere"), cell: (m) => m.endpoints > 0 ? <Badge tone="good" text={t("nClients", { n: m.endpoints })} /> : <Badge tone="off" text={t("memberAway")} /> },
			{ head: t("recordJoined"), cell: (m) => <Time ms={m.joined_ms} ago /> },
			{ head: t("actions"), unseenHead: true, kind: "actions", cell: (m) => m.user !== null && (
				<>
					{!m.organizer && (
						<button type="button" onClick={() => void act(() => put(m, other(m)), t("memberChanged", { name: m.user! }), () => put(m, m.role))}>
							{t(m.role === "presenter" ? "memberToAttendee" : "memberToPresenter")}<span class="unseen"> {m.user}</span>
						</button>
					)}
					<button type="button" class="danger" onClick={() => void act(
						() => api("DELETE", memberPath(group.name, m.user!)), t("memberRemoved", { name: m.user! }), () => put(m, m.role))}>
						{t("memberRemove")}<span class="unseen"> {m.user}</span>
					</button>
				</>
			) },
		]} />
	);
}

export function GroupPage({ name }: { name: string }) {
	const group = useLoad<Group>("/groups/" + part(name));
	const [open, setOpen] = useState<"add" | "delete" | null>(null);
	const g = group.data, rows = g?.roster ?? [];

	return (
		<Page title={g ? titleOf(g) : name} lead={g ? g.address : undefined} back={["#/groups", t("navGroups")]} actions={g &&
			<button type="button" class="danger" onClick={() => setOpen("delete")}>{t("groupDelete")}</button>
		}>
			{group.error && <LoadError error={group.error} retry={group.reload} />}
			{!g && !group.error && <Loading />}
			{g && (
				<>
					<Facts rows={[
						[t("groupKind"), <>{tWord("groupKind_", g.kind)}<span class="sub">{t(g.kind === "standing" ? "groupStandingHelp" : "groupAdHocHelp")}</span></>],
						[t("groupMaker"), g.organizer === null ? t("adminName") : <a href={"#/users/" + encodeURIComponent(g.organizer)}>{g.organizer}</a>],
						[t("created"), <Time ms={g.created_ms} />],
					]} />
					<Settings key={JSON.stringify([g.subject, g.access, g.locked])} group={g} onSaved={group.reload} />
					<section aria-labelledby="members">
						<div class="section-head">
							<h2 id="members">{t("groupMembers")}</h2>
							<button type="button" onClick={() => setOpen("add")}><Icon name="plus" />{t("memberAdd")}</button>
						</div>
						<p class="help">{t("membersText")}</p>
						{rows.length === 0
							? <p class="faint">{t("membersNone")}</p>
							: <MemberTable group={g} rows={rows} busy={group.busy} onChanged={group.reload} />}
					</section>
				</>
			)}
			{g && open === "add" && <AddMember group={g} onDone={group.reload} onClose={() => setOpen(null)} />}
			{g && open === "delete" && <DeleteGroup group={g} onDone={() => go("#/groups")} onClose={() => setOpen(null)} />}
		</Page>
	);
}
