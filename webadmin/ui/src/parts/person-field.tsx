// A field for one person of this server; names that fit are offered while one types.
import { useEffect, useId, useState } from "preact/hooks";
import { api, query } from "../core/api";
import { t } from "../core/i18n";
import type { User } from "../core/types";
import { Field } from "./form";

const SUGGESTIONS = 10;

function Suggestions({ id, words }: { id: string; words: string }) {
	const [found, setFound] = useState<User[]>([]);

	useEffect(() => {
		if (words.trim() === "")
			return undefined;
		const abort = new AbortController();
		const timer = setTimeout(() => {
			api<{ users: User[] }>("GET", "/users" + query({ search: words.trim(), limit: SUGGESTIONS }), undefined, abort.signal)
				.then((a) => setFound(a.users), () => {}); /* nothing to suggest; what is typed still counts */
		}, 200);

		return () => {
			abort.abort();
			clearTimeout(timer);
		};
	}, [words]);
	return <datalist id={id}>{found.map((u) => <option key={u.name} value={u.name}>{u.display ?? ""}</option>)}</datalist>;
}

export function PersonField({ name }: { name: string }) {
	const [words, setWords] = useState("");
	const id = useId();

	return (
		<>
			<Field name={name} label={t("accessPerson")} help={t("accessPersonHelp")} required maxLength={64} list={id} onInput={setWords} />
			<Suggestions id={id} words={words} />
		</>
	);
}
