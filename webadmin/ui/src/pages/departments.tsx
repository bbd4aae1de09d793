// Departments: each is a contact group that its members see in their clients.
import { useState } from "preact/hooks";
import { api, part } from "../core/api";
import { formatNumber, t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { Department } from "../core/types";
import { Confirm, Dialog } from "../parts/dialog";
import { LoadError } from "../parts/failure";
import { Field, Form } from "../parts/form";
import { Icon } from "../parts/icon";
import { Empty, Loading, Page } from "../parts/page";
import { Table } from "../parts/table";

type Open = { what: "add" } | { what: "rename" | "delete"; department: Department } | null;

function NameDialog({ title, action, value, onSubmit, onClose }: {
	title: string; action: string; value: string; onSubmit: (name: string) => Promise<void>; onClose: () => void;
}) {
	return (
		<Dialog title={title} onClose={onClose}>
			<Form submit={action} autoFocus onCancel={onClose} onSubmit={(v) => onSubmit(v["name"]!.trim())}>
				<Field name="name" label={t("departmentName")} value={value} required maxLength={128} />
			</Form>
		</Dialog>
	);
}

function DepartmentDialogs({ open, reload, close }: { open: Open; reload: () => void; close: () => void }) {
	if (open === null)
		return null;
	if (open.what === "add")
		return <NameDialog title={t("departmentAdd")} action={t("departmentAdd")} value="" onClose={close} onSubmit={async (name) => {
			await api("POST", "/departments", { name });
			close();
			reload();
			say(t("departmentAdded", { name }));
		}} />;
	const d = open.department;

	if (open.what === "rename")
		return <NameDialog title={t("departmentRenameTitle", { name: d.name })} action={t("rename")} value={d.name} onClose={close} onSubmit={async (name) => {
			await api("PATCH", "/departments/" + part(d.name), { name });
			close();
			reload();
			say(t("departmentRenamed", { name }), async () => {
				await api("PATCH", "/departments/" + part(name), { name: d.name });
				reload();
			});
		}} />;
	return (
		<Confirm title={t("departmentDeleteTitle", { name: d.name })} action={t("departmentDelete")} onClose={close}
			consequences={[d.users > 0 ? t("departmentDeleteUsers", { n: d.users }) : t("departmentDeleteEmpty"), t("departmentDeleteGroup")]}
			onConfirm={async () => {
				await api("DELETE", "/departments/" + part(d.name));
				close();
				reload();
				say(t("departmentDeleted", { name: d.name }));
			}} />
	);
}

export function Departments() {
	const list = useLoad<{ departments: Department[] }>("/departments");
	const [open, setOpen] = useState<Open>(null);
	const rows = list.data?.departments ?? [];

	return (
		<Page title={t("navDepartments")} lead={t("departmentsLead")} actions={
			<button type="button" class="main" onClick={() => setOpen({ what: "add" })}><Icon name="plus" />{t("departmentAdd")}</button>
		}>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{list.data && rows.length === 0 && <Empty title={t("noDepartmentsTitle")} text={t("noDepartmentsText")}><button type="button" class="main" onClick={() => setOpen({ what: "add" })}>{t("departmentAdd")}</button></Empty>}
			{rows.length > 0 && (
				<Table caption={t("navDepartments")} rows={rows} rowKey={(d) => d.id} busy={list.busy} columns={[
					{ head: t("departmentName"), cell: (d) => d.name },
					{ head: t("departmentUsers"), kind: "number", cell: (d) => <a href={"#/users?department=" + encodeURIComponent(d.name)}>{formatNumber(d.users)}<span class="unseen"> {t("departmentUsersOf", { name: d.name })}</span></a> },
					{ head: t("actions"), unseenHead: true, kind: "actions", cell: (d) => (
						<>
							<button type="button" onClick={() => setOpen({ what: "rename", department: d })}>{t("rename")}<span class="unseen"> {d.name}</span></button>
							<button type="button" class="danger" onClick={() => setOpen({ what: "delete", department: d })}>{t("departmentDelete")}<span class="unseen"> {d.name}</span></button>
						</>
					) },
				]} />
			)}
			<DepartmentDialogs open={open} reload={list.reload} close={() => setOpen(null)} />
		</Page>
	);
}
