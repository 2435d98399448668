// What an organization asks of its members: editing a draft of it, enforcing it, being led to what it asks for, and who
// does not comply.

import type { Locator } from "@playwright/test";
import { Authenticator } from "../support/authenticator.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
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

/** A section of the editor. */
function section(visitor: Visitor, code: string): Locator {
  return visitor.page.locator(`#section-${code}`);
}

/** Opens the settings that a section of the editor folds away, unless they are in sight. */
async function unfold(visitor: Visitor, code: string): Promise<void> {
  const fold = section(visitor, code).locator("details", { has: visitor.page.getByText("Advanced settings") });
  if ((await fold.getAttribute("open")) === null) await fold.getByText("Advanced settings").click();
}

/** What is said of a setting on the policy's page, or of a version. */
function fact(visitor: Visitor, label: string): Locator {
  return visitor.page.locator(`dt:text-is("${label}") + dd`);
}

/** Puts what stands in the editor into force. */
async function enforce(visitor: Visitor, reason = ""): Promise<void> {
  await visitor.press("Review");
  await expect(visitor.title).toHaveText("Review");
  if (reason) await visitor.fill({ Reason: reason });
  await visitor.press("Enforce");
  await expect(visitor.notice).toHaveText("The policy is saved. It holds from everybody’s next request on.");
}

test("whoever has no second factor is led to one, and on to where they wanted", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const policy = `/o/${acme.slug}/policy`;
  const mia = await another();
  const who = await mia.join(acme, visitor);

  await visitor.goto(policy);
  await expect(visitor.title).toHaveText("Security policy");
  await visitor.follow("Edit policy");
  await visitor.field("Required").check();
  await unfold(visitor, "sign_in");
  await visitor.fill({ "Days to set one up": "31" });
  await visitor.press("Review");
  await visitor.expectError("Days to set one up", /^Enter a whole number from 0 to 30\./);
  await expect(visitor.field("Required")).toBeChecked();
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Review");
  // Nobody asks for what they have not.
  await expect(visitor.page.getByText("You would be kept out by “What counts as one”.")).toBeVisible();
  await expect(visitor.page.getByRole("button", { name: "Enforce" })).toHaveCount(0);
  await visitor.follow("Set up a second factor");
  await enrol(visitor);

  await visitor.goto(policy);
  await visitor.follow("Continue editing");
  await expect(visitor.field("Required")).toBeChecked();
  await expect(visitor.field("Days to set one up")).toHaveValue("0");
  await visitor.field("Time-out without use").selectOption({ label: "8 hours" });
  await enforce(visitor);
  await expect(fact(visitor, "Time-out without use")).toHaveText("8 hours");
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
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.field("Required").check();
  await enforce(visitor);
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

test("of two who edit the policy the later sees what the other has saved, and saves on purpose", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const admin = await another();
  const { name } = await admin.join(acme, visitor, "admin");
  const edit = `/o/${acme.slug}/policy/edit`;
  await visitor.goto(edit);
  await admin.goto(edit);
  await admin.fill({ "Sessions per person": "3", "Domains that may be invited": "people.example" });
  await admin.press("Save draft");
  await expect(admin.notice).toHaveText("The draft is saved. Nothing has changed yet for anybody.");
  await visitor.fill({ "Sessions per person": "5" });
  await visitor.press("Review");
  await expect(visitor.title).toHaveText("Edit policy");
  await expect(visitor.page.getByText(`${name} saved a draft meanwhile`)).toBeVisible();
  await expect(visitor.page.getByText("Taken over: Domains that may be invited: people.example")).toBeVisible();
  await expect(visitor.page.getByText("Yours is kept: Sessions per person (theirs: 3 sessions)")).toBeVisible();
  await expect(visitor.field("Sessions per person")).toHaveValue("5");
  await expect(visitor.field("Domains that may be invited")).toHaveValue("people.example");
  await enforce(visitor);
  await expect(fact(visitor, "Sessions per person")).toHaveText("5 sessions");
  await expect(fact(visitor, "Domains that may be invited")).toHaveText("people.example");
});

