// What an administrator does: people, departments, sessions, records.  Groups are in admin-groups.mjs, the rest in admin-server.mjs.
import { writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check, equal, main, open, shot, test } from "./browser.mjs";
import { admin, adminPassword, base, focusIs, go, note, row, toastSays } from "./pages.mjs";
import { groupCases } from "./admin-groups.mjs";
import { serverCases } from "./admin-server.mjs";

const b = await open(base);
const page = b.page;
const dialog = page.locator("dialog");
const files = process.env.FILES;

test("a wrong password is told, and nothing typed is lost", async () => {
	await page.goto(base + "#/departments");
	await page.fill("input[name=name]", admin);
	await page.fill("input[name=password]", "wrong-password");
	await page.keyboard.press("Enter");
	await page.locator(".notice.bad", { hasText: "name or the password is wrong" }).waitFor();
	equal(await page.inputValue("input[name=name]"), admin, "the name");
	await shot(page, "sign-in-error");
});

test("signing in leads to the page that was asked for", async () => {
	await page.fill("input[name=password]", adminPassword);
	await page.keyboard.press("Enter");
	await page.locator("h1", { hasText: "Departments" }).waitFor();
	equal(await page.title(), "Departments · Porchlight", "the title");
});

test("the dashboard shows state, figures, certificate and copies", async () => {
	await go(page, "");
	await page.locator(".health.good").waitFor();
	const facts = await page.locator(".facts").innerText();

	check(/39\d days left/.test(facts), "days of the certificate in: " + facts);
	check(facts.includes("porchlight.db"), "what copies contain in: " + facts);
	check(/People signed in\s+of 64 users/.test(await page.locator(".figures").innerText()), "people signed in");
	await shot(page, "dashboard");
});

test("search narrows the list while typing, and the address keeps it", async () => {
	await go(page, "users");
	await page.locator(".lead", { hasText: "64 users" }).waitFor();
	await page.fill("#search", "alice");
	await page.locator(".lead", { hasText: "1 user matches" }).waitFor();
	check(page.url().includes("search=alice"), "the address: " + page.url());
	await page.reload();
	await page.locator(".lead", { hasText: "1 user matches" }).waitFor();
	await page.selectOption("#department", "Sales");
	await row(page, "alice").waitFor();
	await page.fill("#search", "nobody-like-this");
	await page.locator(".empty", { hasText: "Nothing matches" }).waitFor();
	await page.locator(".empty button").click();
	await page.locator(".lead", { hasText: "64 users" }).waitFor();
});

test("pages of the list go forth and back", async () => {
	await go(page, "users");
	const first = await page.locator("tbody th").first().innerText();

	equal(await page.locator("tbody tr").count(), 50, "rows of the first page");
	await page.locator(".pager button", { hasText: "Next" }).click();
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 14);
	await page.locator(".pager button", { hasText: "Back" }).click();
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 50);
	equal(await page.locator("tbody th").first().innerText(), first, "the first page again");
});

test("a user is added; the made password is shown once and can be copied", async () => {
	await go(page, "users");
	await page.locator("main button.main", { hasText: "Add user" }).click();
	await focusIs(page, "name", "name");
	await page.fill("dialog [name=name]", "Erin");
	await page.fill("dialog [name=display]", "Erin Example");
	await shot(page, "user-add");
	await dialog.locator("button.main").click();
	await dialog.locator("h2", { hasText: "erin was added" }).waitFor();
	const password = await dialog.locator(".secret code").innerText();

	note("erin", password);
	check(password.length >= 10, "the password: " + password);
	await shot(page, "user-added");
	await dialog.locator(".secret button").click();
	await page.waitForFunction((p) => navigator.clipboard.readText().then((t) => t === p), password);
	await dialog.locator("button.main", { hasText: "Done" }).click();
	await row(page, "erin").waitFor();
	await focusIs(page, "textContent", "Add user");
	check(!(await page.content()).includes(password), "the password is still in the page");
});

test("a name that exists, and a name that cannot be, are refused in words", async () => {
	await page.locator("main button.main", { hasText: "Add user" }).click();
	await page.fill("dialog [name=name]", "alice");
	await dialog.locator("button.main").click();
	await dialog.locator(".notice.bad", { hasText: "exists already" }).waitFor();
	await page.fill("dialog [name=name]", "no blanks");
	await dialog.locator("button.main").click();
	await dialog.locator(".field.wrong .field-error").waitFor();
	await focusIs(page, "name", "name");
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
});

