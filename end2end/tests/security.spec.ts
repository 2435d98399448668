// The security dashboard, and what officers do about what the detections notice.

import type { Locator } from "@playwright/test";
import { guess, openAlert, raiseAlert, watchClosely } from "../support/alerts.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import { person } from "../support/people.ts";

/** A form of an alert's page that is folded away. */
function fold(visitor: Visitor, title: string): Locator {
  const summary = visitor.page.locator("summary").filter({ hasText: new RegExp(`^${title}$`) });
  return visitor.page.locator("details", { has: summary });
}

async function unfold(visitor: Visitor, title: string): Promise<Locator> {
  await fold(visitor, title).locator("summary").click();
  return fold(visitor, title);
}

test("the dashboard shows who signs in and who fails to, beside the time before", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const security = `/o/${acme.slug}/security`;
  await (await another()).signIn(acme.owner);
  await guess(await another(), acme.owner.email, 1);
  // They are counted a moment later.
  await expect(async () => {
    await visitor.goto(security);
    await expect(page.getByText(/^\d+ sign-ins?, none in the 7 days before\.$/)).toBeVisible({ timeout: 500 });
    await expect(page.getByText("1 failed sign-in, none in the 7 days before.")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await expect(visitor.title).toHaveText("Security");
  await expect(page.getByText("Nothing that was noticed is open.")).toBeVisible();
  await page.locator("#failures-table summary").click();
  const failures = page.getByRole("table", { name: "Failed sign-ins" });
  await expect(failures.getByRole("row")).toHaveCount(2);

  await visitor.follow("24 hours");
  await expect(page.getByRole("link", { name: "24 hours", exact: true })).toHaveAttribute("aria-current", "true");
  await expect(page.getByText("1 failed sign-in, none in the 24 hours before.")).toBeVisible();

  // Figures lead to what they count.
  await page.getByRole("link", { name: "No second factor", exact: true }).click();
  await expect(page).toHaveURL(`/o/${acme.slug}/members?status=active&mfa=off`);
  await expect(visitor.row(acme.owner.email)).toBeVisible();
});

test("guessed passwords raise an alert; the member is suspended at once, and let in again", async ({
  visitor,
  another,
}) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  expect((await mia.get(home)).status()).toBe(200);
  await watchClosely(visitor, acme);
  await guess(await another(), who.email);

  await openAlert(visitor, acme, who.name);
  await expect(page.getByText(new RegExp(`^\\d+ attempts to sign in as ${who.name} failed`))).toBeVisible();
  await expect(page.getByRole("table", { name: "What happened" })).toContainText("Failed to sign in");
  await visitor.press("Acknowledge");
  await expect(visitor.notice).toContainText("The alert is acknowledged");
  await expect(page.getByRole("button", { name: "Acknowledge" })).toHaveCount(0);

  const next = page.locator("section").filter({ hasText: "What to do next" });
  await next.getByRole("button", { name: /suspend/i }).click();
  await expect(visitor.notice).toContainText("The member is suspended");
  expect((await mia.get(home)).status()).toBe(403);
  await expect(next.getByText(/^Done /)).toBeVisible();
  await next.getByRole("button", { name: /^Undo: / }).click();
  await expect(visitor.notice).toContainText("It is undone.");
  expect((await mia.get(home)).status()).not.toBe(403);
  await visitor.goto(`${home}/members`);
  await expect(visitor.row(who.email)).toContainText("Active");
});

test("an alert is assigned, noted on, resolved and opened again, and its history tells", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const alerts = `/o/${acme.slug}/security/alerts`;
  const address = `${alerts}/${await raiseAlert(acme.slug)}`;
  await visitor.goto(address);
  await expect(page.getByText("12 different accounts failed to sign in from 203.0.113.0/24")).toBeVisible();

  const assign = await unfold(visitor, "Assign");
  await assign.getByRole("button", { name: "Assign" }).click();
  await expect(visitor.notice).toHaveText("The alert is assigned.");
  await expect(page.locator('dt:text-is("Assigned to") + dd')).toHaveText(acme.owner.name);

  const note = await unfold(visitor, "Add a note");
  await note.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByRole("alert")).toContainText("Note: Fill this in.");
  // It is open, with what is wrong at the field.
  await expect(note.getByLabel("Note")).toHaveAccessibleDescription(/^Fill this in\./);
  await note.getByLabel("Note").fill("The proxy of <b>our</b> office");
  await note.getByRole("button", { name: "Add note" }).click();
  await expect(visitor.notice).toHaveText("Your note is in the history.");
  await expect(page.getByText("The proxy of <b>our</b> office")).toBeVisible();

  const resolve = await unfold(visitor, "Resolve");
  await resolve.getByRole("button", { name: "Resolve" }).click();
  await expect(visitor.notice).toContainText("The alert is resolved.");
  await expect(page.locator('dt:text-is("State") + dd')).toHaveText("Resolved");
  await visitor.goto(alerts);
  await expect(page.getByText("Nothing is open")).toBeVisible();
  await visitor.follow("Resolved");
  await expect(page.getByRole("table", { name: "Alerts" }).getByRole("row")).toHaveCount(2);

  await visitor.goto(address);
  await visitor.press("Reopen");
  await expect(visitor.notice).toHaveText("The alert is open again.");
  const history = page.locator("section").filter({ hasText: "History" }).getByRole("listitem");
  for (const act of ["assigned the alert", "noted something", "resolved the alert", "opened the alert"]) {
    await expect(history.filter({ hasText: `${acme.owner.name} ${act}` }), act).toHaveCount(1);
  }
});

