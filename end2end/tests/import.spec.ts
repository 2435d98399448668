// Members from a file and as one: checked before anything happens, imported as it was shown, and taken along again.

import { readFile } from "node:fs/promises";
import { expect, test, type Visitor } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
import { violations } from "../support/looks.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

const csv = (text: string, name = "members.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** Chooses a file, and has it checked, by keyboard alone. */
async function choose(visitor: Visitor, text: string): Promise<void> {
  const keyboard = new Keyboard(visitor.page);
  // Asked for before the key is pressed, and not in the same breath: or the browser opens a dialog of its own.
  const opened = visitor.page.waitForEvent("filechooser");
  await keyboard.reach(visitor.field("File"));
  await keyboard.press("Enter");
  await (await opened).setFiles(csv(text));
  await keyboard.enter(visitor.page.getByRole("button", { name: "Check", exact: true }));
}

test("by keyboard alone a thousand people are invited, and lines with errors are told and skipped", async ({
  visitor,
  another,
  javaScriptEnabled,
}) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const keyboard = new Keyboard(page);
  const mia = await (await another()).join(acme, visitor);
  await visitor.goto(`/o/${acme.slug}/members`);
  await keyboard.enter(page.getByRole("link", { name: "Import", exact: true }));
  await expect(visitor.title).toHaveText("Import members");
  await keyboard.enter(page.getByRole("button", { name: "Check", exact: true }));
  await visitor.expectError("File", /^Choose a file with something in it/);
  await choose(visitor, "email;name;role\n");
  await visitor.expectError("File", /divided by semicolons/);

  const unique = person().email.split("@")[0]!;
  const lines = Array.from({ length: 990 }, (_, n) => `${n}.${unique}@crowd.example,"Person, ""${n}""",Member`);
  const wrong = ["nobody,N,member", `x.${unique}@crowd.example,X,king`, `0.${unique}@crowd.example,N,admin`, "a,b"];
  const others = [`${mia.email},Mia,auditor`, `${acme.owner.email},O,owner`];
  await choose(visitor, `\ufeffemail,name,role\r\n${[...lines, ...wrong, ...others].join("\r\n")}\r\n`);
  await expect(visitor.title).toHaveText("Import members");
  for (const [label, count] of [
    ["To be invited", "990"],
    ["Other role", "1"],
    ["As the file says", "1"],
    ["With errors", "4"],
  ] as const) {
    await expect(page.locator(".stat").filter({ hasText: label })).toContainText(count);
  }
  // What looks at the page is a script itself.
  for (const colorScheme of javaScriptEnabled ? (["light", "dark"] as const) : []) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
  }
  await keyboard.enter(page.getByRole("link", { name: "With errors", exact: true }));
  await expect(visitor.row("Line 992")).toContainText("Not an address");
  await expect(visitor.row("Line 993")).toContainText("No such role");
  await expect(visitor.row("Line 994")).toContainText("The address stands in a line above");
  await expect(visitor.row("Line 995")).toContainText("Not three values");

  await keyboard.reach(visitor.field("Skip rows with errors"));
  await keyboard.press("ArrowDown");
  await expect(visitor.field("All or nothing")).toBeChecked();
  await keyboard.enter(page.getByRole("button", { name: "Import", exact: true }));
  await expect(page.getByRole("alert")).toContainText("Some lines have errors.");
  await keyboard.reach(visitor.field("All or nothing"));
  await keyboard.press("ArrowUp");
  await expect(visitor.field("Skip rows with errors")).toBeChecked();
  await keyboard.enter(page.getByRole("button", { name: "Import", exact: true }));
  await expect(visitor.notice).toContainText("It has begun");
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("991 changed, 1 unchanged, 4 refused")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await visitor.goto(`/o/${acme.slug}/members?q=${encodeURIComponent(mia.email)}`);
  await expect(visitor.row(mia.name)).toContainText("Auditor");
});

test("members are taken along as a file that can be imported", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/members`);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const saving = page.waitForEvent("download");
  await visitor.follow("CSV");
  const file = await saving;
  expect(file.suggestedFilename()).toBe(`${acme.slug}-members.csv`);
  const text = await readFile(await file.path(), "utf8");
  expect(text).toContain(`email,name,role,status,joined,last_seen,mfa,source\r\n${acme.owner.email},`);
  await visitor.goto(`/o/${acme.slug}/members/import`);
  await choose(visitor, text);
  await expect(page.getByText("There is nothing to import in this file.")).toBeVisible();

  // Somebody new gets a mail, whatever else waits to go out.
  const guest = person();
  await visitor.goto(`/o/${acme.slug}/members/import`);
  await choose(visitor, `email,name,role\n${guest.email},${guest.name},Member\n`);
  await visitor.press("Import");
  expect((await letter(guest.email)).subject).toContain(acme.name);
});

test("a file that is too large is refused at once", async ({ visitor }) => {
  const acme = await visitor.found();
  const file = csv("email,name,role\n" + "x".repeat(11 << 20));
  const headers = { origin: process.env.PORTCULLIS_BASE_URL! };
  const path = `/o/${acme.slug}/members/import`;
  const answer = await visitor.context.request.post(path, { multipart: { file }, headers, maxRedirects: 0 });
  expect(answer.status()).toBe(413);
  expect(await answer.text()).toContain("This is too much at once");
});
