// Who sees more, or less, of one person's presence than colleagues do.
import { useState } from "preact/hooks";
import { api, ApiError, part } from "../core/api";
import { t, tWord } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { Access, Level } from "../core/types";
import { Dialog } from "./dialog";
import { LoadError } from "./failure";
import { Choice, FieldError, Form } from "./form";
import { Badge, Icon } from "./icon";
import { PersonField } from "./person-field";
import { Table } from "./table";

const LEVELS: Level[] = ["blocked", "public", "colleagues", "team", "personal"];

function put(owner: string, member: string, level: Level): Promise<null> {
	return api("PUT", `/users/${part(owner)}/access/${part(member)}`, { level });
}

function clear(owner: string, member: string): Promise<null> {
	return api("DELETE", `/users/${part(owner)}/access/${part(member)}`, {});
}

function LevelDialog({ owner, chosen, onDone, onClose }: { owner: string; chosen: Access | null; onDone: () => void; onClose: () => void }) {
	const [level, setLevel] = useState<Level>(chosen?.level ?? "blocked");

	return (
		<Dialog title={chosen ? t("accessChange", { name: chosen.user }) : t("accessAdd")} onClose={onClose}>
			<Form submit={t("save")} autoFocus={!chosen} onCancel={onClose} onSubmit={async (v) => {
				const member = chosen?.user ?? v["member"]!.trim().toLowerCase();

				if (member === owner)
					throw new FieldError("member", t("accessOneself"));
				try {
					await put(owner, member, level);
				} catch (e) {
					if (e instanceof ApiError && e.status === 404 && !chosen)
						throw new FieldError("member", t("accessNobody", { name: member }));
					throw e;
				}
				onClose();
				onDone();
				say(t("accessSet", { name: member }));
			}}>
				{!chosen && <PersonField name="member" />}
				<Choice name="level" legend={t("accessSees", { name: owner })} value={level} onChange={(v) => setLevel(v as Level)}
					options={LEVELS.map((l): [string, string, string] => [l, tWord("level_of_", l), tWord("level_of_help_", l)])} />
			</Form>
		</Dialog>
	);
}

export function AccessPanel({ owner }: { owner: string }) {
	const list = useLoad<{ access: Access[] }>(`/users/${part(owner)}/access`);
	const [open, setOpen] = useState<{ chosen: Access | null } | null>(null);
	const rows = list.data?.access ?? [];

	async function remove(a: Access) {
		await clear(owner, a.user);
		list.reload();
		say(t("accessCleared", { name: a.user }), async () => {
			await put(owner, a.user, a.level);
			list.reload();
		});
	}
	return (
		<section aria-labelledby="access">
			<div class="section-head">
				<h2 id="access">{t("accessTitle")}</h2>
				<button type="button" onClick={() => setOpen({ chosen: null })}><Icon name="plus" />{t("accessAdd")}</button>
			</div>
			<p class="help">{t("accessText")}</p>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{list.data && rows.length === 0 && <p class="faint">{t("accessNone")}</p>}
			{rows.length > 0 && (
				<Table caption={t("accessTitle")} rows={rows} rowKey={(a) => a.user} busy={list.busy} columns={[
					{ head: t("accessPerson"), cell: (a) => <a href={"#/users/" + encodeURIComponent(a.user)}>{a.user}</a> },
					{ head: t("accessLevel"), cell: (a) => <Badge tone={a.level === "blocked" ? "stop" : "info"} text={tWord("level_of_", a.level)} /> },
					{ head: t("actions"), unseenHead: true, kind: "actions", cell: (a) => (
						<>
							<button type="button" onClick={() => setOpen({ chosen: a })}>{t("change")}<span class="unseen"> {a.user}</span></button>
							<button type="button" onClick={() => void remove(a)}>{t("accessClear")}<span class="unseen"> {a.user}</span></button>
						</>
					) },
				]} />
			)}
			{open && <LevelDialog owner={owner} chosen={open.chosen} onDone={list.reload} onClose={() => setOpen(null)} />}
		</section>
	);
}
