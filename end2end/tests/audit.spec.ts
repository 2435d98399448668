// The audit trail: what is looked for in it, one entry, views that are kept, and what shows that all of it is right.

import { readFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
import type { Organization } from "../support/pages.ts";
import { person, type Person } from "../support/people.ts";

interface Story {
  acme: Organization;
  bo: Person;
  trail: string;
}

/** An organization in which somebody was suspended and resumed, and then was denied something. */
async function eventful(visitor: Visitor, another: () => Promise<Visitor>): Promise<Story> {
  const [acme, colleague] = [await visitor.found(), await another()];
  const bo = await colleague.join(acme, visitor);
  const member = await visitor.memberPath(acme, bo);
  await visitor.act(`${member}/suspend`);
  await visitor.act(`${member}/resume`);
  const answer = await colleague.post(`/o/${acme.slug}/settings/name`, { name: "Mine" });
  expect(answer.status()).toBe(403);
  return { acme, bo, trail: `/o/${acme.slug}/audit` };
}

/** The rows of the trail, the column names first. */
const rows = (visitor: Visitor): Locator => visitor.page.getByRole("table", { name: "Audit trail" }).getByRole("row");

/** What a browser saves when somebody does this, and under which name. */
async function saved(visitor: Visitor, act: () => Promise<void>): Promise<{ name: string; text: string }> {
  const waiting = visitor.page.waitForEvent("download");
  await act();
  const download = await waiting;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("filters add up, each can be taken off, and words are found", async ({ visitor, another }) => {
  const { page } = visitor;
  const { acme, bo, trail } = await eventful(visitor, another);
  await visitor.goto(trail);
  await visitor.field("Outcome").selectOption("denied");
  await visitor.press("Search");
  await expect(rows(visitor)).toHaveCount(2);
  await expect(rows(visitor).nth(1)).toContainText("was not allowed to rename the organization");
  await expect(visitor.field("Outcome")).toHaveValue("denied");

  await visitor.field("Category").selectOption("members");
  await visitor.press("Search");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await visitor.follow("Remove filter Outcome: Denied");
  await expect(rows(visitor).filter({ hasText: `suspended ${bo.name}` })).toHaveCount(1);
  await expect(rows(visitor).filter({ hasText: "created the organization" })).toHaveCount(0);
  await visitor.follow("Clear");
  await expect(page).toHaveURL(trail);

  await visitor.fill({ Search: bo.email.toUpperCase() });
  await visitor.field("Search").press("Enter");
  await expect(rows(visitor).filter({ hasText: `invited ${bo.email}` })).toHaveCount(1);
  await expect(rows(visitor).filter({ hasText: acme.name })).toHaveCount(0);
  await visitor.fill({ Search: "nobody-wrote-this" });
  await visitor.press("Search");
  await visitor.follow("Clear filters");
  await expect(page).toHaveURL(trail);
});

test("a search is text: its signs stand for nothing else", async ({ visitor }) => {
  const acme = await visitor.found();
  for (const text of ["100%_nothing", "a\\b'; DROP TABLE audit_entries;--", "<b>nothing</b>"]) {
    await visitor.goto(`/o/${acme.slug}/audit?q=${encodeURIComponent(text)}`);
    await expect(visitor.page.getByRole("heading", { name: "Nothing matches" }), text).toBeVisible();
    await expect(visitor.field("Search"), text).toHaveValue(text);
  }
});

test("a row leads to all that its actor did, and a column to its time", async ({ visitor, another }) => {
  const { page } = visitor;
  const { bo, trail } = await eventful(visitor, another);
  await visitor.goto(trail);
  await rows(visitor)
    .nth(1)
    .getByRole("button", { name: /^Actions for entry/ })
    .click();
  await visitor.follow(`Only what ${bo.name} did`);
  await expect(visitor.title).toHaveText(`What ${bo.name} did`);
  await expect(rows(visitor)).toHaveCount(3);
  await expect(rows(visitor).nth(2)).toContainText("joined as Member");
  // What the form does not show stays when it is sent.
  await visitor.field("Outcome").selectOption("denied");
  await visitor.press("Search");
  await expect(rows(visitor)).toHaveCount(2);
  await visitor.follow(`Remove filter Actor: ${bo.name}`);
  await expect(visitor.title).toHaveText("Audit trail");

  await visitor.goto(trail);
  await page.getByText("Show as table").click();
  await page.getByRole("table", { name: "Entries by time" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/\?from=[^&]+&until=[^&]+$/);
  await expect(page.getByRole("link", { name: /^Remove filter From: / })).toBeVisible();
  await expect(rows(visitor).nth(1)).toContainText("was not allowed to rename the organization");
  await expect(visitor.field("From")).toHaveValue(/^\d{4}-\d\d-\d\dT\d\d:\d\d/);
});

test("an entry leads to the next ones, and to what belongs to it", async ({ visitor, another }) => {
  const { page } = visitor;
  const { acme, bo, trail } = await eventful(visitor, another);
  await visitor.goto(trail);
  await visitor.follow(`suspended ${bo.name}`);
  await expect(visitor.title).toHaveText(/^Entry \d+$/);
  const suspended = page.url();
  await visitor.follow("Older");
  await expect(page.getByRole("main")).toContainText(`${bo.name} joined as Member.`);
  await visitor.follow("Newer");
  await expect(page).toHaveURL(suspended);
  await visitor.follow(`What happened to ${bo.name}`);
  await expect(visitor.title).toHaveText(`What happened to ${bo.name}`);
  await expect(rows(visitor).filter({ hasText: `resumed ${bo.name}` })).toHaveCount(1);
  await expect(rows(visitor).filter({ hasText: "created the organization" })).toHaveCount(0);

  await visitor.goto(`${trail}/0`);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  await visitor.follow(`What ${acme.owner.name} did`);
  await expect(rows(visitor).last()).toContainText("created the organization");
});

test("a view is saved, used, deleted and brought back", async ({ visitor, another }) => {
  const { page } = visitor;
  const { acme, trail } = await eventful(visitor, another);
  await visitor.goto(`${trail}?outcome=denied`);
  await visitor.press("Saved views");
  await visitor.follow("Save this view");
  await expect(page.getByText("You have saved none yet.")).toBeVisible();
  await expect(page.getByText("Keep the list that you came from: Outcome: Denied.")).toBeVisible();
  await visitor.press("Save view");
  await visitor.expectError("Name", /^Fill this in\./);
  await visitor.fill({ Name: "Kept away" });
  await visitor.press("Save view");
  await expect(visitor.notice).toHaveText("The view Kept away is saved. You find it under Saved views.");
  await expect(page).toHaveURL(`${trail}?outcome=denied`);

  // Nobody else has it.
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  await admin.goto(`${trail}/views`);
  await expect(admin.page.getByText("You have saved none yet.")).toBeVisible();
  await expect(admin.page.getByText("Search or filter the audit trail first.")).toBeVisible();

  await visitor.goto(trail);
  await visitor.press("Saved views");
  await visitor.follow("Kept away");
  await expect(page).toHaveURL(`${trail}?outcome=denied`);
  await expect(rows(visitor)).toHaveCount(2);
  await visitor.goto(`${trail}/views`);
  await visitor.press("Delete the view Kept away");
  await expect(visitor.notice).toContainText("The view Kept away is deleted.");
  await visitor.press("Undo");
  await visitor.goto(`${trail}/views`);
  await expect(page.getByRole("link", { name: "Kept away", exact: true })).toBeVisible();
});

test("an export holds what the list shows", async ({ visitor, another }) => {
  const { acme, trail } = await eventful(visitor, another);
  const save = async (format: "CSV" | "NDJSON") => {
    await visitor.goto(`${trail}?outcome=denied`);
    await visitor.press("Export");
    return saved(visitor, () => visitor.follow(format));
  };
  const table = await save("CSV");
  expect(table.name).toBe(`${acme.slug}-audit.csv`);
  const lines = table.text.split("\r\n").filter(Boolean);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("organization.renamed,denied");

  interface Line {
    manifest?: { filter?: string };
    entry?: { outcome: string };
  }
  const log = (await save("NDJSON")).text.split("\n").filter(Boolean);
  const [head, ...rest] = log.map((line) => JSON.parse(line) as Line);
  expect(head?.manifest?.filter).toBe("outcome=denied");
  expect(rest.filter(({ entry }) => entry).map(({ entry }) => entry?.outcome)).toEqual(["denied"]);
  // Of what is left out there is nothing but hashes.
  expect(log.join()).not.toContain("organization.created");
});

test("checkpoints are taken and kept, and prove what lies between them", async ({ visitor, another }) => {
  const { page } = visitor;
  const { acme, trail } = await eventful(visitor, another);
  const take = async () => {
    await visitor.press("Take a checkpoint");
    await expect(visitor.notice).toHaveText(/^The checkpoint of [\d,]+ entries is taken\./);
    return /of ([\d,]+) entries/.exec(await visitor.notice.innerText())![1]!.replaceAll(",", "");
  };
  await visitor.goto(trail);
  await visitor.press("Proofs");
  await visitor.follow("All checkpoints");
  await expect(visitor.title).toHaveText("Checkpoints");
  const first = await take();
  await expect(visitor.row(`${first} entries`)).toContainText("On demand");
  const note = await saved(visitor, () => visitor.follow(`Download the checkpoint of ${first} entries`));
  expect(note.name).toBe(`${acme.slug}-checkpoint-${first}.txt`);
  expect(note.text.split("\n")[1]).toBe(first);
  const key = await saved(visitor, () => visitor.follow("Key"));
  expect(key.text).toContain(note.text.split("\n")[0]!);

  await visitor.invite(acme, person().email);
  const second = await take();
  expect(Number(second)).toBeGreaterThan(Number(first));
  await expect(visitor.field("From")).toHaveValue(first);
  await expect(visitor.field("To")).toHaveValue(second);
  const proof = await saved(visitor, () => visitor.press("Download proof"));
  expect(proof.name).toBe(`${acme.slug}-consistency-${first}-${second}.json`);
  expect(() => JSON.parse(proof.text) as unknown).not.toThrow();
  expect((await visitor.get(`${trail}/consistency?from=x`)).status()).toBe(400);

  await visitor.goto(`${trail}/0`);
  const entry = await saved(visitor, () => visitor.follow("Proof"));
  expect(entry.name).toBe(`${acme.slug}-proof-0.json`);
  expect(() => JSON.parse(entry.text) as unknown).not.toThrow();
  for (const none of ["99999/proof", "x/proof", "checkpoints/99999", "checkpoints/x"])
    expect((await visitor.get(`${trail}/${none}`)).status(), none).toBe(404);
  await expect(page.getByRole("main")).toContainText("created the organization");
});

test("the trail of another organization is not there, and a member without the right sees none", async ({
  visitor,
  another,
}) => {
  const { acme, trail } = await eventful(visitor, another);
  await visitor.act(`${trail}/checkpoints`);
  const [stranger, plain] = [await another(), await another()];
  await stranger.found();
  await plain.join(acme, visitor);
  const addresses = [
    "",
    "?q=ada",
    "/0",
    "/0/proof",
    "/checkpoints",
    "/checkpoints/1",
    "/consistency?from=1&to=2",
    "/views",
  ];
  for (const at of [...addresses, "/export?outcome=denied"]) {
    expect((await stranger.get(`${trail}${at}`)).status(), at).toBe(404);
    expect((await plain.get(`${trail}${at}`)).status(), at).toBe(403);
  }
  for (const [at, form] of [
    ["/checkpoints", {}],
    ["/views", { name: "X", query: "outcome=denied" }],
  ] as const) {
    expect((await stranger.post(`${trail}${at}`, form)).status(), at).toBe(404);
    expect((await plain.post(`${trail}${at}`, form)).status(), at).toBe(403);
  }
});

test("by keyboard alone an entry is found and read", async ({ visitor, another }) => {
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const { bo, trail } = await eventful(visitor, another);
  await visitor.goto(trail);
  await keyboard.type(visitor.field("Search"), bo.email);
  await keyboard.press("Enter");
  await expect(page.getByRole("link", { name: /^Remove filter “/ })).toBeVisible();
  await keyboard.enter(page.getByRole("link", { name: `invited ${bo.email} as Member` }));
  await expect(visitor.title).toHaveText(/^Entry \d+$/);
  await keyboard.enter(page.getByRole("link", { name: "Older" }));
  await expect(page.getByRole("main")).toContainText("created the organization");
});
