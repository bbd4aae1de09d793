// Dialogs: the browser's own <dialog> keeps the focus inside and closes on Escape; the focus goes back where it was.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import { Field, FieldError, Form } from "./form";
import { Icon } from "./icon";

export function Dialog({ title, onClose, children, wide }: {
	title: string; onClose: () => void; children: ComponentChildren; wide?: boolean;
}) {
	const ref = useRef<HTMLDialogElement>(null);
	const id = useId();

	/* Before the effects of what is inside, so that a form can take the focus from here. */
	useLayoutEffect(() => {
		const before = document.activeElement as HTMLElement | null;
		const dialog = ref.current!;

		if (!dialog.open)
			dialog.showModal();
		return () => {
			dialog.close();
			/* What opened it may be gone, as the row of someone deleted. */
			if (before?.isConnected)
				before.focus();
			else
				document.querySelector<HTMLElement>("main h1")?.focus();
		};
	}, []);
	/* Also when the form gave way to what it made: reading goes on at the new title. */
	useEffect(() => {
		const dialog = ref.current!, at = document.activeElement;

		if (at === dialog || !dialog.contains(at) || at?.closest(".dialog-head"))
			dialog.querySelector("h2")!.focus();
	}, [title]);
	return (
		<dialog ref={ref} aria-labelledby={id} class={wide ? "wide" : undefined}
			onCancel={(e: Event) => { e.preventDefault(); onClose(); }}>
			<div class="dialog-head">
				<h2 id={id} tabIndex={-1}>{title}</h2>
				<button type="button" class="quiet" aria-label={t("close")} onClick={onClose}><Icon name="close" /></button>
			</div>
			{children}
		</dialog>
	);
}

// A dangerous action: what will happen is listed, and with typeName it must be typed.
export function Confirm({ title, consequences, action, typeName, onConfirm, onClose }: {
	title: string; consequences: string[]; action: string; typeName?: string; onConfirm: () => Promise<void>; onClose: () => void;
}) {
	return (
		<Dialog title={title} onClose={onClose}>
			<Form submit={action} danger autoFocus={typeName !== undefined} onCancel={onClose} onSubmit={async (v) => {
				if (typeName !== undefined && v["typed"]!.trim() !== typeName)
					throw new FieldError("typed", t("typeNameWrong", { name: typeName }));
				await onConfirm();
			}}>
				<ul class="consequences">{consequences.map((c) => <li key={c}>{c}</li>)}</ul>
				{typeName !== undefined && <Field name="typed" label={t("typeName", { name: typeName })} required />}
			</Form>
		</Dialog>
	);
}
