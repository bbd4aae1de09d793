// What a CSV of users looks like before it is sent: rows to show, or the first bad line and why.
import { COLUMNS, parseCsv } from "./csv";
import { t } from "./i18n";

export interface Preview {
	columns: string[];
	rows: string[][];
	problem: { line: number; text: string } | null;
}

const PASSWORD_CHARS_MIN = 10;
// As directory_check_name has it.
const NAME = /^(?!\.)[a-z0-9._-]{1,64}(?<!\.)$/;

function headProblem(head: string[]): string | null {
	const unknown = head.find((h) => !(COLUMNS as readonly string[]).includes(h));

	if (unknown !== undefined)
		return t("csvUnknownColumn", { column: unknown, columns: COLUMNS.join(",") });
	if (!head.includes("name"))
		return t("csvNoName");
	return new Set(head).size < head.length ? t("csvColumnTwice") : null;
}

function rowProblem(head: string[], fields: string[], seen: Map<string, number>): string | null {
	if (fields.length > head.length)
		return t("csvFieldCount", { n: fields.length, wanted: head.length });
	const name = fields[head.indexOf("name")] ?? "";

	if (name === "")
		return t("csvEmptyName");
	if (!NAME.test(name))
		return t("csvBadName", { name });
	if (seen.has(name))
		return t("csvNameTwice", { name, line: seen.get(name)! });
	const password = head.includes("password") ? fields[head.indexOf("password")] ?? "" : "";

	if (password !== "" && Array.from(password).length < PASSWORD_CHARS_MIN)
		return t("passwordShort", { n: PASSWORD_CHARS_MIN });
	return null;
}

export function previewOf(text: string): Preview {
	const { rows, badLine } = parseCsv(text);
	const head = (rows[0]?.fields ?? []).map((h) => h.toLowerCase());
	const p: Preview = { columns: head, rows: [], problem: null };
	const seen = new Map<string, number>();

	if (rows.length === 0 && badLine === null)
		return { ...p, problem: { line: 1, text: t("csvEmpty") } };
	const wrongHead = rows.length > 0 ? headProblem(head) : null;

	if (wrongHead)
		return { ...p, problem: { line: rows[0]!.line, text: wrongHead } };
	for (const r of rows.slice(1)) {
		const wrong = rowProblem(head, r.fields, seen);

		if (wrong)
			return { ...p, problem: { line: r.line, text: wrong } };
		seen.set(r.fields[head.indexOf("name")]!, r.line);
		p.rows.push(r.fields);
	}
	if (badLine !== null)
		p.problem = { line: badLine, text: t("csvQuotes") };
	else if (p.rows.length === 0)
		p.problem = { line: rows[0]!.line, text: t("csvOnlyHead") };
	return p;
}

// UTF-8 or, as Korean spreadsheets still write, CP949; null: neither.
export function decodeCsv(bytes: ArrayBuffer): { text: string; encoding: "UTF-8" | "CP949" } | null {
	for (const [label, encoding] of [["utf-8", "UTF-8"], ["euc-kr", "CP949"]] as const) {
		try {
			return { text: new TextDecoder(label, { fatal: true }).decode(bytes), encoding };
		} catch {
			// the next one may fit
		}
	}
	return null;
}
