// Can I get it back: a sealed copy for elsewhere, and a check of what would be copied.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError, call, part } from "../core/api";
import { saveFile } from "../core/csv";
import { formatBytes, formatTime, t } from "../core/i18n";
import { useLoad } from "../core/load";
import type { Job, Status } from "../core/types";
import { errorText } from "../parts/failure";
import { FieldError, Field, Form } from "../parts/form";
import { Badge, Icon } from "../parts/icon";
import { Page } from "../parts/page";
import { reasonText } from "../words/reasons";

const PASSPHRASE_CHARS_MIN = 10;
const POLL_MS = 500;

function useJob(): [Job | null, ApiError | null, (path: string, body: object) => Promise<void>, () => void] {
	const [job, setJob] = useState<Job | null>(null);
	const [error, setError] = useState<ApiError | null>(null);
	const timer = useRef(0);

	function watch(id: string) {
		timer.current = window.setTimeout(() => {
			api<Job>("GET", "/backups/" + part(id)).then((j) => {
				setJob(j);
				if (j.state !== "done" && j.state !== "failed")
					watch(id);
			}, setError);
		}, POLL_MS);
	}
	useEffect(() => () => clearTimeout(timer.current), []);
	return [job, error, async (path, body) => {
		setError(null);
		const j = await api<Job>("POST", path, body);

		setJob(j);
		watch(j.id);
	}, () => setJob(null)];
}

function Progress({ job }: { job: Job }) {
	const text = { copying: t("jobCopying"), checking: t("jobChecking"), sealing: t("jobSealing"), done: "", failed: "" }[job.state];

	return (
		<div class="progress">
			<label for="job">{text}</label>
			{job.state === "copying" ? <progress id="job" max={100} value={job.percent} /> : <progress id="job" />}
		</div>
	);
}

function fileName(): string {
	const d = new Date(), two = (n: number) => String(n).padStart(2, "0");

	return `porchlight-${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}-${two(d.getHours())}${two(d.getMinutes())}.backup`;
}

function Ready({ job, onForget }: { job: Job; onForget: () => void }) {
	const [error, setError] = useState<ApiError | null>(null);
	const [busy, setBusy] = useState(false);
	const button = useRef<HTMLButtonElement>(null);

	useEffect(() => { button.current?.focus(); }, []);
	async function download() {
		setBusy(true);
		setError(null);
		try {
			saveFile(fileName(), await (await call("POST", `/backups/${part(job.id)}/file`, {})).blob(), "application/octet-stream");
		} catch (e) {
			setError(e as ApiError);
		}
		setBusy(false);
	}
	async function forget() {
		try {
			await api("DELETE", "/backups/" + part(job.id));
		} catch (e) {
			if ((e as ApiError).status !== 404) {
				setError(e as ApiError);
				return;
			}
		}
		onForget();
	}
	return (
		<>
			<p><Badge tone="good" text={t("backupReady")} /> {t("backupReadyText", { size: formatBytes(job.bytes ?? 0) })}</p>
			{error && <p class="notice bad" role="alert">{errorText(error)}</p>}
			<div class="buttons">
				<button ref={button} type="button" class="main" aria-disabled={busy} onClick={() => void download()}><Icon name="download" />{busy ? t("working") : t("backupDownload")}</button>
				<button type="button" onClick={() => void forget()}>{t("backupForget")}</button>
			</div>
		</>
	);
}

function BackupPanel() {
	const [job, error, start, forget] = useJob();
	const running = job !== null && job.state !== "done" && job.state !== "failed";

	return (
		<section class="panel" aria-labelledby="backup-make">
			<h2 id="backup-make">{t("backupMake")}</h2>
			<div role="status">
				{running && <Progress job={job} />}
				{job?.state === "failed" && <p class="notice bad">{reasonText(job.message ?? "")}</p>}
			</div>
			{error && <p class="notice bad" role="alert">{errorText(error)}</p>}
			{job?.state === "done" && <Ready job={job} onForget={forget} />}
			{!running && job?.state !== "done" && (
				<>
					<p>{t("backupSecret")}</p>
					<Form submit={t("backupGo")} onSubmit={async (v) => {
						if (Array.from(v["passphrase"]!).length < PASSPHRASE_CHARS_MIN)
							throw new FieldError("passphrase", t("passwordShort", { n: PASSPHRASE_CHARS_MIN }));
						if (v["passphrase"] !== v["again"])
							throw new FieldError("again", t("passwordsDiffer"));
						await start("/backups", { passphrase: v["passphrase"] });
					}}>
						<Field name="passphrase" label={t("passphrase")} help={t("passphraseHelp")} type="password" required autoComplete="new-password" maxLength={256} />
						<Field name="again" label={t("passphraseAgain")} type="password" required autoComplete="new-password" maxLength={256} />
					</Form>
				</>
			)}
		</section>
	);
}

function CheckPanel() {
	const [job, error, start] = useJob();
	const [refused, setRefused] = useState<ApiError | null>(null);
	const running = job !== null && job.state !== "done" && job.state !== "failed";

	return (
		<section class="panel" aria-labelledby="backup-check">
			<h2 id="backup-check">{t("checkTitle")}</h2>
			<p>{t("checkText")}</p>
			<div role="status">
				{running && <Progress job={job} />}
				{job?.state === "done" && <p><Badge tone="good" text={t("checkGood")} /> {job.message && reasonText(job.message)}</p>}
				{job?.state === "failed" && <p><Badge tone="bad" text={t("checkBad")} /> {reasonText(job.message ?? "")}</p>}
			</div>
			{(error ?? refused) && <p class="notice bad" role="alert">{errorText((error ?? refused)!)}</p>}
			<div class="buttons">
				<button type="button" aria-disabled={running} onClick={() => {
					setRefused(null);
					if (!running)
						start("/checks", {}).catch(setRefused);
				}}>{running ? t("working") : t("checkGo")}</button>
			</div>
		</section>
	);
}

export function Backup() {
	const status = useLoad<Status>("/status", 10000);
	const through = status.data?.database.copies_complete_to_ms;

	return (
		<Page title={t("navBackup")} lead={through ? t("backupLeadUpTo", { time: formatTime(through) }) : t("backupLead")}>
			<BackupPanel />
			<CheckPanel />
			<section class="panel" aria-labelledby="backup-restore">
				<h2 id="backup-restore">{t("restoreTitle")}</h2>
				<p>{t("restoreText")}</p>
				<p><code>porchlight restore FILE --data DIR</code></p>
				<p>{t("copyText")}</p>
			</section>
		</Page>
	);
}
