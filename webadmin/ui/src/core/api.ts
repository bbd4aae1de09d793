// The one way to call the server.
import { signal } from "@preact/signals";

export class ApiError extends Error {
	constructor(readonly status: number, readonly code: string, message: string, readonly field: string | null) {
		super(message);
	}
}

// null: nobody is signed in; "csrf" goes into X-CSRF-Token on every change.
export const session = signal<{ name: string; csrf: string } | null>(null);
// True when a session ended while its pages were open: the sign-in page says so.
export const sessionEnded = signal(false);

interface ErrorBody { error?: { code?: string; message?: string; field?: string } }

async function failure(answer: Response): Promise<ApiError> {
	const type = answer.headers.get("Content-Type") ?? "";
	let e: ErrorBody["error"];

	if (type.startsWith("application/json"))
		e = ((await answer.json().catch(() => ({}))) as ErrorBody).error;
	return new ApiError(answer.status, e?.code ?? "failed", e?.message ?? String(answer.status), e?.field ?? null);
}

export async function call(method: string, path: string, body?: unknown, abort?: AbortSignal): Promise<Response> {
	const headers: Record<string, string> = {};
	const options: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store", signal: abort ?? null };
	let answer: Response;

	if (session.peek())
		headers["X-CSRF-Token"] = session.peek()!.csrf;
	if (typeof body === "string") {
		headers["Content-Type"] = "text/csv";
		options.body = body;
	} else if (body !== undefined) {
		headers["Content-Type"] = "application/json";
		options.body = JSON.stringify(body);
	}
	try {
		answer = await fetch("/api/v1" + path, options);
	} catch (e) {
		if (abort?.aborted)
			throw e;
		throw new ApiError(0, "unreachable", "", null);
	}
	if (answer.ok)
		return answer;
	if (answer.status === 401 && session.peek()) {
		session.value = null;
		sessionEnded.value = true;
	}
	throw await failure(answer);
}

export async function api<T>(method: string, path: string, body?: unknown, abort?: AbortSignal): Promise<T> {
	const answer = await call(method, path, body, abort);

	return (answer.status === 204 ? null : await answer.json()) as T;
}

export function part(s: string | number): string {
	return encodeURIComponent(String(s));
}

export function query(values: Record<string, string | number | null | undefined>): string {
	const q = new URLSearchParams();

	for (const [k, v] of Object.entries(values))
		if (v !== null && v !== undefined && v !== "")
			q.set(k, String(v));
	const s = q.toString();
	return s === "" ? "" : "?" + s;
}
