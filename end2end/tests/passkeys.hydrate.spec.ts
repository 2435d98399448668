// Passkeys: signing in with one alone, with one after the password, and taking it away.

import { expect, test, type Visitor } from "../support/browser.ts";
import { look } from "../support/looks.ts";
import { Passkeys } from "../support/passkeys.ts";
import type { Organization } from "../support/pages.ts";

/** Adds a passkey to the account of whoever is signed in. */
async function add(visitor: Visitor, name = "", menus = false): Promise<Passkeys> {
  const device = await Passkeys.plugIn(visitor, { menus });
  await visitor.goto("/account/security");
  await visitor.fill({ Name: name });
  await visitor.press("Add passkey");
  await expect(visitor.notice).toContainText(`${name || "Your passkey"} is added.`);
  return device;
}

async function givePassword(visitor: Visitor, { owner }: Organization): Promise<void> {
  await visitor.context.clearCookies();
  await visitor.signIn(owner);
  await expect(visitor.title).toHaveText("One more step");
}

test("a passkey signs in without an address and a password", async ({ visitor }) => {
  const acme = await visitor.found();
  const device = await add(visitor, "Laptop");
  expect(await device.count()).toBe(1);
  await expect(visitor.page.getByRole("heading", { name: "Passkeys", exact: true })).toBeVisible();
  await expect(visitor.page.locator("#passkeys li")).toContainText("Laptop");
  await expect(visitor.page.locator("#passkeys li")).not.toContainText("last used");
  await look(visitor, "security with a passkey");

  await visitor.context.clearCookies();
  const wanted = `/o/${acme.slug}/members?status=active`;
  await visitor.goto(`/sign-in?next=${encodeURIComponent(wanted)}`);
  await expect(visitor.field("Email")).toHaveAttribute("autocomplete", "username webauthn");
  await visitor.press("Use a passkey");
  await expect(visitor.page).toHaveURL(wanted);
  await visitor.goto("/account/security");
  await expect(visitor.page.locator("#passkeys li")).toContainText("last used");
});

test("the menu of the address field offers the passkey", async ({ visitor }) => {
  const acme = await visitor.found();
  await add(visitor, "", true);
  await visitor.context.clearCookies();
  await visitor.goto(`/sign-in?next=/o/${acme.slug}/roles`);
  // The device chooses at once what its owner would choose in the menu.
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}/roles`);
});

test("after the password a passkey is the second step", async ({ visitor }) => {
  const acme = await visitor.found();
  await add(visitor);
  await givePassword(visitor, acme);
  await expect(visitor.field("Authentication code")).toHaveCount(0);
  await look(visitor, "the second step by a passkey");
  await visitor.press("Use a passkey");
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("a device that does not recognize its owner gets nobody in", async ({ visitor }) => {
  const acme = await visitor.found();
  const device = await add(visitor);
  await device.forgetOwner();
  await givePassword(visitor, acme);
  await visitor.press("Use a passkey");
  await expect(visitor.page.getByRole("alert")).toContainText("Your browser got no passkey");
  await expect(visitor.title).toHaveText("One more step");
});

test("what a passkey has signed is of no use elsewhere, nor a second time", async ({ visitor, another }) => {
  await visitor.found();
  await add(visitor);
  await visitor.context.clearCookies();
  await visitor.goto("/sign-in");
  const sent = visitor.page.waitForRequest((request) => request.url().endsWith("/sign-in/passkey"));
  await visitor.press("Use a passkey");
  const answer = new URLSearchParams((await sent).postData() ?? "").get("answer")!;
  expect(JSON.parse(answer)).toMatchObject({ type: "public-key" });
  await expect(visitor.page).toHaveURL(/\/o\//);

  const thief = await another();
  // With a challenge of its own each time.
  const asked = await thief.post("/sign-in/passkey/challenge");
  expect(asked.status()).toBe(200);
  expect(asked.headers()["set-cookie"]).toMatch(/^__Host-passkey=.*; Secure; HttpOnly; SameSite=Lax/);
  for (let times = 0; times < 2; times += 1) {
    expect(await thief.act("/sign-in/passkey", { answer })).toBe("/sign-in");
    await thief.goto("/sign-in");
    await expect(thief.page.getByRole("alert").first()).toContainText("This passkey was not accepted. Try again.");
  }
  expect((await thief.get("/account")).status()).toBe(303);
});

test("a passkey is removed again", async ({ visitor }) => {
  const acme = await visitor.found();
  await add(visitor, "Old laptop");
  await visitor.press("Remove Old laptop");
  await expect(visitor.notice).toContainText("The passkey is removed");
  await visitor.context.clearCookies();
  await visitor.goto("/sign-in");
  await visitor.press("Use a passkey");
  await expect(visitor.page.getByRole("alert").first()).toContainText("This passkey was not accepted. Try again.");
  await visitor.signIn(acme.owner);
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("a device keeps one passkey of an account", async ({ visitor }) => {
  await visitor.found();
  const device = await add(visitor);
  await visitor.press("Add passkey");
  await expect(visitor.page.getByRole("alert")).toContainText("Your browser got no passkey");
  expect(await device.count()).toBe(1);
});
