// Invitations: every way in, and every way an invitation ends.

import type { BrowserContext } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import { duringStrike, letter, letters } from "../support/mail.ts";
import { type Organization, path } from "../support/pages.ts";
import { person } from "../support/people.ts";

async function open(visitor: Visitor, of: Organization): Promise<void> {
  await visitor.goto(`/o/${of.slug}/invitations`);
}

/** Notes what a browser tells with its requests beside their paths: queries, and where they come from. */
function listen(context: BrowserContext): () => Promise<string[]> {
  const told: Promise<string>[] = [];
  context.on("requestfinished", (request) => {
    const headers = request.allHeaders();
    told.push(headers.then(({ referer = "" }) => `${new URL(request.url()).search} from ${referer}`));
  });
  return async () => {
    expect(told.length).toBeGreaterThan(0);
    return Promise.all(told);
  };
}

/** The link that "Copy link" shows. */
async function copyLink(visitor: Visitor, of: Organization, email: string): Promise<string> {
  await open(visitor, of);
  await visitor.choose(email, "Copy link");
  await expect(visitor.title).toHaveText("Invitation link");
  return visitor.field("Invitation link").inputValue();
}

test("a copied link lets the invited person in, once", async ({ visitor, another }) => {
  const [acme, bo] = [await visitor.found(), person()];
  await visitor.invite(acme, bo.email);
  const [first, second] = [await copyLink(visitor, acme, bo.email), await copyLink(visitor, acme, bo.email)];
  expect(first).not.toBe(second);
  const mailed = (await letter(bo.email)).link;

  const colleague = await another();
  await colleague.goto(first);
  await colleague.fill({ "Full name": bo.name, Password: bo.password });
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText(acme.name);
  await expect(colleague.notice).toHaveText(`Welcome to ${acme.name}.`);

  const late = await another();
  for (const link of [first, second, mailed]) {
    await late.goto(link);
    await expect(late.title).toHaveText("This link was used already");
  }
  await open(visitor, acme);
  await expect(visitor.row(bo.email)).toContainText("Accepted");
  await expect(visitor.page.getByRole("button", { name: `Actions for ${bo.email}` })).toHaveCount(0);
});

test("a mail can be sent again, and both links work until one is used", async ({ visitor, another }) => {
  const [acme, bo] = [await visitor.found(), person()];
  await visitor.invite(acme, bo.email);
  const first = await letter(bo.email);
  await open(visitor, acme);
  await visitor.choose(bo.email, "Resend");
  await expect(visitor.notice).toHaveText(`The invitation to ${bo.email} goes out again.`);
  const second = await letter(bo.email, 2);
  expect(second.link).not.toBe(first.link);
  const [colleague, late] = [await another(), await another()];
  for (const { link } of [first, second]) {
    await colleague.goto(link);
    await expect(colleague.title).toHaveText(`Join ${acme.name}`);
  }
  await colleague.act(path(second.link), { name: bo.name, password: bo.password });
  for (const { link } of [first, second]) {
    await late.goto(link);
    await expect(late.title).toHaveText("This link was used already");
  }
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.title).toHaveText(acme.name);
});

test("a revoked invitation says so", async ({ visitor, another }) => {
  const [acme, bo] = [await visitor.found(), person()];
  await visitor.invite(acme, bo.email);
  const { link } = await letter(bo.email);
  await open(visitor, acme);
  await visitor.choose(bo.email, "Revoke");
  await expect(visitor.notice).toHaveText(`The invitation to ${bo.email} is revoked.`);
  await expect(visitor.row(bo.email)).toContainText("Revoked");
  const colleague = await another();
  await colleague.goto(link);
  await expect(colleague.title).toHaveText("This invitation was revoked");
  expect((await colleague.post(path(link), { name: bo.name, password: bo.password })).status()).toBe(410);
  await visitor.invite(acme, bo.email);
  await colleague.goto((await letter(bo.email, 2)).link);
  await expect(colleague.title).toHaveText(`Join ${acme.name}`);
});

test("an invitation can be declined", async ({ visitor, another }) => {
  const [acme, bo] = [await visitor.found(), person()];
  await visitor.invite(acme, bo.email);
  const { link } = await letter(bo.email);
  const colleague = await another();
  await colleague.goto(link);
  await colleague.press("Decline");
  await expect(colleague.title).toHaveText("Invitation declined");
  await colleague.goto(link);
  await expect(colleague.title).toHaveText("This invitation was declined");
  await open(visitor, acme);
  await expect(visitor.row(bo.email)).toContainText("Declined");
});

