// What scripts add: the palette, keys that lead somewhere, and a button that copies.

import { expect, test } from "../support/browser.ts";
import { violations } from "../support/looks.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

test("Ctrl-K finds pages and other organizations", async ({ visitor }) => {
  const acme = await visitor.found();
  const globex = await visitor.foundAnother(acme.owner);
  await visitor.awake(`/o/${acme.slug}`);
  const { page } = visitor;
  const palette = page.getByRole("dialog", { name: "Search or jump to" });
  const field = page.getByRole("combobox", { name: "Search or jump to" });

  await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await field.fill("aud");
  await expect(palette.getByRole("option")).toHaveText([/^Audit trail/, /^Search members for “aud”/]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/o/${acme.slug}/audit`);

  await visitor.awake(`/o/${acme.slug}`);
  await page.keyboard.press("Control+k");
  await field.fill(globex.name);
  await page.keyboard.press("Enter");
  await expect(visitor.title).toHaveText(globex.name);

  await visitor.awake(`/o/${acme.slug}`);
  await page.keyboard.press("Control+k");
  await field.fill("no such place");
  await expect(palette).toContainText("Nothing found");
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
});

test("Ctrl-K does what the page offers, and leads past it", async ({ visitor }) => {
  const acme = await visitor.found();
  const { page } = visitor;
  const field = page.getByRole("combobox", { name: "Search or jump to" });
  await visitor.awake(`/o/${acme.slug}/members`);
  const invite = page.getByRole("link", { name: "Invite member" });
  await invite.focus();
  await page.keyboard.press("Control+k");
  await field.fill("invite");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Invite member" })).toBeVisible();
  await expect(field).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(invite).toBeFocused();

  await page.keyboard.press("Control+k");
  await field.fill("sign out");
  await page.keyboard.press("Enter");
  await expect(visitor.title).toHaveText("Sign in");
});

test("Ctrl-K searches members by the words typed", async ({ visitor }) => {
  const acme = await visitor.found();
  const { page } = visitor;
  const palette = page.getByRole("dialog", { name: "Search or jump to" });
  await visitor.awake(`/o/${acme.slug}`);
  await page.keyboard.press("Control+k");
  await expect(palette.getByRole("option", { name: /^Search members/ })).toBeHidden();
  await page.keyboard.type("Ada & Bo ");
  await expect(palette.getByRole("option", { selected: true })).toHaveText("Search members for “Ada & Bo”People");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/o/${acme.slug}/members?q=Ada%20%26%20Bo`);
  await expect(page.getByRole("searchbox", { name: "Search members" })).toHaveValue("Ada & Bo");
});

test("what the palette found is said, and no line is active that is not there", async ({ visitor }) => {
  await visitor.found();
  await visitor.awake("/account");
  const { page } = visitor;
  const field = page.getByRole("combobox", { name: "Search or jump to" });
  const palette = page.getByRole("dialog", { name: "Search or jump to" });
  await page.keyboard.press("Control+k");
  await expect(field).toHaveAttribute("aria-activedescendant", "jump-0");
  await field.fill("sessions");
  await expect(palette.getByRole("status")).toHaveText("1 found");
  const active = await field.getAttribute("aria-activedescendant");
  await expect(page.locator(`#${active}`)).toHaveText(/^Sessions/);
  await field.fill("no such place");
  await expect(palette.getByRole("status")).toHaveText("Nothing found");
  await expect(field).not.toHaveAttribute("aria-activedescendant");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the keyboard's dialogs, ${colorScheme}`, async ({ visitor }) => {
    const acme = await visitor.found();
    const { page } = visitor;
    await page.emulateMedia({ colorScheme });
    await visitor.awake(`/o/${acme.slug}/members`);
    for (const [key, name, words] of [
      ["?", "Keyboard shortcuts", ""],
      ["Control+k", "Search or jump to", ""],
      ["Control+k", "Search or jump to", "o"],
      ["Control+k", "Search or jump to", "nothing like it"],
    ] as const) {
      await page.keyboard.press(key);
      await expect(page.getByRole("dialog", { name })).toBeVisible();
      await page.keyboard.type(words);
      expect.soft(await violations(page), `${name} with “${words}”`).toEqual([]);
      await page.keyboard.press("Escape");
      await expect(page.locator("dialog")).toHaveCount(0);
    }
  });
}

