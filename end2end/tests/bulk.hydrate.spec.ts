// What scripts add to acts on many members: one box for all of a page, and progress that shows itself.

import { expect, test } from "../support/browser.ts";
import { crowd } from "../support/crowd.ts";

test("one box ticks the page, and a job tells by itself how far it has come", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await crowd(acme.slug, 30);
  await visitor.awake(`/o/${acme.slug}/members?q=crowd.example`);
  const all = page.getByRole("checkbox", { name: "Select all on this page" });
  const one = page.getByRole("checkbox", { name: "Select Person 1", exact: true });
  await all.check();
  await expect(page.getByRole("checkbox", { name: /^Select Person/, checked: true })).toHaveCount(25);
  await one.uncheck();
  await expect(all).not.toBeChecked();
  await one.check();
  await expect(all).toBeChecked();
  await visitor.press("More");
  await visitor.press("End access");
  await visitor.press("End access of 25 members");
  // Nobody presses anything more.
  await expect(page.getByText("Done", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("25 changed, 0 unchanged, 0 refused")).toBeVisible();
});
