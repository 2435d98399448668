// What somebody asks the list of members for again and again is kept under a name.

import { expect, test } from "../support/browser.ts";

test("a filter is saved, used, deleted and brought back", async ({ visitor, another, javaScriptEnabled }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const list = `/o/${acme.slug}/members`;
  await visitor.goto(`${list}?status=suspended&sort=-seen`);
  await visitor.follow("Saved filters");
  if (javaScriptEnabled) await expect(page.getByRole("dialog")).toBeVisible();
  await expect(page.getByText("You have saved none yet.")).toBeVisible();
  await expect(page.getByText("Status: Suspended, sorted by last seen, descending")).toBeVisible();
  await visitor.press("Save filter");
  await visitor.expectError("Name", /^Fill this in\./);
  await visitor.fill({ Name: "Kept out" });
  await visitor.press("Save filter");
  await expect(visitor.notice).toHaveText("The filter Kept out is saved. You find it under Saved filters.");
  await expect(page).toHaveURL(`${list}?status=suspended&sort=-seen`);

  // The same name in other letters is taken, and what was typed stays.
  await visitor.goto(`${list}/filters?role=owner`);
  await visitor.fill({ Name: "KEPT OUT" });
  await visitor.press("Save filter");
  await visitor.expectError("Name", /^This is taken already\./);
  await expect(page.getByText("Role: Owner", { exact: false })).toBeVisible();

  // Nobody else has it.
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  await admin.goto(`${list}/filters`);
  await expect(admin.page.getByText("You have saved none yet.")).toBeVisible();
  await expect(admin.page.getByText("Search, filter or sort the members first.")).toBeVisible();

  await visitor.goto(list);
  await visitor.follow("Saved filters");
  await visitor.follow("Kept out");
  await expect(page).toHaveURL(`${list}?status=suspended&sort=-seen`);
  await expect(page.getByText("Nobody matches", { exact: true })).toBeVisible();
  await visitor.goto(`${list}/filters`);
  await visitor.press("Delete the filter Kept out");
  await expect(visitor.notice).toContainText("The filter Kept out is deleted.");
  await visitor.press("Undo");
  await visitor.goto(`${list}/filters`);
  await expect(page.getByRole("link", { name: "Kept out", exact: true })).toBeVisible();
});