test("a detection that is set wrongly is told so, and is as it was", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/security/rules`);
  await expect(visitor.title).toHaveText("Detections");
  const threshold = page.locator("#field-guessing_threshold");
  const before = await threshold.inputValue();
  await threshold.fill("0");
  await visitor.press("Save");
  await expect(page.getByRole("alert")).toContainText("Nothing was saved");
  await expect(threshold).toHaveAttribute("aria-invalid", "true");
  await expect(threshold).toHaveValue("0");
  await visitor.goto(`/o/${acme.slug}/security/rules`);
  await expect(threshold).toHaveValue(before);
  await page.locator("#field-guessing_enabled").uncheck();
  await visitor.press("Save");
  await expect(visitor.notice).toContainText("The detections are saved.");
  await expect(page.locator("#field-guessing_enabled")).not.toBeChecked();
});

test("an auditor sees all of it and no button, and a plain member nothing", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const alert = `${home}/security/alerts/${await raiseAlert(acme.slug)}`;
  const [auditor, plain] = [await another(), await another()];
  await auditor.join(acme, visitor, "auditor");
  await plain.join(acme, visitor);

  await auditor.goto(`${home}/security`);
  const listed = auditor.page.getByRole("main").getByText("12 different accounts failed to sign in");
  await expect(listed).toBeVisible();
  for (const at of [alert, `${home}/security/rules`]) {
    await auditor.goto(at);
    const main = auditor.page.getByRole("main");
    await expect(main.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(main.getByRole("button"), at).toHaveCount(0);
    await expect(main.locator("form"), at).toHaveCount(0);
  }
  for (const [act, form] of [
    ["acknowledge", { note: "" }],
    ["assign", { assignee: "", note: "" }],
    ["note", { note: "x" }],
    ["resolve", { resolution: "expected", note: "" }],
    ["reopen", { note: "" }],
    ["contain", { containment: "suspend" }],
    ["release", { containment: "suspend" }],
  ] as const) {
    expect((await auditor.post(`${alert}/${act}`, form)).status(), act).toBe(403);
  }
  expect((await auditor.post(`${home}/security/rules`, { revision: "1" })).status()).toBe(403);

  await plain.goto(home);
  await expect(plain.page.getByRole("navigation", { name: "Main" }).getByText("Security")).toHaveCount(0);
  for (const at of [`${home}/security`, `${home}/security/live`, `${home}/security/alerts`, alert]) {
    expect((await plain.get(at)).status(), at).toBe(403);
  }
});
