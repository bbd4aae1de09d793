// Find, add and fix people.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { replaceQuery, route } from "../core/router";
import type { Department, Settings, User } from "../core/types";
import { ExportButton } from "../parts/export";
import { LoadError } from "../parts/failure";
import { Badge, Icon } from "../parts/icon";
import { Empty, Loading, Page, Time } from "../parts/page";
import { usePaged } from "../parts/paged";
import { Pager, Table } from "../parts/table";
import { AddUser, DeleteUser, DisableUser, enableUser, ResetPassword } from "../parts/user-dialogs";

const PAGE_ROWS = 50;
const TYPING_MS = 250;
const EXPORT = ["name", "display", "email", "department", "title", "phone"] as const;

interface UserList { users: User[]; total: number; next: string | null }
type Open = { what: "add" } | { what: "reset" | "disable" | "delete"; user: User } | null;

export function UserState({ user }: { user: User }) {
	if (!user.enabled)
		return <Badge tone="stop" text={t("stateDisabled")} />;
	return user.endpoints > 0 ? <Badge tone="good" text={t("stateSignedIn")} /> : <Badge tone="off" text={t("stateEnabled")} />;
}

function Filters({ search, department, departments, onChange }: {
	search: string; department: string; departments: Department[]; onChange: (search: string, department: string) => void;
}) {
	const [typed, setTyped] = useState(search);
	const sent = useRef(search);

	/* "Show all", or the browser's back button, changed it. */
	useEffect(() => {
		if (search !== sent.current) {
			sent.current = search;
			setTyped(search);
		}
	}, [search]);
	useEffect(() => {
		if (typed === sent.current)
			return undefined;
		const timer = setTimeout(() => {
			sent.current = typed;
			onChange(typed, department);
		}, TYPING_MS);

		return () => clearTimeout(timer);
	}, [typed]);
	return (
		<form class="filters" role="search" aria-label={t("usersFind")} onSubmit={(e) => e.preventDefault()}>
			<div class="field search">
				<label for="search">{t("search")}</label>
				<input id="search" type="search" value={typed} autoComplete="off" spellcheck={false}
					onInput={(e) => setTyped(e.currentTarget.value)} aria-describedby="search-help" />
				<p class="unseen" id="search-help">{t("usersSearchHelp")}</p>
			</div>
			{departments.length > 0 && (
				<div class="field">
					<label for="department">{t("userDepartment")}</label>
					<select id="department" value={department} onChange={(e) => { sent.current = typed; onChange(typed, e.currentTarget.value); }}>
						<option value="">{t("allDepartments")}</option>
						{departments.map((d) => <option key={d.id} value={d.name}>{d.name}</option>)}
					</select>
				</div>
			)}
		</form>
	);
}

function RowActions({ user, open, reload }: { user: User; open: (o: Open) => void; reload: () => void }) {
	return (
		<>
			<button type="button" onClick={() => open({ what: "reset", user })}>{t("passwordResetShort")}<span class="unseen"> {user.name}</span></button>
			{user.enabled
				? <button type="button" onClick={() => open({ what: "disable", user })}>{t("userDisable")}<span class="unseen"> {user.name}</span></button>
				: <button type="button" onClick={() => void enableUser(user, reload)}>{t("userEnable")}<span class="unseen"> {user.name}</span></button>}
			<button type="button" class="danger" onClick={() => open({ what: "delete", user })}>{t("userDelete")}<span class="unseen"> {user.name}</span></button>
		</>
	);
}

export function Users() {
	const search = route.value.query.get("search") ?? "", department = route.value.query.get("department") ?? "";
	const list = usePaged<UserList>("/users", { search, department, limit: PAGE_ROWS });
	const departments = useLoad<{ departments: Department[] }>("/departments");
	const settings = useLoad<Settings>("/settings");
	const [open, setOpen] = useState<Open>(route.value.query.has("add") ? { what: "add" } : null);
	const filtered = search !== "" || department !== "";
	const close = () => setOpen(null);

	return (
		<Page title={t("navUsers")} lead={list.data ? t(filtered ? "usersFound" : "usersTotal", { n: list.data.total }) : t("loading")} actions={
			<>
				<ExportButton<User> path="/users" member="users" filter={{ search, department }} file="porchlight-users.csv" head={EXPORT} row={(u) => EXPORT.map((k) => u[k] ?? "")} />
				<a class="button" href="#/users-import"><Icon name="upload" />{t("importCsv")}</a>
				<button type="button" class="main" onClick={() => setOpen({ what: "add" })}><Icon name="plus" />{t("userAdd")}</button>
			</>
		}>
			<Filters search={search} department={department} departments={departments.data?.departments ?? []}
				onChange={(s, d) => replaceQuery({ search: s, department: d })} />
			<p class="unseen" role="status">{list.data && !list.busy ? t(filtered ? "usersFound" : "usersTotal", { n: list.data.total }) : ""}</p>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{list.data?.users.length === 0 && (filtered
				? <Empty title={t("noMatchTitle")} text={t("noMatchUsers")}><button type="button" onClick={() => { replaceQuery({}); setOpen(null); }}>{t("showAll")}</button></Empty>
				: (
					<Empty title={t("noUsersTitle")} text={t("noUsersText")}>
						<button type="button" class="main" onClick={() => setOpen({ what: "add" })}>{t("userAdd")}</button>
						<a class="button" href="#/users-import">{t("importCsv")}</a>
					</Empty>
				))}
			{list.data && list.data.users.length > 0 && (
				<>
					<Table caption={t("navUsers")} rows={list.data.users} rowKey={(u) => u.name} busy={list.busy} columns={[
						{ head: t("userName"), cell: (u) => <><a href={"#/users/" + encodeURIComponent(u.name)}>{u.name}</a>{u.display && <span class="sub">{u.display}</span>}</> },
						{ head: t("userDepartment"), cell: (u) => u.department ?? <span class="faint">{t("none")}</span> },
						{ head: t("state"), cell: (u) => <UserState user={u} /> },
						{ head: t("lastSignIn"), cell: (u) => <Time ms={u.last_sign_in_ms} ago /> },
						{ head: t("actions"), unseenHead: true, kind: "actions", cell: (u) => <RowActions user={u} open={setOpen} reload={list.reload} /> },
					]} />
					<Pager shown={list.data.users.length} total={list.data.total} hasBack={list.hasBack} hasNext={list.hasNext} onBack={list.back} onNext={list.next} />
				</>
			)}
			{open?.what === "add" && <AddUser domain={settings.data?.domain ?? ""} departments={departments.data?.departments ?? []} onDone={list.reload} onClose={close} />}
			{open?.what === "reset" && <ResetPassword user={open.user} onDone={list.reload} onClose={close} />}
			{open?.what === "disable" && <DisableUser user={open.user} onDone={list.reload} onClose={close} />}
			{open?.what === "delete" && <DeleteUser user={open.user} onDone={list.reload} onClose={close} />}
		</Page>
	);
}
