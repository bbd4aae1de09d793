"use strict";
// Sign-in, and the first view of the server behind it.

const signInForm = document.getElementById("sign-in-form");
let status = null;
let users = [];
let next = null;

function cell(text) {
	const td = document.createElement("td");

	td.textContent = text;
	return td;
}

function time(ms) {
	return ms ? new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(ms)) : t("never");
}

function showFacts() {
	const facts = document.getElementById("facts");
	const rows = [
		["factDomain", status.domain], ["factUsers", String(status.users)],
		["factEndpoints", String(status.endpoints)], ["factVersion", status.version],
		["factCert", time(status.certificate_not_after_ms)],
	];

	facts.replaceChildren(...rows.map(([key, value]) => {
		const div = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");

		dt.textContent = t(key);
		dd.textContent = value;
		div.append(dt, dd);
		return div;
	}));
	document.getElementById("health").textContent = status.healthy ? t("healthy") : t("degraded") + " " + status.reasons.join("; ");
}

function showUsers() {
	document.getElementById("users").replaceChildren(...users.map((u) => {
		const tr = document.createElement("tr"), th = document.createElement("th");

		th.scope = "row";
		th.textContent = u.name;
		tr.append(th, cell(u.display || ""), cell(t(u.enabled ? "enabled" : "disabled")), cell(time(u.last_sign_in_ms)));
		return tr;
	}));
	document.getElementById("users-empty").hidden = users.length > 0;
	document.getElementById("more").hidden = next === null;
}

async function loadUsers() {
	const page = await api("GET", "/users?limit=50" + (next === null ? "" : "&after=" + encodeURIComponent(next)));

	if (page.status !== 200)
		return;
	users = users.concat(page.body.users);
	next = page.body.next;
	showUsers();
}

async function enter() {
	const answer = await api("GET", "/status");

	if (answer.status !== 200) {
		show("sign-in");
		return;
	}
	status = answer.body;
	users = [];
	next = null;
	show("home");
	showFacts();
	document.getElementById("main").focus();
	await loadUsers();
}

signInForm.addEventListener("submit", async (event) => {
	event.preventDefault();
	if (!isComplete(signInForm))
		return;
	const button = signInForm.querySelector("button");
	button.disabled = true;
	const answer = await api("POST", "/session", {
		name: signInForm.elements.namedItem("name").value,
		password: signInForm.elements.namedItem("password").value,
	});
	button.disabled = false;
	if (answer.status === 200) {
		signInForm.reset();
		csrf = answer.body.csrf;
		await enter();
		return;
	}
	formError(signInForm, answer.status === 401 ? t("wrong") : errorText(answer), "password");
});

document.getElementById("sign-out").addEventListener("click", async () => {
	await api("DELETE", "/session");
	csrf = "";
	show("sign-in");
	signInForm.elements.namedItem("name").focus();
});
document.getElementById("more").addEventListener("click", loadUsers);
document.addEventListener("translated", () => {
	if (status !== null) {
		showFacts();
		showUsers();
	}
});

(async () => {
	const me = await api("GET", "/session");

	if (me.status === 200) {
		csrf = me.body.csrf;
		await enter();
	} else {
		show("sign-in");
	}
})();
