// Ways of signing in and passwords that an organization asks for: being led to them, and on to where one wanted.

import { expect, test, type Visitor } from "../support/browser.ts";
import type { Organization } from "../support/pages.ts";

const LONG = "nineteen odd hats in a very long row";

/** Opens the editor with the settings of signing in that it folds away. */
async function edit(visitor: Visitor, acme: Organization): Promise<void> {
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  const section = visitor.page.locator("#section-sign_in");
  const fold = section.locator("details", { has: visitor.page.getByText("Advanced settings") });
  if ((await fold.getAttribute("open")) === null) await fold.getByText("Advanced settings").click();
}

test("whoever has a short password chooses a longer one, and goes on to where they wanted", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  // What binds everybody binds owners, too.
  await visitor.goto("/account/security");
  await visitor.fill({ "Current password": acme.owner.password, "New password": LONG });
  await visitor.press("Change password");
  await edit(visitor, acme);
  await visitor.field("Length of passwords").selectOption({ label: "24 characters" });
  await visitor.press("Review");
  await visitor.press("Enforce");
  await expect(visitor.notice).toHaveText("The policy is saved. It holds from everybody’s next request on.");

  await mia.goto(`/o/${acme.slug}/members?q=a`);
  await expect(mia.title).toHaveText("Choose another password");
  await expect(mia.page.getByText(`${acme.name} asks for another than you have.`)).toBeVisible();
  await expect(mia.page.getByText("It has at least 24 characters.")).toBeVisible();
  await mia.fill({ "Current password": who.password, "New password": "seven odd hats in a row" });
  await mia.press("Change password");
  await mia.expectError("New password", /^Use at least 24 characters\./);
  await mia.fill({ "Current password": "wrong", "New password": LONG });
  await mia.press("Change password");
  await mia.expectError("Current password", "This is not your password.");
  await mia.fill({ "Current password": who.password, "New password": LONG });
  await mia.press("Change password");
  await expect(mia.page).toHaveURL(`/o/${acme.slug}/members?q=a`);
  // Nothing is asked of whoever comes by that way once more.
  await mia.goto(`/account/new-password?next=/o/${acme.slug}`);
  await expect(mia.page).toHaveURL(`/o/${acme.slug}`);
});

test("a policy that accepts passkeys alone is not enforced by somebody who has none", async ({ visitor }) => {
  const acme = await visitor.found();
  await edit(visitor, acme);
  await visitor.page.locator("#field-sign_in_methods-password").uncheck();
  await visitor.page.locator("#field-sign_in_methods-two_steps").uncheck();
  await visitor.press("Review");
  await expect(visitor.title).toHaveText("Review");
  await expect(visitor.page.getByText("You would be kept out by “Ways of signing in”.")).toBeVisible();
  await expect(visitor.page.getByRole("link", { name: "Set up a second factor" })).toBeVisible();
});