test("arrows choose in the palette, and the focus comes back", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  const { page } = visitor;
  const invite = page.getByRole("link", { name: "Invite member" });
  await invite.focus();
  await page.keyboard.press("Control+k");
  const chosen = page.getByRole("dialog", { name: "Search or jump to" }).getByRole("option", { selected: true });
  await expect(chosen).toContainText("Overview");
  await page.keyboard.press("ArrowDown");
  await expect(chosen).toContainText("Members");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(chosen).toContainText("Overview");
  await page.keyboard.press("Escape");
  await expect(invite).toBeFocused();
});

test("g and a letter lead to a page", async ({ visitor }) => {
  const acme = await visitor.found();
  for (const [letter, part] of [
    ["m", "/members"],
    ["i", "/invitations"],
    ["r", "/roles"],
    ["e", "/security"],
    ["a", "/audit"],
    ["s", "/settings"],
    ["o", ""],
  ]) {
    await visitor.awake(`/o/${acme.slug}${letter === "o" ? "/roles" : ""}`);
    await visitor.page.keyboard.press("g");
    await visitor.page.keyboard.press(letter!);
    await expect(visitor.page).toHaveURL(`/o/${acme.slug}${part}`);
  }
});

test("a slash leads to the search, where keys are letters", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  const search = visitor.page.getByRole("searchbox", { name: "Search members" });
  await visitor.page.keyboard.press("/");
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("");
  await visitor.page.keyboard.type("gm?/");
  await expect(search).toHaveValue("gm?/");
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}/members`);
});

test("single keys can be turned off, and stay with the browser where they have nothing to do", async ({ visitor }) => {
  const acme = await visitor.found();
  const { page } = visitor;
  const isTaken = (key: string) =>
    page.evaluate((key) => !dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true })), key);
  await visitor.awake(`/o/${acme.slug}/members`);
  expect(await isTaken("/")).toBe(true);
  await visitor.awake(`/o/${acme.slug}`);
  expect(await isTaken("/"), "a page without a search").toBe(false);

  await visitor.goto("/account");
  await visitor.field("Keyboard shortcuts").uncheck();
  await visitor.press("Save profile");
  await expect(visitor.field("Keyboard shortcuts")).not.toBeChecked();
  await visitor.awake(`/o/${acme.slug}/members`);
  expect(await isTaken("/")).toBe(false);
  await page.keyboard.type("?gm/");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toHaveAccessibleName("Search or jump to");
  await expect(page).toHaveURL(`/o/${acme.slug}/members`);
  await page.keyboard.press("Escape");

  await visitor.goto("/account");
  await visitor.field("Keyboard shortcuts").check();
  await visitor.press("Save profile");
  await visitor.awake(`/o/${acme.slug}/members`);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("a question mark lists the keys", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}`);
  const help = visitor.page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await visitor.page.keyboard.press("?");
  await expect(help).toContainText("Audit trail");
  await expect(help).toContainText("g a");
  await visitor.page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await visitor.page.keyboard.press("?");
  await help.getByRole("button", { name: "Close" }).click();
  await expect(help).toBeHidden();
});

test("a button of the sidebar opens the palette", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}`);
  await visitor.page.getByRole("button", { name: "Search or jump to" }).first().click();
  await expect(visitor.page.getByRole("dialog", { name: "Search or jump to" })).toBeVisible();
});

test("an invitation's link is copied by a button", async ({ visitor }) => {
  const acme = await visitor.found();
  const bo = person();
  await visitor.invite(acme, bo.email);
  await letter(bo.email);
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visitor.goto(`/o/${acme.slug}/invitations`);
  await visitor.choose(bo.email, "Copy link");
  await visitor.press("Copy");
  await expect(visitor.page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await visitor.field("Invitation link").inputValue());
  expect(copied).toContain("/invite/");
});
