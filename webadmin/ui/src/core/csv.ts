// CSV as the server reads it (webadmin/api/csv.c), so that the preview can name the first bad line before anything is sent.

export const COLUMNS = ["name", "display", "email", "department", "title", "phone", "password"] as const;

export interface Row { line: number; fields: string[] }
export interface Parsed { rows: Row[]; badLine: number | null }

// Splits text into rows; badLine names the first line whose quotes do not fit.
export function parseCsv(text: string): Parsed {
	const rows: Row[] = [];
	let at = text.startsWith("\ufeff") ? 1 : 0, line = 1;

	while (at < text.length) {
		const start = line, fields: string[] = [];

		if (text[at] === "\n" || (text[at] === "\r" && text[at + 1] === "\n")) {
			at += text[at] === "\r" ? 2 : 1;
			line++;
			continue;
		}
		for (;;) {
			let value = "";

			if (text[at] === '"') {
				at++;
				for (;;) {
					if (at >= text.length)
						return { rows, badLine: start };
					if (text[at] === '"' && text[at + 1] === '"') {
						value += '"';
						at += 2;
					} else if (text[at] === '"') {
						at++;
						break;
					} else {
						if (text[at] === "\n")
							line++;
						value += text[at++];
					}
				}
				if (at < text.length && !/[,\r\n]/.test(text[at]!))
					return { rows, badLine: start };
			} else {
				while (at < text.length && !/[,\r\n]/.test(text[at]!)) {
					if (text[at] === '"')
						return { rows, badLine: start };
					value += text[at++];
				}
				value = value.trim();
			}
			fields.push(value);
			if (text[at] !== ",")
				break;
			at++;
		}
		if (text[at] === "\r")
			at++;
		if (text[at] === "\n")
			at++;
		line++;
		rows.push({ line: start, fields });
	}
	return { rows, badLine: null };
}

// A cell for a spreadsheet: quoted where needed, and never a formula; a telephone number stays as it is.
export function cell(value: string): string {
	const isFormula = /^[=+\-@\t\r]/.test(value) && !/^[+-][\d\s().-]*$/.test(value);
	const safe = isFormula ? "'" + value : value;

	return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}

export function toCsv(rows: string[][]): string {
	return "\ufeff" + rows.map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function saveFile(name: string, content: BlobPart, type: string): void {
	const a = document.createElement("a");

	a.href = URL.createObjectURL(new Blob([content], { type }));
	a.download = name;
	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}
