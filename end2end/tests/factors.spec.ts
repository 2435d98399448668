// Signing in with a code from an authenticator app, and proving oneself before what is worth it.

import { expect, test, type Visitor } from "../support/browser.ts";
import { Authenticator } from "../support/authenticator.ts";
import { letter } from "../support/mail.ts";
import type { Organization } from "../support/pages.ts";
import { letProofsGrowOld } from "../support/time.ts";

/** Sets up an app with what the page shows to its camera. */
async function setUp(visitor: Visitor, name = ""): Promise<Authenticator> {
  await visitor.goto("/account/security");
  await visitor.press("Set up authenticator");
  await expect(visitor.title).toHaveText("Set up authenticator");
  const app = await Authenticator.scan(visitor.page);
  await visitor.fill({ "Authentication code": app.code(), Name: name });
  await visitor.press("Confirm");
  await expect(visitor.notice).toContainText("All other sessions have ended.");
  return app;
}

async function givePassword(visitor: Visitor, { owner }: Organization, next = ""): Promise<void> {
  await visitor.goto(`/sign-in${next && `?next=${encodeURIComponent(next)}`}`);
  await visitor.fill({ Email: owner.email, Password: owner.password });
  await visitor.press("Sign in");
  await expect(visitor.title).toHaveText("One more step");
}

test("the picture and the text teach an app the same secret, and its code is asked for", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto("/account/security");
  await visitor.press("Set up authenticator");
  const app = await Authenticator.scan(visitor.page);
  const typed = await visitor.page.locator("code").innerText();
  expect(typed).toMatch(/^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$/);
  expect(typed.replaceAll(" ", "")).toBe(app.secret);
  await visitor.fill({ "Authentication code": app.wrongCode(), Name: "Phone" });
  await visitor.press("Confirm");
  await visitor.expectError("Authentication code", /This code does not work/);
  await expect(visitor.field("Name")).toHaveValue("Phone");
  await visitor.fill({ "Authentication code": app.code() });
  await visitor.press("Confirm");
  await expect(visitor.notice).toContainText("Phone is set up.");

  await visitor.context.clearCookies();
  await givePassword(visitor, acme, `/o/${acme.slug}/members?status=active`);
  // The password alone opens nothing.
  await visitor.goto(`/o/${acme.slug}/roles`);
  await expect(visitor.page).toHaveURL(`/sign-in/verify?next=${encodeURIComponent(`/o/${acme.slug}/roles`)}`);
  await visitor.fill({ "Authentication code": app.wrongCode() });
  await visitor.press("Verify");
  await visitor.expectError("Authentication code", /This code does not work/);
  await visitor.fill({ "Authentication code": app.nextCode() });
  await visitor.press("Verify");
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}/roles`);
});

test("every address asks for the second step before it opens", async ({ visitor, another }) => {
  const acme = await visitor.found();
  await setUp(visitor);
  const thief = await another();
  await givePassword(thief, acme);
  for (const path of ["/account", "/account/security", "/account/sessions", "/invitations", `/o/${acme.slug}/audit`]) {
    const answer = await thief.get(path);
    expect(answer.status(), path).toBe(303);
    expect(answer.headers().location, path).toBe(`/sign-in/verify?${new URLSearchParams({ next: path })}`);
  }
  expect((await thief.post("/account/sessions/end-others")).status()).toBe(303);
  await thief.goto("/sign-in/verify");
  await thief.press("Sign in as somebody else");
  await expect(thief.title).toHaveText("Sign in");
  await expect(visitor.page).toHaveURL(/\/account\/security/);
});

test("a recovery code lets in whoever has lost the phone, once", async ({ visitor }) => {
  const acme = await visitor.found();
  await setUp(visitor);
  await visitor.press("Generate recovery codes");
  await expect(visitor.title).toHaveText("Recovery codes");
  const codes = (await visitor.page.locator("#codes li").allInnerTexts()).map((code) => code.trim());
  expect(codes.length).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  const file = await visitor.page.getByRole("link", { name: "Download" }).getAttribute("href");
  expect(Buffer.from(file!.split(",")[1]!, "base64").toString()).toContain(codes.join("\n"));
  await visitor.follow("I have stored them");
  await expect(visitor.page.getByText("10 left")).toBeVisible();

  const recover = async () => {
    await visitor.context.clearCookies();
    await givePassword(visitor, acme);
    await visitor.follow("Use a recovery code");
    await visitor.fill({ "Recovery code": codes[0]!.toLowerCase() });
    await visitor.press("Verify");
  };
  await recover();
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
  await recover();
  await visitor.expectError("Recovery code", "This code does not work. Each works once.");
  expect((await letter(acme.owner.email, 4)).text).toContain("9 codes are left.");
});

test("what is worth it asks for a fresh code, and goes on with what was typed", async ({ visitor }) => {
  const acme = await visitor.found();
  const app = await setUp(visitor);
  await letProofsGrowOld(acme.owner.email);
  await visitor.goto("/account/security");
  await visitor.fill({ Name: "My new laptop" });
  // Without scripts the button of passkeys is none: the form goes by itself all the same.
  await visitor.field("Name").press("Enter");
  await expect(visitor.title).toHaveText("Confirm that it is you");
  await visitor.fill({ "Authentication code": app.wrongCode() });
  await visitor.press("Confirm");
  await visitor.expectError("Authentication code", /This code does not work/);
  await visitor.fill({ "Authentication code": app.nextCode() });
  await visitor.press("Confirm");
  await expect(visitor.page).toHaveURL("/account/security");
  await expect(visitor.field("Name")).toHaveValue("My new laptop");
  // The proof holds for what comes next, too.
  await visitor.press("Generate recovery codes");
  await expect(visitor.title).toHaveText("Recovery codes");
});

test("an app is removed again", async ({ visitor }) => {
  const acme = await visitor.found();
  await setUp(visitor, "Old phone");
  await visitor.press("Remove Old phone");
  await expect(visitor.notice).toContainText("The authenticator app is removed.");
  await visitor.context.clearCookies();
  await visitor.signIn(acme.owner);
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("the mail about what somebody else did takes away what came since, and names what stays", async ({
  visitor,
  another,
}) => {
  const { owner } = await visitor.found();
  await setUp(visitor, "Old phone");
  await visitor.goto("/account/security");
  await visitor.press("Generate recovery codes");
  await expect(visitor.title).toHaveText("Recovery codes");
  await setUp(visitor, "Another phone");
  const mail = await letter(owner.email, 3);
  expect(mail.subject).toBe("New recovery codes were generated");

  const reader = await another();
  const main = reader.page.getByRole("main");
  await reader.goto(mail.link);
  await expect(main).toContainText("takes away the authenticator app Another phone");
  await expect(main).toContainText("takes away the recovery codes");
  await expect(main).not.toContainText("Old phone");
  await reader.press("This was not me");
  await expect(reader.title).toHaveText("Look at what stays");
  await expect(main).toContainText("The authenticator app Another phone is removed.");
  await expect(main.getByRole("listitem").filter({ hasText: "authenticator app Old phone" })).toHaveCount(1);
  await visitor.goto("/account");
  await expect(visitor.title).toHaveText("Sign in");
});
