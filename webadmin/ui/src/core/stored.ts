// Small choices kept in this browser.  Storage may be switched off: then they last as long as the page.

export function readChoice(name: string): string | null {
	try {
		return localStorage.getItem("porchlight." + name);
	} catch {
		return null;
	}
}

export function keepChoice(name: string, value: string): void {
	try {
		localStorage.setItem("porchlight." + name, value);
	} catch {
		// nothing else depends on it
	}
}
