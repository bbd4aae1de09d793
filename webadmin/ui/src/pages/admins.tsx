// Who may sign in here.  Administrators are no chat users.
import { useState } from "preact/hooks";
import { api, part, session } from "../core/api";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { Admin } from "../core/types";
import { Confirm, Dialog } from "../parts/dialog";
import { LoadError } from "../parts/failure";
import { Field, Form } from "../parts/form";
import { Badge, Icon } from "../parts/icon";
import { Loading, Page, Secret, Time } from "../parts/page";
import { Table } from "../parts/table";

type Open = { what: "add" } | { what: "link" | "delete"; admin: Admin } | null;

function LinkCard({ name, link, onClose }: { name: string; link: string; onClose: () => void }) {
	return (
		<>
			<p>{t("adminLinkText", { name })}</p>
			<Secret label={t("adminLinkLabel")} value={link} />
			<p class="notice warn">{t("shownOnce")}</p>
			<div class="buttons"><button type="button" class="main" onClick={onClose}>{t("done")}</button></div>
		</>
	);
}

function AddDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
	const [added, setAdded] = useState<Admin | null>(null);

	return (
		<Dialog title={added ? t("adminAdded", { name: added.name }) : t("adminAdd")} onClose={onClose}>
			{added?.link ? <LinkCard name={added.name} link={added.link} onClose={onClose} /> : (
				<Form submit={t("adminAdd")} autoFocus onCancel={onClose} onSubmit={async (v) => {
					setAdded(await api<Admin>("POST", "/admins", { name: v["name"]!.trim() }));
					onDone();
				}}>
					<p>{t("adminAddText")}</p>
					<Field name="name" label={t("adminName")} required maxLength={64} />
				</Form>
			)}
		</Dialog>
	);
}

function LinkDialog({ admin, onClose }: { admin: Admin; onClose: () => void }) {
	const [link, setLink] = useState<string | null>(null);

	return (
		<Dialog title={t("adminLinkTitle", { name: admin.name })} onClose={onClose}>
			{link !== null ? <LinkCard name={admin.name} link={link} onClose={onClose} /> : (
				<Form submit={t("adminLinkGo")} onCancel={onClose} onSubmit={async () => {
					setLink((await api<{ link: string }>("POST", `/admins/${part(admin.name)}/link`, {})).link);
				}}>
					<ul class="consequences"><li>{t("adminLinkOld")}</li><li>{t("adminLinkUse")}</li></ul>
				</Form>
			)}
		</Dialog>
	);
}

export function Admins() {
	const list = useLoad<{ admins: Admin[] }>("/admins");
	const [open, setOpen] = useState<Open>(null);
	const rows = list.data?.admins ?? [];
	const me = session.value?.name;
	const close = () => setOpen(null);

	return (
		<Page title={t("navAdmins")} lead={t("adminsLead")} actions={
			<button type="button" class="main" onClick={() => setOpen({ what: "add" })}><Icon name="plus" />{t("adminAdd")}</button>
		}>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{rows.length > 0 && (
				<Table caption={t("navAdmins")} rows={rows} rowKey={(a) => a.name} busy={list.busy} columns={[
					{ head: t("adminName"), cell: (a) => a.name === me ? t("adminYou", { name: a.name }) : a.name },
					{ head: t("state"), cell: (a) => a.has_password === false ? <Badge tone="warn" text={t("adminNoPassword")} /> : <Badge tone="good" text={t("adminReady")} /> },
					{ head: t("created"), cell: (a) => <Time ms={a.created_ms} /> },
					{ head: t("lastSignIn"), cell: (a) => <Time ms={a.last_sign_in_ms} ago /> },
					{ head: t("actions"), unseenHead: true, kind: "actions", cell: (a) => a.name === me
						? <a class="button" href="#/account">{t("navAccount")}</a>
						: (
							<>
								<button type="button" onClick={() => setOpen({ what: "link", admin: a })}>{t("adminLink")}<span class="unseen"> {a.name}</span></button>
								<button type="button" class="danger" onClick={() => setOpen({ what: "delete", admin: a })}>{t("adminDelete")}<span class="unseen"> {a.name}</span></button>
							</>
						) },
				]} />
			)}
			{open?.what === "add" && <AddDialog onDone={list.reload} onClose={close} />}
			{open?.what === "link" && <LinkDialog admin={open.admin} onClose={close} />}
			{open?.what === "delete" && (
				<Confirm title={t("adminDeleteTitle", { name: open.admin.name })} action={t("adminDelete")} typeName={open.admin.name} onClose={close}
					consequences={[t("adminDeleteSessions"), t("adminDeleteKeys"), t("deleteNoUndo")]} onConfirm={async () => {
						await api("DELETE", "/admins/" + part(open.admin.name));
						close();
						list.reload();
						say(t("adminDeleted", { name: open.admin.name }));
					}} />
			)}
		</Page>
	);
}
