// Every page through axe, by keyboard alone, and on small screens.
import { axe, check, equal, main, open, shot, test } from "./browser.mjs";
import { base, choose, focusIs, go, pages, row, signIn } from "./pages.mjs";

const b = await open(base);
const page = b.page;
const dialog = page.locator("dialog");

await signIn(page);

const languages = { en: "English", ko: "한국어" };
const name = (route) => (route === "" ? "dashboard" : route.replace("/", "-"));

// Dialogs, and how one gets there.
const dialogs = [
	["add user", "users", async () => { await page.locator(".page-head button.main").click(); }],
	["add user, own password", "users", async () => { await page.locator(".page-head button.main").click(); await dialog.locator("input[value=own]").check(); }],
	["reset password", "users", async () => { await row(page, "alice").locator("button").first().click(); }],
	["delete user", "users", async () => { await row(page, "alice").locator("button.danger").click(); }],
	["delete user, wrong name", "users", async () => {
		await row(page, "alice").locator("button.danger").click();
		await dialog.locator("button.main").click();
		await dialog.locator(".field-error").waitFor();
	}],
	["what a person sees", "users/alice", async () => { await page.locator("[aria-labelledby=access] .section-head button").click(); }],
	["revoke a certificate", "users/alice", async () => { await page.locator("[aria-labelledby=client-certificates] tbody button").first().click(); }],
	["revoke all certificates", "users/alice", async () => { await page.locator("[aria-labelledby=client-certificates] .section-head button").click(); }],
	["add department", "departments", async () => { await page.locator(".page-head button.main").click(); }],
	["delete department", "departments", async () => { await row(page, "영업").locator("button.danger").click(); }],
	["add group", "groups", async () => { await page.locator(".page-head button.main").click(); }],
	["delete group", "groups", async () => { await row(page, "Kitchen talk").locator("button.danger").click(); }],
	["add member", "groups/kitchen", async () => { await page.locator(".section-head button").click(); }],
	["end session", "endpoints", async () => { await row(page, "alice").first().locator("button").click(); }],
	["import certificate", "certificates", async () => { await page.locator(".page-head button").click(); }],
	["add administrator", "admins", async () => { await page.locator(".page-head button.main").click(); }],
	["make a key", "keys", async () => { await page.locator(".page-head button.main").click(); }],
];

for (const l of Object.keys(languages)) {
	for (const theme of ["light", "dark"]) {
		test(`sign-in and the authority's page, ${languages[l]}, ${theme}`, async () => {
			await b.browser.clearCookies();
			await page.goto(base);
			await choose(page, l, theme);
			await page.reload();
			await page.waitForSelector("input[name=name]");
			await shot(page, `sign-in-${l}-${theme}`);
			equal(await axe(page), [], "axe");
			await page.goto(base + "ca");
			await shot(page, `ca-${theme}`);
			equal(await axe(page), [], "axe on /ca");
			await signIn(page);
		});

		for (const [route] of pages) {
			test(`${name(route)}, ${languages[l]}, ${theme}`, async () => {
				await go(page, route);
				equal(await page.getAttribute("html", "lang"), l, "the language");
				await shot(page, `${name(route)}-${l}-${theme}`);
				equal(await axe(page), [], "axe");
			});
		}

		test(`dialogs, ${languages[l]}, ${theme}`, async () => {
			for (const [what, route, reach] of dialogs) {
				await go(page, route);
				await reach();
				await dialog.waitFor();
				await shot(page, `dialog-${what.replace(/\W+/g, "-")}-${l}-${theme}`);
				equal(await axe(page), [], "axe on " + what);
				await page.keyboard.press("Escape");
				await dialog.waitFor({ state: "detached" });
			}
		});
	}
}

// What has the focus: where it is, whether one can see that it has it, and whether it is covered.
const focus = () => page.evaluate(() => {
	const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
	const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(r.top + Math.min(r.height / 2, 20), 0), innerHeight - 1);
	const top = document.elementFromPoint(x, y);

	return {
		tag: e.tagName, html: e.outerHTML.slice(0, 120), seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
		inside: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
		uncovered: top !== null && (e.contains(top) || top.contains(e)), small: r.width < 24 || r.height < 24,
	};
});

