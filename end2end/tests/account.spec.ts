// A person's account, and their way between organizations.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { path } from "../support/pages.ts";
import { organizationName, person } from "../support/people.ts";

test("sign out and in again", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/members`);
  await visitor.page.getByRole("button", { name: `Account menu of ${acme.owner.name}` }).click();
  await visitor.press("Sign out");
  await expect(visitor.notice).toHaveText("You are signed out.");
  await visitor.goto(`/o/${acme.slug}/members?status=active`);
  await expect(visitor.title).toHaveText("Sign in");
  await visitor.fill({ Email: acme.owner.email.toUpperCase(), Password: acme.owner.password });
  await visitor.press("Sign in");
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}/members?status=active`);
  await visitor.goto("/");
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("a wrong password keeps the address, and an unknown address is answered alike", async ({ visitor, another }) => {
  const { owner } = await (await another()).found();
  for (const email of [owner.email, person().email]) {
    await visitor.goto("/sign-in");
    await visitor.fill({ Email: email, Password: "not this one" });
    await visitor.press("Sign in");
    await visitor.expectError("Password", "Address and password do not match.");
    await expect(visitor.page.getByRole("alert")).toContainText("You are not signed in");
    await expect(visitor.field("Email")).toHaveValue(email);
    await expect(visitor.field("Password")).toHaveValue("");
  }
});

test("too many wrong passwords are enough, for anybody", async ({ visitor, another }) => {
  const { owner } = await (await another()).found();
  for (const email of [owner.email, person().email]) {
    for (let tries = 0; tries < 10; tries += 1) await visitor.act("/sign-in", { email, password: "not this one" });
    await visitor.goto("/sign-in");
    await visitor.fill({ Email: email, Password: owner.password });
    await visitor.press("Sign in");
    await expect(visitor.page.getByRole("alert")).toContainText("Too many attempts. Wait 15 minutes and try again.");
    await expect(visitor.field("Email")).toHaveValue(email);
  }
});

test("nobody is led to another site after signing in", async ({ visitor, another }) => {
  const { owner, slug } = await (await another()).found();
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "/\u0001", "/\u007f", "/é"]) {
    await visitor.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await visitor.fill({ Email: owner.email, Password: owner.password });
    await visitor.press("Sign in");
    await expect(visitor.page).toHaveURL(`/o/${slug}`);
    await visitor.context.clearCookies();
  }
});

test("a forgotten password is chosen anew, and every session ends", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const elsewhere = await another();
  await elsewhere.goto("/sign-in");
  await elsewhere.follow("Forgot it?");
  await elsewhere.field("Email").fill(acme.owner.email);
  await elsewhere.press("Send link");
  await expect(elsewhere.title).toHaveText("Check your mail");
  const { link, subject } = await letter(acme.owner.email, 2);
  expect(subject).toBe("Choose a new password");
  await elsewhere.goto(link);
  await elsewhere.press("Change password");
  await expect(elsewhere.page.getByRole("alert")).toContainText("New password: Fill this in.");
  await elsewhere.field("New password").fill("quite another one");
  await elsewhere.press("Change password");
  await expect(elsewhere.notice).toHaveText("Your password is changed. Sign in with the new one.");
  await elsewhere.signIn({ ...acme.owner, password: "quite another one" });
  await expect(elsewhere.title).toHaveText(acme.name);
  await visitor.goto(`/o/${acme.slug}`);
  await expect(visitor.title).toHaveText("Sign in");
  await visitor.goto(link);
  await expect(visitor.title).toHaveText("This link was used already");
});

test("a sign-up with a known address tells the browser nothing", async ({ visitor, another }) => {
  const { owner } = await (await another()).found();
  await visitor.goto("/sign-up");
  await visitor.fill({
    "Full name": "Eve",
    Email: owner.email,
    Password: "a good enough one",
    "Organization name": "Evil",
  });
  await visitor.press("Create organization");
  await expect(visitor.title).toHaveText("Check your mail");
  const mail = await letter(owner.email, 2);
  expect(mail.subject).toBe("You have an account already");
  await visitor.goto(mail.link);
  await expect(visitor.title).toHaveText("Sign in");
});

