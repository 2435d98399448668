// A file of the audit trail verified by the browser that has it, and by nobody else.

import { readFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import type { Organization } from "../support/pages.ts";
import { person } from "../support/people.ts";

interface Saved {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** What a menu of the audit page gives. */
async function save(
  visitor: Visitor,
  of: Organization,
  [menu, line]: ["Export", "CSV" | "NDJSON"] | ["Proofs", "Checkpoint" | "Key"],
): Promise<Saved> {
  await visitor.goto(`/o/${of.slug}/audit`);
  await visitor.press(menu);
  const download = visitor.page.waitForEvent("download");
  await visitor.follow(line);
  const file = await download;
  return { name: file.suggestedFilename(), mimeType: "text/plain", buffer: await readFile(await file.path()) };
}

/** An organization with something to tell. */
async function eventful(visitor: Visitor, another: () => Promise<Visitor>): Promise<Organization> {
  const acme = await visitor.found();
  await (await another()).join(acme, visitor);
  await visitor.invite(acme, person().email);
  return acme;
}

/** The verdict: there is no other status on the page. */
const verdict = (visitor: Visitor): Locator => visitor.page.getByRole("status");

/** Opens the page, and waits until it can verify. */
async function open(visitor: Visitor, of: Organization): Promise<void> {
  await visitor.goto(`/o/${of.slug}/audit/verify`);
  await expect(visitor.title).toHaveText("Verify");
  await expect(visitor.page.getByRole("button", { name: "Verify", exact: true })).toBeVisible();
}

async function verify(visitor: Visitor, file: Saved, kept: Saved[] = []): Promise<Locator> {
  await visitor.field("Export or proof").setInputFiles(file);
  await visitor.field("Kept checkpoints (optional)").setInputFiles(kept);
  await visitor.press("Verify");
  await expect(verdict(visitor)).not.toHaveText("");
  return verdict(visitor);
}

/** The value of a term of the verdict. */
const fact = (visitor: Visitor, term: string): Locator =>
  verdict(visitor).locator("dt", { hasText: term }).locator("xpath=following-sibling::dd[1]");

/** The file with one line changed. */
function edited(file: Saved, at: number, change: (line: string) => string): Saved {
  const lines = file.buffer.toString("utf8").split("\n");
  const line = change(lines[at]!);
  expect(line).not.toBe(lines[at]);
  lines[at] = line;
  return { ...file, buffer: Buffer.from(lines.join("\n")) };
}

test("an export is verified where it is, and a single changed byte is found at its entry", async ({
  visitor,
  another,
}) => {
  const acme = await eventful(visitor, another);
  const kept = await save(visitor, acme, ["Proofs", "Checkpoint"]);
  const key = await save(visitor, acme, ["Proofs", "Key"]);
  const file = await save(visitor, acme, ["Export", "NDJSON"]);
  const size = file.buffer.toString("utf8").trimEnd().split("\n").length - 1;

  await open(visitor, acme);
  const sent: string[] = [];
  visitor.page.on("request", (request) => {
    // Letters of other alphabets are fetched when they are shown.
    if (!request.url().includes("/fonts/")) sent.push(`${request.method()} ${request.url()}`);
  });
  const right = await verify(visitor, file, [kept]);
  await expect(right).toContainText("This export verifies");
  await expect(fact(visitor, "Size")).toHaveText(`${size} entries`);
  await expect(fact(visitor, "In clear")).toHaveText(`${size} entries`);
  await expect(fact(visitor, "Key")).toContainText("Not checked");
  await expect(fact(visitor, "Continues")).toContainText(/checkpoints of \d+ entries/);

  await visitor.field("Key (optional)").fill(key.buffer.toString("utf8"));
  await expect(verdict(visitor)).toHaveText("");
  await verify(visitor, file, [kept]);
  await expect(fact(visitor, "Key")).toHaveText("It is the one that you gave");

  const lines = file.buffer.toString("utf8").split("\n");
  const at = lines.findIndex((line) => line.includes("invitation.accepted"));
  expect(at).toBeGreaterThan(0);
  const { index } = (JSON.parse(lines[at]!) as { entry: { index: number } }).entry;
  const flipped = edited(file, at, (line) => line.replace("invitation.accepted", "invitation.acceptee"));
  const wrong = await verify(visitor, flipped);
  await expect(wrong).toContainText("This export does not verify");
  await expect(fact(visitor, "Index")).toHaveText(String(index));
  await expect(fact(visitor, "Line")).toHaveText(String(at + 1));
  expect(sent, "what the page has sent meanwhile").toEqual([]);
});

test("a log that does not continue a kept checkpoint is told from one that does", async ({ visitor, another }) => {
  const acme = await eventful(visitor, another);
  const file = await save(visitor, acme, ["Export", "NDJSON"]);
  await visitor.invite(acme, person().email);
  const later = await save(visitor, acme, ["Proofs", "Checkpoint"]);
  const other = await another();
  const globex = await eventful(other, another);
  const foreign = await save(other, globex, ["Proofs", "Checkpoint"]);

  await open(visitor, acme);
  await expect(await verify(visitor, file, [later])).toContainText(/the log has fewer entries/i);
  await expect(await verify(visitor, file, [foreign])).toContainText(/kept checkpoint 1 is wrong/i);
  const empty = { ...later, buffer: Buffer.from("\n") };
  await expect(await verify(visitor, file, [empty])).toContainText("holds no checkpoint");
  await visitor.field("Key (optional)").fill("no key");
  await expect(await verify(visitor, file)).toContainText("The key is none");
});

test("files that prove nothing are said to be what they are", async ({ visitor, another }) => {
  const acme = await eventful(visitor, another);
  const [csv, checkpoint] = [
    await save(visitor, acme, ["Export", "CSV"]),
    await save(visitor, acme, ["Proofs", "Checkpoint"]),
  ];
  const good = await save(visitor, acme, ["Export", "NDJSON"]);
  const text = good.buffer.toString("utf8");
  const file = (buffer: Buffer): Saved => ({ ...good, buffer });

  await open(visitor, acme);
  await visitor.press("Verify");
  await expect(verdict(visitor)).toContainText("Choose a file first.");
  for (const [what, chosen, said] of [
    ["CSV", csv, "CSV, which is for reading and proves nothing"],
    ["a checkpoint", checkpoint, "It is a checkpoint"],
    ["nothing", file(Buffer.alloc(0)), "It is empty"],
    ["other line ends", file(Buffer.from(text.replaceAll("\n", "\r\n"))), "A program has converted it"],
    ["no text", file(Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe])), "It is not a text"],
    ["no first line", file(Buffer.from(text.slice(text.indexOf("\n") + 1))), "Its first line is missing"],
    ["another text", file(Buffer.from("hello\n")), "neither an export as NDJSON nor a proof"],
  ] as const) {
    await expect(await verify(visitor, chosen), what).toContainText(said);
  }
});

