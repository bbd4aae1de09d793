// Light, dark, or what the system says (no attribute: the style sheet asks prefers-color-scheme).
import { keepChoice, readChoice } from "./stored";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export function storedTheme(): Theme {
	const s = readChoice("theme");

	return themes.find((x) => x === s) ?? "system";
}

export function applyTheme(theme: Theme): void {
	if (theme === "system")
		delete document.documentElement.dataset["theme"];
	else
		document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
	keepChoice("theme", theme);
	applyTheme(theme);
}
