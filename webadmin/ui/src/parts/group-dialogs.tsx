// What is done to a group: add, delete, add a member.
import { useState } from "preact/hooks";
import { api, ApiError, part } from "../core/api";
import { t } from "../core/i18n";
import { say } from "../core/toast";
import type { Group, Role } from "../core/types";
import { Confirm, Dialog } from "./dialog";
import { Choice, Field, FieldError, Form } from "./form";
import { PersonField } from "./person-field";

export function titleOf(g: Group): string {
	return g.subject || g.name;
}

export function memberPath(group: string, user: string): string {
	return `/groups/${part(group)}/members/${part(user)}`;
}

export function AccessChoice({ value, onChange }: { value: string; onChange: (v: string) => void }) {
	return (
		<Choice name="access" legend={t("groupAccess")} value={value} onChange={onChange} options={[
			["closed", t("groupAccess_closed"), t("groupClosedHelp")], ["open", t("groupAccess_open"), t("groupOpenHelp")],
		]} />
	);
}

export function AddGroup({ domain, onDone, onClose }: { domain: string; onDone: (g: Group) => void; onClose: () => void }) {
	const [access, setAccess] = useState("closed");

	return (
		<Dialog title={t("groupAdd")} onClose={onClose}>
			<Form submit={t("groupAdd")} autoFocus onCancel={onClose} onSubmit={async (v) => {
				const subject = v["subject"]!.trim();
				const made = await api<Group>("POST", "/groups", { name: v["name"]!.trim().toLowerCase(), access, ...(subject ? { subject } : {}) });

				onClose();
				onDone(made);
				say(t("groupAdded", { name: titleOf(made) }));
			}}>
				<Field name="name" label={t("groupName")} help={t("groupNameHelp", { domain })} required maxLength={64} suffix={"@" + domain} />
				<Field name="subject" label={t("groupSubject")} help={t("groupSubjectHelp")} maxLength={128} />
				<AccessChoice value={access} onChange={setAccess} />
			</Form>
		</Dialog>
	);
}

export function DeleteGroup({ group, onDone, onClose }: { group: Group; onDone: () => void; onClose: () => void }) {
	return (
		<Confirm title={t("groupDeleteTitle", { name: titleOf(group) })} action={t("groupDelete")} onClose={onClose} consequences={[
			group.members > 0 ? t("groupDeleteMembers", { n: group.members }) : t("groupDeleteEmpty"), t("groupDeleteAddress"),
			t("deleteRecords"), t("deleteNoUndo"),
		]} onConfirm={async () => {
			await api("DELETE", "/groups/" + part(group.name));
			onClose();
			onDone();
			say(t("groupDeleted", { name: titleOf(group) }));
		}} />
	);
}

export function AddMember({ group, onDone, onClose }: { group: Group; onDone: () => void; onClose: () => void }) {
	const [role, setRole] = useState<Role>("attendee");

	return (
		<Dialog title={t("memberAdd")} onClose={onClose}>
			<Form submit={t("memberAdd")} autoFocus onCancel={onClose} onSubmit={async (v) => {
				const name = v["member"]!.trim().toLowerCase();

				if (group.roster?.some((m) => m.user === name))
					throw new FieldError("member", t("memberAlready", { name }));
				try {
					await api("PUT", memberPath(group.name, name), { role });
				} catch (e) {
					if (e instanceof ApiError && e.status === 404 && /^The (user|member) /.test(e.message))
						throw new FieldError("member", t(e.message.startsWith("The user") ? "accessNobody" : "memberDisabled", { name }));
					throw e;
				}
				onClose();
				onDone();
				say(t("memberAdded", { name }));
			}}>
				<PersonField name="member" />
				<Choice name="role" legend={t("memberRole")} value={role} onChange={(v) => setRole(v as Role)} options={[
					["attendee", t("role_attendee"), t("roleAttendeeHelp")], ["presenter", t("role_presenter"), t("rolePresenterHelp")],
				]} />
			</Form>
		</Dialog>
	);
}
