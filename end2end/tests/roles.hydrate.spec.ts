// Roles, groups and reasons by keyboard alone, with the arrow keys that scripts add to the matrix.

import { expect, test } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
import { look } from "../support/looks.ts";
import { person } from "../support/people.ts";
import { moment } from "../support/time.ts";

test.slow();

/** The last part of an address: the id of what it is about. */
const id = (path: string) => path.split("/").at(-1)!;

test("a role is built from another, and changed among all of them", async ({ visitor, another }) => {
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  const member = await visitor.memberPath(acme, who);
  await visitor.act(`${home}/roles`, { name: "Reader", parent: "auditor" });
  // Somebody else's organization, with a role that is none of this one's.
  const host = await another();
  const globex = await host.found();
  await host.act(`/o/${globex.slug}/roles`, { name: "Foreign", parent: "auditor" });

  await visitor.awake(home);
  await keyboard.press("g", "r");
  await expect(visitor.title).toHaveText("Roles");
  await keyboard.enter(page.getByRole("link", { name: "New role" }));
  await expect(visitor.title).toHaveText("New role");
  const parents = page.getByRole("group", { name: "Inherits from" });
  // What is missing is read first, and its line leads to the field.
  await keyboard.enter(page.getByRole("button", { name: "Create role" }));
  const alert = page.getByRole("alert");
  await expect(alert).toBeFocused();
  await expect(alert).toContainText("The role was not made");
  await keyboard.enter(alert.getByRole("link"));
  await expect(visitor.field("Name")).toBeFocused();
  await keyboard.type(visitor.field("Name"), "Support");
  await keyboard.tick(parents.getByRole("checkbox", { name: "Reader" }));
  await expect(parents.getByRole("checkbox", { name: "Foreign" })).toHaveCount(0);
  const own = page.getByRole("group", { name: "Permissions of its own" });
  await keyboard.tick(own.getByRole("checkbox", { name: "Invite people and manage invitations" }));
  await keyboard.press("Enter");
  await expect(visitor.title).toHaveText("Support");
  await expect(visitor.notice).toBeFocused();
  await expect(visitor.notice).toContainText("The role Support is there.");
  await visitor.act(`${member}/role`, { role: id(page.url()) });

  // Among all roles: along a row and a column, to their ends and no further.
  await visitor.awake(`${home}/roles`);
  const table = page.getByRole("table", { name: "Permissions by role" });
  await expect(table.getByRole("columnheader", { name: "Support" })).toBeVisible();
  await expect(table.getByRole("columnheader", { name: "Foreign" })).toHaveCount(0);
  const cell = (name: string) => table.getByRole("checkbox", { name, exact: true });
  await keyboard.reach(cell("Reader: Change the organization’s name and address"));
  for (const [key, name] of [
    ["ArrowLeft", "Reader: Change the organization’s name and address"],
    ["ArrowRight", "Support: Change the organization’s name and address"],
    ["ArrowRight", "Support: Change the organization’s name and address"],
    ["ArrowUp", "Support: Change the organization’s name and address"],
    ["ArrowDown", "Support: Invite people and manage invitations"],
    ["Home", "Reader: Invite people and manage invitations"],
    ["ArrowDown", "Reader: Change roles, suspend and remove members"],
    ["End", "Support: Change roles, suspend and remove members"],
  ] as const) {
    await keyboard.press(key);
    await expect(cell(name), key).toBeFocused();
  }
  // With another key held down they are the browser's.
  const taken = await cell("Support: Change roles, suspend and remove members").evaluate((box) => {
    const back = new KeyboardEvent("keydown", { key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true });
    return !box.dispatchEvent(back);
  });
  expect(taken).toBe(false);
  const count = page.getByText(/^\d+ changes?$/);
  await expect(count).toHaveCount(0);
  await keyboard.press("Space");
  await expect(cell("Support: Change roles, suspend and remove members")).toBeChecked();
  await expect(count).toHaveText("1 change");
  await keyboard.press("ArrowUp", "Space");
  await expect(cell("Support: Invite people and manage invitations")).not.toBeChecked();
  await expect(count).toHaveText("2 changes");
  // What is as it was again is no change.
  await keyboard.press("ArrowLeft", "Space");
  await expect(count).toHaveText("3 changes");
  await keyboard.press("Space");
  await expect(count).toHaveText("2 changes");
  await look(visitor, "a matrix with changes");

  // What it comes to, and for whom.
  await keyboard.enter(page.getByRole("button", { name: "Review changes" }));
  await expect(visitor.title).toHaveText("Review changes");
  await expect(page.getByText("It changes what one person may do, with their next request.")).toBeVisible();
  await expect(page.getByRole("main").getByRole("list").last().getByRole("listitem")).toHaveText([
    "Gains: Change roles, suspend and remove members",
    "Loses: Invite people and manage invitations",
  ]);
  const opened = visitor.context.waitForEvent("page");
  await keyboard.enter(page.getByRole("link", { name: "Who has it: Support" }));
  const affected = await opened;
  const rows = affected.getByRole("table", { name: "Members" }).getByRole("row");
  await expect(rows.filter({ hasText: who.email })).toBeVisible();
  await expect(rows, "the head, and one member").toHaveCount(2);
  await affected.close();

  // Going back loses nothing.
  await keyboard.enter(page.getByRole("button", { name: "Back" }));
  await expect(visitor.title).toHaveText("Roles");
  await expect(cell("Support: Change roles, suspend and remove members")).toBeChecked();
  await expect(count).toHaveText("2 changes");
  await keyboard.enter(page.getByRole("button", { name: "Review changes" }));
  await expect(visitor.title).toHaveText("Review changes");

  await keyboard.enter(page.getByRole("button", { name: "Save changes" }));
  await expect(visitor.notice).toBeFocused();
  await expect(visitor.notice).toHaveText("The role is saved, and holds from now on.");
  await expect(cell("Support: Change roles, suspend and remove members")).toBeChecked();
  await expect(cell("Support: Invite people and manage invitations")).not.toBeChecked();
  await mia.goto(`${home}/members`);
  await expect(mia.page.getByRole("link", { name: "Import" })).toBeVisible();
  await expect(mia.page.getByRole("link", { name: "Invite member" })).toHaveCount(0);
  await host.goto(`/o/${globex.slug}/roles`);
  await expect(host.row("Foreign").first()).toBeVisible();
  await expect(host.page.getByText("Support")).toHaveCount(0);
});

