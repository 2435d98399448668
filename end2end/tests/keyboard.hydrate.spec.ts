// What scripts add: the palette, keys that lead somewhere, and a button that copies.

import { expect, test } from "../support/browser.ts";
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
  await expect(palette.getByRole("option")).toHaveText([/^Audit trail/]);
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
