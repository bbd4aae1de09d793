// pages.mjs: where the pages are, signing in, and small moves that many cases make.
import { writeFileSync } from "node:fs";

export const base = process.env.BASE;
export const admin = process.env.ADMIN;
export const adminPassword = process.env.ADMIN_PASSWORD;

// Route, and what is on the page once it has loaded.
export const pages = [
	["", ".figures"],
	["users", "table"],
	["users/alice", "section#none, #profile"],
	["users-import", "#csv"],
	["departments", "table, .empty"],
	["groups", "table, .empty"],
	["groups/kitchen", "#members"],
	["endpoints", "table, .empty"],
	["records", "table, .empty"],
	["connecting", "#other"],
	["certificates", "#ca-cert"],
	["backup", "#backup-check"],
	["settings", "#names"],
	["log", ".log"],
	["admins", "table"],
	["keys", "table, .empty"],
	["account", "#looks"],
	["no-such-page", "h1"],
];

export async function go(page, route) {
	const ready = pages.find(([r]) => r === route)?.[1] ?? "h1";

	await page.goto(base + "#/" + route);
	await page.waitForSelector(ready, { state: "attached" });
	await page.waitForFunction(() => !document.querySelector(".loading"));
}

export async function choose(page, language, theme) {
	await page.evaluate(([l, t]) => {
		localStorage.setItem("porchlight.language", l);
		localStorage.setItem("porchlight.theme", t);
	}, [language, theme]);
}

export async function signIn(page, name = admin, password = adminPassword) {
	await page.goto(base);
	await page.fill("input[name=name]", name);
	await page.fill("input[name=password]", password);
	await page.click("button[type=submit]");
	await page.waitForSelector(".shell");
}

// What has the focus: its property has that value, by and by.
export async function focusIs(page, property, value) {
	await page.waitForFunction(([p, v]) => String(document.activeElement[p]).trim() === v, [property, value]).catch(async () => {
		throw new Error(`the focus is on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}, not on ${property} ${value}`);
	});
}

// The row of a table whose first cell holds text.
export function row(page, text) {
	return page.locator("main > .table > tbody > tr, main section > .table > tbody > tr").filter({ has: page.locator("th", { hasText: text }) });
}

export async function toastSays(page, text) {
	await page.locator(".toast", { hasText: text }).waitFor();
}

const notes = {};

// For the side that started us: written at once, so that nothing is lost when a later case fails.
export function note(key, value) {
	notes[key] = value;
	writeFileSync(process.env.NOTES, JSON.stringify(notes));
}