test("a draft holds for nobody, and is discarded", async ({ visitor }) => {
  const acme = await visitor.found();
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(`${policy}/draft`);
  await expect(visitor.page.getByRole("heading", { name: "There is no draft" })).toBeVisible();
  await visitor.follow("Edit policy");
  await visitor.fill({ "Sessions per person": "2" });
  await visitor.press("Save draft");
  await visitor.goto(policy);
  await expect(visitor.page.getByText("A draft is waiting")).toBeVisible();
  await expect(fact(visitor, "Sessions per person")).toHaveText("Any number");
  await visitor.follow("Review");
  await expect(visitor.page.getByText("Any number → 2 sessions")).toBeVisible();
  await expect(visitor.page.getByText("Stricter", { exact: true })).toBeVisible();
  await visitor.press("Discard draft");
  await expect(visitor.notice).toHaveText("The draft is gone. What is in force stays as it is.");
  await expect(visitor.page.getByText("A draft is waiting")).toHaveCount(0);
});

test("a draft is replayed over those who came by, and tried before it is enforced", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await visitor.goto("/account/security");
  await enrol(visitor);
  const [mia, bo] = [await another(), await another()];
  const members = [await mia.join(acme, visitor), await bo.join(acme, visitor)];
  for (const member of [mia, bo]) await member.goto(`/o/${acme.slug}`);

  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(`${policy}/edit`);
  await visitor.field("Required").check();
  await unfold(visitor, "sign_in");
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Review");
  await visitor.follow("Replay");
  await expect(visitor.title).toHaveText("Replay");
  await expect(page.getByText("What this draft would have done in the last 90 days")).toBeVisible();
  const affected = page.getByRole("table", { name: "Who would be affected" });
  for (const { name } of members) {
    const row = affected.getByRole("row").filter({ hasText: name });
    await expect(row).toContainText("Second factor");
    await expect(row).toContainText("Asked first");
  }
  // Who has what is asked for comes in as before.
  await expect(affected).not.toContainText(acme.owner.name);
  await expect(page.getByRole("img", { name: "Visits by day" })).toBeVisible();
  const { name } = members[0]!;
  await visitor.follow(name);
  await expect(visitor.title).toHaveText(name);
  const visits = page.getByRole("table", { name: "Visits", exact: true });
  await expect(visits.getByRole("row").nth(1)).toContainText("Asked first");
  await expect(visits.getByRole("row").nth(1)).toContainText("Second factor");

  await visitor.follow("Replay");
  await visitor.follow("Back to the draft");
  await visitor.press("Report only");
  await expect(visitor.title).toHaveText("Report only");
  await expect(visitor.notice).toHaveText("The draft is tried from now on. It keeps nobody out.");
  await expect(page.getByText(/^Version 1 is tried since .*: it keeps nobody out/)).toBeVisible();
  await visitor.goto(policy);
  await visitor.follow("What it would do");
  await visitor.press("End trial");
  await expect(visitor.notice).toHaveText("The trial has ended. Nothing has changed for anybody.");
  await visitor.goto(`${policy}/trial`);
  await expect(page.getByRole("heading", { name: "Nothing is being tried" })).toBeVisible();

  await visitor.goto(`${policy}/edit`);
  await visitor.field("Not required").check();
  await visitor.press("Replay");
  await expect(page.getByText("Everybody would have come in as they did.")).toBeVisible();
  await expect(affected).toHaveCount(0);
});

