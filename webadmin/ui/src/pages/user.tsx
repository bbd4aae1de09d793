// Everything on one person: profile, clients, what can be done.
import { useState } from "preact/hooks";
import { api, part, query } from "../core/api";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { go } from "../core/router";
import { say } from "../core/toast";
import type { Department, Endpoint, User } from "../core/types";
import { AccessPanel } from "../parts/access-panel";
import { ClientCertificates } from "../parts/client-certificates";
import { EndpointTable } from "../parts/endpoint-table";
import { LoadError } from "../parts/failure";
import { Form } from "../parts/form";
import { Facts, Loading, Page, Time } from "../parts/page";
import { DeleteUser, DisableUser, enableUser, ResetPassword, UserFields, userFields } from "../parts/user-dialogs";
import { UserState } from "./users";

type Open = "reset" | "disable" | "delete" | null;

function Profile({ user, departments, onSaved }: { user: User; departments: Department[]; onSaved: () => void }) {
	return (
		<section class="panel" aria-labelledby="profile">
			<h2 id="profile">{t("profile")}</h2>
			<Form submit={t("save")} wide onSubmit={async (v) => {
				const before = userFields({ display: user.display ?? "", email: user.email ?? "", department: user.department ?? "", title: user.title ?? "", phone: user.phone ?? "" });

				await api("PATCH", "/users/" + part(user.name), userFields(v));
				onSaved();
				say(t("saved"), async () => {
					await api("PATCH", "/users/" + part(user.name), before);
					onSaved();
				});
			}}>
				<UserFields user={user} departments={departments} />
			</Form>
		</section>
	);
}

export function UserPage({ name }: { name: string }) {
	const user = useLoad<User>("/users/" + part(name));
	const departments = useLoad<{ departments: Department[] }>("/departments");
	const endpoints = useLoad<{ endpoints: Endpoint[] }>("/endpoints" + query({ user: name }));
	const [open, setOpen] = useState<Open>(null);
	const u = user.data;
	const mine = endpoints.data?.endpoints ?? [];
	const reload = () => {
		user.reload();
		endpoints.reload();
	};
	const close = () => setOpen(null);

	return (
		<Page title={u?.display || name} lead={u ? u.address : undefined} back={["#/users", t("navUsers")]} actions={u && (
			<>
				<button type="button" onClick={() => setOpen("reset")}>{t("passwordResetShort")}</button>
				{u.enabled
					? <button type="button" onClick={() => setOpen("disable")}>{t("userDisable")}</button>
					: <button type="button" onClick={() => void enableUser(u, reload)}>{t("userEnable")}</button>}
				<button type="button" class="danger" onClick={() => setOpen("delete")}>{t("userDelete")}</button>
			</>
		)}>
			{user.error && <LoadError error={user.error} retry={user.reload} />}
			{!u && !user.error && <Loading />}
			{u && (
				<>
					<Facts rows={[
						[t("state"), <UserState user={u} />],
						[t("lastSignIn"), <Time ms={u.last_sign_in_ms} />],
						[t("passwordSet"), <Time ms={u.password_set_ms} />],
						[t("created"), <Time ms={u.created_ms} />],
						[t("navRecords"), <a href={"#/records?user=" + encodeURIComponent(u.name)}>{t("userRecords")}</a>],
					]} />
					{departments.data && <Profile key={JSON.stringify(userFields(u as unknown as Record<string, string>))} user={u} departments={departments.data.departments} onSaved={reload} />}
					<section aria-labelledby="clients">
						<h2 id="clients">{t("userClients")}</h2>
						{mine.length === 0 ? <p class="faint">{t("userNoClients")}</p> : <EndpointTable rows={mine} onChanged={reload} withUser={false} />}
					</section>
					<ClientCertificates owner={u.name} key={String(u.password_set_ms)} />
					<AccessPanel owner={u.name} />
				</>
			)}
			{u && open === "reset" && <ResetPassword user={u} onDone={reload} onClose={close} />}
			{u && open === "disable" && <DisableUser user={u} onDone={reload} onClose={close} />}
			{u && open === "delete" && <DeleteUser user={u} onDone={() => go("#/users")} onClose={close} />}
		</Page>
	);
}
