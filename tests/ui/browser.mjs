// browser.mjs: Debian's Chromium driven by playwright-core, and axe-core.
//
// UI_MODULES is the folder whose node_modules holds both (the Makefile's); CHROMIUM another browser to try.
import { existsSync, mkdtempSync, readFileSync, rmSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const modules = createRequire(resolve(process.env.UI_MODULES || "build/ui-work", "node_modules", "x.js"));
export { check, equal, main, test } from "./counting.mjs";

const { chromium } = modules("playwright-core");
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const program = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MS = 30000; // generous: the machine may be under load

// A browser with a profile of its own; every request that leaves for anywhere but base is noted, and so is what
// the console says about a broken content security policy.
export async function open(base, options = {}) {
	if (!existsSync(program))
		throw new Error(`${program} is not there: apt-get install chromium`);
	const profile = mkdtempSync(join(tmpdir(), "porchlight-ui-"));
	const browser = await chromium.launchPersistentContext(profile, {
		executablePath: program,
		headless: true,
		ignoreHTTPSErrors: true,
		acceptDownloads: true,
		locale: "en-GB",
		timezoneId: "Asia/Seoul",
		viewport: { width: 1280, height: 800 },
		permissions: ["clipboard-read", "clipboard-write"],
		args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync"],
		...options,
	});
	const strangers = [], faults = [];

	browser.setDefaultTimeout(WAIT_MS);
	browser.on("request", (r) => { if (!r.url().startsWith(base) && !/^(data|blob|about):/.test(r.url())) strangers.push(r.url()); });
	const watch = (page) => {
		page.on("console", (m) => { if (/Content Security Policy|Refused to/.test(m.text())) faults.push(m.text()); });
		page.on("pageerror", (e) => faults.push(String(e)));
	};
	browser.pages().forEach(watch);
	browser.on("page", watch);
	return {
		browser, strangers, faults,
		page: browser.pages()[0] ?? await browser.newPage(),
		async close() {
			await browser.close();
			rmSync(profile, { recursive: true, force: true });
		},
	};
}

// What axe finds against WCAG 2.2 AA, as lines; scripts may not be added to the page, so it runs by evaluation.
export async function axe(page) {
	await page.evaluate(axeSource);
	const result = await page.evaluate(() => window.axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	}));
	return result.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} (${n.failureSummary.split("\n")[1]?.trim()})`));
}

// SHOTS is a folder for pictures; with SHOTS_WHOLE they go on below the window.
export async function shot(page, name) {
	if (!process.env.SHOTS)
		return;
	mkdirSync(process.env.SHOTS, { recursive: true });
	await page.screenshot({ path: join(process.env.SHOTS, name + ".png"), fullPage: !!process.env.SHOTS_WHOLE });
}
