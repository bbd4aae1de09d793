// Where we are stands behind the '#': "#/users/alice?search=x".
import { signal } from "@preact/signals";

export interface Route { path: string[]; query: URLSearchParams }

function parse(): Route {
	const [path = "", q = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);

	return {
		path: path.split("/").filter((s) => s !== "").map((s) => {
			try {
				return decodeURIComponent(s);
			} catch {
				return s;
			}
		}),
		query: new URLSearchParams(q),
	};
}

export const route = signal<Route>(parse());

addEventListener("hashchange", () => { route.value = parse(); });

export function go(href: string): void {
	location.hash = href;
}

// Changes what the address says without a new entry in the history: for filters while typing.
export function replaceQuery(values: Record<string, string>): void {
	const q = new URLSearchParams();

	for (const [k, v] of Object.entries(values))
		if (v !== "")
			q.set(k, v);
	const s = q.toString();
	history.replaceState(null, "", "#/" + route.peek().path.map(encodeURIComponent).join("/") + (s ? "?" + s : ""));
	route.value = parse();
}
