// Tables: real ones, with a caption and scoped heads; on a narrow screen each row becomes a card.
import { Fragment, type ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatNumber, t } from "../core/i18n";
import { Icon } from "./icon";

export interface Column<T> {
	head: string;
	cell: (row: T) => ComponentChildren;
	kind?: "number" | "actions" | "code";
	unseenHead?: boolean;
}

// When a row goes away with the focus in it (its user was deleted), the page's heading takes the focus over;
// otherwise the keyboard would start again at the top.
function useFocusKept(busy: boolean | undefined) {
	const table = useRef<HTMLTableElement>(null);
	const within = useRef(false);

	function rescue() {
		if (within.current && document.activeElement === document.body) {
			within.current = false;
			document.querySelector<HTMLElement>("main h1")?.focus();
		}
	}
	useEffect(() => {
		if (!busy)
			rescue();
	});
	useEffect(() => () => { setTimeout(rescue, 0); }, []);
	return {
		ref: table,
		onFocusIn: () => { within.current = true; },
		onFocusOut: (e: FocusEvent) => {
			const left = e.target as HTMLElement, to = e.relatedTarget as Node | null;

			setTimeout(() => { if (left.isConnected && !table.current?.contains(to)) within.current = false; }, 0);
		},
	};
}

// The roles repeat what the elements mean, because "display: block" on a narrow screen would take it away.
export function Table<T>({ caption, columns, rows, rowKey, after, busy }: {
	caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string | number;
	after?: (row: T) => ComponentChildren; busy?: boolean;
}) {
	const kept = useFocusKept(busy);

	return (
		<table {...kept} class="table" role="table" aria-busy={busy ? true : undefined}>
			<caption class="unseen">{caption}</caption>
			<thead role="rowgroup">
				<tr role="row">
					{columns.map((c) => (
						<th key={c.head} role="columnheader" scope="col" class={c.kind}>
							{c.unseenHead ? <span class="unseen">{c.head}</span> : c.head}
						</th>
					))}
				</tr>
			</thead>
			<tbody role="rowgroup">
				{rows.map((row) => (
					<Fragment key={rowKey(row)}>
						<tr role="row">
							{columns.map((c, i) => i === 0
								? <th key={c.head} role="rowheader" scope="row" class={c.kind}>{c.cell(row)}</th>
								: <td key={c.head} role="cell" class={c.kind} data-head={c.unseenHead ? undefined : c.head}>{c.cell(row)}</td>)}
						</tr>
						{after?.(row)}
					</Fragment>
				))}
			</tbody>
		</table>
	);
}

export function Pager({ shown, total, hasBack, hasNext, onBack, onNext }: {
	shown: number; total?: number; hasBack: boolean; hasNext: boolean; onBack: () => void; onNext: () => void;
}) {
	if (!hasBack && !hasNext)
		return null;
	return (
		<nav class="pager" aria-label={t("pages")}>
			<button type="button" disabled={!hasBack} onClick={onBack}><Icon name="back" />{t("pageBack")}</button>
			<span>{total === undefined ? formatNumber(shown) : t("shownOf", { shown, total })}</span>
			<button type="button" disabled={!hasNext} onClick={onNext}>{t("pageNext")}<Icon name="next" /></button>
		</nav>
	);
}
