"use strict";
// The first set-up, and the one-time link with which an administrator chooses a password.
// The token stands behind the '#', which browsers never send: it is in no log.

const token = location.hash.slice(1);
const setupForm = document.getElementById("setup-form");
const linkForm = document.getElementById("link-form");

async function send(form, path, body, done) {
	const button = form.querySelector("button");

	button.disabled = true;
	const answer = await api("POST", path, body);
	button.disabled = false;
	if (answer.status >= 200 && answer.status < 300)
		done();
	else
		formError(form, errorText(answer), answer.body && answer.body.error ? answer.body.error.field : null);
}

function value(form, name) {
	return form.elements.namedItem(name).value;
}

setupForm.addEventListener("submit", (event) => {
	event.preventDefault();
	if (!isComplete(setupForm))
		return;
	send(setupForm, "/setup", {
		token,
		domain: value(setupForm, "domain"), host: value(setupForm, "host"),
		admin: value(setupForm, "admin"), password: value(setupForm, "password"),
	}, () => {
		show("done");
		document.getElementById("done-title").focus();
	});
});

linkForm.addEventListener("submit", (event) => {
	event.preventDefault();
	if (isComplete(linkForm))
		send(linkForm, "/link", { token, password: value(linkForm, "password") }, () => { location.href = "/"; });
});

(async () => {
	history.replaceState(null, "", location.pathname);
	const state = await api("GET", "/setup");

	if (token === "")
		show("closed");
	else if (state.status === 200 && state.body.needed)
		show("setup");
	else
		show("link");
})();
