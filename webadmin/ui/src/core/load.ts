// useLoad: what a page shows from the server; the old answer stays while the new one is on its way.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api } from "./api";
import type { ApiError } from "./api";

export interface Load<T> {
	data: T | null;
	error: ApiError | null;
	busy: boolean;
	at: number; /* when data came */
	reload: () => void;
}

export function useLoad<T>(path: string | null, everyMs = 0): Load<T> {
	const fetchIt = useCallback((abort: AbortSignal) => api<T>("GET", path!, undefined, abort), [path]);

	return useLoadBy(path === null ? null : fetchIt, everyMs);
}

// The same for what takes more than one request; fetchIt changes only when what is wanted changes.
export function useLoadBy<T>(fetchIt: ((abort: AbortSignal) => Promise<T>) | null, everyMs = 0): Load<T> {
	const [state, set] = useState<{ data: T | null; error: ApiError | null; busy: boolean; at: number }>(
		{ data: null, error: null, busy: fetchIt !== null, at: 0 });
	const running = useRef<AbortController | null>(null);
	/* A dialog opened before the search changed reloads what is wanted now, not what was then. */
	const wanted = useRef(fetchIt);

	wanted.current = fetchIt;
	const load = useCallback(() => {
		running.current?.abort();
		if (wanted.current === null)
			return;
		const mine = new AbortController();

		running.current = mine;
		set((s) => ({ ...s, busy: true }));
		wanted.current(mine.signal).then(
			(data) => { if (!mine.signal.aborted) set({ data, error: null, busy: false, at: Date.now() }); },
			(error: ApiError) => { if (!mine.signal.aborted) set((s) => ({ ...s, error, busy: false })); });
	}, []);

	useEffect(() => {
		load();
		const timer = everyMs > 0 ? setInterval(() => { if (!document.hidden) load(); }, everyMs) : 0;

		return () => {
			running.current?.abort();
			clearInterval(timer);
		};
	}, [fetchIt, everyMs]);
	return { data: state.data, error: state.error, busy: state.busy, at: state.at, reload: load };
}
