// What an organization asks of its members' sign-in: saving it, being led to it, and who does not comply.

import { Authenticator } from "../support/authenticator.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

/** Follows the way from "Set up authenticator" to its end. */
async function enrol(visitor: Visitor): Promise<void> {
  await visitor.press("Set up authenticator");
  const app = await Authenticator.scan(visitor.page);
  await visitor.fill({ "Authentication code": app.wrongCode(), Name: "Phone" });
  await visitor.press("Confirm");
  await visitor.expectError("Authentication code", /This code does not work/);
  await visitor.fill({ "Authentication code": app.code() });
  await visitor.press("Confirm");
  await expect(visitor.notice).toContainText("Phone is set up.");
}

test("whoever has no second factor is led to one, and on to where they wanted", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const policy = `/o/${acme.slug}/policy`;
  const mia = await another();
  const who = await mia.join(acme, visitor);

  await visitor.goto(policy);
  await expect(visitor.title).toHaveText("Security policy");
  await visitor.field("Required").check();
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Save policy");
  // Nobody asks for what they have not.
  await visitor.expectError("Passkey", /You have none of these yourself/);
  await expect(visitor.field("Required")).toBeChecked();
  await expect(visitor.field("Days to set one up")).toHaveValue("0");
  await visitor.follow("Set up a second factor");
  await enrol(visitor);

  await visitor.goto(policy);
  await visitor.field("Required").check();
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.field("Time-out without use").selectOption({ label: "8 hours" });
  await visitor.press("Save policy");
  await expect(visitor.notice).toHaveText("The policy is saved. It holds from everybody’s next request on.");
  await expect(visitor.field("Time-out without use")).toHaveValue("480");
  await visitor.follow("One member");
  await expect(visitor.row(who.name)).toContainText("Needs MFA");
  await expect(visitor.row(acme.owner.name)).toHaveCount(0);

  const wanted = `/o/${acme.slug}/members?status=active`;
  await mia.goto(wanted);
  await expect(mia.title).toHaveText("Set up a second factor");
  await expect(mia.page.getByText(`${acme.name} asks its members`)).toBeVisible();
  await enrol(mia);
  await expect(mia.page).toHaveURL(wanted);

  await visitor.goto(policy);
  await expect(visitor.page.getByText("Every active member has the second factor")).toBeVisible();
});

test("within the days of grace people come in, see until when, and get a reminder", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  await visitor.goto("/account/security");
  await enrol(visitor);
  await visitor.goto(`/o/${acme.slug}/policy`);
  await visitor.field("Required").check();
  await visitor.press("Save policy");
  await visitor.press("Send reminder");
  await expect(visitor.notice).toHaveText("One reminder is on its way.");
  await expect(visitor.page.getByText("All were reminded less than a day ago.")).toBeVisible();
  await visitor.press("Send reminder");
  await expect(visitor.notice).toContainText("No reminder was sent. Left out: one member");

  const { subject, link } = await letter(who.email, 2);
  expect(subject).toBe(`${acme.name} asks for a second factor`);
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.page.getByText("You get in without until")).toBeVisible();
  await mia.goto(new URL(link).pathname + new URL(link).search);
  await expect(mia.title).toHaveText("Set up a second factor");
  await enrol(mia);
  await expect(mia.page).toHaveURL(`/o/${acme.slug}`);
  await expect(mia.page.getByText("You get in without until")).toHaveCount(0);
});

test("of two who change the policy the later sees both, and saves on purpose", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(policy);
  await admin.goto(policy);
  await admin.fill({ "Sessions per person": "3" });
  await admin.press("Save policy");
  await visitor.fill({ "Sessions per person": "5" });
  await visitor.press("Save policy");
  await expect(visitor.page.getByRole("alert")).toContainText("Something changed meanwhile");
  await expect(visitor.field("Sessions per person")).toHaveValue("5");
  await expect(visitor.page.getByRole("heading", { name: "Saved now" })).toBeVisible();
  await visitor.press("Save policy");
  await expect(visitor.notice).toContainText("The policy is saved.");
  await expect(visitor.field("Sessions per person")).toHaveValue("5");
});

test("an admin ends a member's access, who comes in again with a proof", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  await visitor.goto(await visitor.memberPath(acme, who));
  await visitor.press("End access");
  await expect(visitor.notice).toHaveText(`${who.name} has to sign in again before they come in here.`);
  await expect(visitor.page.getByText("Access ended")).toBeVisible();
  await mia.goto(`/o/${acme.slug}/members`);
  await expect(mia.title).toHaveText("Confirm that it is you");
  await expect(mia.page.getByText(`${acme.name} has ended your access`)).toBeVisible();
  await mia.fill({ Password: "wrong" });
  await mia.press("Confirm");
  await mia.expectError("Password", "This is not your password.");
  await mia.fill({ Password: who.password });
  await mia.press("Confirm");
  await expect(mia.page).toHaveURL(`/o/${acme.slug}/members`);
});

test("a member does not see the policy, and an auditor does not change it", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const [mia, auditor] = [await another(), await another()];
  await mia.join(acme, visitor);
  await auditor.join(acme, visitor, "auditor");
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.page.getByRole("link", { name: "Security policy" })).toHaveCount(0);
  expect((await mia.get(`/o/${acme.slug}/policy`)).status()).toBe(403);
  expect((await mia.get(`/o/${acme.slug}/members?mfa=off`)).status()).toBe(403);
  await auditor.goto(`/o/${acme.slug}/policy`);
  await expect(auditor.page.getByText("Not required")).toBeVisible();
  await expect(auditor.page.getByRole("button", { name: "Save policy" })).toHaveCount(0);
  expect((await auditor.post(`/o/${acme.slug}/policy/sign-in`, { mfa: "optional" })).status()).toBe(403);
});

test("every change is a version, and an earlier one is put back", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(policy);
  await visitor.fill({ "Sessions per person": "2", Reason: "Shared desks" });
  await visitor.press("Save policy");
  await expect(visitor.notice).toContainText("The policy is saved.");
  await visitor.follow("Versions");
  await expect(visitor.row("Version 1")).toContainText("In force");
  await expect(visitor.row("Version 1")).toContainText("Sessions per person: 2");
  await expect(visitor.row("Version 1")).toContainText("Shared desks");
  await visitor.follow("Version 0");
  await expect(page.getByText("2 → Any number")).toBeVisible();
  await visitor.fill({ Reason: "x".repeat(201) });
  await visitor.press("Roll back");
  await visitor.expectError("Reason", /^Use at most 200 characters\./);
  await visitor.fill({ Reason: "Too few" });
  await visitor.press("Roll back");
  await expect(visitor.notice).toHaveText("Version 0 is in force again. It holds from everybody’s next request on.");
  await expect(visitor.field("Sessions per person")).toHaveValue("");
  await visitor.goto(`${policy}/versions`);
  await expect(visitor.row("Version 2")).toContainText("Puts version 0 back. Too few");
  await visitor.follow("Version 2");
  await expect(page.getByText("What it changed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Roll back" })).toHaveCount(0);

  // Who only reads it sees what was, and puts nothing back; somebody else's versions are not there.
  const auditor = await another();
  await auditor.join(acme, visitor, "auditor");
  await auditor.goto(`${policy}/versions/1`);
  await expect(auditor.page.getByText("Any number → 2")).toBeVisible();
  await expect(auditor.page.getByRole("button", { name: "Roll back" })).toHaveCount(0);
  const stranger = await another();
  const globex = await stranger.found();
  expect((await stranger.get(`/o/${globex.slug}/policy/versions/1`)).status()).toBe(404);
});
