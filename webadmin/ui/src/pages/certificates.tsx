// Is TLS right: what clients see, the authority they must trust, and a certificate of one's own.
import { useState } from "preact/hooks";
import { api } from "../core/api";
import { formatDate, t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { Certificate } from "../core/types";
import { Dialog } from "../parts/dialog";
import { LoadError } from "../parts/failure";
import { Field, Form } from "../parts/form";
import { Badge, Icon } from "../parts/icon";
import { Copy, Facts, Loading, Page } from "../parts/page";

const DAY_MS = 86400000;
const WARN_DAYS = 30;

function Validity({ cert }: { cert: Certificate }) {
	const days = Math.floor((cert.not_after_ms - Date.now()) / DAY_MS);

	return <Badge tone={days < 0 ? "bad" : days < WARN_DAYS ? "warn" : "good"} text={days < 0 ? t("certExpired") : t("certDays", { n: days })} />;
}

function pairs(hex: string): string {
	return hex.includes(":") ? hex.toUpperCase() : (hex.match(/../g) ?? []).join(":").toUpperCase();
}

function CertificateFacts({ cert }: { cert: Certificate }) {
	return (
		<Facts rows={[
			[t("certSubject"), cert.subject],
			[t("certIssuer"), cert.issuer],
			cert.names.length > 0 ? [t("certNames"), <ul class="plain-list">{cert.names.map((n) => <li key={n}><code>{n}</code></li>)}</ul>] : null,
			[t("certValid"), <><Validity cert={cert} /><span class="sub">{t("certFromTo", { from: formatDate(cert.not_before_ms), to: formatDate(cert.not_after_ms) })}</span></>],
			[t("certKey"), cert.key],
			[t("certSerial"), <code class="long">{cert.serial}</code>],
			[t("certFingerprint"), <><code class="long">{pairs(cert.fingerprint_sha256)}</code> <Copy value={pairs(cert.fingerprint_sha256)} what={t("certFingerprint")} /></>],
		]} />
	);
}

function ImportDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
	return (
		<Dialog title={t("certImport")} onClose={onClose} wide>
			<Form submit={t("certImportGo")} autoFocus wide onCancel={onClose} onSubmit={async (v) => {
				await api("PUT", "/certificates/server", { chain: v["chain"], key: v["key"] });
				onClose();
				onDone();
				say(t("certImported"));
			}}>
				<ul class="consequences"><li>{t("certImportNow")}</li><li>{t("certImportKeep")}</li><li>{t("certImportRenew")}</li></ul>
				<Field name="chain" label={t("certChain")} help={t("certChainHelp")} rows={6} code required placeholder="-----BEGIN CERTIFICATE-----" />
				<Field name="key" label={t("certPrivateKey")} help={t("certPrivateKeyHelp")} rows={5} code required placeholder="-----BEGIN PRIVATE KEY-----" />
			</Form>
		</Dialog>
	);
}

export function Certificates() {
	const certs = useLoad<{ ca: Certificate | null; server: Certificate | null }>("/certificates");
	const [open, setOpen] = useState(false);
	const server = certs.data?.server, ca = certs.data?.ca;

	return (
		<Page title={t("navCertificates")} lead={server ? (server.own_authority ? t("certLeadOwn") : t("certLeadImported")) : t("certLead")} actions={
			<button type="button" onClick={() => setOpen(true)}><Icon name="upload" />{t("certImport")}</button>
		}>
			{certs.error && <LoadError error={certs.error} retry={certs.reload} />}
			{!certs.data && !certs.error && <Loading />}
			{server && <section class="panel" aria-labelledby="server-cert"><h2 id="server-cert">{t("certServer")}</h2><CertificateFacts cert={server} /></section>}
			{ca && (
				<section class="panel" aria-labelledby="ca-cert">
					<h2 id="ca-cert">{t("certCa")}</h2>
					<p>{t("certCaText")}</p>
					<div class="buttons">
						<a class="button" href="/ca.crt" download="porchlight-ca.crt"><Icon name="download" />{t("certCaDer")}</a>
						<a class="button" href="/ca.pem" download="porchlight-ca.pem"><Icon name="download" />{t("certCaPem")}</a>
						<a href="/ca">{t("certCaHow")}</a>
					</div>
					<CertificateFacts cert={ca} />
				</section>
			)}
			{open && <ImportDialog onDone={certs.reload} onClose={() => setOpen(false)} />}
		</Page>
	);
}
