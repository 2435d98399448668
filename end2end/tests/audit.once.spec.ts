// The audit trail as a file that anybody can check, and who may have it.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import type { TestInfo } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import type { Organization } from "../support/pages.ts";
import { person } from "../support/people.ts";
import { binary } from "../support/portal.mjs";

test.use({ islands: false });

interface Verdict {
  status: number;
  said: string;
}

/** What `portcullis audit verify` says, without any database. */
async function verify(...args: string[]): Promise<Verdict> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH };
    const child = execFile(binary, ["audit", "verify", ...args], { env }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode ?? 1, said: stdout + stderr });
    });
  });
}

/** Saves what a menu of the audit page gives. */
async function save(
  visitor: Visitor,
  of: Organization,
  [menu, line]: ["Export", "CSV" | "NDJSON"] | ["Proofs", "Checkpoint"],
  info: TestInfo,
): Promise<string> {
  await visitor.goto(`/o/${of.slug}/audit`);
  await visitor.press(menu);
  const download = visitor.page.waitForEvent("download");
  await visitor.follow(line);
  const file = info.outputPath(`${Date.now()}-${(await download).suggestedFilename()}`);
  await (await download).saveAs(file);
  return file;
}

/** An organization with something to tell. */
async function eventful(visitor: Visitor, another: () => Promise<Visitor>): Promise<Organization> {
  const acme = await visitor.found();
  await (await another()).join(acme, visitor);
  await visitor.invite(acme, person().email);
  return acme;
}

test("an export verifies, and not when a single byte was changed", async ({ visitor, another }, info) => {
  const acme = await eventful(visitor, another);
  const file = await save(visitor, acme, ["Export", "NDJSON"], info);
  const right = await verify(file);
  expect(right.status, right.said).toBe(0);
  expect(right.said).toMatch(/verifies: \d+ entries/);

  const lines = (await readFile(file, "utf8")).split("\n");
  const at = lines.findIndex((line) => line.includes("invitation.accepted"));
  expect(at).toBeGreaterThan(0);
  const index = (JSON.parse(lines[at]!) as { index?: number; entry?: { index: number } }).entry?.index ?? at - 1;
  for (const [what, change] of [
    ["a value", (line: string) => line.replace('"member"', '"admins"')],
    ["a letter of an action", (line: string) => line.replace("invitation.accepted", "invitation.acceptee")],
    ["a digit", (line: string) => line.replace(/(\d)(?=[^\d]*$)/, (digit) => String((Number(digit) + 1) % 10))],
  ] as const) {
    const forged = [...lines];
    forged[at] = change(lines[at]!);
    expect(forged[at], what).not.toBe(lines[at]);
    await writeFile(`${file}.forged`, forged.join("\n"));
    const wrong = await verify(`${file}.forged`);
    expect(wrong.status, what).not.toBe(0);
    expect(wrong.said, what).toContain(`at index ${index}`);
  }
  for (const [what, rest] of [
    ["an entry left out", lines.filter((_, line) => line !== at)],
    ["the last entry left out", lines.filter((_, line) => line !== lines.length - 2)],
    [
      "two entries swapped",
      lines.map((line, nth) => (nth === at ? lines[at - 1]! : nth === at - 1 ? lines[at]! : line)),
    ],
    ["an entry twice", lines.flatMap((line, nth) => (nth === at ? [line, line] : [line]))],
    ["no manifest", lines.slice(1)],
    ["nothing", []],
  ] as const) {
    await writeFile(`${file}.forged`, rest.join("\n"));
    expect((await verify(`${file}.forged`)).status, what).not.toBe(0);
  }
  expect((await verify(`${file}.missing`)).status).not.toBe(0);
});

test("a checkpoint that was kept is continued by a later export, and by no other log", async ({
  visitor,
  another,
}, info) => {
  const acme = await eventful(visitor, another);
  const checkpoint = await save(visitor, acme, ["Proofs", "Checkpoint"], info);
  await visitor.invite(acme, person().email);
  const later = await save(visitor, acme, ["Export", "NDJSON"], info);
  const right = await verify(later, "--checkpoint", checkpoint);
  expect(right.status, right.said).toBe(0);
  // Several, in one file and in two.
  const kept = `${checkpoint}.kept`;
  await visitor.invite(acme, person().email);
  const newest = await save(visitor, acme, ["Proofs", "Checkpoint"], info);
  await writeFile(kept, `${await readFile(checkpoint, "utf8")}\n${await readFile(newest, "utf8")}`);
  const shrunk = await verify(later, "--checkpoint", kept);
  expect(shrunk.status).not.toBe(0);
  expect(shrunk.said).toContain("has fewer entries");
  const latest = await save(visitor, acme, ["Export", "NDJSON"], info);
  const continued = await verify(latest, "--checkpoint", checkpoint, "--checkpoint", newest);
  expect(continued.status, continued.said).toBe(0);
  expect(continued.said).toMatch(/agrees with the kept checkpoints of \d+, \d+ entries/);

  const other = await another();
  const globex = await eventful(other, another);
  const foreign = await save(other, globex, ["Export", "NDJSON"], info);
  expect((await verify(foreign, "--checkpoint", checkpoint)).status).not.toBe(0);
  const key = /--key '([^']+)'/.exec((await verify(foreign)).said)![1]!;
  expect((await verify(foreign, "--key", key)).status).toBe(0);
  expect((await verify(later, "--key", key)).status).not.toBe(0);
});