test("a link is for the invited address only", async ({ visitor, another }) => {
  const [acme, bo, eve] = [await visitor.found(), person(), await another()];
  const { owner } = await eve.found();
  await visitor.invite(acme, bo.email);
  const { link } = await letter(bo.email);
  await eve.goto(link);
  await expect(eve.page.getByRole("main")).toContainText(
    `You are signed in as ${owner.email}. The invitation is for ${bo.email}.`,
  );
  await expect(eve.page.getByRole("button", { name: "Accept invitation" })).toHaveCount(0);
  expect((await eve.post(path(link))).status()).toBe(403);
  await eve.goto(`/o/${acme.slug}`);
  await expect(eve.title).toHaveText("Page not found");
});

test("who has an account signs in to accept", async ({ visitor, another }) => {
  const [acme, colleague] = [await visitor.found(), await another()];
  const { owner: bo } = await (await another()).found();
  await visitor.invite(acme, bo.email);
  await colleague.goto((await letter(bo.email, 2)).link);
  await colleague.press("Sign in to accept");
  await colleague.fill({ Email: bo.email, Password: bo.password });
  await colleague.press("Sign in");
  await expect(colleague.title).toHaveText(`Join ${acme.name}`);
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText(acme.name);
});

test("from another account to the invited one, and the link is told to nobody on the way", async ({
  visitor,
  another,
}) => {
  const [acme, colleague] = [await visitor.found(), await another()];
  const { owner: bo } = await (await another()).found();
  await visitor.invite(acme, bo.email);
  const link = path((await letter(bo.email, 2)).link);
  const token = link.split("/").at(-1)!;
  await colleague.found();
  const told = listen(colleague.context);

  await colleague.goto(link);
  await colleague.press("Use another account");
  await expect(colleague.page).toHaveURL("/sign-in");
  await colleague.fill({ Email: bo.email, Password: "not this one" });
  await colleague.press("Sign in");
  await colleague.expectError("Password", "Address and password do not match.");
  await expect(colleague.page).toHaveURL("/sign-in");
  await colleague.fill({ Email: bo.email, Password: bo.password });
  await colleague.press("Sign in");
  await expect(colleague.title).toHaveText(`Join ${acme.name}`);
  expect((await colleague.context.cookies()).map(({ name }) => name)).not.toContain("__Host-next");
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText(acme.name);

  expect((await told()).filter((text) => text.includes(token))).toEqual([]);
});

test("from another account to a new one, and the link is told to nobody on the way", async ({ visitor, another }) => {
  const [acme, colleague, bo] = [await visitor.found(), await another(), person()];
  await visitor.invite(acme, bo.email);
  const link = path((await letter(bo.email)).link);
  const token = link.split("/").at(-1)!;
  await colleague.found();
  const told = listen(colleague.context);

  await colleague.goto(link);
  await colleague.press("Use another account");
  await expect(colleague.title).toHaveText(`Join ${acme.name}`);
  await colleague.press("Accept invitation");
  await colleague.expectError("Password", /^Fill this in\./);
  await colleague.fill({ "Full name": bo.name, Password: bo.password });
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText(acme.name);

  expect((await told()).filter((text) => text.includes(token))).toEqual([]);
});

test("a signed-in person finds invitations among their own pages", async ({ visitor, another }) => {
  const [acme, globex, colleague] = [await visitor.found(), await (await another()).found(), await another()];
  const { owner: bo } = await colleague.found();
  const hank = await another();
  await hank.signIn(globex.owner);
  await visitor.invite(acme, bo.email, "admin");
  await hank.invite(globex, bo.email);

  await colleague.goto("/");
  await colleague.page.getByRole("button", { name: `Account menu of ${bo.name}, 2 invitations`, exact: true }).click();
  await colleague.follow("Your invitations (2)");
  await expect(colleague.page.getByText(`${acme.owner.name} invites you as Admin.`)).toBeVisible();
  const card = (name: string) => colleague.page.getByRole("main").locator("section").filter({ hasText: name });
  await card(globex.name).getByRole("button", { name: "Decline" }).click();
  await expect(colleague.notice).toHaveText("The invitation is declined.");
  await expect(card(globex.name)).toHaveCount(0);
  await card(acme.name).getByRole("button", { name: "Accept invitation" }).click();
  await expect(colleague.title).toHaveText(acme.name);
  await expect(colleague.notice).toHaveText(`Welcome to ${acme.name}.`);
  await colleague.goto("/invitations");
  await expect(colleague.page.getByRole("heading", { name: "No open invitations" })).toBeVisible();
});