test("what is typed is replayed, and stays unsaved", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  await mia.goto(`/o/${acme.slug}`);
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(`${policy}/edit`);
  await visitor.field("Required").check();
  await unfold(visitor, "sign_in");
  const networks = '0.0.0.0/0 # <b>"Everywhere"</b>\n::/0';
  await visitor.fill({ "Days to set one up": "x", "Allowed networks": networks });
  await visitor.press("Replay");
  await expect(visitor.title).toHaveText("Edit policy");
  await expect(page.getByText("Nothing was replayed")).toBeVisible();
  await visitor.expectError("Days to set one up", /^Enter a whole number from 0 to 30\./);
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Replay");
  await expect(visitor.title).toHaveText("Replay");
  await expect(page.getByText("Nothing was saved")).toBeVisible();
  await expect(visitor.row(who.name)).toContainText("Second factor");
  await expect(visitor.row(who.name)).toContainText("Asked first");
  // Of each visit is told when there is a draft to come back to.
  await expect(page.getByRole("link", { name: who.name })).toHaveCount(0);
  expect(await (await visitor.get(`${policy}/draft`)).text()).toContain("There is no draft");

  await visitor.press("Back to the editor");
  await expect(visitor.title).toHaveText("Edit policy");
  await expect(visitor.field("Required")).toBeChecked();
  await expect(visitor.field("Days to set one up")).toHaveValue("0");
  await expect(visitor.field("Allowed networks")).toHaveValue(networks);
  await visitor.press("Replay");
  await visitor.press("Save draft");
  await expect(visitor.notice).toHaveText("The draft is saved. Nothing has changed yet for anybody.");
  await expect(visitor.field("Allowed networks")).toHaveValue(networks);
  await expect(visitor.field("Days to set one up")).toHaveValue("0");

  // A long list is not too long; and whoever could not save looks at what is saved alone.
  const long = await visitor.post(`${policy}/replay`, { base: "0", networks: "10.0.0.0/8 # Office\n".repeat(5_000) });
  expect(long.status()).toBe(422);
  const auditor = await another();
  await auditor.join(acme, visitor, "auditor");
  expect((await auditor.post(`${policy}/replay`, { base: "0" })).status()).toBe(403);
  expect((await auditor.get(`${policy}/replay`)).status()).toBe(200);
});

test("a template is adjusted in the editor, enforced, and rolled back", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await visitor.goto("/account/security");
  await enrol(visitor);
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(policy);
  await visitor.follow("Templates");
  await visitor.follow("HIPAA");
  await expect(visitor.title).toHaveText("HIPAA");
  await expect(page.getByText("HIPAA 164.312(d)").first()).toBeVisible();
  await visitor.press("Use template");
  await expect(visitor.notice).toHaveText("HIPAA is in the draft. Nothing has changed yet for anybody.");
  await expect(visitor.field("Required")).toBeChecked();
  await visitor.field("Time-out without use").selectOption({ label: "1 hour" });
  await enforce(visitor, "Health data");
  await expect(fact(visitor, "Time-out without use")).toHaveText("1 hour");
  await expect(fact(visitor, "Classification")).toHaveText("Restricted");
  await visitor.follow("Versions");
  await visitor.follow("Version 0");
  await visitor.press("Roll back");
  await expect(visitor.notice).toContainText("Version 0 is in force again.");
  await expect(fact(visitor, "Second factor")).toHaveText("Not required");
  await expect(fact(visitor, "Time-out without use")).toHaveText("7 days");
});

