// The set-up wizard, by keyboard where a person would use it; both languages; every step through axe.
import { axe, check, equal, main, open, shot, test } from "./browser.mjs";
import { base, focusIs } from "./pages.mjs";

const token = process.env.TOKEN;
const password = "drei-kleine-katzen";
const b = await open(base);
const page = b.page;
const heading = (text) => page.locator("h1", { hasText: text }).waitFor();
const fieldError = (name) => page.locator(`.field.wrong:has([name=${name}]) .field-error`).innerText();

test("before the set-up the front page says what to do", async () => {
	await page.goto(base);
	await heading("Not set up yet");
	equal(await axe(page), [], "axe");
});

test("without a token there is nothing to set up", async () => {
	await page.goto(base + "setup.html");
	await heading("Nothing to set up");
});

test("a wrong token is refused at the end, and the link still works", async () => {
	await page.goto(base + "setup.html#wrong");
	await fillAddress();
	await fillAdmin();
	await page.click("button[type=submit]");
	await page.locator(".notice.bad", { hasText: "no longer valid" }).waitFor();
});

async function fillAddress() {
	await heading("Set up this server");
	await page.fill("[name=domain]", "Example.TEST ");
	await page.fill("[name=host]", "localhost");
	await page.click("button[type=submit]");
	await heading("The first administrator");
}

async function fillAdmin() {
	await page.fill("[name=admin]", process.env.ADMIN);
	await page.fill("[name=password]", password);
	await page.fill("[name=again]", password);
	await page.click("button[type=submit]");
	await heading("Is this right?");
}

test("the token leaves the address line", async () => {
	await page.goto("about:blank");
	await page.goto(base + "setup.html#" + token);
	await heading("Set up this server");
	check(!page.url().includes(token), "the token is still in " + page.url());
	await focusIs(page, "tagName", "H1");
	await shot(page, "set-up-address");
	equal(await axe(page), [], "axe");
});

test("Korean, and back without losing what was typed", async () => {
	await page.fill("[name=domain]", "typed.test");
	await page.click("button[lang=ko]");
	await heading("서버 설정");
	equal(await page.getAttribute("html", "lang"), "ko", "the language of the page");
	await shot(page, "set-up-korean");
	await page.click("button[lang=en]");
	await heading("Set up this server");
	equal(await page.inputValue("[name=domain]"), "typed.test", "what was typed");
});

test("what is missing or wrong is said at its field, and the first one has the focus", async () => {
	await page.fill("[name=domain]", "");
	await page.click("button[type=submit]");
	await page.waitForSelector(".field-error");
	await focusIs(page, "name", "domain");
	equal(await page.getAttribute("[name=domain]", "aria-invalid"), "true", "aria-invalid");
	await page.fill("[name=domain]", "not a domain");
	await page.locator(".field:has([name=domain]) .field-error").waitFor({ state: "detached" }); // it is being mended
	await page.fill("[name=host]", "im.example.test");
	await page.keyboard.press("Enter");
	await page.locator(".field-error", { hasText: "not a domain name" }).waitFor();
	await shot(page, "set-up-error");
	equal(await axe(page), [], "axe");
});

test("two passwords must be the same and long enough", async () => {
	await fillAddress();
	await page.fill("[name=admin]", "anna");
	await page.fill("[name=password]", "short");
	await page.fill("[name=again]", "short");
	await page.click("button[type=submit]");
	await page.waitForSelector(".field-error");
	check((await fieldError("password")).includes("10"), "it says how many characters");
	await page.fill("[name=password]", password);
	await page.click("button[type=submit]");
	await page.locator(".field-error", { hasText: "not the same" }).waitFor();
	equal(await axe(page), [], "axe");
});

test("a common password is refused by the server, and the step before can be mended", async () => {
	for (const f of ["password", "again"])
		await page.fill(`[name=${f}]`, "1234567890");
	await page.click("button[type=submit]");
	await heading("Is this right?");
	await page.click("button[type=submit]");
	await page.locator(".notice.bad").waitFor();
	await page.click("button.link");
	await fillAdmin();
	await shot(page, "set-up-check");
	equal(await axe(page), [], "axe");
});

test("the server is set up; the DNS records are shown", async () => {
	await page.click("button[type=submit]");
	await heading("The server is set up");
	const table = await page.locator("table").innerText();

	for (const name of ["_sips._tcp.example.test", "_sipinternaltls._tcp.example.test", "lyncdiscover.example.test", `0 0 ${process.env.SIP_PORT} `])
		check(table.includes(name), name + " is not in the table");
	await shot(page, "set-up-done");
	equal(await axe(page), [], "axe");
});

test("the link works once", async () => {
	await page.goto("about:blank");
	await page.goto(base + "setup.html#" + token);
	await heading("Choose your password"); // what is left for a link is an administrator's password
	await page.fill("[name=password]", "another-password-1");
	await page.fill("[name=again]", "another-password-1");
	await page.click("button[type=submit]");
	await page.locator(".notice.bad", { hasText: "no longer valid" }).waitFor();
});

test("the administrator signs in, and is told to add people", async () => {
	await page.goto(base);
	await page.fill("[name=name]", process.env.ADMIN);
	await page.fill("[name=password]", password);
	await page.keyboard.press("Enter");
	await page.locator(".empty", { hasText: "No users yet" }).waitFor();
	await shot(page, "dashboard-empty");
	equal(await axe(page), [], "axe");
});

test("no request left for elsewhere, and nothing broke the content security policy", async () => {
	equal(b.strangers, [], "requests elsewhere");
	equal(b.faults, [], "faults");
});

await main(() => b.close());
