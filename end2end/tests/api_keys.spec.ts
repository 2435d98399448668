// API keys: made after a proof of who it is, shown once, rotated, taken back; and accounts of programs.

import { expect, test } from "../support/browser.ts";
import { person } from "../support/people.ts";
import { letProofsGrowOld } from "../support/time.ts";

const SECRET = /^ptc_[0-9A-Za-z]{39}$/;

test("a key is made, shown once, rotated and revoked", async ({ visitor }) => {
  const acme = await visitor.found();
  const keys = `/o/${acme.slug}/keys`;
  await visitor.goto(`/o/${acme.slug}`);
  await visitor.follow("API keys");
  await expect(visitor.page.getByText("No key works here")).toBeVisible();
  await visitor.follow("New key");
  await visitor.press("Create key");
  await visitor.expectError("Name", /^Fill this in\./);
  await expect(visitor.page.getByText("Tick at least one").first()).toBeVisible();

  // What was typed waits for the proof.
  await letProofsGrowOld(acme.owner.email);
  await visitor.fill({ Name: "Deploy" });
  await visitor.field("See who is a member").check();
  await visitor.field("After 30 days").check();
  await visitor.fill({ "Allowed networks": "127.0.0.0/8 # Here" });
  await visitor.press("Create key");
  await expect(visitor.title).toHaveText("Confirm that it is you");
  await visitor.fill({ Password: acme.owner.password });
  await visitor.press("Confirm");
  await expect(visitor.title).toHaveText("New key");
  await expect(visitor.field("Name")).toHaveValue("Deploy");
  await expect(visitor.field("See who is a member")).toBeChecked();
  await visitor.press("Create key");

  await expect(visitor.title).toHaveText("Deploy");
  const secret = await visitor.field("API key").inputValue();
  expect(secret).toMatch(SECRET);
  await expect(visitor.page.locator("#example")).toContainText("Authorization: Bearer $PORTCULLIS_KEY");
  await visitor.follow("I have stored it");
  const page = new URL(visitor.page.url()).pathname;
  await expect(visitor.page.getByText(`${secret.slice(0, 8)}…`)).toBeVisible();
  for (const path of [page, keys]) expect(await (await visitor.get(path)).text()).not.toContain(secret.slice(8));

  await visitor.goto(keys);
  await expect(visitor.row("Deploy")).toContainText("Active");
  await visitor.follow("Deploy");
  await expect(visitor.page.getByText("127.0.0.0/8", { exact: true }).first()).toBeVisible();
  await visitor.field("See the overview and the roles").check();
  await visitor.press("Save key");
  await expect(visitor.notice).toContainText("The key is saved.");

  await visitor.field("Former secret works for").selectOption("1 hour");
  await visitor.press("Rotate key");
  const next = await visitor.field("API key").inputValue();
  expect(next).toMatch(SECRET);
  expect(next).not.toBe(secret);
  await visitor.follow("I have stored it");
  await expect(visitor.page.getByText("Former secret works until")).toBeVisible();

  await visitor.goto(`${page}/revoke`);
  await expect(visitor.title).toHaveText("Revoke Deploy");
  await visitor.press("Revoke key");
  await expect(visitor.notice).toContainText("The key is revoked");
  await visitor.goto(keys);
  await expect(visitor.page.getByText("No key works here")).toBeVisible();
  await visitor.follow("Revoked or expired");
  await expect(visitor.row("Deploy")).toContainText("Revoked");
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("revoked the API key");
});

test("a service account goes on with whoever stands for it", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor, "admin", person("Bo"));
  const accounts = `/o/${acme.slug}/keys/accounts`;
  await colleague.goto(accounts);
  await colleague.follow("New service account");
  await colleague.fill({ Name: "Build", Description: "Builds and deploys" });
  await colleague.press("Create service account");
  await expect(colleague.notice).toContainText("Create a key for it next.");
  await colleague.follow("New key");
  await expect(colleague.field("Acts for").locator("option:checked")).toHaveText("Build");
  await colleague.fill({ Name: "Runner" });
  await colleague.field("See who is a member").check();
  await colleague.press("Create key");
  await expect(colleague.title).toHaveText("Runner");

  const member = await visitor.memberPath(acme, bo);
  await visitor.act(`${member}/suspend`);
  await visitor.goto(accounts);
  await expect(visitor.row("Build")).toContainText("Nobody stands for it");
  await visitor.goto(`/o/${acme.slug}/keys`);
  await expect(visitor.row("Runner")).toContainText("Stopped");
  await visitor.goto(accounts);
  await visitor.follow("Build");
  await visitor.press("Take over");
  await expect(visitor.notice).toContainText("You stand for the service account now.");
  await visitor.press("Disable service account");
  await expect(visitor.notice).toContainText("disabled");
  await visitor.press("Enable service account");
  await visitor.goto(`/o/${acme.slug}/keys`);
  await expect(visitor.row("Runner")).toContainText("Stopped");
  await visitor.follow("Runner");
  await expect(visitor.page.getByText("Its secret was made by somebody who is suspended")).toBeVisible();
  await visitor.press("Rotate key");
  await visitor.goto(`/o/${acme.slug}/keys`);
  await expect(visitor.row("Runner")).toContainText("Active");
});

test("who may not manage keys sees none", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  await colleague.join(acme, visitor);
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.page.getByRole("link", { name: "API keys", exact: true })).toHaveCount(0);
  for (const path of ["", "/new", "/accounts", "/accounts/new"]) {
    expect((await colleague.get(`/o/${acme.slug}/keys${path}`)).status(), path).toBe(403);
  }
});
