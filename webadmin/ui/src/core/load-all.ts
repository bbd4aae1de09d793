// loadAll: a list that the server hands out page by page, as one; up to a number of rows that is still of use.
import { api, query } from "./api";

const ROWS_MAX = 2000;
const PAGE_ROWS = 200;

export interface All<T> { rows: T[]; more: boolean }

export async function loadAll<T>(path: string, member: string, filter: Record<string, string>, abort: AbortSignal): Promise<All<T>> {
	const rows: T[] = [];
	let after: string | null = null;

	do {
		const page: Record<string, unknown> = await api("GET", path + query({ ...filter, limit: PAGE_ROWS, after }), undefined, abort);

		rows.push(...(page[member] as T[]));
		after = page["next"] as string | null;
	} while (after !== null && rows.length < ROWS_MAX);
	return { rows, more: after !== null };
}