test("a user's profile is changed, and the change undone", async () => {
	await go(page, "users/alice");
	await page.fill("[name=title]", "Chief of Chat");
	await page.locator("form button.main", { hasText: "Save" }).click();
	await toastSays(page, "Saved");
	equal(await page.inputValue("[name=title]"), "Chief of Chat", "the title");
	await page.locator(".toast button", { hasText: "Undo" }).click();
	await toastSays(page, "Undone");
	await page.waitForFunction(() => document.querySelector("[name=title]").value === "");
	await shot(page, "user");
});

test("who may see a person is chosen, changed back, and undone", async () => {
	await go(page, "users/alice");
	await page.locator("[aria-labelledby=access] .section-head button").click();
	await page.fill("dialog [name=member]", "nobody-here");
	await dialog.locator("button.main").click();
	await dialog.locator(".field-error", { hasText: "no user nobody-here" }).waitFor();
	await page.fill("dialog [name=member]", "bob");
	await page.locator("dialog datalist option[value=bob]").waitFor({ state: "attached" });
	await dialog.locator("input[value=blocked]").check();
	await shot(page, "user-access");
	await dialog.locator("button.main").click();
	const bob = page.locator("[aria-labelledby=access] tbody tr", { hasText: "bob" });

	await bob.locator(".badge", { hasText: "Nothing" }).waitFor();
	await shot(page, "user-access-list");
	await bob.locator("button", { hasText: "As colleagues" }).click();
	await bob.waitFor({ state: "detached" });
	await page.locator(".toast button", { hasText: "Undo" }).click();
	await bob.waitFor();
});

test("a certificate of a person's client is revoked, and what that means is said before", async () => {
	await go(page, "users/alice");
	const certs = page.locator("[aria-labelledby=client-certificates]");
	const laptop = certs.locator("tbody tr", { hasText: "{laptop}" });

	await laptop.waitFor();
	check(/Valid until\s+\d+ [A-Z]/.test(await laptop.locator("td").nth(1).evaluate((e) => e.dataset.head + " " + e.innerText)), "until when it is valid");
	await laptop.locator("button", { hasText: "Revoke" }).click();
	await dialog.locator("li", { hasText: "the client on {laptop} needs the password" }).waitFor();
	await shot(page, "user-certificate-revoke");
	await dialog.locator("button.main").click();
	await toastSays(page, "certificate of {laptop} is revoked");
	await laptop.waitFor({ state: "detached" });
	equal(await certs.locator("tbody th").allInnerTexts(), ["{desk}"], "what is left");
	equal(await certs.locator("button", { hasText: "Revoke all" }).count(), 0, "a button for all of one");
});

test("all certificates of a person are revoked; then a line says that there are none", async () => {
	await go(page, "users/bob");
	const certs = page.locator("[aria-labelledby=client-certificates]");

	await certs.locator("button", { hasText: "Revoke all" }).click();
	await dialog.locator("li", { hasText: "all these clients need the password" }).waitFor();
	await dialog.locator("button.main").click();
	await certs.locator("p", { hasText: "No client of this person has a certificate" }).waitFor();
	equal(await certs.locator("table, button").count(), 0, "tables and buttons without certificates");
	await focusIs(page, "id", "client-certificates");
});

test("a user is disabled, and the undo enables again", async () => {
	await go(page, "users");
	await page.fill("#search", "dave");
	await row(page, "dave").locator("button", { hasText: "Disable" }).click();
	await shot(page, "user-disable");
	await dialog.locator("button.main").click();
	await row(page, "dave").locator(".badge", { hasText: "Disabled" }).waitFor();
	await shot(page, "users-disabled");
	await page.locator(".toast button", { hasText: "Undo" }).click();
	await row(page, "dave").locator(".badge", { hasText: "Signed out" }).waitFor();
});

