// Where passkeys are offered, every other way in is there, too.

import { expect, test } from "../support/browser.ts";

test("without scripts the pages say that passkeys need them", async ({ visitor, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, "scripts are there");
  const acme = await visitor.found();
  for (const path of ["/account/security", "/sign-in"]) {
    if (path === "/sign-in") await visitor.context.clearCookies();
    await visitor.goto(path);
    // The browser of a test with scripts off keeps this as a text that it does not show, as one with scripts does.
    const said = await visitor.page.locator("noscript").evaluate((element) => element.textContent);
    expect(said).toContain("Passkeys need scripts, which are off in this browser.");
  }
  await visitor.signIn(acme.owner);
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("a form without an answer says what it needs", async ({ visitor }) => {
  await visitor.found();
  expect(await visitor.act("/account/security/passkeys", { name: "Laptop" })).toBe("/account/security");
  await visitor.goto("/account/security");
  await expect(visitor.page.getByRole("alert").first()).toContainText("Passkey: This needs scripts");
  await expect(visitor.field("Name")).toHaveValue("Laptop");
});
