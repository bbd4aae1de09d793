// What happened: the newest lines, following by itself until told to stop.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError, query } from "../core/api";
import { saveFile } from "../core/csv";
import { formatClock, formatTime, t } from "../core/i18n";
import type { LogLine } from "../core/types";
import { LoadError } from "../parts/failure";
import { Badge, Icon, type Tone } from "../parts/icon";
import { Empty, Page } from "../parts/page";

const LEVELS = ["error", "warn", "info", "debug", "trace"];
const TONES: Record<string, Tone> = { error: "bad", warn: "warn", info: "info", debug: "off", trace: "off" };
const FOLLOW_MS = 3000;
const LINES_MAX = 500;

function useLog(level: string, follow: boolean): { lines: LogLine[]; error: ApiError | null; busy: boolean; again: () => void } {
	const [lines, setLines] = useState<LogLine[]>([]);
	const [error, setError] = useState<ApiError | null>(null);
	const [busy, setBusy] = useState(true);
	const [round, setRound] = useState(0);

	useEffect(() => {
		const abort = new AbortController();
		let last = 0, timer = 0;

		function ask() {
			api<{ lines: LogLine[]; last: number }>("GET", "/log" + query({ after: last, level, limit: LINES_MAX }), undefined, abort.signal).then((a) => {
				const fresh = last === 0;

				last = a.last;
				setError(null);
				setBusy(false);
				setLines((old) => [...(fresh ? [] : old), ...a.lines].slice(-LINES_MAX));
				if (follow)
					timer = window.setTimeout(ask, FOLLOW_MS);
			}, (e: ApiError) => { if (!abort.signal.aborted) setError(e); });
		}
		ask();
		return () => {
			abort.abort();
			clearTimeout(timer);
		};
	}, [level, follow, round]);
	return { lines, error, busy, again: () => setRound(round + 1) };
}

export function Log() {
	const [level, setLevel] = useState("info");
	const [follow, setFollow] = useState(true);
	const [words, setWords] = useState("");
	const log = useLog(level, follow);
	const wanted = words.trim().toLowerCase();
	const shown = log.lines.filter((l) => wanted === "" || l.text.toLowerCase().includes(wanted)).reverse();

	return (
		<Page title={t("navLog")} lead={t("logLead")} actions={
			<>
				<label class="switch"><input type="checkbox" checked={follow} onChange={() => setFollow(!follow)} />{t("logFollow")}</label>
				<button type="button" onClick={() => saveFile("porchlight-log.txt", log.lines.map((l) => `${new Date(l.at_ms).toISOString()} ${l.level} ${l.text}\n`).join(""), "text/plain")}><Icon name="download" />{t("logSave")}</button>
			</>
		}>
			<form class="filters" role="search" aria-label={t("logFind")} onSubmit={(e) => e.preventDefault()}>
				<div class="field search"><label for="log-words">{t("logFind")}</label>
					<input id="log-words" type="search" autoComplete="off" spellcheck={false} value={words} onInput={(e) => setWords(e.currentTarget.value)} /></div>
				<div class="field"><label for="log-level">{t("logLevel")}</label>
					<select id="log-level" value={level} onChange={(e) => setLevel(e.currentTarget.value)}>
						{LEVELS.map((l) => <option key={l} value={l}>{t(("level_" + l) as "level_info")}</option>)}
					</select></div>
			</form>
			{log.error && <LoadError error={log.error} retry={log.again} />}
			{shown.length === 0 && !log.busy && <Empty title={t("noLogTitle")} text={t("noLogText")} />}
			{shown.length > 0 && (
				<ol class="log" aria-label={t("navLog")} tabIndex={0}>
					{shown.map((l) => (
						<li key={l.seq} class={l.level}>
							<time dateTime={new Date(l.at_ms).toISOString()} title={formatTime(l.at_ms)}>{formatClock(l.at_ms)}</time>
							<Badge tone={TONES[l.level] ?? "info"} text={t(("levelShort_" + l.level) as "levelShort_info")} />
							<code>{l.text}</code>
						</li>
					))}
				</ol>
			)}
		</Page>
	);
}
