// Forms: labels, help and errors tied to their field; the first wrong field gets the focus.
import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../core/api";
import { t } from "../core/i18n";
import { errorText } from "./failure";
import { Icon } from "./icon";

type Errors = Record<string, string>;
const FormErrors = createContext<Errors>({});

export class FieldError extends Error {
	constructor(readonly field: string, message: string) {
		super(message);
	}
}

export type Values = Record<string, string>;

interface FormProps {
	submit: string;
	onSubmit: (values: Values) => Promise<void>;
	onCancel?: () => void;
	danger?: boolean;
	autoFocus?: boolean;
	wide?: boolean;
	children: ComponentChildren;
}

function labelOf(form: HTMLFormElement, name: string): string {
	return form.querySelector(`label[data-for="${CSS.escape(name)}"]`)?.firstChild?.textContent ?? name;
}

function missing(form: HTMLFormElement): Errors {
	const errors: Errors = {};

	for (const e of Array.from(form.elements))
		if ((e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement) && e.required && e.value.trim() === "")
			errors[e.name] = t("fieldNeeded");
	return errors;
}

export function Form(p: FormProps) {
	const [errors, setErrors] = useState<Errors>({});
	const [general, setGeneral] = useState("");
	const [busy, setBusy] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const alive = useRef(true);
	const lead = useRef(false); /* to the first wrong field, once per submission */
	const sending = useRef(false); /* the state follows only with the next rendering: a second Enter is faster */

	useEffect(() => () => { alive.current = false; }, []);
	useEffect(() => {
		if (p.autoFocus)
			form.current?.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
	}, []);
	useLayoutEffect(() => {
		if (!lead.current)
			return;
		lead.current = false;
		const first = Array.from(form.current?.elements ?? []).find((e) => (e as HTMLInputElement).name in errors);

		(first as HTMLElement | undefined)?.focus();
	}, [errors]);

	/* What is being mended is no longer called wrong. */
	function mend(event: Event) {
		const { name } = event.target as HTMLInputElement;

		if (name in errors)
			setErrors(Object.fromEntries(Object.entries(errors).filter(([k]) => k !== name)));
	}

	function fail(e: ApiError | FieldError | Error) {
		const field = (e as ApiError).field;

		if (!alive.current)
			return;
		if (field && form.current?.elements.namedItem(field)) {
			lead.current = true;
			setErrors({ [field]: e instanceof FieldError ? e.message : errorText(e as ApiError, labelOf(form.current, field)) });
		} else {
			setGeneral("status" in e ? errorText(e as ApiError) : e.message);
		}
	}

	async function submit(event: Event) {
		event.preventDefault();
		if (sending.current || !form.current)
			return;
		const lacking = missing(form.current);

		setGeneral("");
		lead.current = Object.keys(lacking).length > 0;
		setErrors(lacking);
		if (Object.keys(lacking).length > 0)
			return;
		const values: Values = {};

		for (const [k, v] of new FormData(form.current))
			if (typeof v === "string")
				values[k] = v;
		sending.current = true;
		setBusy(true);
		try {
			await p.onSubmit(values);
		} catch (e) {
			fail(e as Error);
		}
		sending.current = false;
		if (alive.current)
			setBusy(false);
	}

	return (
		<form ref={form} noValidate onSubmit={submit} onInput={mend} class={p.wide ? "form wide" : "form"}>
			<div role="alert">{general !== "" && <p class="notice bad">{general}</p>}</div>
			<FormErrors.Provider value={errors}>{p.children}</FormErrors.Provider>
			<div class="buttons">
				<button type="submit" class={p.danger ? "main danger" : "main"} aria-disabled={busy}>
					{busy ? t("working") : p.submit}
				</button>
				{p.onCancel && <button type="button" onClick={p.onCancel}>{t("cancel")}</button>}
			</div>
		</form>
	);
}

interface FieldProps {
	name: string;
	label: string;
	help?: ComponentChildren;
	type?: string;
	value?: string;
	required?: boolean;
	autoComplete?: string;
	maxLength?: number;
	min?: number | string;
	max?: number | string;
	options?: [string, string][];
	rows?: number;
	code?: boolean;
	placeholder?: string;
	suffix?: string;
	list?: string; /* id of a <datalist> */
	inputMode?: "numeric" | "text";
	onInput?: (value: string) => void;
}

export function Field(p: FieldProps) {
	const id = useId();
	const error = useContext(FormErrors)[p.name];
	const [shown, setShown] = useState(false);
	const described = [p.help ? id + "h" : "", error ? id + "e" : ""].filter((s) => s !== "").join(" ");
	const common = {
		id, name: p.name, required: p.required, autoComplete: p.autoComplete ?? "off",
		"aria-describedby": described || undefined, "aria-invalid": error ? true : undefined,
		onInput: p.onInput && ((e: Event) => p.onInput!((e.target as HTMLInputElement).value)),
	} as const;
	const isSecret = p.type === "password";
	let control;

	if (p.options) {
		control = (
			<select {...common} defaultValue={p.value}>
				{p.options.map(([value, text]) => <option key={value} value={value} selected={value === (p.value ?? "")}>{text}</option>)}
			</select>
		);
	} else if (p.rows) {
		control = <textarea {...common} rows={p.rows} class={p.code ? "code" : undefined} spellcheck={false} defaultValue={p.value} placeholder={p.placeholder} />;
	} else {
		control = (
			<input {...common} type={isSecret && shown ? "text" : p.type ?? "text"} defaultValue={p.value} maxLength={p.maxLength}
				min={p.min} max={p.max} list={p.list} autoCapitalize="none" spellcheck={false} inputMode={p.inputMode} />
		);
	}
	return (
		<div class={error ? "field wrong" : "field"}>
			<label for={id} data-for={p.name}>{p.label}{!p.required && !p.options && <span class="optional"> {t("optional")}</span>}</label>
			{p.help && <p id={id + "h"} class="help">{p.help}</p>}
			{isSecret || p.suffix
				? (
					<div class="with-button">
						{control}
						{isSecret && <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? t("hide") : t("show")}<span class="unseen"> {p.label}</span></button>}
						{p.suffix && <span class="suffix">{p.suffix}</span>}
					</div>
				)
				: control}
			{error && <p id={id + "e"} class="field-error"><Icon name="close" />{error}</p>}
		</div>
	);
}

export function Choice({ name, legend, options, value, onChange }: {
	name: string; legend: string; options: [string, string, string?][]; value: string; onChange: (v: string) => void;
}) {
	const id = useId();

	return (
		<fieldset class="choice">
			<legend>{legend}</legend>
			{options.map(([v, text, help]) => (
				<div class="choice-row" key={v}>
					<input type="radio" id={id + v} name={name} value={v} checked={v === value} onChange={() => onChange(v)}
						aria-describedby={help ? id + v + "h" : undefined} />
					<label for={id + v}>{text}</label>
					{help && <p class="help" id={id + v + "h"}>{help}</p>}
				</div>
			))}
		</fieldset>
	);
}
