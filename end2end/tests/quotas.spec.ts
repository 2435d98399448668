// What an organization's services may use: looking at it, and deciding otherwise.

import { expect, test } from "../support/browser.ts";

test("a quota is set, and what was typed stays where something is wrong", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}`);
  await visitor.page.getByRole("navigation").getByRole("link", { name: "Quotas", exact: true }).first().click();
  await expect(visitor.title).toHaveText("Quotas");
  await expect(visitor.page.getByText("Nothing was used yet")).toBeVisible();
  await expect(visitor.page.getByText(/curl .*\/api\/v1\/quotas\/reservations/)).toBeVisible();
  await visitor.follow("Stored data");
  await expect(visitor.title).toHaveText("Stored data");
  await expect(visitor.page.locator('dt:text-is("Limit") + dd')).toHaveText("100 GB, the plan’s");

  await visitor.follow("Change quota");
  for (const [typed, message] of [
    ["-5", /not below zero/],
    ["0", /more than zero/],
    ["0.5 B", /places behind the point/],
    ["2 TB", /Your plan allows at most 1 TB/],
    ["a lot", /right form/],
  ] as const) {
    await visitor.fill({ Limit: typed, Thresholds: "70, 95" });
    await visitor.press("Save quota");
    await visitor.expectError("Limit", message);
    await expect(visitor.field("Limit")).toHaveValue(typed);
    await expect(visitor.field("Thresholds")).toHaveValue("70, 95");
  }
  await visitor.fill({ Limit: "200 GB" });
  await visitor.field("Above the limit").selectOption("Report only");
  await visitor.press("Save quota");
  await expect(visitor.notice).toContainText("The quota Stored data is saved.");
  await expect(visitor.page.locator('dt:text-is("Limit") + dd')).toHaveText("200 GB, the organization’s own");
  await expect(visitor.page.locator('dt:text-is("Thresholds") + dd')).toHaveText("70, 95 %");
  await expect(visitor.page.getByText("Report only", { exact: true })).toBeVisible();
  await expect(visitor.page.getByRole("img", { name: /0 B of 200 GB used/ })).toBeVisible();

  for (const range of ["24 hours", "30 days", "12 months"]) {
    await visitor.follow(range);
    await expect(visitor.page.getByText("Nothing was used in this time.")).toBeVisible();
  }
});

test("windows follow the clocks of the organization", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/quotas`);
  await visitor.field("Time zone").selectOption("Europe/Berlin");
  await visitor.press("Save");
  await expect(visitor.notice).toContainText("The time zone is saved.");
  await expect(visitor.field("Time zone")).toHaveValue("Europe/Berlin");
});

test("who may not see quotas is not shown the way, nor let in", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  await mia.join(acme, visitor);
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.page.getByRole("link", { name: "Quotas", exact: true })).toHaveCount(0);
  expect((await mia.get(`/o/${acme.slug}/quotas`)).status()).toBe(403);
  expect((await mia.get(`/o/${acme.slug}/quotas/memory/edit`)).status()).toBe(403);
});
