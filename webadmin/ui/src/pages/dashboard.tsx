// Is everything all right, and what is there to do?
import { formatDate, formatNumber, formatSpan, formatTime, t } from "../core/i18n";
import { useLoad } from "../core/load";
import type { Certificate, Status } from "../core/types";
import { errorText, LoadError } from "../parts/failure";
import { Badge } from "../parts/icon";
import { Empty, Facts, Loading, Page, useLive } from "../parts/page";
import { reasonText } from "../words/reasons";

const DAY_MS = 86400000;
// The server renews its own certificate 30 days before the end; one that was imported is the administrator's to renew.
const CERT_WARN_DAYS = 30;

function number(s: Status, key: string): number | null {
	const v = s[key];

	return typeof v === "number" ? v : null;
}

function Figure({ label, value, href, note }: { label: string; value: number; href?: string; note?: string }) {
	const inner = <><span class="figure-value">{formatNumber(value)}</span><span class="figure-label">{label}</span>{note && <span class="figure-note">{note}</span>}</>;

	return href ? <a class="figure" href={href}>{inner}</a> : <div class="figure">{inner}</div>;
}

function Health({ status }: { status: Status }) {
	if (status.healthy && status.reasons.length === 0)
		return <div class="health good" role="status"><Badge tone="good" text={t("healthGood")} /><p>{t("healthGoodText")}</p></div>;
	return (
		<div class="health warn" role="status">
			<Badge tone="warn" text={t("healthWarn", { n: status.reasons.length })} />
			<ul>{status.reasons.map((r) => <li key={r}>{reasonText(r)}</li>)}</ul>
		</div>
	);
}

function CertificateFact({ cert }: { cert: Certificate }) {
	const days = Math.floor((cert.not_after_ms - Date.now()) / DAY_MS);
	const tone = days < 0 ? "bad" : days < CERT_WARN_DAYS ? "warn" : "good";

	return (
		<>
			<Badge tone={tone} text={days < 0 ? t("certExpired") : t("certDays", { n: days })} />
			<span class="sub">{t("certUntil", { date: formatDate(cert.not_after_ms) })}. {cert.own_authority ? t("certRenewsItself") : t("certRenewYourself")}</span>
		</>
	);
}

function Shown({ status, cert }: { status: Status; cert: Certificate | null }) {
	const copies = number(status, "backup_through_ms");
	const started = number(status, "started_ms"), uptime = number(status, "uptime_ms") ?? (started ? Date.now() - started : null);
	const connections = number(status, "connections"), conversations = number(status, "conversations");

	return (
		<>
			<Health status={status} />
			<div class="figures">
				<Figure label={t("figureUsers", { n: status.users })} value={status.users} href="#/users" />
				<Figure label={t("figureEndpoints", { n: status.endpoints })} value={status.endpoints} href="#/endpoints" />
				{connections !== null && <Figure label={t("figureConnections", { n: connections })} value={connections} />}
				{conversations !== null && <Figure label={t("figureConversations", { n: conversations })} value={conversations} href="#/records" />}
			</div>
			{status.users === 0 && (
				<Empty title={t("noUsersTitle")} text={t("noUsersText")}>
					<a class="button main" href="#/users?add=1">{t("userAdd")}</a>
					<a class="button" href="#/users-import">{t("importCsv")}</a>
				</Empty>
			)}
			<Facts rows={[
				[t("domain"), status.domain ?? ""],
				status.host ? [t("host"), status.host] : null,
				cert ? [t("factCertificate"), <CertificateFact cert={cert} />] : null,
				copies ? [t("factCopies"), <>{formatTime(copies)}<span class="sub">{t("factCopiesText")}</span></>] : null,
				uptime !== null ? [t("factUptime"), formatSpan(uptime)] : null,
				[t("factVersion"), status.version],
			]} />
		</>
	);
}

export function Dashboard() {
	const [every, live] = useLive(10);
	const status = useLoad<Status>("/status", every);
	const certs = useLoad<{ server: Certificate | null }>("/certificates");

	return (
		<Page title={t("navDashboard")} lead={t("dashboardLead")} actions={live}>
			{status.error && (status.data ? <p class="notice bad" role="alert">{errorText(status.error)}</p> : <LoadError error={status.error} retry={status.reload} />)}
			{status.data ? <Shown status={status.data} cert={certs.data?.server ?? null} /> : !status.error && <Loading />}
		</Page>
	);
}