test("a large file is read in slices, shows how far it has come, and can be cancelled", async ({ visitor }) => {
  const acme = await visitor.found();
  const good = await save(visitor, acme, ["Export", "NDJSON"]);
  const [manifest] = good.buffer.toString("utf8").split("\n", 1);
  // Lines across slices: one of 3 MB after the manifest is read to its end before it is found wrong.
  const long = Buffer.from(`${manifest}\n{"entry":"${"ö".repeat(1_500_000)}"}\n`);
  await open(visitor, acme);
  const wrong = await verify(visitor, { ...good, buffer: long });
  await expect(wrong).toContainText("This export does not verify");
  await expect(fact(visitor, "Line")).toHaveText("2");

  // Whoever cancels is told nothing, and may begin again.
  await visitor.page.evaluate(() => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with what it belongs to
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function (this: Blob) {
      await new Promise((later) => setTimeout(later, 300));
      return read.call(this);
    };
  });
  await visitor.field("Export or proof").setInputFiles({ ...good, buffer: long });
  await visitor.press("Verify");
  await expect(visitor.page.getByRole("progressbar", { name: "Read so far" })).toBeVisible();
  await expect(visitor.page.getByRole("button", { name: "Verify", exact: true })).toBeDisabled();
  await visitor.press("Cancel");
  await expect(visitor.page.getByRole("progressbar", { name: "Read so far" })).toBeHidden();
  await expect(visitor.page.getByRole("button", { name: "Verify", exact: true })).toBeEnabled();
  await expect(verdict(visitor)).toHaveText("");
  await expect(await verify(visitor, good)).toContainText("This export verifies");
});
