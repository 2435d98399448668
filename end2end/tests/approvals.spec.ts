// What one person does not do alone: asking other owners, approving, denying; and what an only owner waits for.

import { needApproval } from "../support/approvals.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import type { Organization } from "../support/pages.ts";

/** What is said of a setting on the policy's page, or of a request. */
function fact(visitor: Visitor, label: string) {
  return visitor.page.locator(`dt:text-is("${label}") + dd`);
}

/** Drafts that reads are on record, and goes on to what that changes. */
async function draft(visitor: Visitor, of: Organization): Promise<void> {
  await visitor.goto(`/o/${of.slug}/policy/edit`);
  await visitor.field("Keep a record of them").check();
  await visitor.press("Review");
  await expect(visitor.title).toHaveText("Review");
}

test("an owner asks, another one sees what would change, approves it, and it holds", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const colleague = await another();
  const bo = await colleague.join(acme, visitor, "owner");

  await visitor.goto(`${home}/approvals`);
  await expect(visitor.page.getByRole("heading", { name: "Nothing waits for approval" })).toBeVisible();
  await visitor.follow("Edit policy");
  for (const act of [
    "Enforcing the policy",
    "Giving administering roles",
    "Deleting the organization",
    "Exporting the audit trail",
    "Keys with sensitive scopes",
  ]) {
    await visitor.field(act).check();
  }
  await visitor.press("Review");
  await visitor.press("Enforce");
  await expect(visitor.notice).toContainText("The policy is saved.");

  await draft(visitor, acme);
  await expect(visitor.page.getByText("Other owners have to approve this")).toBeVisible();
  await expect(visitor.page.getByRole("button", { name: "Enforce", exact: true })).toHaveCount(0);
  await visitor.press("Ask for approval");
  await visitor.expectError("Reason", /^Fill this in\./);
  await visitor.fill({ Reason: "The auditors ask for it" });
  await visitor.press("Ask for approval");
  await expect(visitor.notice).toHaveText("It is asked for. Nothing has changed yet.");
  await expect(visitor.title).toHaveText(/^Enforce version \d+ of the security policy$/);
  await expect(fact(visitor, "Approvals")).toHaveText("0 of 1");
  // Nobody approves their own.
  await expect(visitor.page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  const request = new URL(visitor.page.url()).pathname;
  expect((await visitor.post(`${request}/approve`, { note: "" })).status()).toBe(403);
  // What the page does not offer, the address does not do either.
  const version = /version (\d+)/.exec((await visitor.title.textContent())!)![1]!;
  expect(await visitor.act(`${home}/policy/enforce`, { version })).toBe(`${home}/policy/draft`);
  await visitor.goto(`${home}/policy`);
  await expect(visitor.page.getByText("Other owners have to approve this.")).toBeVisible();
  await expect(fact(visitor, "Reads of what is sensitive")).toHaveText("Off");

  const { subject, link } = await letter(bo.email, 2);
  expect(subject).toContain("asks for approval");
  expect(new URL(link).pathname).toBe(request);
  await colleague.goto(home);
  await expect(colleague.page.getByRole("link", { name: /^Approvals\s*1$/ })).toHaveCount(1);
  await colleague.goto(request);
  await expect(colleague.page.getByText("The auditors ask for it")).toBeVisible();
  await expect(colleague.page.getByRole("listitem").filter({ hasText: "Reads of what is sensitive" })).toContainText(
    "Off → On",
  );
  await expect(fact(colleague, "Kept out")).toHaveText("0");
  await colleague.press("Approve");
  await expect(colleague.notice).toHaveText("It is approved and done.");
  await expect(fact(colleague, "State")).toHaveText("Carried out");
  await colleague.goto(`${home}/policy`);
  await expect(fact(colleague, "Reads of what is sensitive")).toHaveText("On");
  await visitor.goto(`${home}/audit`);
  await expect(visitor.page.getByRole("row").filter({ hasText: `approved by ${bo.name}` })).toHaveCount(1);
});