test("a group gives a role, the reasons say so, and the time before is looked at", async ({ visitor, another }) => {
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const who = await (await another()).join(acme, visitor, "member", person("Mia"));
  const reader = await visitor.act(`${home}/roles`, { name: "Reader", parent: "auditor" });
  await visitor.act(`${home}/roles`, { name: "Support", parent: id(reader) });
  // Somebody else's organization, whose role and member are none of this one's.
  const host = await another();
  const globex = await host.found();
  await host.act(`/o/${globex.slug}/roles`, { name: "Foreign", parent: "auditor" });
  const before = await moment();

  await visitor.awake(home);
  await keyboard.press("g", "g");
  await expect(visitor.title).toHaveText("Groups");
  await keyboard.enter(page.getByRole("link", { name: "New group" }));
  await expect(visitor.title).toHaveText("New group");
  const roles = page.getByRole("group", { name: "Roles" });
  await keyboard.type(visitor.field("Name"), "On call");
  await keyboard.tick(roles.getByRole("checkbox", { name: "Support" }));
  await expect(roles.getByRole("checkbox", { name: "Foreign" })).toHaveCount(0);
  await keyboard.enter(page.getByRole("button", { name: "Create group" }));
  await expect(visitor.title).toHaveText("On call");
  await expect(visitor.notice).toBeFocused();

  // Who belongs elsewhere cannot be added; the mistake is read first, and its line leads to the field.
  await keyboard.type(visitor.field("Email"), globex.owner.email);
  await keyboard.press("Enter");
  const alert = page.getByRole("alert");
  await expect(alert).toBeFocused();
  await expect(alert).toContainText("No member has this address");
  await look(visitor, "a group with an error");
  await keyboard.enter(alert.getByRole("link"));
  await expect(visitor.field("Email")).toBeFocused();
  await visitor.expectError("Email", /No member has this address/);
  await keyboard.type(visitor.field("Email"), who.email);
  await keyboard.press("Enter");
  await expect(visitor.notice).toBeFocused();
  await expect(visitor.notice).toHaveText(`${who.name} is in On call now.`);

  // Why.
  await keyboard.enter(page.getByRole("link", { name: who.name }));
  await expect(visitor.title).toHaveText(who.name);
  await keyboard.enter(page.getByRole("link", { name: "What they may do, and why" }));
  await expect(visitor.title).toHaveText(`What ${who.name} may do`);
  const permission = (text: string) =>
    page.getByRole("listitem").filter({ has: page.getByText(text, { exact: true }) });
  const ways = (text: string) => permission(text).getByRole("listitem");
  await expect(ways("Read the audit trail")).toHaveText(["Group On call → Support → Reader → Auditor"]);
  await expect(ways("See who is a member")).toHaveText([
    "Own role → Member",
    "Group On call → Support → Reader → Auditor",
  ]);

  // What they could do before that.
  await keyboard.typeMoment(visitor.field("As of"), before);
  await keyboard.enter(page.getByRole("button", { name: "Show" }));
  await expect(page.getByText("As it was, by the organization’s own audit trail.")).toBeVisible();
  await expect(ways("See who is a member")).toHaveText(["Own role → Member"]);
  await expect(permission("Read the audit trail")).toHaveCount(0);
  await look(visitor, "what a member could do before");

  // And what has changed since.
  await keyboard.enter(page.getByRole("link", { name: "Now", exact: true }));
  await expect(page.getByText("Everything, and each way that leads to it.")).toBeVisible();
  await keyboard.typeMoment(visitor.field("Compared with"), before);
  await keyboard.enter(page.getByRole("button", { name: "Show" }));
  await expect(page.getByRole("heading", { name: "What is different" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: /^(Gained|Lost):/ })).toHaveText([
    "Gained: Read the audit trail",
    "Gained: See usage and quotas",
  ]);
  await expect(ways("Read the audit trail")).toHaveText(["Group On call → Support → Reader → Auditor"]);

  await host.goto(`/o/${globex.slug}/groups`);
  await expect(host.page.getByText("No groups yet")).toBeVisible();
  await host.goto(`/o/${globex.slug}/members`);
  await expect(host.row(globex.owner.email)).toBeVisible();
  await expect(host.row(who.email)).toHaveCount(0);
});