test("a form that was sent after the session ended leads back to its page", async ({ visitor, another }) => {
  const [acme, colleague] = [await visitor.found(), await another()];
  const { owner: bo } = await colleague.found();
  await visitor.invite(acme, bo.email);
  await colleague.goto("/invitations");
  await colleague.context.clearCookies();
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText("Sign in");
  await colleague.fill({ Email: bo.email, Password: bo.password });
  await colleague.press("Sign in");
  await expect(colleague.page).toHaveURL("/invitations");
  await colleague.press("Accept invitation");
  await expect(colleague.title).toHaveText(acme.name);
});

test("who is a member or invited already is said at the field", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const [bo, cy] = [await (await another()).join(acme, visitor), person()];
  await visitor.invite(acme, cy.email);
  for (const [email, message] of [
    [bo.email.toUpperCase(), "This person is a member already."],
    [cy.email, "This person is invited already. You can resend the invitation."],
  ] as const) {
    await visitor.goto(`/o/${acme.slug}/invitations/new`);
    await visitor.field("Email").fill(email);
    await visitor.field("Role").selectOption("Auditor");
    await visitor.press("Send invitation");
    await visitor.expectError("Email", message);
    await expect(visitor.field("Email")).toHaveValue(email);
    await expect(visitor.field("Role")).toHaveValue("auditor");
  }
});

test("when the inviter may invite no more, the link says so", async ({ visitor, another }) => {
  const [acme, admin] = [await visitor.found(), await another()];
  const bo = await admin.join(acme, visitor, "admin");
  const cy = person();
  await admin.invite(acme, cy.email);
  await visitor.act(`${await visitor.memberPath(acme, bo)}/role`, { role: "member" });
  const newcomer = await another();
  await newcomer.goto((await letter(cy.email)).link);
  await expect(newcomer.title).toHaveText("This invitation is no longer valid");
});

test("nobody invites to more than they hold", async ({ visitor, another }) => {
  const [acme, admin] = [await visitor.found(), await another()];
  await admin.join(acme, visitor, "admin");
  await admin.goto(`/o/${acme.slug}/invitations/new`);
  await expect(admin.field("Role").getByRole("option")).toHaveText(["Admin", "Security officer", "Auditor", "Member"]);
  const email = person().email;
  expect((await admin.post(`/o/${acme.slug}/invitations`, { email, role: "owner" })).status()).toBe(403);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("Denied");
  await open(visitor, acme);
  await expect(visitor.row(email)).toHaveCount(0);
});

test("many who accept at once are one", async ({ visitor, another }) => {
  const [acme, bo, crowd] = [await visitor.found(), person(), await another()];
  await visitor.invite(acme, bo.email);
  const link = path((await letter(bo.email)).link);
  const form = { name: bo.name, password: bo.password };
  const answers = await Promise.all(Array.from({ length: 10 }, () => crowd.post(link, form)));
  const home = answers.filter((answer) => answer.status() === 303 && answer.headers().location === `/o/${acme.slug}`);
  expect(home).toHaveLength(1);
  await visitor.goto(`/o/${acme.slug}/members?q=${bo.email}`);
  await expect(visitor.row(bo.email)).toHaveCount(1);
});

test("while mail cannot be sent an invitation waits, and goes out later", async ({ visitor }) => {
  const [acme, bo] = [await visitor.found(), person()];
  await duringStrike(bo.email, async (refused) => {
    await visitor.goto(`/o/${acme.slug}/invitations/new`);
    await visitor.field("Email").fill(bo.email);
    await visitor.press("Send invitation");
    await expect(visitor.row(bo.email)).toContainText("Pending");
    await refused();
    await open(visitor, acme);
    await expect(visitor.row(bo.email).getByRole("cell", { name: "Waiting", exact: true })).toBeVisible();
  });
  expect((await letter(bo.email)).link).toContain("/invite/");
  await expect(async () => {
    await open(visitor, acme);
    await expect(visitor.row(bo.email).getByRole("cell", { name: "Sent", exact: true })).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await letters(bo.email)).toHaveLength(1);
});