// Everything that Tab should reach.
const reachable = () => page.evaluate(() => [...document.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex='0']")]
	.filter((e) => e.checkVisibility() && (e.type !== "radio" || e.checked || !document.querySelector(`[name="${e.name}"]:checked`))).length);

for (const [route] of pages) {
	test(`the keyboard reaches everything on ${name(route)}, and one sees where it is`, async () => {
		await choose(page, "en", "light");
		await page.goto("about:blank");
		await go(page, route);
		await page.evaluate(() => { document.querySelectorAll(".switch input:checked").forEach((e) => e.click()); document.activeElement.blur(); });
		await page.evaluate(() => { const s = document.querySelector(".skip"); s.focus(); });
		const wanted = await reachable();
		let n = 1; /* the skip link has it */

		for (;;) {
			await page.keyboard.press("Tab");
			const f = await focus();

			if (f.tag === "BODY" || f.html.includes("class=\"skip\""))
				break;
			n++;
			check(f.seen, "no focus ring on " + f.html);
			check(f.inside && f.uncovered, "hidden under something: " + f.html);
			check(!f.small || /type="(checkbox|radio)"|type="date"|class="brand"/.test(f.html) || /^<a /.test(f.html), "smaller than 24 by 24: " + f.html);
			check(n <= wanted + 40, "a trap");
		}
		check(n >= wanted, `Tab reached ${n} of ${wanted}`);
	});
}

test("the skip link leads past the navigation", async () => {
	await go(page, "users");
	await page.locator(".skip").focus();
	await page.keyboard.press("Enter");
	await focusIs(page, "tagName", "H1");
	equal(new URL(page.url()).hash, "#/users", "where we are");
});

test("a dialog keeps the focus, closes on Escape and gives it back", async () => {
	await go(page, "departments");
	await page.locator(".page-head button.main").focus();
	await page.keyboard.press("Enter");
	await dialog.waitFor();
	for (let i = 0; i < 12; i++) {
		await page.keyboard.press("Tab");
		check(await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)), "the focus left the dialog");
	}
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	await focusIs(page, "className", "main");
});

test("following a link moves the focus to the new page's heading and names it", async () => {
	await go(page, "users");
	await page.locator("nav a[href='#/log']").focus();
	await page.keyboard.press("Enter");
	await page.locator("h1", { hasText: "Log" }).waitFor();
	await focusIs(page, "textContent", "Log");
	equal(await page.title(), "Log · Porchlight", "the title");
});

// 320 px is 1280 at 400 % (WCAG 1.4.10).
for (const [width, height] of [[1024, 600], [390, 844], [320, 640]]) {
	for (const l of Object.keys(languages)) {
		test(`nothing overflows at ${width} by ${height}, ${languages[l]}`, async () => {
			await page.setViewportSize({ width, height });
			await choose(page, l, "light");
			await page.goto("about:blank");
			const wide = [];

			for (const [route] of pages) {
				await go(page, route);
				const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

				await shot(page, `${name(route)}-${l}-${width}`);
				if (over > 0)
					wide.push(`${name(route)}: ${over} px`);
			}
			equal(wide, [], "pages that scroll sideways");
		});
	}
}

test("on a phone the menu opens, leads on and closes", async () => {
	await page.setViewportSize({ width: 390, height: 844 });
	await choose(page, "en", "light");
	await page.goto("about:blank");
	await go(page, "");
	equal(await page.locator("nav a[href='#/users']").isVisible(), false, "closed at first");
	await page.locator(".menu").click();
	equal(await page.getAttribute(".menu", "aria-expanded"), "true", "aria-expanded");
	await shot(page, "phone-menu");
	equal(await axe(page), [], "axe with the menu open");
	await page.locator("nav a[href='#/users']").click();
	await page.locator("h1", { hasText: "Users" }).waitFor();
	equal(await page.locator("nav a[href='#/users']").isVisible(), false, "closed again");
	await page.setViewportSize({ width: 1280, height: 800 });
});

test("less motion and more contrast are respected", async () => {
	await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
	await go(page, "users");
	equal(await page.evaluate(() => getComputedStyle(document.querySelector("main button")).transitionDuration), "0s", "no transitions");
	await page.emulateMedia({ reducedMotion: null, forcedColors: null });
});

test("no request left for elsewhere, and nothing broke the content security policy", async () => {
	equal(b.strangers, [], "requests elsewhere");
	equal(b.faults, [], "faults");
});

await main(() => b.close());
