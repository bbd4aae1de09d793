// What one person's Lync-class clients sign in with in place of the password; deleting one revokes it.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError, part } from "../core/api";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { ClientCertificate } from "../core/types";
import { Confirm } from "./dialog";
import { LoadError } from "./failure";
import { Badge } from "./icon";
import { Time } from "./page";
import { Table } from "./table";

// What is gone already is as good as revoked.
async function revoke(path: string): Promise<void> {
	try {
		await api("DELETE", path);
	} catch (e) {
		if (!(e instanceof ApiError && e.status === 404))
			throw e;
	}
}

function Ends({ cert }: { cert: ClientCertificate }) {
	return cert.not_after_ms < Date.now() ? <Badge tone="off" text={t("certExpired")} /> : <Time ms={cert.not_after_ms} />;
}

function RevokeDialog({ owner, path, chosen, onDone, onClose }: {
	owner: string; path: string; chosen: ClientCertificate | "all"; onDone: () => void; onClose: () => void;
}) {
	const all = chosen === "all";

	return (
		<Confirm title={all ? t("clientCertRevokeAllTitle", { name: owner }) : t("clientCertRevokeTitle", { device: chosen.device })}
			action={all ? t("clientCertRevokeAll") : t("clientCertRevoke")} onClose={onClose} consequences={[
				all ? t("clientCertAllNeedPassword") : t("clientCertNeedsPassword", { device: chosen.device }),
				t("clientCertNew"), t("clientCertSession"), t("deleteNoUndo"),
			]} onConfirm={async () => {
				await revoke(all ? path : path + "/" + part(chosen.id));
				onClose();
				onDone();
				say(all ? t("clientCertRevokedAll", { name: owner }) : t("clientCertRevoked", { device: chosen.device }));
			}} />
	);
}

export function ClientCertificates({ owner }: { owner: string }) {
	const path = `/users/${part(owner)}/certificates`;
	const list = useLoad<{ certificates: ClientCertificate[] }>(path);
	const [open, setOpen] = useState<ClientCertificate | "all" | null>(null);
	const rows = list.data?.certificates ?? [];
	const heading = useRef<HTMLHeadingElement>(null), had = useRef(0);

	/* What had the focus, "Revoke all" or the last row, went away with the certificates. */
	useEffect(() => {
		if (rows.length < had.current && document.activeElement === document.body)
			heading.current?.focus();
		had.current = rows.length;
	});
	return (
		<section aria-labelledby="client-certificates">
			<div class="section-head">
				<h2 id="client-certificates" ref={heading} tabIndex={-1}>{t("clientCertTitle")}</h2>
				{rows.length > 1 && <button type="button" class="danger" onClick={() => setOpen("all")}>{t("clientCertRevokeAll")}</button>}
			</div>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{list.data && rows.length === 0 && <p class="faint">{t("clientCertNone")}</p>}
			{rows.length > 0 && (
				<>
					<p class="help">{t("clientCertText")}</p>
					<Table caption={t("clientCertTitle")} rows={rows} rowKey={(c) => c.id} busy={list.busy} columns={[
						{ head: t("clientCertDevice"), kind: "code", cell: (c) => c.device },
						{ head: t("clientCertMade"), cell: (c) => <Time ms={c.created_ms} ago /> },
						{ head: t("clientCertEnds"), cell: (c) => <Ends cert={c} /> },
						{ head: t("actions"), unseenHead: true, kind: "actions", cell: (c) => (
							<button type="button" class="danger" onClick={() => setOpen(c)}>{t("clientCertRevoke")}<span class="unseen"> {c.device}</span></button>
						) },
					]} />
				</>
			)}
			{open !== null && <RevokeDialog owner={owner} path={path} chosen={open} onDone={list.reload} onClose={() => setOpen(null)} />}
		</section>
	);
}