test("a password is reset; what happens is said before", async () => {
	await go(page, "users");
	await page.fill("#search", "carol");
	await row(page, "carol").locator("button", { hasText: "Reset password" }).click();
	await dialog.locator("li", { hasText: "1 client that is signed in now is signed out" }).waitFor();
	await dialog.locator("button.main").click();
	await dialog.locator(".secret").waitFor();
	note("carol", await dialog.locator(".secret code").innerText());
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
});

test("deleting asks for the name, and does it only then", async () => {
	await go(page, "users");
	await page.fill("#search", "person000");
	await row(page, "person000").locator("button", { hasText: "Delete" }).click();
	await page.fill("dialog [name=typed]", "person001");
	await dialog.locator("button.main").click();
	await dialog.locator(".field-error", { hasText: "not person000" }).waitFor();
	await shot(page, "user-delete");
	await page.fill("dialog [name=typed]", "person000");
	await page.keyboard.press("Enter");
	await toastSays(page, "person000 was deleted");
	await page.locator(".empty", { hasText: "Nothing matches" }).waitFor();
	await focusIs(page, "tagName", "H1");
});

test("the import names the first bad line and sends nothing", async () => {
	const bad = join(files, "bad.csv");

	writeFileSync(bad, "name,display\ngood1,Good One\nno blanks,Bad\nalso bad,X\n");
	await go(page, "users-import");
	await page.setInputFiles("#csv", bad);
	await page.locator(".notice.bad", { hasText: "Line 3" }).waitFor();
	equal(await page.locator("button.main").count(), 0, "nothing to send");
	await shot(page, "import-bad");
});

test("Korean spreadsheets' CP949 is understood, other bytes are not", async () => {
	const cp949 = join(files, "cp949.csv"), noise = join(files, "noise.csv");

	writeFileSync(cp949, Buffer.from([...Buffer.from("name,display\nhong,"), 0xc8, 0xab, 0xb1, 0xe6, 0xb5, 0xbf, 0x0a]));
	writeFileSync(noise, Buffer.from([0x6e, 0xff, 0xfe, 0xff, 0x0a]));
	await page.setInputFiles("#csv", cp949);
	await page.locator("td", { hasText: "홍길동" }).waitFor();
	await page.locator("p", { hasText: "Converted from CP949" }).waitFor();
	await page.setInputFiles("#csv", noise);
	await page.locator(".notice.bad", { hasText: "neither UTF-8 nor CP949" }).waitFor();
});

test("the server's refusal names its line too", async () => {
	const twice = join(files, "exists.csv");

	writeFileSync(twice, "name\nfresh1\nalice\n");
	await page.setInputFiles("#csv", twice);
	await page.locator("button.main", { hasText: "Add 2 users" }).click();
	await page.locator(".notice.bad", { hasText: /Line 3.*exists already/ }).waitFor();
});

test("people are imported; the made passwords are saved as CSV", async () => {
	const good = join(files, "good.csv");

	writeFileSync(good, 'name,display,department,password\nimp1,"Import, One",Quality,\nimp2,=1+1,Quality,chosen-by-hand-2\n');
	await page.setInputFiles("#csv", good);
	await page.locator("h2", { hasText: "2 users in good.csv" }).waitFor();
	check(!(await page.locator("table").innerText()).includes("chosen-by-hand-2"), "the password is not shown");
	await shot(page, "import-preview");
	await page.locator("button.main", { hasText: "Add 2 users" }).click();
	await page.locator("h2", { hasText: "2 users were added" }).waitFor();
	await shot(page, "import-done");
	const [download] = await Promise.all([page.waitForEvent("download"), page.locator("button.main", { hasText: "Save passwords" }).click()]);
	const saved = readFileSync(await download.path(), "utf8").replace("\ufeff", "").trim().split("\r\n").map((l) => l.split(","));

	equal(saved.map((l) => l[0]), ["name", "imp1"], "whose passwords");
	note("imp1", saved[1][1]);
});

test("users are exported as a file that could be imported", async () => {
	await go(page, "users");
	await page.locator(".lead", { hasText: "66 users" }).waitFor();
	const [download] = await Promise.all([page.waitForEvent("download"), page.locator("button", { hasText: "Export CSV" }).click()]);
	const lines = readFileSync(await download.path(), "utf8").replace("\ufeff", "").trim().split("\r\n");

	equal(lines.length, 67, "lines");
	equal(lines[0], "name,display,email,department,title,phone", "the columns");
	check(lines.includes("alice,Alice Kim,alice@example.test,Sales,,"), "alice");
	check(lines.includes("imp2,'=1+1,,Quality,,"), "no formula");
	await toastSays(page, "66 rows are saved");
});

