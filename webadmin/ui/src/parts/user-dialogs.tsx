// What is done to a user: add, reset the password, disable, delete.
import { useState } from "preact/hooks";
import { api, part } from "../core/api";
import { t } from "../core/i18n";
import { say } from "../core/toast";
import type { Department, User } from "../core/types";
import { checkedPassword, NewPassword } from "../pages/setup";
import { Confirm, Dialog } from "./dialog";
import { Choice, Field, Form, type Values } from "./form";
import { Facts, Secret } from "./page";

type Done = () => void;

export function UserFields({ user, departments }: { user: User | null; departments: Department[] }) {
	return (
		<div class="pairs">
			<Field name="display" label={t("userDisplay")} value={user?.display ?? ""} maxLength={128} />
			<Field name="email" label={t("userEmail")} type="email" value={user?.email ?? ""} maxLength={254} />
			<Field name="department" label={t("userDepartment")} value={user?.department ?? ""}
				options={[["", t("noDepartment")], ...departments.map((d): [string, string] => [d.name, d.name])]} />
			<Field name="title" label={t("userTitle")} value={user?.title ?? ""} maxLength={128} />
			<Field name="phone" label={t("userPhone")} type="tel" value={user?.phone ?? ""} maxLength={64} />
		</div>
	);
}

export function userFields(v: Values): Record<string, string | null> {
	const out: Record<string, string | null> = {};

	for (const k of ["display", "email", "department", "title", "phone"])
		out[k] = v[k]?.trim() || "";
	return out;
}

function PasswordChoice() {
	const [own, setOwn] = useState("made");

	return (
		<>
			<Choice name="how" legend={t("password")} value={own} onChange={setOwn} options={[
				["made", t("passwordMade"), t("passwordMadeHelp")],
				["own", t("passwordOwn")],
			]} />
			{own === "own" && <NewPassword />}
		</>
	);
}

function chosenPassword(v: Values): { password?: string } {
	return v["how"] === "own" ? { password: checkedPassword(v) } : {};
}

function NewUserCard({ user, onAgain, onClose }: { user: User; onAgain: Done; onClose: Done }) {
	return (
		<>
			<p>{t("userAddedText", { name: user.display ?? user.name })}</p>
			<Facts rows={[[t("userAddress"), <code>{user.address}</code>]]} />
			{user.password && <Secret label={t("password")} value={user.password} />}
			{user.password && <p class="notice warn">{t("shownOnce")}</p>}
			<div class="buttons">
				<button type="button" class="main" onClick={onClose}>{t("done")}</button>
				<button type="button" onClick={onAgain}>{t("addAnother")}</button>
			</div>
		</>
	);
}

export function AddUser({ domain, departments, onDone, onClose }: {
	domain: string; departments: Department[]; onDone: Done; onClose: Done;
}) {
	const [added, setAdded] = useState<User | null>(null);

	return (
		<Dialog title={added ? t("userAdded", { name: added.name }) : t("userAdd")} onClose={onClose} wide={!added}>
			{added
				? <NewUserCard user={added} onAgain={() => setAdded(null)} onClose={onClose} />
				: (
					<Form submit={t("userAdd")} autoFocus onCancel={onClose} onSubmit={async (v) => {
						const body: Record<string, string | null> = { name: v["name"]!.trim().toLowerCase(), ...chosenPassword(v) };

						for (const [k, value] of Object.entries(userFields(v)))
							if (value)
								body[k] = value;
						setAdded(await api<User>("POST", "/users", body));
						onDone();
					}}>
						<Field name="name" label={t("userName")} help={t("userNameHelp", { domain })} required maxLength={64} suffix={"@" + domain} />
						<UserFields user={null} departments={departments} />
						<PasswordChoice />
					</Form>
				)}
		</Dialog>
	);
}

export function ResetPassword({ user, onDone, onClose }: { user: User; onDone: Done; onClose: Done }) {
	const [made, setMade] = useState<string | null>(null);

	if (made !== null)
		return (
			<Dialog title={t("passwordReset", { name: user.name })} onClose={onClose}>
				<p>{t("passwordResetText", { name: user.name })}</p>
				<Secret label={t("password")} value={made} />
				<p class="notice warn">{t("shownOnce")}</p>
				<div class="buttons"><button type="button" class="main" onClick={onClose}>{t("done")}</button></div>
			</Dialog>
		);
	return (
		<Dialog title={t("passwordResetFor", { name: user.name })} onClose={onClose}>
			<Form submit={t("passwordResetGo")} onCancel={onClose} onSubmit={async (v) => {
				const answer = await api<{ password?: string } | null>("POST", `/users/${part(user.name)}/password`, chosenPassword(v));

				onDone();
				if (answer?.password) {
					setMade(answer.password);
				} else {
					onClose();
					say(t("passwordReset", { name: user.name }));
				}
			}}>
				<ul class="consequences">
					<li>{t("resetOld")}</li>
					<li>{user.endpoints > 0 ? t("willSignOut", { n: user.endpoints }) : t("notSignedInNow")}</li>
				</ul>
				<PasswordChoice />
			</Form>
		</Dialog>
	);
}

function setEnabled(name: string, enabled: boolean): Promise<User> {
	return api<User>("PATCH", "/users/" + part(name), { enabled });
}

export async function enableUser(user: User, onDone: Done): Promise<void> {
	await setEnabled(user.name, true);
	onDone();
	say(t("userEnabled", { name: user.name }), async () => {
		await setEnabled(user.name, false);
		onDone();
	});
}

export function DisableUser({ user, onDone, onClose }: { user: User; onDone: Done; onClose: Done }) {
	return (
		<Confirm title={t("userDisableTitle", { name: user.name })} action={t("userDisable")} onClose={onClose} consequences={[
			user.endpoints > 0 ? t("willSignOut", { n: user.endpoints }) : t("notSignedInNow"),
			t("disableNoSignIn"), t("disableKeeps"),
		]} onConfirm={async () => {
			await setEnabled(user.name, false);
			onClose();
			onDone();
			say(t("userDisabled", { name: user.name }), async () => {
				await setEnabled(user.name, true);
				onDone();
			});
		}} />
	);
}

export function DeleteUser({ user, onDone, onClose }: { user: User; onDone: Done; onClose: Done }) {
	return (
		<Confirm title={t("userDeleteTitle", { name: user.name })} action={t("userDelete")} typeName={user.name} onClose={onClose} consequences={[
			t("deleteGone"), user.endpoints > 0 ? t("willSignOut", { n: user.endpoints }) : t("notSignedInNow"),
			t("deleteRecords"), t("deleteNoUndo"),
		]} onConfirm={async () => {
			await api("DELETE", "/users/" + part(user.name));
			onClose();
			onDone();
			say(t("userDeleted", { name: user.name }));
		}} />
	);
}
