// A program from its first request to its last: it has a quota and a key, and asks by curl, as in somebody's script.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "../support/browser.ts";
import type { Body } from "../support/keys.ts";
import { letter } from "../support/mail.ts";
import { path } from "../support/pages.ts";

const SECRET = /^ptc_[0-9A-Za-z]{39}$/;
const PROBLEM = "application/problem+json";
/** What curl writes behind an answer. */
const WRITTEN = "\n%{http_code} %{content_type}";

/** What curl is answered. The key comes by its standard input: arguments of commands are for everybody to see. */
async function curl(key: string, at: string, body?: unknown) {
  const sent = body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
  const address = `${process.env.PORTCULLIS_BASE_URL!}/api/v1${at}`;
  const run = promisify(execFile)("curl", ["-sS", "-w", WRITTEN, "-H", "@-", ...sent, address]);
  run.child.stdin?.end(`Authorization: Bearer ${key}\n`);
  const { stdout } = await run;
  const end = stdout.lastIndexOf("\n");
  const [status, type] = stdout.slice(end + 1).split(" ");
  return { status: Number(status), type, body: JSON.parse(stdout.slice(0, end)) as Body };
}

/** Reserves files, and says that they are stored. */
async function store(key: string, files: number): Promise<void> {
  const amounts = { file_count: files };
  const reserved = await curl(key, "/quotas/reservations", { amounts, subject: "nightly-import" });
  expect(reserved).toMatchObject({ status: 201, type: "application/json", body: { state: "held", amounts } });
  const settled = await curl(key, `/quotas/reservations/${reserved.body.id as string}/settle`, { amounts });
  expect(settled).toMatchObject({ status: 200, body: { state: "settled", settled: amounts } });
}

test("a program uses its quota up, people are told, and its key is rotated and revoked", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const files = `${home}/quotas/file_count`;
  const said = (percent: number) => `${acme.name} has reached ${percent} % of its quota “Files”`;
  const standing = (text: string) => page.getByRole("img", { name: `Files: ${text}` });

  // What it may use.
  await visitor.goto(`${home}/quotas`);
  await visitor.follow("Files");
  await visitor.follow("Change quota");
  await visitor.fill({ Limit: "10", Thresholds: "80, 100" });
  await visitor.press("Save quota");
  await expect(visitor.notice).toContainText("The quota Files is saved.");
  await expect(page.locator('dt:text-is("Limit") + dd')).toHaveText("10, the organization’s own");
  await expect(standing("0 of 10 used (0 %)")).toBeVisible();

  // What it comes with.
  await visitor.goto(`${home}/keys/new`);
  await visitor.fill({ Name: "Importer" });
  await visitor.field("Reserve, settle and report what is used").check();
  await visitor.field("See usage and quotas").check();
  await visitor.press("Create key");
  await expect(visitor.title).toHaveText("Importer");
  const first = await visitor.field("API key").inputValue();
  expect(first).toMatch(SECRET);
  await visitor.follow("I have stored it");
  await expect(page.getByText(`${first.slice(0, 8)}…`)).toBeVisible();
  const key = new URL(page.url()).pathname;

  // It uses most of it, and people see that and are told.
  await store(first, 8);
  const used = { total: 8, limit: 10, top: [{ subject: "nightly-import", amount: 8 }] };
  expect(await curl(first, "/usage?metric=file_count")).toMatchObject({ status: 200, body: used });
  await visitor.goto(files);
  await expect(standing("8 of 10 used (80 %)")).toBeVisible();
  await expect(page.getByRole("img", { name: "Files, last 30 days" })).toBeVisible();
  await expect(visitor.row("nightly-import")).toContainText("8");
  const early = await letter(acme.owner.email, 2);
  expect(early.subject).toBe(said(80));
  expect(path(early.link)).toBe(files);

  // It uses all of it, and gets no more.
  await store(first, 2);
  const refused = await curl(first, "/quotas/reservations", { amounts: { file_count: 1 } });
  expect(refused).toMatchObject({ status: 429, type: PROBLEM, body: { code: "over_quota", status: 429 } });
  expect(refused.body.detail).toContain("“Files”");
  const full = { metric: "file_count", limit: 10, hard: true, used: 10, held: 0, thresholds: [80, 100] };
  expect((await curl(first, "/quotas")).body.items).toContainEqual(expect.objectContaining(full));
  expect((await letter(acme.owner.email, 3)).subject).toBe(said(100));
  await visitor.goto(files);
  await expect(standing("10 of 10 used (100 %)")).toBeVisible();
  await expect(page.getByText("All of it is used.")).toBeVisible();
  const bell = page.getByRole("link", { name: /^Notifications/ });
  await expect(bell).toHaveText("Notifications2");
  await bell.click();
  await expect(visitor.row(said(80))).toContainText("New");
  await visitor.row(said(100)).getByRole("button", { name: "Open", exact: true }).click();
  await expect(page).toHaveURL(files);

  // Another secret: for a while both work.
  await visitor.goto(key);
  await visitor.field("Former secret works for").selectOption("1 hour");
  await visitor.press("Rotate key");
  const second = await visitor.field("API key").inputValue();
  expect(second).toMatch(SECRET);
  expect(second).not.toBe(first);
  for (const secret of [first, second]) expect(await curl(secret, "/quotas")).toMatchObject({ status: 200 });

  // Every page says that it is full. They ask for that every half minute, and may have asked before.
  const text = async () => (await visitor.get(home)).text();
  await expect.poll(text, { timeout: 60_000, intervals: [1_000] }).toContain("A quota is used up");
  await visitor.goto(home);
  await expect(page.getByText("has reached 100 % of its limit.")).toBeVisible();
  await visitor.follow("Files");
  await expect(visitor.title).toHaveText("Files");

  // It is not wanted any more.
  await visitor.goto(`${key}/revoke`);
  await visitor.press("Revoke key");
  await expect(visitor.notice).toContainText("The key is revoked");
  for (const secret of [first, second]) {
    const late = await curl(secret, "/quotas");
    expect(late).toMatchObject({ status: 401, type: PROBLEM, body: { code: "key_refused", status: 401 } });
  }
});
