// Every page for everybody: axe finds nothing, in both themes, on wide and narrow screens; and nothing scrolls sideways.

import type { Page } from "@playwright/test";
import { guess, raiseAlert } from "../support/alerts.ts";
import { askForExport, askForKey, askToDelete, needApproval } from "../support/approvals.ts";
import { Authenticator } from "../support/authenticator.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import { look, PHONE, sideways, WIDE } from "../support/looks.ts";
import { letter } from "../support/mail.ts";
import { operate } from "../support/operators.ts";
import { person } from "../support/people.ts";
import { letProofsGrowOld } from "../support/time.ts";

test.use({ islands: false });
test.slow();

/** What is cut off because it reaches beyond its panel; what ends in an ellipsis is not. */
async function cutOff(page: Page): Promise<string[]> {
  return page.locator(".panel").evaluateAll((panels) =>
    panels.flatMap((panel) => {
      const edge = panel.getBoundingClientRect().right;
      const ends = (element: Element | null): boolean =>
        element !== null && (getComputedStyle(element).textOverflow === "ellipsis" || ends(element.parentElement));
      return [...panel.querySelectorAll("*")]
        .filter((element) => !element.closest("[popover], .sr-only") && !ends(element))
        .filter((element) => [...element.childNodes].some(({ nodeType }) => nodeType === Node.TEXT_NODE))
        .filter((element) => element.getBoundingClientRect().right > edge)
        .map(({ outerHTML }) => outerHTML);
    }),
  );
}

async function tour(visitor: Visitor, paths: Record<string, string>): Promise<void> {
  for (const [what, path] of Object.entries(paths)) {
    await visitor.goto(path);
    await expect(visitor.title).toHaveCount(1);
    await look(visitor, what);
  }
}

test("the way in", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const invited = person();
  await visitor.invite(acme, invited.email);
  const regular = await another();
  const known = await regular.found();
  await visitor.invite(acme, known.owner.email);
  await letter(known.owner.email, 2);
  await regular.act("/account/security", { current: known.owner.password, password: "seven odd hats in a row" });
  const guest = await another();
  const unconfirmed = person();
  const { name, email, password } = unconfirmed;
  await guest.act("/sign-up", { name, email, password, organization: "Acme" });
  await guest.post("/forgot-password", { email: acme.owner.email });
  const resetLink = (await letter(acme.owner.email, 2)).link;
  const next = person();
  await visitor.act("/account/email", { email: next.email });
  await tour(guest, {
    "sign-in": "/sign-in",
    "sign-up": "/sign-up",
    "REST API": "/api/v1/docs",
    "check your mail": "/check-mail",
    "forgotten password": "/forgot-password",
    "confirm an address": (await letter(email)).link,
    "a new password": resetLink,
    "agree to another address": (await letter(acme.owner.email, 3)).link,
    "confirm a new address": (await letter(next.email)).link,
    "an invitation": (await letter(invited.email)).link,
    "an invitation for an account": (await letter(known.owner.email, 2)).link,
    "what somebody else may have done": (await letter(known.owner.email, 3)).link,
    nothing: "/no-such-page",
  });
  await guest.goto("/sign-up");
  await guest.press("Create organization");
  await look(guest, "sign-up with errors");
  await guest.goto((await letter(known.owner.email, 3)).link);
  await guest.press("This was not me");
  await look(guest, "what was undone");
});

test("an organization", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);
  const home = `/o/${acme.slug}`;
  await visitor.invite(acme, person().email);
  const member = await visitor.memberPath(acme, bo);
  await tour(visitor, {
    overview: home,
    members: `${home}/members`,
    "no members": `${home}/members?q=nobody&role=auditor&status=suspended`,
    "a member": member,
    "change role": `${member}/role`,
    "remove member": `${member}/remove`,
    "reset sign-in factors": `${member}/factors`,
    leave: `${home}/leave`,
    invitations: `${home}/invitations`,
    "invite member": `${home}/invitations/new`,
    settings: `${home}/settings`,
  });
  await visitor.goto(`${home}/invitations`);
  await visitor.page
    .getByRole("button", { name: /^Actions for/ })
    .first()
    .click();
  await look(visitor, "an open menu");
  await visitor.press("Copy link");
  await look(visitor, "a copied link");
  await visitor.goto(`${home}/settings`);
  await visitor.field("Slug").fill("sign in");
  await visitor.press("Save address");
  await look(visitor, "settings with errors");
  await colleague.goto(`${home}/audit`);
  await look(colleague, "not allowed");
  await colleague.goto(`${home}/settings`);
  await look(colleague, "settings of a plain member");
});

