// Who is signed in, from where, with which client.
import { useState } from "preact/hooks";
import { t } from "../core/i18n";
import { useLoadBy } from "../core/load";
import { loadAll } from "../core/load-all";
import type { Endpoint } from "../core/types";
import { EndpointTable } from "../parts/endpoint-table";
import { LoadError } from "../parts/failure";
import { Empty, Loading, Page, useLive } from "../parts/page";

// A table of thousands of rows helps nobody; the filter finds the one that is meant.
const ROWS_MAX = 200;

const fetchAll = (abort: AbortSignal) => loadAll<Endpoint>("/endpoints", "endpoints", {}, abort);

function matches(e: Endpoint, words: string): boolean {
	return [e.user, e.client, e.address].some((s) => s?.toLowerCase().includes(words));
}

export function Endpoints() {
	const [every, live] = useLive(10);
	const list = useLoadBy(fetchAll, every);
	const [words, setWords] = useState("");
	const all = list.data?.rows ?? [];
	const found = words.trim() === "" ? all : all.filter((e) => matches(e, words.trim().toLowerCase()));
	const people = new Set(all.map((e) => e.user)).size;

	return (
		<Page title={t("navEndpoints")} lead={list.data ? t("endpointsLead", { clients: t("nClients", { n: all.length }), people: t("nPeople", { n: people }) }) : t("loading")} actions={live}>
			{list.error && <LoadError error={list.error} retry={list.reload} />}
			{!list.data && !list.error && <Loading />}
			{list.data && all.length === 0 && <Empty title={t("noEndpointsTitle")} text={t("noEndpointsText")} />}
			{all.length > 0 && (
				<>
					<form class="filters" role="search" aria-label={t("endpointsFind")} onSubmit={(e) => e.preventDefault()}>
						<div class="field search">
							<label for="words">{t("endpointsFind")}</label>
							<input id="words" type="search" autoComplete="off" spellcheck={false} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
						</div>
					</form>
					<p class="unseen" role="status">{words !== "" ? t("endpointsFound", { n: found.length }) : ""}</p>
					{found.length === 0
						? <Empty title={t("noMatchTitle")} text={t("noMatchEndpoints")}><button type="button" onClick={() => setWords("")}>{t("showAll")}</button></Empty>
						: <EndpointTable rows={found.slice(0, ROWS_MAX)} onChanged={list.reload} withUser />}
					{found.length > ROWS_MAX && <p class="faint">{t("shownOf", { shown: ROWS_MAX, total: found.length })}</p>}
				</>
			)}
		</Page>
	);
}