test("two templates stand side by side", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/policy/templates/compare?first=hipaa&second=gdpr`);
  await expect(visitor.row("Time-out without use")).toContainText("Pull apart");
  await expect(visitor.row("Time-out without use").getByRole("cell").last()).toContainText("15 minutes");
  await visitor.field("Second").selectOption({ label: "HIPAA" });
  await visitor.press("Compare");
  await expect(visitor.page.getByText("Pull apart", { exact: true })).toHaveCount(0);
  expect((await visitor.get(`/o/${acme.slug}/policy/templates/none`)).status()).toBe(404);
});

test("nobody shuts themselves out by a list of networks", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.fill({ "Allowed networks": "203.0.113.0/24 # Office\nthe cellar" });
  await visitor.press("Review");
  await visitor.expectError("Allowed networks", /^Line 2 is no network/);
  await expect(visitor.field("Allowed networks")).toHaveValue("203.0.113.0/24 # Office\nthe cellar");
  await visitor.fill({ "Allowed networks": "203.0.113.0/24 # Office" });
  await visitor.press("Review");
  await expect(visitor.page.getByText("You would be kept out by “Allowed networks”.")).toBeVisible();
  await expect(visitor.page.getByRole("button", { name: "Enforce" })).toHaveCount(0);
  await visitor.follow("Change the setting");
  await visitor.press("Add my address");
  await expect(visitor.field("Allowed networks")).toHaveValue(/^203\.0\.113\.0\/24 # Office\n[0-9a-f.:]+$/);
  await enforce(visitor);
  await expect(fact(visitor, "Allowed networks")).toContainText("203.0.113.0/24");
  await expect(fact(visitor, "Allowed networks")).toContainText("Office");
});

test("a policy goes as text from one organization to another", async ({ visitor, another }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.fill({ "Sessions per person": "4" });
  await visitor.press("Save draft");
  const file = await visitor.get(`/o/${acme.slug}/policy/text.yaml`);
  expect(file.headers()["content-disposition"]).toContain(`${acme.slug}-policy.yaml`);
  const colleague = await another();
  const globex = await colleague.found();
  await colleague.goto(`/o/${globex.slug}/policy/text`);
  await colleague.fill({ Text: "</textarea><b>: [" });
  await colleague.press("Import");
  await colleague.expectError("Text", /^Line 1 is not what YAML looks like/);
  await expect(colleague.field("Text")).toHaveValue("</textarea><b>: [");
  await colleague.fill({ Text: await file.text() });
  await colleague.press("Import");
  await expect(colleague.title).toHaveText("Review");
  await expect(colleague.page.getByText("Any number → 4 sessions")).toBeVisible();
});

test("an admin ends a member's access, who comes in again with a proof", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  await visitor.goto(await visitor.memberPath(acme, who));
  await visitor.press("End access");
  await expect(visitor.notice).toHaveText(
    `${who.name} has to sign in again before they come in here. API keys whose secret they have are revoked.`,
  );
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
  expect((await mia.get(`/o/${acme.slug}/policy/replay`)).status()).toBe(403);
  expect((await mia.get(`/o/${acme.slug}/members?mfa=off`)).status()).toBe(403);
  await auditor.goto(`/o/${acme.slug}/policy`);
  await expect(auditor.page.getByText("Not required")).toBeVisible();
  await expect(auditor.page.getByRole("link", { name: "Edit policy" })).toHaveCount(0);
  expect((await auditor.get(`/o/${acme.slug}/policy/edit`)).status()).toBe(403);
  expect((await auditor.post(`/o/${acme.slug}/policy/edit`, { mfa: "optional" })).status()).toBe(403);
  expect((await auditor.get(`/o/${acme.slug}/policy/replay`)).status()).toBe(200);
  expect((await auditor.post(`/o/${acme.slug}/policy/trial`, { version: "1" })).status()).toBe(403);
  await auditor.follow("Templates");
  await auditor.follow("Baseline");
  await expect(auditor.page.getByRole("button", { name: /^Use/ })).toHaveCount(0);
  expect((await auditor.post(`/o/${acme.slug}/policy/templates/baseline`, { section: "" })).status()).toBe(403);
});

test("every change is a version, and an earlier one is put back", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(`${policy}/edit`);
  await visitor.fill({ "Sessions per person": "2" });
  await enforce(visitor, "Shared desks");
  await visitor.follow("Versions");
  await expect(visitor.row("Version 1")).toContainText("In force");
  await expect(visitor.row("Version 1")).toContainText("Sessions per person: 2 sessions");
  await expect(visitor.row("Version 1")).toContainText("Shared desks");
  await visitor.follow("Version 0");
  await expect(page.getByText("2 sessions → Any number")).toBeVisible();
  await visitor.fill({ Reason: "x".repeat(201) });
  await visitor.press("Roll back");
  await visitor.expectError("Reason", /^Use at most 200 characters\./);
  await visitor.fill({ Reason: "Too few" });
  await visitor.press("Roll back");
  await expect(visitor.notice).toHaveText("Version 0 is in force again. It holds from everybody’s next request on.");
  await expect(fact(visitor, "Sessions per person")).toHaveText("Any number");
  await visitor.goto(`${policy}/versions`);
  await expect(visitor.row("Version 2")).toContainText("Puts version 0 back. Too few");
  await visitor.follow("Version 2");
  await expect(page.getByText("What it changed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Roll back" })).toHaveCount(0);

  // Who only reads it sees what was, and puts nothing back; somebody else's versions are not there.
  const auditor = await another();
  await auditor.join(acme, visitor, "auditor");
  await auditor.goto(`${policy}/versions/1`);
  await expect(auditor.page.getByText("Any number → 2 sessions")).toBeVisible();
  await expect(auditor.page.getByRole("button", { name: "Roll back" })).toHaveCount(0);
  const stranger = await another();
  const globex = await stranger.found();
  expect((await stranger.get(`/o/${globex.slug}/policy/versions/1`)).status()).toBe(404);
});

test("somebody is excepted from a rule, for a reason and a time", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  await visitor.goto("/account/security");
  await enrol(visitor);
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.field("Required").check();
  await unfold(visitor, "sign_in");
  await visitor.fill({ "Days to set one up": "0" });
  await enforce(visitor);
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.title).toHaveText("Set up a second factor");

  await visitor.follow("Exceptions");
  await expect(visitor.page.getByText("Nobody is excepted")).toBeVisible();
  await visitor.fill({ Email: who.email, Days: "31" });
  await visitor.field("Rule").selectOption({ label: "Second factor" });
  await visitor.press("Add exception");
  await expect(visitor.page.getByRole("alert").getByRole("link", { name: /^Days: / })).toBeVisible();
  await visitor.expectError("Days", /^Enter a whole number from 1 to 30\./);
  await visitor.expectError("Reason", /^Fill this in\./);
  await expect(visitor.field("Email")).toHaveValue(who.email);
  await expect(visitor.field("Rule")).toHaveValue("mfa");
  await visitor.fill({ Days: "2", Reason: "New phone comes on Monday" });
  await visitor.press("Add exception");
  await expect(visitor.notice).toHaveText(`${who.email} is excepted from now on.`);
  await expect(visitor.row(who.name)).toContainText("Second factor");
  await expect(visitor.row(who.name)).toContainText("New phone comes on Monday");
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.page).toHaveURL(`/o/${acme.slug}`);

  await visitor.press(`End the exception of ${who.name}`);
  await expect(visitor.row(who.name)).toContainText("Over");
  await mia.goto(`/o/${acme.slug}`);
  await expect(mia.title).toHaveText("Set up a second factor");
});

test("by keyboard alone a template is adjusted, replayed, tried, enforced and rolled back", async ({
  visitor,
  another,
}) => {
  test.slow();
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const people = [person("Mia"), person("Bo")];
  const [mia, bo] = [await another(), await another()];
  for (const [colleague, who] of [mia, bo].map((colleague, index) => [colleague, people[index]!] as const)) {
    await colleague.join(acme, visitor, "member", who);
    await colleague.goto(home);
  }
  await visitor.goto("/account/security");
  await enrol(visitor);
  const link = (name: string) => page.getByRole("main").getByRole("link", { name, exact: true });
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  await visitor.goto(`${home}/policy`);
  await keyboard.enter(link("Templates"));
  await keyboard.enter(link("HIPAA"));
  await expect(page.getByText("HIPAA 164.312(d)").first()).toBeVisible();
  await keyboard.enter(button("Use template"));
  await expect(visitor.title).toHaveText("Edit policy");
  // What the template changes is unfolded.
  await keyboard.type(visitor.field("Days to set one up"), "0");
  await keyboard.enter(button("Replay"));
  await expect(visitor.title).toHaveText("Replay");
  for (const who of people) await expect(visitor.row(who.name)).toContainText("Second factor");

  // Two would break: with some days they do not.
  await keyboard.enter(button("Back to the editor"));
  await keyboard.type(visitor.field("Days to set one up"), "14");
  await keyboard.enter(button("Replay"));
  await expect(page.getByText("Everybody would have come in as they did.")).toBeVisible();
  await keyboard.enter(button("Save draft"));
  await expect(visitor.title).toHaveText("Edit policy");
  await keyboard.enter(button("Review"));
  await keyboard.enter(button("Report only"));
  await expect(visitor.title).toHaveText("Report only");
  await mia.goto(home);
  await expect(mia.page.getByText("You get in without until")).toHaveCount(0);
  await keyboard.enter(link("Back to the draft"));
  await keyboard.type(visitor.field("Reason"), "The hospital asks for it");
  await keyboard.enter(button("Enforce"));
  await expect(visitor.notice).toHaveText("The policy is saved. It holds from everybody’s next request on.");
  await expect(fact(visitor, "Time-out without use")).toHaveText("15 minutes");

  // Whoever signs in now is told what is asked for.
  await mia.act("/sign-out");
  await mia.signIn(people[0]!);
  await mia.goto(home);
  await expect(mia.page.getByText("You get in without until")).toBeVisible();

  await keyboard.enter(link("Versions"));
  await keyboard.enter(link("Version 0"));
  await keyboard.enter(button("Roll back"));
  await expect(visitor.notice).toContainText("Version 0 is in force again.");
  await mia.goto(home);
  await expect(mia.page.getByText("You get in without until")).toHaveCount(0);
});
