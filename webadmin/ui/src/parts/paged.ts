// usePaged: one page of a list after another by the server's keys; going back remembers the keys.
import { useEffect, useState } from "preact/hooks";
import { query } from "../core/api";
import { useLoad, type Load } from "../core/load";

export interface Paged<T> extends Load<T> { hasBack: boolean; hasNext: boolean; back: () => void; next: () => void }

export function usePaged<T extends { next: string | null }>(
	path: string, filter: Record<string, string | number | null | undefined>, everyMs = 0): Paged<T> {
	const [keys, setKeys] = useState<string[]>([]);
	const base = path + query({ ...filter, after: keys[keys.length - 1] });
	const load = useLoad<T>(base, everyMs);
	const wanted = JSON.stringify(filter);

	useEffect(() => { setKeys([]); }, [wanted]);
	return {
		...load,
		hasBack: keys.length > 0,
		hasNext: !!load.data?.next,
		back: () => setKeys((k) => k.slice(0, -1)),
		next: () => { if (load.data?.next) setKeys((k) => [...k, load.data!.next!]); },
	};
}
