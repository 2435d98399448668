// Roles that inherit, groups that carry them, why somebody may do something, and what they could do before.

import { expect, test } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
import { person } from "../support/people.ts";
import { moment } from "../support/time.ts";

test("a role is built from others, reviewed, given by a group, and explained", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  const member = await visitor.memberPath(acme, who);

  // By inheritance.
  await visitor.goto(`${home}/roles`);
  await visitor.follow("New role");
  await visitor.press("Create role");
  await visitor.expectError("Name", "Fill this in.");
  await visitor.fill({ Name: "Reader", Description: "Reads the trail" });
  await visitor.field("Auditor").check();
  await visitor.press("Create role");
  await expect(visitor.notice).toContainText("The role Reader is there.");
  await visitor.goto(`${home}/roles/new`);
  await visitor.fill({ Name: "Support" });
  await visitor.field("Reader").check();
  await visitor.field("Invite people and manage invitations").check();
  await visitor.press("Create role");
  await expect(visitor.title).toHaveText("Support");

  // By a group.
  await visitor.goto(`${home}/groups`);
  await expect(visitor.page.getByText("No groups yet")).toBeVisible();
  await visitor.follow("New group");
  await visitor.fill({ Name: "On call" });
  await visitor.field("Support").check();
  await visitor.press("Create group");
  await visitor.fill({ Email: "nobody@people.example" });
  await visitor.press("Add to group");
  await visitor.expectError("Email", /No member has this address/);
  await visitor.fill({ Email: who.email });
  await visitor.press("Add to group");
  await expect(visitor.notice).toHaveText(`${who.name} is in On call now.`);
  await mia.goto(`${home}/audit`);
  await expect(mia.title).toHaveText("Audit trail");

  // Why.
  await visitor.goto(member);
  await visitor.follow("What they may do, and why");
  const trail = visitor.page.getByRole("listitem").filter({ hasText: "Read the audit trail" });
  await expect(trail).toContainText("Group On call → Support → Reader → Auditor");
  await visitor.goto(`${home}/members?can=audit.view`);
  await expect(visitor.row(who.name)).toContainText("On call");

  // The difference before it is saved.
  await visitor.goto(`${home}/roles`);
  await visitor.field("Support: Change roles, suspend and remove members").check();
  await visitor.press("Review changes");
  await expect(visitor.title).toHaveText("Review changes");
  await expect(visitor.page.getByText("It changes what one person may do")).toBeVisible();
  await expect(visitor.page.getByRole("listitem").filter({ hasText: "Gains:" })).toHaveText(
    /Change roles, suspend and remove members/,
  );
  await visitor.press("Save changes");
  await expect(visitor.notice).toHaveText("The role is saved, and holds from now on.");
  await expect(visitor.field("Support: Change roles, suspend and remove members")).toBeChecked();

  // What they hold by others cannot be taken here, and a role that is used stays.
  await expect(visitor.field("Support: Read the audit trail")).toHaveCount(0);
  await visitor.goto(`${home}/members?can=members.manage`);
  await expect(visitor.row(who.name)).toHaveCount(1);
  await visitor.goto(`${home}/roles`);
  await visitor.page.getByRole("table", { name: "Roles", exact: true }).getByRole("link", { name: "Reader" }).click();
  await expect(visitor.page.getByText("It can be deleted once nobody and nothing has it.")).toBeVisible();
});

test("the trail tells what somebody could do before", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  const member = await visitor.memberPath(acme, who);
  await visitor.act(`${member}/role`, { role: "auditor" });
  const before = new Date(Date.now() - 60 * 60 * 1000).toISOString();

  await visitor.goto(`${member}/access`);
  await expect(visitor.page.getByText("Own role → Auditor").first()).toBeVisible();
  await visitor.goto(`${member}/access?since=${before}`);
  const different = visitor.page.getByRole("listitem").filter({ hasText: "Gained:" });
  await expect(different.filter({ hasText: "Read the audit trail" })).toHaveCount(1);
  await visitor.goto(`${member}/access?at=${before}`);
  await expect(visitor.page.getByText("Was no member at this time.")).toBeVisible();

  // Who is not to know is told nothing; of oneself everybody may know.
  await visitor.act(`${member}/role`, { role: "member" });
  await mia.goto(`${member}/access`);
  await expect(mia.title).toHaveText(`What ${who.name} may do`);
  const owner = await visitor.memberPath(acme, acme.owner);
  expect((await mia.get(`${owner}/access`)).status()).toBe(403);
});

