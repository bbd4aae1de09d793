// The server's side of the administration: certificates, backup, settings, log, administrators, keys, one's own account.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check, equal, shot, test } from "./browser.mjs";
import { adminPassword, base, go, note, row, signIn, toastSays } from "./pages.mjs";

const files = process.env.FILES;
const passphrase = "a passphrase of words";
let link, key;

function certificateCases(page, dialog) {
	test("certificates are shown; the authority's can be had", async () => {
		await go(page, "certificates");
		check((await page.locator("section").first().innerText()).includes("lyncdiscover.example.test"), "names of the certificate");
		await shot(page, "certificates");
		const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[href='/ca.pem']").click()]);

		check(readFileSync(await download.path(), "utf8").startsWith("-----BEGIN CERTIFICATE-----"), "PEM");
	});

	test("what is no certificate is refused at its field", async () => {
		await page.locator("button", { hasText: "Import a certificate" }).click();
		await page.fill("dialog [name=chain]", "this is no PEM");
		await page.fill("dialog [name=key]", "nor this");
		await dialog.locator("button.main").click();
		await dialog.locator(".field.wrong:has([name=chain]) .field-error").waitFor();
		await shot(page, "certificate-import");
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "detached" });
	});

	test("the page for everyone's machines needs no sign-in and no script", async () => {
		const answer = await page.request.get(base + "ca");

		equal(answer.status(), 200, "the status");
		check((await answer.text()).includes("/ca.crt"), "the link");
	});
}

// Presses the button of that name and answers what it copied.
async function copied(page, button) {
	await page.evaluate(() => navigator.clipboard.writeText(""));
	await button.click();
	await page.waitForFunction(() => navigator.clipboard.readText().then((t) => t !== ""));
	return page.evaluate(() => navigator.clipboard.readText());
}

function connectingCases(page) {
	const at = "localhost:" + process.env.SIP_PORT;

	test("the DNS records name this server and its port, and are copied as a zone file has them", async () => {
		await go(page, "connecting");
		await page.locator(".lead", { hasText: at }).waitFor();
		equal((await copied(page, page.locator("[aria-labelledby=dns] button"))).split("\n"), [
			...["_sips._tcp", "_sip._tls", "_sipinternaltls._tcp"].map((n) => `${n}.example.test. SRV 0 0 ${process.env.SIP_PORT} localhost.`),
			...["sip", "lyncdiscover", "lyncdiscoverinternal"].map((n) => `${n}.example.test. CNAME localhost.`),
		], "what was copied");
		equal(await copied(page, page.locator("[aria-labelledby=trust] button")), base + "ca", "the page about the authority");
		await shot(page, "connecting");
	});

	test("clients' settings are for the person that is typed, and only a name can get into them", async () => {
		const accounts = page.locator(".lines", { hasText: "accounts" }).locator("button");
		const account = (n) => `<sip:${n}@example.test;transport=tls>;auth_user=${n};auth_pass=PASSWORD;outbound="sip:${at};transport=tls";regint=300\n`;

		equal(await copied(page, accounts), account("alice"), "without a name");
		await page.fill("#for-user", " Bob ");
		equal(await copied(page, accounts), account("bob"), "for bob");
		check((await copied(page, page.locator(".lines", { hasText: "linphonerc" }).locator("button"))).includes("\nreg_identity=sip:bob@example.test\nreg_sendregister=1\nconference_factory_uri=sip:conference-factory@example.test\n"), "linphonerc");
		equal(await copied(page, page.locator("[aria-labelledby=pidgin] button").nth(0)), "bob@example.test", "Pidgin's user name");
		equal(await copied(page, page.locator("[aria-labelledby=lync] button").nth(1)), at, "the internal server of Lync");
		await shot(page, "connecting-bob");
		await page.fill("#for-user", "bob>;evil=1");
		equal(await copied(page, accounts), account("alice"), "no name");
	});
}

