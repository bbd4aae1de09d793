// The few things that may be changed while running, and what was fixed at set-up.
import { useState } from "preact/hooks";
import { api } from "../core/api";
import { t } from "../core/i18n";
import { useLoad } from "../core/load";
import { say } from "../core/toast";
import type { Settings } from "../core/types";
import { LoadError } from "../parts/failure";
import { Choice, FieldError, Field, Form } from "../parts/form";
import { Facts, Loading, Page } from "../parts/page";

const LIMITS = { offline_days: [1, 365], record_days: [1, 3650], audit_days: [30, 3650] } as const;
// POSIX TZ rules of places where this is likely to stand; any other is typed.
const ZONES = ["UTC0", "KST-9", "JST-9", "CST-8", "IST-5:30", "MSK-3", "EET-2EEST,M3.5.0/3,M10.5.0/4", "CET-1CEST,M3.5.0,M10.5.0/3",
	"GMT0BST,M3.5.0/1,M10.5.0", "EST5EDT,M3.2.0,M11.1.0", "CST6CDT,M3.2.0,M11.1.0", "MST7MDT,M3.2.0,M11.1.0", "PST8PDT,M3.2.0,M11.1.0"];

function days(name: keyof typeof LIMITS, value: string): number {
	const n = Number(value), [min, max] = LIMITS[name];

	if (!/^\d+$/.test(value.trim()) || n < min || n > max)
		throw new FieldError(name, t("numberRange", { min, max }));
	return n;
}

function SettingsForm({ settings, onSaved }: { settings: Settings; onSaved: () => void }) {
	const [zone, setZone] = useState(settings.time_zone);
	const [ntlm, setNtlm] = useState(settings.ntlm);
	const [ntlmWeb, setNtlmWeb] = useState(settings.ntlm_web);

	return (
		<Form submit={t("save")} onSubmit={async (v) => {
			const before = {
				offline_days: settings.offline_days, record_days: settings.record_days, audit_days: settings.audit_days,
				ntlm: settings.ntlm, ntlm_web: settings.ntlm_web, time_zone: settings.time_zone,
			};

			await api("PATCH", "/settings", {
				offline_days: days("offline_days", v["offline_days"]!), record_days: days("record_days", v["record_days"]!),
				audit_days: days("audit_days", v["audit_days"]!), ntlm, ntlm_web: ntlmWeb, time_zone: v["time_zone"]!.trim(),
			});
			onSaved();
			say(t("saved"), async () => {
				await api("PATCH", "/settings", before);
				onSaved();
			});
		}}>
			<Field name="offline_days" label={t("offlineDays")} help={t("offlineDaysHelp")} type="number" min={1} max={365} required value={String(settings.offline_days)} suffix={t("days")} />
			<Field name="record_days" label={t("recordDays")} help={t("recordDaysHelp")} type="number" min={1} max={3650} required value={String(settings.record_days)} suffix={t("days")} />
			<Field name="audit_days" label={t("auditDays")} help={t("auditDaysHelp")} type="number" min={30} max={3650} required value={String(settings.audit_days)} suffix={t("days")} />
			<Choice name="ntlm" legend={t("ntlm")} value={ntlm ? "on" : "off"} onChange={(v) => setNtlm(v === "on")} options={[
				["on", t("ntlmOn"), t("ntlmOnHelp")], ["off", t("ntlmOff"), t("ntlmOffHelp")],
			]} />
			<Choice name="ntlm_web" legend={t("ntlmWeb")} value={ntlmWeb ? "on" : "off"} onChange={(v) => setNtlmWeb(v === "on")} options={[
				["on", t("ntlmWebOn"), t("ntlmWebOnHelp")], ["off", t("ntlmWebOff"), t("ntlmWebOffHelp")],
			]} />
			<div class="field">
				<Field name="time_zone" label={t("timeZone")} help={t("timeZoneHelp")} required value={zone} key={zone} maxLength={128} />
				<label class="sub-label" for="zones">{t("timeZoneCommon")}</label>
				<select id="zones" value={ZONES.includes(zone) ? zone : ""} onChange={(e) => { if (e.currentTarget.value) setZone(e.currentTarget.value); }}>
					<option value="">{t("timeZoneOther")}</option>
					{ZONES.map((z) => <option key={z} value={z}>{z}</option>)}
				</select>
			</div>
		</Form>
	);
}

export function SettingsPage() {
	const settings = useLoad<Settings>("/settings");
	const s = settings.data;

	return (
		<Page title={t("navSettings")} lead={t("settingsLead")}>
			{settings.error && <LoadError error={settings.error} retry={settings.reload} />}
			{!s && !settings.error && <Loading />}
			{s && (
				<>
					<section class="panel" aria-labelledby="keeping">
						<h2 id="keeping">{t("settingsKeeping")}</h2>
						<SettingsForm key={JSON.stringify(s)} settings={s} onSaved={settings.reload} />
					</section>
					<section class="panel" aria-labelledby="names">
						<h2 id="names">{t("settingsNames")}</h2>
						<Facts rows={[[t("domain"), s.domain], [t("host"), s.host]]} />
						<p class="help">{t("settingsNamesFixed")}</p>
						<p><a href="#/connecting">{t("settingsToConnecting")}</a></p>
					</section>
				</>
			)}
		</Page>
	);
}
