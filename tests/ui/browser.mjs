// browser.mjs: Debian's Chromium driven by playwright-core, axe-core beside it, and cases that are counted.
//
// UI_MODULES is the folder whose node_modules holds both (the Makefile's); CHROMIUM another browser to try.
import { existsSync, mkdtempSync, readFileSync, rmSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const modules = createRequire(resolve(process.env.UI_MODULES || "build/ui-work", "node_modules", "x.js"));
const { chromium } = modules("playwright-core");
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const program = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MS = 30000; // generous: the machine may be under load

const context = {};
const cases = [];

export function test(name, fn) {
	cases.push([name, fn]);
}

export function check(claim, what) {
	if (!claim)
		throw new Error(what);
}

export function equal(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want))
		throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

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

export async function shot(page, name) {
	if (!process.env.SHOTS)
		return;
	mkdirSync(process.env.SHOTS, { recursive: true });
	await page.screenshot({ path: join(process.env.SHOTS, name + ".png") });
}

// Runs every case whose name holds an argument's text; ends the program with the counts.
export async function main(finish) {
	let passed = 0, failed = 0;
	const wanted = process.env.ONLY;

	for (const [name, fn] of cases) {
		if (wanted && !name.includes(wanted))
			continue;
		const begin = Date.now();

		try {
			await fn(context);
			passed++;
			console.log(`ok      ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
		} catch (e) {
			failed++;
			console.log(`FAILED  ${name}\n${e.stack}`);
			if (context.page)
				await context.page.screenshot({ path: join(tmpdir(), "porchlight-ui-failed.png") }).catch(() => {});
		}
	}
	await finish?.(context);
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed > 0 || passed === 0 ? 1 : 0);
}