test("what an organization asks of its members", async ({ visitor }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const member = await visitor.memberPath(acme, acme.owner);
  await tour(visitor, {
    policy: `${home}/policy`,
    "edit policy": `${home}/policy/edit`,
    "no draft": `${home}/policy/draft`,
    replay: `${home}/policy/replay`,
    "visits of a member": `${home}/policy/replay/${member.split("/").at(-1)!}`,
    "nothing tried": `${home}/policy/trial`,
    templates: `${home}/policy/templates`,
    "a template": `${home}/policy/templates/hipaa`,
    "two templates": `${home}/policy/templates/compare?first=hipaa&second=gdpr`,
    "policy as text": `${home}/policy/text`,
    versions: `${home}/policy/versions`,
  });
});

test("what owners approve", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  await visitor.goto(`${home}/approvals`);
  await look(visitor, "no approvals");
  const colleague = await another();
  await colleague.join(acme, visitor, "owner");
  const bo = await (await another()).join(acme, visitor);
  await needApproval(visitor, acme, "policy", "roles", "deletion", "exports", "keys");
  const request = await askToDelete(visitor, acme);
  const [file, key] = [await askForExport(visitor, acme), await askForKey(visitor, acme)];
  for (const asked of [file, key]) await colleague.act(`${asked}/approve`, { note: "" });
  const member = await visitor.memberPath(acme, bo);
  const reads = "version: 1\naudit_logging:\n  log_reads: true\n";
  await visitor.act(`${home}/policy/text`, { base: "1", yaml: reads });
  await tour(visitor, {
    approvals: `${home}/approvals`,
    "a request of one’s own": request,
    "an export that can be made": file,
    "a key that can be created": key,
    "an export, by approval": `${home}/audit/export/ask?format=csv`,
    "a new key, where some are approved": `${home}/keys/new`,
    "delete organization, by approval": `${home}/delete`,
    "a role, by approval": `${member}/role`,
    "a draft, by approval": `${home}/policy/draft`,
  });
  await visitor.press("Ask for approval");
  await look(visitor, "a draft, by approval, with errors");
  await visitor.fill({ Reason: "The auditors ask for it" });
  await visitor.press("Ask for approval");
  const policy = new URL(visitor.page.url()).pathname;
  await colleague.goto(policy);
  await colleague.page.getByText("It should not be done").click();
  await colleague.press("Deny");
  await look(colleague, "a request with errors");
  await colleague.press("Approve");
  await look(colleague, "a request that is carried out");
});

test("what an organization's services may use", async ({ visitor }) => {
  const acme = await visitor.found();
  const quotas = `/o/${acme.slug}/quotas`;
  await tour(visitor, {
    quotas,
    "a quota": `${quotas}/requests_per_day`,
    "a switch": `${quotas}/domain_finance`,
    "change a quota": `${quotas}/data_size/edit`,
  });
  await visitor.goto(`${quotas}/data_size/edit`);
  await visitor.field("Limit").fill("-1");
  await visitor.press("Save quota");
  await look(visitor, "a quota with errors");
});

test("what happens in an organization", async ({ visitor }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  await visitor.act(`${home}/audit/checkpoints`);
  await visitor.invite(acme, person().email);
  await visitor.act(`${home}/audit/checkpoints`);
  await tour(visitor, {
    security: `${home}/security`,
    "no alerts": `${home}/security/alerts`,
    detections: `${home}/security/rules`,
    audit: `${home}/audit`,
    "some entries": `${home}/audit?category=members&from=2026-01-01T00:00&outcome=done`,
    "no entries": `${home}/audit?q=nobody`,
    "an entry": `${home}/audit/2`,
    checkpoints: `${home}/audit/checkpoints`,
    "save a view": `${home}/audit/views?outcome=denied`,
    "verify a file": `${home}/audit/verify`,
    "no holds": `${home}/audit/holds`,
    "place a hold": `${home}/audit/holds?outcome=denied`,
  });
});

