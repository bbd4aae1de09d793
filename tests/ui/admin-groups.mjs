// Group chats in the browser: made, changed, filled and emptied, ended.
import { equal, shot, test } from "./browser.mjs";
import { focusIs, go, row, toastSays } from "./pages.mjs";

export function groupCases(page) {
	const dialog = page.locator("dialog");
	const member = (name) => page.locator("[aria-labelledby=members] tbody tr", { hasText: name });

	test("a group is added, under no name that is taken, and opens", async () => {
		await go(page, "groups");
		await page.locator(".empty", { hasText: "No groups yet" }).waitFor();
		await page.locator(".page-head button.main").click();
		await page.fill("dialog [name=name]", "alice");
		await dialog.locator("button.main").click();
		await dialog.locator(".notice.bad", { hasText: "An account or a group of that name exists already" }).waitFor();
		await page.fill("dialog [name=name]", "no blanks");
		await dialog.locator("button.main").click();
		await dialog.locator(".field.wrong:has([name=name]) .field-error").waitFor();
		await page.fill("dialog [name=name]", "Kitchen");
		await page.fill("dialog [name=subject]", "Kitchen <i>talk</i>");
		await shot(page, "group-add");
		await dialog.locator("button.main").click();
		await page.locator("h1", { hasText: "Kitchen <i>talk</i>" }).waitFor();
		await page.locator(".lead", { hasText: "sip:kitchen@example.test" }).waitFor();
		await focusIs(page, "tagName", "H1");
	});

	test("members are added, nobody twice and nobody who is not there", async () => {
		const add = async (name) => {
			await page.fill("dialog [name=member]", name);
			await dialog.locator("button.main").click();
		};

		await page.locator(".section-head button").click();
		await add("nobody-here");
		await dialog.locator(".field-error", { hasText: "no user nobody-here" }).waitFor();
		await add("person002");
		await dialog.locator(".field-error", { hasText: "person002 is disabled" }).waitFor();
		await add("dave");
		await member("dave").waitFor();
		await page.locator(".section-head button").click();
		await add("dave");
		await dialog.locator(".field-error", { hasText: "in the group already" }).waitFor();
		await dialog.locator("input[value=presenter]").check();
		await shot(page, "group-member-add");
		await add("person001");
		await member("person001").locator("td", { hasText: "Presenter" }).waitFor();
	});

	test("a role is changed and changed back; who was removed comes back by the undo", async () => {
		await member("dave").locator("button", { hasText: "Make presenter" }).click();
		await member("dave").locator("button", { hasText: "Make attendee" }).waitFor();
		await page.locator(".toast button", { hasText: "Undo" }).click();
		await member("dave").locator("td", { hasText: "Attendee" }).waitFor();
		await member("person001").locator("button", { hasText: "Remove" }).click();
		await member("person001").waitFor({ state: "detached" });
		await focusIs(page, "tagName", "H1");
		await page.locator(".toast button", { hasText: "Undo" }).click();
		await member("person001").locator("td", { hasText: "Presenter" }).waitFor();
		await shot(page, "group");
	});

	test("subject, who may join and the lock are changed, and changed back", async () => {
		const save = page.locator("[aria-labelledby=group-settings] button.main");

		await page.fill("[name=subject]", "Kitchen");
		await page.locator("[name=access][value=open]").check();
		await save.click();
		await page.locator("h1", { hasText: /^Kitchen$/ }).waitFor();
		await page.locator("[name=locked][value=yes]").check();
		await save.click();
		await toastSays(page, "Saved");
		await page.waitForFunction(() => document.querySelector("[name=locked][value=yes]").checked);
		await go(page, "groups");
		await row(page, "Kitchen").locator(".badge", { hasText: "Locked" }).waitFor();
		equal(await row(page, "Kitchen").locator("td.number").innerText(), "2", "members");
		await shot(page, "groups");
		await page.locator(".toast button", { hasText: "Undo" }).click();
		await toastSays(page, "Undone");
		await page.reload();
		await row(page, "Kitchen").locator(".badge", { hasText: "Everyone" }).waitFor();
	});

	test("a group is deleted; for whom it ends is said before", async () => {
		await page.locator(".page-head button.main").click();
		await page.fill("dialog [name=name]", "short-lived");
		await page.keyboard.press("Enter");
		await page.locator("h1", { hasText: "short-lived" }).waitFor();
		await page.locator(".page-head button.danger").click();
		await dialog.locator("li", { hasText: "Nobody is in it" }).waitFor();
		await dialog.locator("button.main").click();
		await toastSays(page, "short-lived was deleted");
		await row(page, "Kitchen").locator("button", { hasText: "Delete" }).click();
		await dialog.locator("li", { hasText: "for its 2 members" }).waitFor();
		await shot(page, "group-delete");
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "detached" });
		equal(await page.locator("tbody tr").count(), 1, "groups");
	});
}
