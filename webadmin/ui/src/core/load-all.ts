// loadAll: a list that the server hands out page by page, as one; up to a number of rows that is still of use.
import { api, query } from "./api";

const ROWS_MAX = 2000; /* to look at */
const PAGE_ROWS = 200;

export type Filter = Record<string, string | number | null>;
export interface All<T> { rows: T[]; more: boolean }

export async function loadAll<T>(path: string, member: string, filter: Filter, abort?: AbortSignal, max = ROWS_MAX): Promise<All<T>> {
	const rows: T[] = [];
	let after: string | null = null;

	do {
		const page: Record<string, unknown> = await api("GET", path + query({ ...filter, limit: PAGE_ROWS, after }), undefined, abort);

		rows.push(...(page[member] as T[]));
		after = page["next"] as string | null;
	} while (after !== null && rows.length < max);
	return { rows, more: after !== null };
}
