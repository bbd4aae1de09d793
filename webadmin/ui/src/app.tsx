// The frame around every page: who is signed in, where one can go, and what was just done.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError, session } from "./core/api";
import { language, t, timeZoneName, type Key } from "./core/i18n";
import { route } from "./core/router";
import { LoadError } from "./parts/failure";
import { Icon, type IconName } from "./parts/icon";
import { Brand, LanguageSwitch, SkipLink, ToastArea } from "./parts/frame";
import { Loading, Page } from "./parts/page";
import { Account, signOut } from "./pages/account";
import { Admins } from "./pages/admins";
import { Backup } from "./pages/backup";
import { Certificates } from "./pages/certificates";
import { Connecting } from "./pages/connecting";
import { Dashboard } from "./pages/dashboard";
import { Departments } from "./pages/departments";
import { Endpoints } from "./pages/endpoints";
import { GroupPage } from "./pages/group";
import { Groups } from "./pages/groups";
import { Keys } from "./pages/keys";
import { Log } from "./pages/log";
import { Records } from "./pages/records";
import { SettingsPage } from "./pages/settings";
import { SignIn } from "./pages/sign-in";
import { UserImport } from "./pages/user-import";
import { UserPage } from "./pages/user";
import { Users } from "./pages/users";

const sections: [Key | null, [string, IconName, Key][]][] = [
	[null, [["", "dashboard", "navDashboard"]]],
	["navPeople", [["users", "users", "navUsers"], ["departments", "departments", "navDepartments"], ["groups", "groups", "navGroups"]]],
	["navActivity", [["endpoints", "endpoints", "navEndpoints"], ["records", "records", "navRecords"]]],
	["navServer", [["connecting", "connecting", "navConnecting"], ["certificates", "certificates", "navCertificates"], ["backup", "backup", "navBackup"],
		["settings", "settings", "navSettings"], ["log", "log", "navLog"]]],
	["navAccess", [["admins", "admins", "navAdmins"], ["keys", "keys", "navKeys"]]],
];

function NotFound() {
	return <Page title={t("notFoundTitle")} lead={t("notFoundText")}><p><a href="#/">{t("toDashboard")}</a></p></Page>;
}

function Current() {
	const [first = "", second] = route.value.path;

	switch (first) {
	case "": return <Dashboard />;
	case "users":
		return second === undefined ? <Users /> : <UserPage name={second} />;
	case "users-import": return <UserImport />;
	case "departments": return <Departments />;
	case "groups":
		return second === undefined ? <Groups /> : <GroupPage name={second} />;
	case "endpoints": return <Endpoints />;
	case "records": return <Records />;
	case "connecting": return <Connecting />;
	case "certificates": return <Certificates />;
	case "backup": return <Backup />;
	case "settings": return <SettingsPage />;
	case "log": return <Log />;
	case "admins": return <Admins />;
	case "keys": return <Keys />;
	case "account": return <Account />;
	default: return <NotFound />;
	}
}

function NavLink({ to, icon, word, onGo }: { to: string; icon: IconName; word: Key; onGo: () => void }) {
	return (
		<a href={"#/" + to} aria-current={(route.value.path[0] ?? "").replace("users-import", "users") === to ? "page" : undefined} onClick={onGo}>
			<Icon name={icon} />{t(word as "navUsers")}
		</a>
	);
}

function Shell() {
	const [open, setOpen] = useState(false);
	const here = route.value.path.join("/");

	useEffect(() => {
		const onKey = (e: KeyboardEvent) => { if (e.key === "Escape") setOpen(false); };

		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);
	return (
		<div class="shell">
			<SkipLink />
			<header class="side">
				<div class="side-top">
					<Brand href="#/" />
					<button type="button" class="menu" aria-expanded={open} aria-controls="nav" onClick={() => setOpen(!open)}>
						<Icon name="menu" />{t("menu")}
					</button>
				</div>
				<nav id="nav" aria-label={t("navLabel")} class={open ? "open" : ""}>
					{sections.map(([head, links]) => (
						<div class="nav-group" key={head ?? ""}>
							{head && <p class="nav-head">{t(head as "navPeople")}</p>}
							{links.map(([to, icon, word]) => <NavLink key={to} to={to} icon={icon} word={word} onGo={() => setOpen(false)} />)}
						</div>
					))}
					<div class="nav-group nav-end">
						<NavLink to="account" icon="account" word="navAccount" onGo={() => setOpen(false)} />
						<p class="who">{t("signedInAs", { name: session.value!.name })}</p>
						<button type="button" class="sign-out" onClick={() => void signOut()}>{t("signOut")}</button>
						<LanguageSwitch />
					</div>
				</nav>
			</header>
			<main id="main">
				<Current key={here} />
				<p class="foot">{t("timesIn", { zone: timeZoneName() })}</p>
			</main>
			<ToastArea />
		</div>
	);
}

export function App() {
	const [state, setState] = useState<"asking" | "known" | "setup">("asking");
	const [error, setError] = useState<ApiError | null>(null);

	async function ask() {
		setError(null);
		try {
			if ((await api<{ needed: boolean }>("GET", "/setup")).needed) {
				setState("setup");
				return;
			}
			session.value = await api<{ name: string; csrf: string }>("GET", "/session");
		} catch (e) {
			if (!(e instanceof ApiError) || e.status !== 401) {
				setError(e as ApiError);
				return;
			}
		}
		setState("known");
	}
	useEffect(() => { void ask(); }, []);
	useEffect(() => { document.documentElement.lang = language.value; }, [language.value]);
	if (error)
		return <main class="plain"><LoadError error={error} retry={() => void ask()} /></main>;
	if (state === "asking")
		return <main class="plain"><Loading /></main>;
	if (state === "setup" || !session.value)
		return <SignIn needsSetup={state === "setup"} />;
	return <Shell />;
}
