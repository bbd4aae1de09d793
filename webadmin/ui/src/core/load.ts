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
	const [state, set] = useState<{ data: T | null; error: ApiError | null; busy: boolean; at: number; path: string | null }>(
		{ data: null, error: null, busy: path !== null, at: 0, path });
	const running = useRef<AbortController | null>(null);

	const load = useCallback(() => {
		running.current?.abort();
		if (path === null)
			return;
		const mine = new AbortController();

		running.current = mine;
		set((s) => ({ ...s, busy: true }));
		api<T>("GET", path, undefined, mine.signal).then(
			(data) => { if (!mine.signal.aborted) set({ data, error: null, busy: false, at: Date.now(), path }); },
			(error: ApiError) => { if (!mine.signal.aborted) set((s) => ({ ...s, error, busy: false })); });
	}, [path]);

	useEffect(() => {
		load();
		const timer = everyMs > 0 ? setInterval(() => { if (!document.hidden) load(); }, everyMs) : 0;

		return () => {
			running.current?.abort();
			clearInterval(timer);
		};
	}, [load, everyMs]);
	return { data: state.data, error: state.error, busy: state.busy, at: state.at, reload: load };
}