test("a role that administers and the end of the organization are asked for, and one owner’s no is enough", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const colleague = await another();
  await colleague.join(acme, visitor, "owner");
  const mia = await (await another()).join(acme, visitor);
  await needApproval(visitor, acme, "roles", "deletion");

  const member = await visitor.memberPath(acme, mia);
  await visitor.goto(`${member}/role`);
  await expect(visitor.field("Role").getByRole("option", { name: "Admin" })).toHaveCount(0);
  await visitor.field("Administering role").selectOption({ label: "Admin" });
  await visitor.fill({ Reason: "She runs the office" });
  await visitor.press("Ask for approval");
  await expect(visitor.title).toHaveText(`Give ${mia.name} the role Admin`);
  await expect(fact(visitor, "Role then")).toHaveText("Admin");
  await colleague.goto(new URL(visitor.page.url()).pathname);
  await colleague.page.getByText("It should not be done").click();
  await colleague.press("Deny");
  await colleague.expectError("Why not", /^Fill this in\./);
  await colleague.fill({ "Why not": "She is on leave" });
  await colleague.press("Deny");
  await expect(colleague.notice).toHaveText("It is denied, and will not be done.");
  await visitor.page.reload();
  await expect(visitor.page.getByText("She is on leave")).toBeVisible();
  await visitor.goto(member);
  await expect(fact(visitor, "Role")).toHaveText("Member");

  await visitor.goto(`${home}/delete`);
  await visitor.fill({ Reason: "We merge", [`Type ${acme.name} to confirm`]: acme.name });
  await visitor.press("Ask for approval");
  await expect(visitor.title).toHaveText("Delete the organization");
  await colleague.goto(`${home}/approvals`);
  await colleague.follow("Delete the organization");
  await colleague.press("Approve");
  await expect(colleague.title).toHaveText(`${acme.name} is being deleted`);
});

test("an only owner is told that it is a delay, and cancels", async ({ visitor }) => {
  const acme = await visitor.found();
  await needApproval(visitor, acme, "policy", "roles");
  await draft(visitor, acme);
  await expect(visitor.page.getByText("Too few owners can approve this", { exact: true })).toBeVisible();
  await visitor.fill({ Reason: "The auditors ask for it" });
  await visitor.press("Ask for approval");
  const said = /Too few owners can approve it: it takes effect at .* unless it is cancelled or denied\./;
  await expect(visitor.page.getByText(said)).toBeVisible();
  await expect(visitor.page.getByText("A delay, and nobody else’s approval")).toBeVisible();
  await expect(fact(visitor, "Approvals")).toHaveText("None: a delay");
  await expect(visitor.page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  const { subject } = await letter(acme.owner.email, 2);
  expect(subject).toContain("takes effect in 24 hours unless it is cancelled");
  await visitor.press("Cancel request");
  await expect(visitor.notice).toHaveText("The request is cancelled. Nothing has changed.");
  await visitor.goto(`/o/${acme.slug}/approvals`);
  await expect(visitor.page.getByRole("heading", { name: "Nothing waits for approval" })).toBeVisible();
  await expect(visitor.row("Enforce version")).toContainText("Cancelled");
});

test("what was typed stays when owners come to approve it meanwhile", async ({ visitor }) => {
  const acme = await visitor.found();
  const confirmation = `Type ${acme.name} to confirm`;
  await visitor.goto(`/o/${acme.slug}/delete`);
  await needApproval(visitor, acme, "roles", "deletion");
  await visitor.fill({ [confirmation]: acme.name });
  await visitor.press("Delete organization");
  await expect(visitor.page.getByText("Too few owners can approve this", { exact: true })).toBeVisible();
  await expect(visitor.field(confirmation)).toHaveValue(acme.name);
});

test("an export that an owner has approved is made once, by whoever asked for it", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const colleague = await another();
  await colleague.join(acme, visitor, "owner");
  await needApproval(visitor, acme, "roles", "exports");

  // What the menu does not offer, the address does not do either.
  const there = (await visitor.get(`${home}/audit/export/csv?outcome=done`)).headers().location!;
  expect(there).toBe(`${home}/audit/export/ask?format=csv&outcome=done`);
  await visitor.goto(`${home}/audit?outcome=done`);
  await visitor.press("Export");
  await visitor.follow("CSV");
  await expect(visitor.title).toHaveText("Export audit trail");
  await expect(visitor.page.getByText("Other owners have to approve this")).toBeVisible();
  await expect(fact(visitor, "Format")).toHaveText("CSV");
  await visitor.press("Ask for approval");
  await visitor.expectError("Reason", /^Fill this in\./);
  await visitor.fill({ Reason: "The auditors ask for it" });
  await visitor.press("Ask for approval");
  await expect(visitor.title).toHaveText("Export the audit trail as CSV");
  await expect(visitor.page.getByRole("button", { name: "Make the export" })).toHaveCount(0);
  const request = new URL(visitor.page.url()).pathname;
  expect(await visitor.act(`${request}/use`)).toBe(request);

  await colleague.goto(request);
  await expect(fact(colleague, "Entries")).toContainText("Outcome");
  await colleague.press("Approve");
  await expect(colleague.notice).toHaveText("It is approved. Whoever asked can do it once, within 24 hours.");
  await expect(colleague.page.getByRole("button", { name: "Make the export" })).toHaveCount(0);
  expect((await colleague.post(`${request}/use`)).status()).toBe(403);

  await visitor.goto(request);
  await expect(fact(visitor, "State")).toHaveText("Approved");
  const saving = visitor.page.waitForEvent("download");
  await visitor.press("Make the export");
  expect((await saving).suggestedFilename()).toBe(`${acme.slug}-audit.csv`);
  await visitor.goto(request);
  await expect(fact(visitor, "State")).toHaveText("Carried out");
  await expect(visitor.page.getByRole("button", { name: "Make the export" })).toHaveCount(0);
  expect(await visitor.act(`${request}/use`)).toBe(request);
});