function backupCases(page) {
	test("a backup is made under a passphrase and downloaded", async () => {
		await go(page, "backup");
		await page.fill("[name=passphrase]", passphrase);
		await page.fill("[name=again]", "another passphrase");
		await page.locator("form button.main").click();
		await page.locator(".field-error", { hasText: "not the same" }).waitFor();
		await page.fill("[name=again]", passphrase);
		await page.locator("form button.main").click();
		await page.locator("button.main", { hasText: "Download" }).waitFor();
		await shot(page, "backup-ready");
		const [download] = await Promise.all([page.waitForEvent("download"), page.locator("button.main", { hasText: "Download" }).click()]);
		const to = join(files, "kept.backup");

		check(/^porchlight-.*\.backup$/.test(download.suggestedFilename()), "the name: " + download.suggestedFilename());
		copyFileSync(await download.path(), to);
		check(!readFileSync(to).includes("SQLite format 3"), "it is sealed");
		note("backup", to);
		note("passphrase", passphrase);
		await page.locator("button", { hasText: "Remove from the server" }).click();
		await page.locator("[name=passphrase]").waitFor();
	});

	test("the database is checked", async () => {
		await page.locator("button", { hasText: "Check now" }).click();
		await page.locator(".badge.good", { hasText: "The database is sound" }).waitFor();
	});
}

function settingCases(page) {
	test("settings are kept within their limits, changed, and changed back", async () => {
		await go(page, "settings");
		await page.fill("[name=record_days]", "0");
		await page.locator("form button.main").click();
		await page.locator(".field-error", { hasText: "from 1 to 3,650" }).waitFor();
		await page.fill("[name=record_days]", "90");
		await page.locator("[name=ntlm][value=off]").check();
		await page.locator("[name=ntlm_web][value=off]").check();
		await page.selectOption("#zones", "KST-9");
		await page.locator("form button.main").click();
		await toastSays(page, "Saved");
		await page.reload();
		await page.waitForSelector("[name=record_days]");
		equal(await page.inputValue("[name=record_days]"), "90", "after a reload");
		equal(await page.inputValue("[name=time_zone]"), "KST-9", "the time zone");
		check(await page.locator("[name=ntlm][value=off]").isChecked(), "NTLM is still offered");
		check(await page.locator("[name=ntlm_web][value=off]").isChecked(), "NTLM is still taken where certificates are fetched");
		await page.fill("[name=record_days]", "60");
		await page.locator("form button.main").click();
		await toastSays(page, "Saved");
		await page.locator(".toast button", { hasText: "Undo" }).click();
		await page.waitForFunction(() => document.querySelector("[name=record_days]").value === "90");
		await shot(page, "settings");
	});

	test("the log follows, filters and can be stopped", async () => {
		await go(page, "log");
		await page.locator(".log li", { hasText: "setting.change" }).first().waitFor();
		await page.fill("#log-words", "session.sign-in");
		await page.waitForFunction(() => [...document.querySelectorAll(".log li")].every((l) => l.textContent.includes("session.sign-in")));
		await page.locator(".switch input").uncheck();
		await page.fill("#log-words", "nothing has these words");
		await page.locator(".empty").waitFor();
	});
}