test("a sign-up that somebody else made with one's address is discarded", async ({ visitor, another }) => {
  const ada = person("Ada");
  const stranger = await another();
  await stranger.act("/sign-up", { ...ada, name: "Eve", organization: "Evil Works" });
  const mail = await letter(ada.email);
  expect(mail.text).toContain("It was not you? Then do not confirm");
  await visitor.goto(mail.link);
  await expect(visitor.title).toHaveText("Confirm your address");
  const main = visitor.page.getByRole("main");
  await expect(main).toContainText(`This confirms ${ada.email} and creates Evil Works.`);
  await expect(main).toContainText(/Signed up as Eve on .* UTC, with .* at /);
  await expect(main).toContainText("If this was not you, do not confirm");
  await visitor.press("This was not me");
  await expect(visitor.title).toHaveText("Sign-up discarded");
  await visitor.goto(mail.link);
  await expect(visitor.title).toHaveText("This link was used already");
  expect(await stranger.act("/sign-in", { email: ada.email, password: ada.password })).toBe("/sign-in");
  // The address is free for whoever reads its mail.
  await visitor.act("/sign-up", { ...ada, organization: "Good Works" });
  expect(await visitor.act(path((await letter(ada.email, 2)).link))).toMatch(/^\/o\/good-works/);
});

test("opening a link from a mail changes nothing", async ({ visitor }) => {
  const ada = person("Ada");
  await visitor.act("/sign-up", { name: ada.name, email: ada.email, password: ada.password, organization: "Acme" });
  const { link } = await letter(ada.email);
  for (const attempt of [1, 2]) {
    await visitor.goto(link);
    await expect(visitor.page.getByRole("button", { name: "Confirm" }), `${attempt}`).toBeVisible();
  }
  await visitor.press("Confirm");
  await expect(visitor.title).toHaveText("Acme");
  await visitor.goto(link);
  await expect(visitor.title).toHaveText("This link was used already");
});

test("name, time zone and theme", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto("/account");
  await visitor.field("Full name").fill("Ada Öberg-李");
  await visitor.field("Time zone").selectOption("America/New York");
  await visitor.page.getByRole("radio", { name: "Dark" }).check();
  await visitor.press("Save profile");
  await expect(visitor.notice).toHaveText("Your profile is saved.");
  await expect(visitor.page.locator("html")).toHaveAttribute("data-theme", "portcullis-dark");
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.row(acme.owner.email)).toContainText("Ada Öberg-李");
  await expect(
    visitor.row(acme.owner.email).getByRole("time").or(visitor.row(acme.owner.email).locator("time")).first(),
  ).toHaveAttribute("title", / E[SD]T$/);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText(
    `changed their name from ${acme.owner.name} to Ada Öberg-李`,
  );
});

test("a changed password ends the other sessions", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const elsewhere = await another();
  await elsewhere.signIn(acme.owner);
  await visitor.goto("/account/security");
  await visitor.fill({ "Current password": acme.owner.password, "New password": "quite another one" });
  await visitor.press("Change password");
  await expect(visitor.notice).toHaveText("Your password is changed. All other sessions have ended.");
  await elsewhere.goto(`/o/${acme.slug}`);
  await expect(elsewhere.title).toHaveText("Sign in");
});

test("what somebody else has done is undone by the link in the mail about it", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const intruder = await another();
  await intruder.signIn(acme.owner);
  const stolen = "seven odd hats in a row";
  await intruder.act("/account/security", { current: acme.owner.password, password: stolen });
  const mail = await letter(acme.owner.email, 2);
  expect(mail.subject).toBe("Your password was changed");
  expect(mail.link).toContain("/not-me/");
  for (const attempt of [1, 2]) {
    await visitor.goto(mail.link);
    await expect(visitor.page.getByRole("button", { name: "This was not me" }), `${attempt}`).toBeVisible();
  }
  await expect(visitor.page.getByRole("main")).toContainText("Your password was changed.");
  await visitor.press("This was not me");
  await expect(visitor.title).toHaveText("Your account is safe");
  await intruder.goto(`/o/${acme.slug}`);
  await expect(intruder.title).toHaveText("Sign in");
  expect(await intruder.act("/sign-in", { email: acme.owner.email, password: stolen })).toBe("/sign-in");
  await visitor.goto(mail.link);
  await expect(visitor.title).toHaveText("This link was used already");

  const reset = await letter(acme.owner.email, 3);
  expect(reset.subject).toBe("Choose a new password");
  await visitor.goto(reset.link);
  await visitor.field("New password").fill("a raven on every chair");
  await visitor.press("Change password");
  await visitor.signIn({ ...acme.owner, password: "a raven on every chair" });
  await expect(visitor.page).toHaveURL(`/o/${acme.slug}`);
});

test("sessions are listed, and all others end at once", async ({ visitor, another }) => {
  const { owner, slug } = await visitor.found();
  const [phone, library] = [await another(), await another()];
  for (const elsewhere of [phone, library]) await elsewhere.signIn(owner);
  await visitor.goto("/account/sessions");
  const sessions = visitor.page.getByRole("table", { name: "Sessions" }).getByRole("row");
  await expect(sessions).toHaveCount(4);
  await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
  await sessions.getByRole("button", { name: "End", exact: true }).first().click();
  await expect(visitor.notice).toHaveText("The session has ended.");
  await visitor.press("End all other sessions");
  await expect(visitor.notice).toHaveText("One other session has ended.");
  await expect(sessions).toHaveCount(2);
  for (const elsewhere of [phone, library]) {
    await elsewhere.goto(`/o/${slug}`);
    await expect(elsewhere.title).toHaveText("Sign in");
  }
});

