// Why the server is not well, in the reader's language; the server's own words where none are known.
import { language } from "../core/i18n";
import { koServer } from "./ko-server";

export function reasonText(reason: string): string {
	const known = language.value === "ko" ? koServer.find(([pattern]) => pattern.test(reason)) : undefined;

	return known ? reason.replace(known[0], known[1]) : reason;
}