test("what programs come with", async ({ visitor }) => {
  const acme = await visitor.found();
  const keys = `/o/${acme.slug}/keys`;
  await tour(visitor, {
    "no keys": keys,
    "new key": `${keys}/new`,
    "no service accounts": `${keys}/accounts`,
    "new service account": `${keys}/accounts/new`,
  });
  const account = await visitor.act(`${keys}/accounts`, { name: "Build", description: "Builds and deploys" });
  await visitor.goto(`${keys}/new`);
  await visitor.press("Create key");
  await look(visitor, "new key with errors");
  await visitor.fill({ Name: "Deploy" });
  await visitor.field("See who is a member").check();
  await visitor.press("Create key");
  await look(visitor, "a key that is shown once");
  await visitor.follow("I have stored it");
  const key = new URL(visitor.page.url()).pathname;
  await tour(visitor, {
    keys,
    "a key": key,
    "revoke a key": `${key}/revoke`,
    "service accounts": `${keys}/accounts`,
    "a service account": account,
  });
});

test("webhooks", async ({ visitor }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}/webhooks`;
  await tour(visitor, { "no webhooks": home, "add webhook": `${home}/new` });
  await visitor.fill({ "Endpoint URL": "http://hooks.example/" });
  await visitor.press("Add webhook");
  await look(visitor, "a webhook with errors");
  await visitor.fill({ "Endpoint URL": "https://hooks.example/in?key=1" });
  await visitor.field("Alert raised (alert.raised)").check();
  await visitor.press("Add webhook");
  await expect(visitor.title).toHaveText("Signing secret");
  await look(visitor, "a signing secret");
  await visitor.follow("I have stored it");
  await look(visitor, "a webhook");
  const endpoint = new URL(visitor.page.url()).pathname;
  await visitor.follow("All deliveries");
  await look(visitor, "deliveries");
  await visitor.follow("webhook.test");
  await look(visitor, "a delivery");
  await tour(visitor, {
    "no such deliveries": `${endpoint}/deliveries?state=delivered`,
    "delete webhook": `${endpoint}/delete`,
    webhooks: home,
  });
  await visitor.act(`${endpoint}/disable`);
  await tour(visitor, { "a disabled webhook": endpoint });
});

test("the end of an organization, and what its members are told", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  const member = await visitor.memberPath(acme, await colleague.join(acme, visitor));
  const home = `/o/${acme.slug}`;
  await tour(visitor, { "transfer ownership": `${home}/transfer`, "delete organization": `${home}/delete` });
  await visitor.act(`${member}/suspend`);
  await visitor.act(`${member}/resume`);
  await colleague.goto("/account/notifications");
  await look(colleague, "notifications");
  await visitor.act(`${home}/delete`, { confirmation: acme.name });
  await visitor.goto(home);
  await look(visitor, "being deleted");
});

test("roles and groups", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor);
  const member = await visitor.memberPath(acme, bo);
  const home = `/o/${acme.slug}`;
  await tour(visitor, {
    "what a member may do": `${member}/access`,
    "what a member may do, compared": `${member}/access?since=${new Date(Date.now() - 3_600_000).toISOString()}`,
    "no groups": `${home}/groups`,
    "new group": `${home}/groups/new`,
    roles: `${home}/roles`,
    "new role": `${home}/roles/new`,
    "a built-in role": `${home}/roles/auditor`,
  });
  const role = await visitor.act(`${home}/roles`, { name: "Support", parent: "member" });
  const group = await visitor.act(`${home}/groups`, { name: "On call", role: role.split("/").at(-1)! });
  await visitor.act(`${group}/members`, { email: bo.email });
  await tour(visitor, {
    "roles with a matrix": `${home}/roles`,
    "a role": role,
    groups: `${home}/groups`,
    "a group": group,
    "delete group": `${group}/delete`,
    "a member of a group": `${member}/access`,
  });
  await visitor.goto(role);
  await visitor.field("Read the audit trail").check();
  await visitor.press("Review changes");
  await look(visitor, "review of changed roles");
});

test("a person", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const host = await another();
  const globex = await host.found();
  await (await another()).signIn(acme.owner);
  await visitor.goto("/invitations");
  await look(visitor, "no invitations");
  await host.invite(globex, acme.owner.email);
  await visitor.act("/account/email", { email: person().email });
  await tour(visitor, {
    profile: "/account",
    "change email": "/account/email",
    "delete account, while an owner": "/account/delete",
    security: "/account/security",
    sessions: "/account/sessions",
    invitations: "/invitations",
    "no notifications": "/account/notifications",
    "choose mail": "/account/notifications/settings",
    "another organization": "/organizations/new",
  });
});

test("a second factor", async ({ visitor, another }) => {
  const acme = await visitor.found();
  await visitor.goto("/account/security");
  await visitor.press("Set up authenticator");
  await look(visitor, "setting up an authenticator");
  const app = await Authenticator.scan(visitor.page);
  await visitor.press("Confirm");
  await look(visitor, "setting up an authenticator without a code");
  await visitor.fill({ "Authentication code": app.code(), Name: "Phone" });
  await visitor.press("Confirm");
  await look(visitor, "security with an authenticator");
  const guest = await another();
  await guest.signIn(acme.owner);
  await look(guest, "the second step");
  await guest.follow("Use a recovery code");
  await look(guest, "the second step by a recovery code");
  await guest.press("Verify");
  await look(guest, "the second step without a recovery code");
  await visitor.press("Generate recovery codes");
  await look(visitor, "recovery codes");
  const colleague = await another();
  await colleague.join(acme, visitor);
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.field("Required").check();
  await visitor.page.locator("#section-sign_in").getByText("Advanced settings").click();
  await visitor.fill({ "Days to set one up": "x" });
  await visitor.press("Review");
  await look(visitor, "a draft with errors");
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Review");
  await look(visitor, "a draft before it is enforced");
  await visitor.press("Enforce");
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.title).toHaveText("Set up a second factor");
  await look(colleague, "a second factor that is asked for");
  await letProofsGrowOld(acme.owner.email);
  await visitor.goto("/account/step-up?next=/account/security");
  await look(visitor, "a fresh proof");
  await visitor.press("Confirm");
  await look(visitor, "a fresh proof without a code");
});

test("the operator's console", async ({ visitor, another }) => {
  const globex = await (await another()).found();
  await operate(visitor);
  await tour(visitor, {
    organizations: "/operator/organizations",
    "no organizations": "/operator/organizations?q=nobody&status=suspended&plan=free",
    "create organization": "/operator/organizations/new",
    neighbours: "/operator/neighbours",
    capacity: "/operator/capacity",
  });
  await visitor.goto("/operator/organizations/new");
  await visitor.press("Create organization");
  await look(visitor, "create organization with errors");
  await visitor.goto(`/operator/organizations?q=${globex.slug}`);
  await visitor.follow(globex.name);
  await look(visitor, "an organization, for the operator");
  const page = new URL(visitor.page.url()).pathname;
  await visitor.press("Suspend organization");
  await look(visitor, "an organization, for the operator, with errors");
  await visitor.act(`${page}/suspend`, { reason: "The bill is open" });
  await tour(visitor, { "a suspended organization": page, "delete organization, by the operator": `${page}/delete` });
  await visitor.act(`${page}/delete`, { confirmation: globex.name, reason: "As agreed" });
  await tour(visitor, { "an organization that is being deleted": page });
});

test("what a draft would have done", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);
  await colleague.goto(`/o/${acme.slug}`);
  const policy = `/o/${acme.slug}/policy`;
  await visitor.goto(`${policy}/edit`);
  await visitor.field("Required").check();
  await visitor.page.locator("#section-sign_in").getByText("Advanced settings").click();
  await visitor.fill({ "Days to set one up": "0" });
  await visitor.press("Replay");
  await look(visitor, "whom unsaved settings would affect");
  await visitor.press("Save draft");
  await visitor.goto(`${policy}/replay`);
  await visitor.page.getByText("Show as table").click();
  await look(visitor, "whom a draft would affect");
  await visitor.follow(bo.name);
  await look(visitor, "visits that a draft would affect");
  await visitor.goto(`${policy}/draft`);
  await look(visitor, "a draft that cannot be enforced");
  await visitor.press("Report only");
  await look(visitor, "a draft that is tried");
  await visitor.goto(policy);
  await look(visitor, "policy while a draft is tried");
});

test("another password that an organization asks for", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  await colleague.join(acme, visitor);
  await visitor.goto(`/o/${acme.slug}/policy/edit`);
  await visitor.page.locator("#section-sign_in").getByText("Advanced settings").click();
  await visitor.field("Length of passwords").selectOption({ label: "32 characters" });
  await visitor.press("Review");
  await visitor.press("Enforce");
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.title).toHaveText("Choose another password");
  await look(colleague, "another password that is asked for");
  await colleague.press("Change password");
  await look(colleague, "another password with errors");
});

test("what the detections have noticed", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  await colleague.join(acme, visitor, "auditor");
  await guess(await another(), acme.owner.email, 1);
  const security = `/o/${acme.slug}/security`;
  const alert = `${security}/alerts/${await raiseAlert(acme.slug)}`;
  await visitor.goto(security);
  for (const fold of await visitor.page.getByText("Show as table").all()) await fold.click();
  await look(visitor, "security with an alert");
  await tour(visitor, { alerts: `${security}/alerts`, "an alert": alert });
  for (const title of ["Assign", "Add a note", "Resolve"]) {
    await visitor.page
      .locator("summary")
      .filter({ hasText: new RegExp(`^${title}$`) })
      .click();
  }
  await visitor.press("Add note");
  await look(visitor, "an alert with errors");
  await visitor.act(`${alert}/resolve`, { resolution: "expected", note: "It was us" });
  await tour(visitor, { "a resolved alert": alert, "all alerts": `${security}/alerts?state=all` });
  await tour(colleague, { "an alert for an auditor": alert, "detections for an auditor": `${security}/rules` });
});

test("long names bend, and nothing scrolls sideways", async ({ visitor, another }) => {
  const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    .repeat(2)
    .slice(0, 100);
  const acme = await visitor.found({ ...person(), name: long }, long);
  const bo = await (await another()).join(acme, visitor, "security_officer", { ...person(), name: long.toUpperCase() });
  const { email } = person("X", `${"long-".repeat(11)}domain.example`);
  await visitor.invite(acme, `${"a".repeat(50)}${email}`);
  const member = await visitor.memberPath(acme, bo);
  const home = `/o/${acme.slug}`;
  for (const size of [WIDE, PHONE]) {
    await visitor.page.setViewportSize(size);
    for (const path of [
      home,
      `${home}/members`,
      member,
      `${member}/remove`,
      `${home}/invitations`,
      `${home}/security`,
      `${home}/audit`,
      `${home}/audit/3`,
      `${home}/audit?q=${encodeURIComponent(long)}`,
      `${home}/audit?target=${member.split("/").at(-1)!}`,
      `${home}/settings`,
      `${home}/leave`,
      `${home}/transfer`,
      `${home}/delete`,
      "/account",
    ]) {
      await visitor.goto(path);
      const where = `${path.replace(acme.slug, "acme")} at ${size.width} px`;
      expect.soft(await sideways(visitor.page), where).toBeLessThanOrEqual(0);
      expect.soft(await cutOff(visitor.page), where).toEqual([]);
    }
  }
});

test("the theme that somebody chose wins over the system's", async ({ visitor }) => {
  await visitor.found();
  const ground = () => visitor.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const grounds: Record<string, string> = {};
  for (const colorScheme of ["light", "dark"] as const) {
    await visitor.page.emulateMedia({ colorScheme });
    await visitor.goto("/account");
    grounds[colorScheme] = await ground();
  }
  expect(grounds.light).not.toBe(grounds.dark);
  for (const theme of ["light", "dark"]) {
    await visitor.act("/account", { name: "Ada", time_zone: "UTC", theme });
    for (const colorScheme of ["light", "dark"] as const) {
      await visitor.page.emulateMedia({ colorScheme });
      await visitor.goto("/account");
      expect(await ground(), `${theme} on ${colorScheme}`).toBe(grounds[theme]);
    }
    await look(visitor, `profile in ${theme}`);
  }
});

test("a printed page is dark on white, tells exact times, and leaves out what is pressed", async ({ visitor }) => {
  const acme = await visitor.found();
  const { page } = visitor;
  await visitor.act("/account", { name: "Ada", time_zone: "UTC", theme: "dark" });
  await page.emulateMedia({ media: "print" });
  await visitor.goto(`/o/${acme.slug}/members`);
  const colours = await visitor.title.evaluate((title) => {
    const [ground, text] = [getComputedStyle(document.body).backgroundColor, getComputedStyle(title).color];
    return { ground, text };
  });
  expect(colours).toEqual({ ground: "rgb(255, 255, 255)", text: "rgb(0, 0, 0)" });
  await expect(visitor.row(acme.owner.email)).toBeVisible();
  await expect(page.getByRole("link", { name: "Invite member" })).toBeHidden();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
  await expect(page.getByRole("button")).toHaveCount(0);
  const time = page.getByRole("time").first();
  const shown = await time.evaluate((element) => getComputedStyle(element, "::after").content);
  expect(shown).toBe(`"${await time.getAttribute("title")}"`);
});

test("what receives the focus is not hidden by what sticks to the top", async ({ visitor }) => {
  const acme = await visitor.found();
  const { page } = visitor;
  await page.setViewportSize({ ...PHONE, height: 300 });
  await visitor.goto(`/o/${acme.slug}/settings`);
  await visitor.field("Slug").fill("sign in");
  await visitor.press("Save address");
  await page.getByRole("alert").getByRole("link").click();
  const bar = (await page.locator(".topbar").boundingBox())!;
  const isFree = async () => (await page.locator(":focus").boundingBox())!.y >= bar.height;
  const slug = (await visitor.field("Slug").boundingBox())!;
  expect(slug.y, "the field that a summary leads to").toBeGreaterThanOrEqual(bar.height);
  const leave = page.getByRole("link", { name: "Leave organization" });
  await leave.focus();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const first = visitor.field("Organization name");
  while (!(await first.evaluate((field) => field === document.activeElement))) {
    await page.keyboard.press("Shift+Tab");
    expect(await isFree(), await page.locator(":focus").evaluate((field) => field.outerHTML)).toBe(true);
  }
});

test("the outcome of an act is read first, and a link leads past everything else", async ({ visitor }) => {
  const { owner } = await visitor.found();
  const { page } = visitor;
  await visitor.goto("/account");
  await visitor.press("Save profile");
  await expect(visitor.notice).toBeFocused();
  await expect(visitor.notice).toHaveText("Your profile is saved.");
  await visitor.goto("/account");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(visitor.field("Full name")).toBeFocused();
  await expect(visitor.field("Full name")).toHaveValue(owner.name);
});

test("on a phone the sidebar is a drawer", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.page.setViewportSize(PHONE);
  await visitor.goto(`/o/${acme.slug}`);
  const members = visitor.page.getByRole("link", { name: "Members", exact: true });
  await expect(members).toBeHidden();
  await visitor.page.getByRole("button", { name: "Open navigation" }).click();
  await expect(members).toBeVisible();
  await look(visitor, "the drawer");
  await visitor.page.setViewportSize(PHONE);
  await visitor.goto(`/o/${acme.slug}`);
  await visitor.page.getByRole("button", { name: "Open navigation" }).click();
  await visitor.page.keyboard.press("Escape");
  await expect(members).toBeHidden();
});
