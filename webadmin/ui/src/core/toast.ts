// Short words on what was just done, read out by screen readers; with a way back where there is one.
import { signal } from "@preact/signals";

export interface Toast { id: number; text: string; undo: (() => Promise<void>) | null }

// Words that offer nothing go by themselves; those with a way back stay until they are closed (WCAG 2.2.1).
const STAY_MS = 8000;
let last = 0;

export const toast = signal<Toast | null>(null);

export function say(text: string, undo: (() => Promise<void>) | null = null): void {
	const id = ++last;

	toast.value = { id, text, undo };
	if (!undo)
		setTimeout(() => { if (toast.value?.id === id) toast.value = null; }, STAY_MS);
}