function adminCases(b, page, dialog) {
	test("an administrator is added with a one-time link", async () => {
		await go(page, "admins");
		await page.locator("button.main", { hasText: "Add administrator" }).click();
		await page.fill("dialog [name=name]", "zoe");
		await page.keyboard.press("Enter");
		link = await dialog.locator(".secret code").innerText();
		await shot(page, "admin-link");
		await page.keyboard.press("Escape");
		await row(page, "zoe").locator(".badge", { hasText: "Has not chosen" }).waitFor();
	});

	test("the link sets a password, once; the new administrator signs in", async () => {
		const address = base + "setup.html" + new URL(link).hash;
		const other = await b.browser.browser()?.newContext?.({ ignoreHTTPSErrors: true }) ?? null;
		const zoe = other ? await other.newPage() : await b.browser.newPage();

		await zoe.goto(address);
		await zoe.locator("h1", { hasText: "Choose your password" }).waitFor();
		for (const f of ["password", "again"])
			await zoe.fill(`[name=${f}]`, "password-of-zoe-1");
		await zoe.keyboard.press("Enter");
		await zoe.locator("h1", { hasText: "Your password is set" }).waitFor();
		await zoe.goto("about:blank");
		await zoe.goto(address);
		for (const f of ["password", "again"])
			await zoe.fill(`[name=${f}]`, "password-of-zoe-2");
		await zoe.keyboard.press("Enter");
		await zoe.locator(".notice.bad", { hasText: "no longer valid" }).waitFor();
		await zoe.close();
		await other?.close();
		await page.reload();
		await row(page, "zoe").locator(".badge", { hasText: "Ready" }).waitFor();
	});

	test("an administrator is deleted by name", async () => {
		await row(page, "zoe").locator("button", { hasText: "Delete" }).click();
		await page.fill("dialog [name=typed]", "zoe");
		await page.keyboard.press("Enter");
		await row(page, "zoe").waitFor({ state: "detached" });
	});

	test("an API key is made, reads but does not change, and is ended", async () => {
		const ask = (method) => page.request.fetch(base + "api/v1/departments", {
			method, headers: { Authorization: "Bearer " + key, Cookie: "" }, ...(method === "POST" ? { data: { name: "By key" } } : {}),
		}).then((a) => a.status());

		await go(page, "keys");
		await page.locator("button.main", { hasText: "Make a key" }).click();
		await page.fill("dialog [name=name]", "reporting");
		await shot(page, "key-add");
		await dialog.locator("button.main").click();
		await dialog.locator(".secret").waitFor();
		key = await dialog.locator(".secret code").innerText();
		await page.keyboard.press("Escape");
		await row(page, "reporting").waitFor();
		await shot(page, "keys");
		equal([await ask("GET"), await ask("POST")], [200, 403], "what the key may");
		await row(page, "reporting").locator("button", { hasText: "End" }).click();
		await dialog.locator("button.main").click();
		await row(page, "reporting").waitFor({ state: "detached" });
		equal(await ask("GET"), 401, "an ended key");
	});
}

function accountCases(b, page) {
	test("one's own password is changed", async () => {
		await go(page, "account");
		for (const f of ["password", "again"])
			await page.fill(`[name=${f}]`, adminPassword + "-2");
		await page.locator("form button.main").click();
		await toastSays(page, "Your password is changed");
		await page.locator(".side button", { hasText: "Sign out" }).click();
		await page.locator("h1", { hasText: "Sign in" }).waitFor();
		await signIn(page, process.env.ADMIN, adminPassword + "-2");
	});

	test("language and colours change at once and stay", async () => {
		await go(page, "account");
		await page.locator("label", { hasText: "Dark" }).click();
		equal(await page.getAttribute("html", "data-theme"), "dark", "the theme");
		await page.locator("fieldset label", { hasText: "한국어" }).click();
		await page.locator("h1", { hasText: "내 계정" }).waitFor();
		await page.reload();
		await page.locator("h1", { hasText: "내 계정" }).waitFor();
		equal(await page.getAttribute("html", "data-theme"), "dark", "the theme after a reload");
		await page.locator("fieldset label", { hasText: "English" }).click();
		await page.locator("label", { hasText: "As the system" }).click();
	});

	test("when a session ends, signing in leads back to where one was", async () => {
		await go(page, "departments");
		await b.browser.clearCookies();
		await page.locator("button.main", { hasText: "Add department" }).click();
		await page.fill("dialog [name=name]", "Too late");
		await page.keyboard.press("Enter");
		await page.locator(".notice.warn", { hasText: "Your session has ended" }).waitFor();
		await page.fill("input[name=name]", process.env.ADMIN);
		await page.fill("input[name=password]", adminPassword + "-2");
		await page.keyboard.press("Enter");
		await page.locator("h1", { hasText: "Departments" }).waitFor();
	});

	test("a server that does not answer is told, and can be tried again", async () => {
		await b.browser.setOffline(true);
		await page.evaluate(() => { location.hash = "#/admins"; });
		await page.locator(".notice.bad", { hasText: "does not answer" }).waitFor();
		await b.browser.setOffline(false);
		await page.locator("button", { hasText: "Try again" }).click();
		await row(page, process.env.ADMIN).waitFor();
	});

	test("no request left for elsewhere, and nothing broke the content security policy", async () => {
		equal(b.strangers, [], "requests elsewhere");
		equal(b.faults, [], "faults");
	});
}

export function serverCases(b) {
	const page = b.page, dialog = page.locator("dialog");

	connectingCases(page);
	certificateCases(page, dialog);
	backupCases(page);
	settingCases(page);
	adminCases(b, page, dialog);
	accountCases(b, page);
}
