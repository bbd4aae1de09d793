// Is everything all right, and what is there to do?
import { formatBytes, formatDate, formatNumber, formatSpan, formatTime, t } from "../core/i18n";
import { useLoad } from "../core/load";
import type { Certificate, Status } from "../core/types";
import { errorText, LoadError } from "../parts/failure";
import { Badge } from "../parts/icon";
import { Empty, Facts, Loading, Page, useLive } from "../parts/page";
import { reasonText } from "../words/reasons";

const DAY_MS = 86400000;
// The server renews its own certificate 30 days before the end; one that was imported is the administrator's to renew.
const CERT_WARN_DAYS = 30;

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

function Copies({ database }: { database: Status["database"] }) {
	if (!database.plain_copies_safe)
		return <><Badge tone="warn" text={t("copiesUnsafe")} /><span class="sub"><a href="#/backup">{t("copiesUnsafeText")}</a></span></>;
	return (
		<>
			{database.copies_complete_to_ms ? formatTime(database.copies_complete_to_ms) : t("copiesNow")}
			<span class="sub">{t("factCopiesText", { size: formatBytes(database.file_bytes) })}</span>
		</>
	);
}

function Shown({ status, cert }: { status: Status; cert: Certificate | null }) {
	return (
		<>
			<Health status={status} />
			<div class="figures">
				<Figure label={t("figureSignedIn")} value={status.users_signed_in} note={t("figureOfUsers", { n: status.users })} href="#/users" />
				<Figure label={t("figureEndpoints")} value={status.endpoints} note={t("figureEndpointsNote")} href="#/endpoints" />
				<Figure label={t("figureConversations")} value={status.conversations} note={t("figureMessages", { n: status.messages })} href="#/records" />
				<Figure label={t("figureWaiting")} value={status.messages_waiting} note={t("figureWaitingNote")} />
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
				[t("factCopies"), <Copies database={status.database} />],
				[t("factUptime"), formatSpan(Date.now() - status.started_ms)],
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
