// Handing an organization over, deleting it, and keeping it after all.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";

test("an owner has the organization deleted, members are kept out, and an owner keeps it", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const [home, confirm] = [`/o/${acme.slug}`, `Type ${acme.name} to confirm`];
  const mia = await another();
  await mia.join(acme, visitor);

  await mia.goto(`${home}/settings`);
  await expect(mia.page.getByRole("link", { name: "Delete organization" })).toHaveCount(0);
  await mia.goto(`${home}/delete`);
  await expect(mia.title).toHaveText("Your role does not allow this");

  await visitor.goto(`${home}/settings`);
  await visitor.follow("Delete organization");
  await visitor.field(confirm).fill("something else");
  await visitor.press("Delete organization");
  await visitor.expectError(confirm, "This is not the name that is asked for.");
  await visitor.field(confirm).fill(acme.name);
  await visitor.press("Delete organization");
  await expect(visitor.title).toHaveText(`${acme.name} is being deleted`);
  await expect(visitor.notice).toContainText(`${acme.name} is being deleted.`);

  await mia.goto(`${home}/members`);
  await expect(mia.title).toHaveText("This organization is being deleted");
  expect((await mia.post(`${home}/delete/cancel`)).status()).toBe(403);
  const { subject, link } = await letter(acme.owner.email, 2);
  expect(subject).toBe(`${acme.name} is being deleted`);

  await visitor.goto(`${home}/members`);
  await expect(visitor.title).toHaveText(`${acme.name} is being deleted`);
  expect((await visitor.post(`${home}/settings/name`, { name: "X" })).status()).toBe(403);
  await visitor.goto(link);
  await visitor.press("Keep organization");
  await expect(visitor.title).toHaveText(acme.name);
  await expect(visitor.notice).toHaveText(`${acme.name} is kept. Everybody comes in again.`);
  await mia.goto(home);
  await expect(mia.title).toHaveText(acme.name);
  expect((await letter(acme.owner.email, 3)).subject).toBe(`${acme.name} is kept`);
  // An old link leads to what there is now.
  await visitor.goto(link);
  await expect(visitor.page).toHaveURL(home);
});

test("an owner hands the organization over and is an admin", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const [home, confirm] = [`/o/${acme.slug}`, `Type ${acme.name} to confirm`];
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);

  await visitor.goto(`${home}/settings`);
  await visitor.follow("Transfer ownership");
  await visitor.field(confirm).fill(acme.name);
  await visitor.press("Transfer ownership");
  await visitor.expectError("New owner", /^Fill this in\./);
  await visitor.field("New owner").selectOption({ label: `${bo.name} · ${bo.email}` });
  await visitor.field(confirm).fill(acme.name);
  await visitor.press("Transfer ownership");
  await expect(visitor.notice).toHaveText(`${bo.name} is an owner now, and you are an admin.`);
  await expect(visitor.page.getByRole("link", { name: "Delete organization" })).toHaveCount(0);
  for (const [email, nth] of [
    [acme.owner.email, 2],
    [bo.email, 2],
  ] as const) {
    expect((await letter(email, nth)).subject).toBe(`${acme.name} is handed over`);
  }
  await colleague.goto(`${home}/settings`);
  await expect(colleague.page.getByRole("link", { name: "Delete organization" })).toBeVisible();
  await colleague.goto(`${home}/audit`);
  await expect(colleague.page.getByRole("row").filter({ hasNotText: "raised an alert" }).nth(1)).toContainText(
    `handed the organization over to ${bo.name}`,
  );
});