test("by keyboard alone a role is changed, and the time before is looked at", async ({ visitor, another }) => {
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const who = await (await another()).join(acme, visitor, "member", person("Mia"));
  const member = await visitor.memberPath(acme, who);
  const role = await visitor.act(`${home}/roles`, { name: "Support", parent: "member" });
  await visitor.act(`${member}/role`, { role: role.split("/").at(-1)! });
  const before = await moment();

  await visitor.goto(`${home}/roles`);
  await keyboard.tick(visitor.field("Support: Read the audit trail"));
  await keyboard.enter(page.getByRole("button", { name: "Review changes" }));
  await expect(visitor.title).toHaveText("Review changes");
  await expect(page.getByText("It changes what one person may do")).toBeVisible();
  await keyboard.enter(page.getByRole("button", { name: "Save changes" }));
  await expect(visitor.notice).toBeFocused();
  await expect(visitor.field("Support: Read the audit trail")).toBeChecked();

  await visitor.goto(member);
  await keyboard.enter(page.getByRole("link", { name: "What they may do, and why" }));
  await expect(visitor.title).toHaveText(`What ${who.name} may do`);
  await keyboard.typeMoment(visitor.field("As of"), before);
  await keyboard.enter(page.getByRole("button", { name: "Show" }));
  await expect(page.getByText("As it was, by the organization’s own audit trail.")).toBeVisible();
  await expect(page.getByText("Own role → Support → Member").first()).toBeVisible();
  await expect(page.getByText("Read the audit trail")).toHaveCount(0);
  await keyboard.enter(page.getByRole("link", { name: "Now", exact: true }));
  await expect(page.getByText("Everything, and each way that leads to it.")).toBeVisible();
  await keyboard.typeMoment(visitor.field("Compared with"), before);
  await keyboard.enter(page.getByRole("button", { name: "Show" }));
  await expect(page.getByRole("listitem").filter({ hasText: /^(Gained|Lost):/ })).toHaveText([
    "Gained: Read the audit trail",
  ]);
});

test("of two who change the roles the later sees the first’s change", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  const role = await visitor.act(`${home}/roles`, { name: "Support", parent: "member" });
  await admin.goto(role);
  await visitor.goto(role);
  await visitor.fill({ Name: "Helpers" });
  await visitor.press("Review changes");
  await visitor.press("Save changes");
  await expect(visitor.title).toHaveText("Helpers");
  await admin.fill({ Name: "Desk" });
  await admin.press("Review changes");
  await expect(admin.page.getByRole("alert")).toContainText("Something changed meanwhile");
  await expect(admin.field("Name")).toHaveValue("Desk");
  await expect(admin.page.getByText("Helpers").first()).toBeVisible();
  await admin.press("Review changes");
  await admin.press("Save changes");
  await expect(admin.title).toHaveText("Desk");
});

test("the review leads to everybody who has a role, also by a group", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const who = await (await another()).join(acme, visitor, "member", person("Mia"));
  const role = await visitor.act(`${home}/roles`, { name: "Support", parent: "member" });
  const group = await visitor.act(`${home}/groups`, { name: "On call", role: role.split("/").at(-1)! });
  await visitor.act(`${group}/members`, { email: who.email });
  await visitor.goto(`${home}/roles`);
  await visitor.field("Support: Read the audit trail").check();
  await visitor.press("Review changes");
  await expect(visitor.page.getByText("It changes what one person may do")).toBeVisible();
  const opened = visitor.context.waitForEvent("page");
  await visitor.follow("Group On call, opens in a new tab");
  const affected = await opened;
  await expect(affected.getByRole("row").filter({ hasText: who.email })).toBeVisible();
  await affected.close();
  await visitor.press("Back");
  await expect(visitor.field("Support: Read the audit trail")).toBeChecked();

  // The form of one role keeps what was typed, too.
  await visitor.goto(role);
  await visitor.fill({ Name: "Help desk" });
  await visitor.field("Auditor").check();
  await visitor.press("Review changes");
  await visitor.press("Back");
  await expect(visitor.field("Name")).toHaveValue("Help desk");
  await expect(visitor.field("Auditor")).toBeChecked();
});

test("a matrix with many ticks comes back from the review with all of them", async ({ visitor }) => {
  const acme = await visitor.found();
  for (const name of ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]) {
    await visitor.act(`/o/${acme.slug}/roles`, { name, parent: "member" });
  }
  await visitor.goto(`/o/${acme.slug}/roles`);
  const boxes = visitor.page.getByRole("table", { name: "Permissions by role" }).getByRole("checkbox");
  const all = await boxes.count();
  expect(all).toBeGreaterThan(45);
  for (const box of await boxes.all()) await box.check();
  await visitor.press("Review changes");
  await expect(visitor.title).toHaveText("Review changes");
  await visitor.press("Back");
  await expect(visitor.title).toHaveText("Roles");
  await expect(boxes.and(visitor.page.locator(":checked"))).toHaveCount(all);
});

test("a time to look at that is none, or is to come, is said at its field", async ({ visitor }) => {
  const acme = await visitor.found();
  const member = await visitor.memberPath(acme, acme.owner);
  await visitor.goto(`${member}/access?at=2999-01-01T00:00:07&since=yesterday`);
  await visitor.expectError("As of", /^This is not a time in the past\./);
  await visitor.expectError("Compared with", /^This is not a time in the past\./);
  await expect(visitor.field("As of")).toHaveValue("2999-01-01T00:00:07");
});