test("a key with sensitive scopes is what was approved, and its secret is shown once", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const colleague = await another();
  await colleague.join(acme, visitor, "owner");
  await needApproval(visitor, acme, "roles", "keys");

  await visitor.goto(`${home}/keys/new`);
  await visitor.fill({ Name: "Sync" });
  await visitor.field("Change roles, suspend and remove members").check();
  await visitor.field("After 30 days").check();
  await visitor.press("Create key");
  // What was typed stays, and is asked for.
  await expect(visitor.field("Name")).toHaveValue("Sync");
  await expect(visitor.field("Change roles, suspend and remove members")).toBeChecked();
  await visitor.fill({ Reason: "To sync members" });
  await visitor.press("Ask for approval");
  await expect(visitor.title).toHaveText("Create the API key Sync");
  const request = new URL(visitor.page.url()).pathname;

  await colleague.goto(request);
  await expect(fact(colleague, "May do")).toContainText("Change roles, suspend and remove members");
  await expect(fact(colleague, "Allowed networks")).toHaveText("Everywhere");
  await colleague.press("Approve");
  await visitor.goto(request);
  await visitor.press("Create the key");
  await expect(visitor.title).toHaveText("Sync");
  const secret = await visitor.field("API key").inputValue();
  expect(secret).toMatch(/^ptc_/);
  await visitor.follow("I have stored it");
  const key = new URL(visitor.page.url()).pathname;
  expect(await visitor.act(`${request}/use`)).toBe(request);

  // The same key does no more without another approval.
  await visitor.goto(key);
  await visitor.field("Create, change and delete roles").check();
  await visitor.press("Save key");
  await visitor.fill({ Reason: "To sync roles" });
  await visitor.press("Ask for approval");
  await expect(visitor.title).toHaveText("Widen the API key Sync");
  await colleague.goto(new URL(visitor.page.url()).pathname);
  await expect(fact(colleague, "May do then")).toContainText("New");
  await colleague.press("Approve");
  await expect(colleague.notice).toHaveText("It is approved and done.");
  await visitor.goto(key);
  await expect(visitor.field("Create, change and delete roles")).toBeChecked();
});
