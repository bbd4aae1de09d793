// Signed-in clients, and ending one.
import { useState } from "preact/hooks";
import { api, part } from "../core/api";
import { t } from "../core/i18n";
import { say } from "../core/toast";
import type { Endpoint } from "../core/types";
import { Confirm } from "./dialog";
import { Time } from "./page";
import { Table, type Column } from "./table";

export function EndpointTable({ rows, onChanged, withUser, busy }: {
	rows: Endpoint[]; onChanged: () => void; withUser: boolean; busy?: boolean;
}) {
	const [ending, setEnding] = useState<Endpoint | null>(null);
	const client: Column<Endpoint> = { head: t("endpointClient"), cell: (e) => e.client || <span class="faint">{t("unknown")}</span> };
	const columns: Column<Endpoint>[] = [
		{ head: t("endpointFrom"), kind: "code", cell: (e) => e.address ?? "" },
		{ head: t("endpointTls"), cell: (e) => e.tls ?? "" },
		{ head: t("endpointSince"), cell: (e) => <Time ms={e.since_ms} ago /> },
		{ head: t("actions"), unseenHead: true, kind: "actions", cell: (e) => (
			<button type="button" onClick={() => setEnding(e)}>{t("endpointEnd")}<span class="unseen"> {e.user}, {e.client ?? ""}</span></button>
		) },
	];

	return (
		<>
			<Table caption={t("navEndpoints")} rows={rows} rowKey={(e) => e.id} busy={busy} columns={withUser
				? [{ head: t("user"), cell: (e: Endpoint) => e.user === null ? t("unknown") : <a href={"#/users/" + encodeURIComponent(e.user)}>{e.user}</a> }, client, ...columns]
				: [client, ...columns]} />
			{ending && (
				<Confirm title={t("endpointEndTitle", { name: ending.user ?? "" })} action={t("endpointEnd")} onClose={() => setEnding(null)} consequences={[
					t("endpointEndWhat", { client: ending.client || t("unknown"), address: ending.address ?? "" }), t("endpointEndAgain"),
				]} onConfirm={async () => {
					await api("DELETE", "/endpoints/" + part(ending.id));
					setEnding(null);
					onChanged();
					say(t("endpointEnded", { name: ending.user ?? "" }));
				}} />
			)}
		</>
	);
}