test("an export as CSV is a table to read, and no proof", async ({ visitor, another }, info) => {
  const acme = await eventful(visitor, another);
  const file = await save(visitor, acme, ["Export", "CSV"], info);
  expect(file).toMatch(new RegExp(`${acme.slug}-audit\\.csv$`));
  const [head, first, ...rest] = (await readFile(file, "utf8")).split("\r\n");
  expect(head).toMatch(/^index,at,actor,/);
  expect(first).toContain(`${acme.owner.name},person`);
  expect(first).toContain("organization.created");
  expect(rest.join()).toContain("format: csv");
  const refused = await verify(file);
  expect(refused.status).not.toBe(0);
  expect(refused.said).toContain("CSV, which is for reading and proves nothing");
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("was given the whole CSV file of an export");
  await expect(visitor.page.getByRole("row").nth(2)).toContainText("exported the audit trail as CSV");
});

test("an export is itself in the trail", async ({ visitor, another }, info) => {
  const acme = await eventful(visitor, another);
  await save(visitor, acme, ["Export", "NDJSON"], info);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(2)).toContainText("exported the audit trail");
});

test("who may not look is told so, and the owner sees that they tried", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const plain = await another();
  const bo = await plain.join(acme, visitor);
  const auditor = await another();
  await auditor.join(acme, visitor, "auditor");

  await plain.goto(`/o/${acme.slug}`);
  await expect(plain.page.getByRole("link", { name: "Audit trail" })).toHaveCount(0);
  for (const at of [
    "audit",
    "audit/0",
    "audit/verify",
    "audit/export",
    "audit/checkpoint",
    "invitations",
    "invitations/new",
  ]) {
    const answer = await plain.get(`/o/${acme.slug}/${at}`);
    expect(answer.status(), at).toBe(403);
    expect(await answer.text(), at).toContain("Your role does not allow this");
  }
  const me = await plain.memberPath(acme, bo);
  for (const [at, form] of [
    [`${me}/role`, { role: "owner" }],
    [`${me}/suspend`, {}],
    [`${me}/remove`, { confirmation: bo.name }],
    [`/o/${acme.slug}/settings/name`, { name: "Mine" }],
    [`/o/${acme.slug}/settings/address`, { slug: "mine-now" }],
    [`/o/${acme.slug}/invitations`, { email: person().email, role: "member" }],
  ] as const) {
    expect((await plain.post(at, form)).status(), at).toBe(403);
  }
  await auditor.goto(`/o/${acme.slug}/audit`);
  await expect(auditor.page.getByRole("button", { name: "Proofs" })).toBeVisible();
  await expect(auditor.page.getByRole("button", { name: "Export" })).toHaveCount(0);
  expect((await auditor.get(`/o/${acme.slug}/audit/export`)).status()).toBe(403);

  await visitor.goto(`/o/${acme.slug}/audit`);
  const denied = visitor.page.getByRole("row").filter({ hasText: "Denied" });
  for (const act of ["change a role", "suspend a member", "remove a member"]) {
    const tried = denied.filter({ hasText: bo.name }).filter({ hasText: `was not allowed to ${act}` });
    await expect(tried, act).toHaveCount(1);
  }
  await expect(denied.filter({ hasText: "was not allowed to export the audit trail" })).toHaveCount(2);
  await visitor.goto(`/o/${acme.slug}/settings`);
  await expect(visitor.field("Organization name")).toHaveValue(acme.name);
});

test("an admin touches no owner", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  const owner = await admin.memberPath(acme, acme.owner);
  await admin.goto(`/o/${acme.slug}/members`);
  await expect(admin.page.getByRole("button", { name: `Actions for ${acme.owner.name}` })).toHaveCount(0);
  for (const [act, form] of [
    ["role", { role: "member" }],
    ["suspend", {}],
    ["remove", { confirmation: acme.owner.name }],
  ] as const) {
    expect((await admin.post(`${owner}/${act}`, form)).status(), act).toBe(403);
  }
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.row(acme.owner.email)).toContainText("Owner");
  await visitor.goto(`/o/${acme.slug}/audit`);
  for (const act of ["change a role", "suspend a member", "remove a member"]) {
    await expect(visitor.page.getByRole("row").filter({ hasText: `was not allowed to ${act}` }), act).toHaveCount(1);
  }
});
