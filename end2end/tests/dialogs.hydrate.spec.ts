// What scripts add to pages that are one form: they open in a dialog over the list that they belong to.

import type { Page } from "@playwright/test";
import { expect, test } from "../support/browser.ts";
import { violations } from "../support/looks.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

const dialog = (page: Page, name: string) => page.getByRole("dialog", { name, exact: true });

test("a form opens by the keyboard over its list, and Escape gives the focus back", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  const { page } = visitor;
  const invite = page.getByRole("link", { name: "Invite member" });
  await invite.focus();
  await page.keyboard.press("Enter");
  await expect(dialog(page, "Invite member")).toBeVisible();
  await expect(visitor.field("Email")).toBeFocused();
  await expect(page).toHaveURL(`/o/${acme.slug}/members`);
  await page.keyboard.type("g m / ?");
  await expect(visitor.field("Email")).toHaveValue("g m / ?");
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toHaveCount(0);
  await expect(invite).toBeFocused();
});

test("from a row's menu: Cancel and a click beside it close the dialog", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor);
  await visitor.awake(`/o/${acme.slug}/members`);
  const { page } = visitor;
  const menu = page.getByRole("button", { name: `Actions for ${bo.name}` });
  const changeRole = dialog(page, "Change role");
  await visitor.choose(bo.name, "Change role");
  await expect(changeRole).toContainText(`${bo.name} has the role Member now.`);
  await changeRole.getByRole("link", { name: "Cancel" }).click();
  await expect(page.locator("dialog")).toHaveCount(0);
  await expect(menu).toBeFocused();
  await visitor.choose(bo.name, "Remove");
  await expect(dialog(page, "Remove member")).toBeVisible();
  await page.mouse.click(5, 5);
  await expect(page.locator("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(`/o/${acme.slug}/members`);
});

test("what a dialog sends is done, and an error leads to the form's page with what was typed", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  const { page } = visitor;
  await visitor.follow("Invite member");
  await expect(dialog(page, "Invite member")).toBeVisible();
  await visitor.fill({ Email: "nobody at all" });
  await visitor.field("Role").selectOption("Auditor");
  await visitor.press("Send invitation");
  await expect(visitor.title).toHaveText("Invite member");
  await expect(visitor.field("Email")).toHaveValue("nobody at all");
  await expect(visitor.field("Role")).toHaveValue("auditor");
  await expect(visitor.field("Email")).toHaveAttribute("aria-invalid", "true");
  const bo = person();
  await visitor.awake(`/o/${acme.slug}/invitations`);
  await visitor.page.getByRole("link", { name: "Invite member" }).click();
  await expect(dialog(page, "Invite member")).toBeVisible();
  await visitor.fill({ Email: bo.email });
  await visitor.press("Send invitation");
  await expect(visitor.notice).toHaveText(`${bo.email} is invited.`);
  expect((await letter(bo.email)).link).toContain("/invite/");
});

test("a page that cannot be had in a dialog is gone to", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  await visitor.context.clearCookies();
  await visitor.follow("Invite member");
  await expect(visitor.title).toHaveText("Sign in");
});

test("with a key held down the link is a link", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.awake(`/o/${acme.slug}/members`);
  const opened = visitor.context.waitForEvent("page");
  await visitor.page.getByRole("link", { name: "Invite member" }).click({ modifiers: ["ControlOrMeta"] });
  await expect(await opened).toHaveURL(`/o/${acme.slug}/invitations/new`);
  await expect(visitor.page.locator("dialog")).toHaveCount(0);
});

for (const [screen, size] of Object.entries({
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
})) {
  test(`axe finds nothing in a dialog, ${screen}`, async ({ visitor, another }) => {
    const acme = await visitor.found();
    const bo = await (await another()).join(acme, visitor);
    const member = await visitor.memberPath(acme, bo);
    const { page } = visitor;
    await page.setViewportSize(size);
    for (const [at, link, name] of [
      [`/o/${acme.slug}/members`, "Invite member", "Invite member"],
      [member, "Change role", "Change role"],
      [member, "Remove", "Remove member"],
      [`/o/${acme.slug}/settings`, "Leave organization", "Leave organization"],
    ] as const) {
      await visitor.awake(at);
      await visitor.follow(link);
      await expect(dialog(page, name)).toBeVisible();
      expect.soft(await violations(page), name).toEqual([]);
      const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
      expect(new Set(ids).size, "ids are unique").toBe(ids.length);
    }
  });
}
