// What a person's machine needs to sign in here: names in DNS, the authority's certificate, and each client's settings.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import type { Certificate, Status } from "../core/types";
import { DnsTable, type Place } from "../parts/dns";
import { LoadError } from "../parts/failure";
import { Copy, Facts, Lines, Loading, Page } from "../parts/page";

const EXAMPLE = "alice";
const NAME = /^[a-z0-9_-]([a-z0-9._-]{0,62}[a-z0-9_-])?$/; /* what is no name would spoil a client's file */

interface Person extends Place { name: string }

// What one client asks for: its word for it, and what to put there; or what to choose, which is not typed or copied.
type Setting = [string, string, "choose"?];

function Client({ id, title, settings, children }: { id: string; title: string; settings: Setting[]; children?: ComponentChildren }) {
	return (
		<section class="panel" aria-labelledby={id}>
			<h3 id={id}>{title}</h3>
			{settings.length > 0 && <Facts rows={settings.map(([label, value, choose]): [string, ComponentChildren] =>
				[label, choose ? value : <><code>{value}</code> <Copy value={value} what={`${title}: ${label}`} /></>])} />}
			{children}
		</section>
	);
}

// Where a client that knows conferences (RFC 4579) asks for a new one.
function factory(domain: string): string {
	return `sip:conference-factory@${domain}`;
}

function linphoneFile({ name, domain, host, port }: Person): string {
	return [
		"[proxy_0]", `reg_proxy=<sip:${host}:${port};transport=tls>`, `reg_route=<sip:${host}:${port};transport=tls;lr>`,
		`reg_identity=sip:${name}@${domain}`, "reg_sendregister=1",
		`conference_factory_uri=${factory(domain)}`,
		"[auth_info_0]", `username=${name}`, `realm=${domain}`, `domain=${domain}`,
	].join("\n");
}

function baresipAccount({ name, domain, host, port }: Person): string {
	return `<sip:${name}@${domain};transport=tls>;auth_user=${name};auth_pass=PASSWORD;outbound="sip:${host}:${port};transport=tls";regint=300`;
}

function Clients(p: Person) {
	const { name, domain, host, port } = p, address = `${name}@${domain}`, server = `${host}:${port}`;

	return (
		<>
			<Client id="linphone" title="Linphone" settings={[
				[t("clientUserName"), name], [t("clientSipDomain"), domain], [t("clientTransport"), "TLS", "choose"],
				[t("clientProxy"), `sip:${server};transport=tls`], [t("clientFactory"), factory(domain)],
			]}>
				<p class="help">{t("linphoneText")}</p>
				<Lines file="linphonerc" what="linphonerc" text={linphoneFile(p)} />
			</Client>
			<Client id="baresip" title="baresip" settings={[]}>
				<p class="help">{t("baresipText")}</p>
				<Lines file="~/.baresip/config" what="baresip: config" text={"sip_cafile /path/to/porchlight-ca.pem\nsip_verify_server yes"} />
				<Lines file="~/.baresip/accounts" what="baresip: accounts" text={baresipAccount(p)} />
			</Client>
			<Client id="pidgin" title={t("pidginTitle")} settings={[
				[t("clientProtocol"), "Office Communicator", "choose"], [t("clientUserName"), address], [t("clientServer"), server],
				[t("clientConnection"), "SSL/TLS", "choose"], [t("clientScheme"), "TLS-DSK", "choose"],
			]}>
				<p class="help">{t("pidginText")}</p>
			</Client>
			<Client id="lync" title={t("lyncTitle")} settings={[
				[t("clientSignInAddress"), address], [t("clientInternal"), server], [t("clientExternal"), server], [t("clientUserName"), address],
			]}>
				<p class="help">{t("lyncText")}</p>
			</Client>
			<Client id="other" title={t("otherClientTitle")} settings={[
				[t("clientUserNames"), name], [t("clientRealm"), domain], [t("clientOutbound"), server], [t("clientTransport"), "TLS", "choose"],
			]}>
				<p class="help">{t("otherClientText")}</p>
			</Client>
		</>
	);
}

function Settings({ place }: { place: Place }) {
	const [words, setWords] = useState("");
	const typed = words.trim().toLowerCase();

	return (
		<section aria-labelledby="clients">
			<h2 id="clients">{t("connectClients")}</h2>
			<p>{t("connectClientsText")}</p>
			<div class="filters">
				<div class="field">
					<label for="for-user">{t("connectFor")}</label>
					<input id="for-user" value={words} placeholder={EXAMPLE} maxLength={64} autoComplete="off" autoCapitalize="none" spellcheck={false}
						onInput={(e) => setWords(e.currentTarget.value)} />
				</div>
			</div>
			<div class="stack"><Clients {...place} name={NAME.test(typed) ? typed : EXAMPLE} /></div>
		</section>
	);
}

// The page about the authority is on this server, under the name its certificate is for.
function Trust({ host, imported }: { host: string; imported: boolean }) {
	const address = `https://${host}${location.port === "" ? "" : ":" + location.port}/ca`;

	return (
		<section class="panel" aria-labelledby="trust">
			<h2 id="trust">{t("connectTrust")}</h2>
			<p>{t(imported ? "connectTrustImported" : "connectTrustText")}</p>
			{!imported && <Facts rows={[[t("connectTrustPage"), <><a href="/ca">{address}</a> <Copy value={address} what={t("connectTrustPage")} /></>]]} />}
			<p><a href="#/certificates">{t("connectToCertificates")}</a></p>
		</section>
	);
}

export function Connecting() {
	const status = useLoad<Status>("/status");
	const certs = useLoad<{ server: Certificate | null }>("/certificates");
	const s = status.data;
	const place = s?.domain && s.host ? { domain: s.domain, host: s.host, port: s.sip_port } : null;

	return (
		<Page title={t("navConnecting")} lead={place ? t("connectLead", { domain: place.domain, server: `${place.host}:${place.port}` }) : undefined}>
			{status.error && <LoadError error={status.error} retry={status.reload} />}
			{!s && !status.error && <Loading />}
			{place && (
				<>
					<section class="panel" aria-labelledby="dns">
						<h2 id="dns">{t("dnsTitle")}</h2>
						<p>{t("dnsLead")}</p>
						<DnsTable place={place} />
						<p class="help">{t("dnsNone")}</p>
					</section>
					<Trust host={place.host} imported={certs.data?.server?.own_authority === false} />
					<Settings place={place} />
				</>
			)}
		</Page>
	);
}