test("selected sessions end together", async ({ visitor, another }) => {
  const { owner } = await visitor.found();
  const [phone, library, kiosk] = [await another(), await another(), await another()];
  for (const elsewhere of [phone, library, kiosk]) await elsewhere.signIn(owner);
  await visitor.goto("/account/sessions");
  const sessions = visitor.page.getByRole("table", { name: "Sessions" }).getByRole("row");
  const boxes = sessions.getByRole("checkbox");
  await expect(boxes).toHaveCount(3);
  const end = visitor.page.getByRole("button", { name: "End selected" });
  await expect(end).toBeHidden();
  for (const nth of [0, 1]) await boxes.nth(nth).check();
  await end.click();
  await expect(visitor.notice).toHaveText("2 sessions have ended.");
  await expect(sessions).toHaveCount(3);
  await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
});

test("several organizations, and a switch between them", async ({ visitor }) => {
  const acme = await visitor.found();
  const name = organizationName("Globex");
  await visitor.goto(`/o/${acme.slug}`);
  await visitor.page.getByTitle("Switch organization").click();
  await visitor.follow("Create organization");
  await visitor.field("Organization name").fill(name);
  await visitor.press("Create organization");
  await expect(visitor.title).toHaveText(name);
  await visitor.page.getByTitle("Switch organization").click();
  await visitor.follow(acme.name);
  await expect(visitor.title).toHaveText(acme.name);
  await visitor.goto("/");
  await expect(visitor.title).toHaveText(acme.name);
});

test("a member leaves; the last owner does not", async ({ visitor, another }) => {
  const [acme, colleague] = [await visitor.found(), await another()];
  await colleague.join(acme, visitor);
  for (const leaving of [colleague, visitor]) {
    await leaving.goto(`/o/${acme.slug}/settings`);
    await leaving.follow("Leave organization");
    await leaving.press("Leave organization");
    await expect(leaving.page.getByRole("alert")).toContainText("You have not left");
    await leaving.field(`Type ${acme.name} to confirm`).fill(acme.name);
    await leaving.press("Leave organization");
  }
  await expect(colleague.page).toHaveURL("/invitations");
  await expect(colleague.notice).toHaveText(`You have left ${acme.name}.`);
  await expect(visitor.page.getByRole("alert")).toContainText("An organization needs an active owner");
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.title).toHaveText("Page not found");
});

test("the last owner keeps the role, whoever asks for less", async ({ visitor }) => {
  const acme = await visitor.found();
  const me = await visitor.memberPath(acme, acme.owner);
  await visitor.goto(`${me}/role`);
  await visitor.field("Role").selectOption("Member");
  await visitor.press("Change role");
  await expect(visitor.page.getByRole("alert")).toContainText("An organization needs an active owner");
  await visitor.goto(await visitor.act(`${me}/suspend`));
  await expect(visitor.page.getByRole("alert")).toContainText("This is not done to oneself");
});

test("an organization gets another name and another address", async ({ visitor, another }) => {
  const [acme, stranger] = [await visitor.found(), await another()];
  const globex = await stranger.found();
  await visitor.goto(`/o/${acme.slug}/settings`);
  await visitor.field("Organization name").fill("Acme & Söhne");
  await visitor.press("Save name");
  await expect(visitor.notice).toHaveText("The name is saved.");
  await expect(visitor.page).toHaveTitle(/Acme & Söhne/);

  await visitor.field("Slug").fill(globex.slug);
  await visitor.press("Save address");
  await visitor.expectError("Slug", /^This is taken already\./);
  await expect(visitor.field("Slug")).toHaveValue(globex.slug);
  await visitor.field("Slug").fill("sign-in");
  await visitor.press("Save address");
  await visitor.expectError("Slug", /^This word is reserved\./);

  const moved = `${acme.slug}-moved`;
  await visitor.field("Slug").fill(moved);
  await visitor.press("Save address");
  await expect(visitor.page).toHaveURL(`/o/${moved}/settings`);
  await expect(visitor.notice).toHaveText("The address is saved. The former one leads here.");
  await visitor.goto(`/o/${acme.slug}/members?status=active`);
  await expect(visitor.page).toHaveURL(`/o/${moved}/members?status=active`);
  await stranger.goto(`/o/${acme.slug}/members`);
  await expect(stranger.title).toHaveText("Page not found");
  await stranger.goto(`/o/${globex.slug}/settings`);
  await stranger.field("Slug").fill(acme.slug);
  await stranger.press("Save address");
  await stranger.expectError("Slug", /^This is taken already\./);
});