test("departments are added, renamed and back, and deleted", async () => {
	await go(page, "departments");
	await page.locator("button.main", { hasText: "Add department" }).click();
	await page.fill("dialog [name=name]", "Short-lived");
	await page.keyboard.press("Enter");
	await row(page, "Short-lived").waitFor();
	await row(page, "Short-lived").locator("button", { hasText: "Rename" }).click();
	await page.fill("dialog [name=name]", "Longer-lived");
	await page.keyboard.press("Enter");
	await row(page, "Longer-lived").waitFor();
	await page.locator(".toast button", { hasText: "Undo" }).click();
	await row(page, "Short-lived").waitFor();
	await row(page, "Short-lived").locator("button", { hasText: "Delete" }).click();
	await dialog.locator("button.main").click();
	await row(page, "Short-lived").waitFor({ state: "detached" });
	await row(page, "Quality").locator("a", { hasText: "2" }).click();
	await page.locator(".lead", { hasText: "2 users match" }).waitFor();
});

test("a name with slashes, quotes and percent signs is a name like any other", async () => {
	const odd = 'R/D "ü" %2F & <b>';

	await go(page, "departments");
	await page.locator("main button.main", { hasText: "Add department" }).click();
	await page.fill("dialog [name=name]", odd);
	await page.keyboard.press("Enter");
	await row(page, odd).waitFor();
	await row(page, odd).locator("a").click();
	await page.locator(".lead", { hasText: "0 users match" }).waitFor();
	equal(await page.locator("#department").inputValue(), odd, "the filter");
	await go(page, "departments");
	await row(page, odd).locator("button", { hasText: "Delete" }).click();
	await dialog.locator("button.main").click();
	await row(page, odd).waitFor({ state: "detached" });
});

test("who is signed in is shown; a client's name runs no script", async () => {
	await go(page, "endpoints");
	await row(page, "bob").waitFor();
	const text = await row(page, "bob").innerText();

	check(text.includes("Evil<img src=x onerror="), "the client as it called itself: " + text);
	check(text.includes("127.0.0.1") && text.includes("TLSv1."), "address and TLS: " + text);
	equal(await page.title(), "Signed in · Porchlight", "the title");
	await shot(page, "endpoints");
});

test("a session is ended", async () => {
	await page.fill("#words", "alice");
	await row(page, "bob").waitFor({ state: "detached" });
	await row(page, "alice").locator("button", { hasText: "End session" }).click();
	await shot(page, "endpoint-end");
	await dialog.locator("button.main").click();
	await toastSays(page, "session of alice was ended");
	await row(page, "alice").waitFor({ state: "detached" });
});

test("conversations are listed, filtered by person and day, and open their details", async () => {
	await go(page, "records");
	await row(page, "").first().waitFor();
	check(/alice.*bob|bob.*alice/.test(await row(page, "").first().innerText()), "who talked");
	await page.fill("#r-user", "carol");
	await page.locator(".filters button").click();
	await page.locator(".empty", { hasText: "Nothing matches" }).waitFor();
	await page.fill("#r-user", "alice");
	await page.fill("#r-from", "2001-01-01");
	await page.fill("#r-to", "2001-01-02");
	await page.locator(".filters button").click();
	await page.locator(".empty", { hasText: "Nothing matches" }).waitFor();
	await page.fill("#r-from", "");
	await page.fill("#r-to", "");
	await page.locator(".filters button").click();
	await row(page, "").first().locator("button", { hasText: "Details" }).click();
	await page.locator(".details table").waitFor();
	check((await page.locator(".details").innerText()).includes("alice"), "alice is in the details");
	await shot(page, "records");
	const [download] = await Promise.all([page.waitForEvent("download"), page.locator("button", { hasText: "Export CSV" }).click()]);
	const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");

	check(/sip:(alice|bob)@example.test sip:(alice|bob)@example.test,3,200$/.test(lines[1]), "the exported record: " + lines[1]);
});

groupCases(page);
serverCases(b);

await main(() => b.close());
