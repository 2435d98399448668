// A person's address: another one, and none any more.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

test("an email changes when both addresses have confirmed", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const { owner } = acme;
  const next = person();
  await visitor.goto("/account");
  await visitor.follow("Change email");
  await visitor.field("New email").fill(owner.email);
  await visitor.press("Send links");
  await visitor.expectError("New email", "This is your address already.");
  await visitor.field("New email").fill(next.email);
  await visitor.press("Send links");
  await expect(visitor.notice).toContainText("A link went to each of the two addresses.");
  const main = visitor.page.getByRole("main");
  await expect(main.getByText("Not confirmed yet")).toHaveCount(2);

  // The one of before, on a phone where nobody is signed in.
  const phone = await another();
  const present = await letter(owner.email, 2);
  expect(present.text).toContain(`wants your account to have the address ${next.email.split("@")[0]!.split(".")[0]!}`);
  await phone.goto(present.link);
  await expect(phone.title).toHaveText("Agree to another address");
  await expect(phone.page.getByRole("main")).toContainText("If this was not you, cancel the change");
  await phone.press("Confirm");
  await expect(phone.title).toHaveText("One more link");
  await visitor.goto("/account");
  await expect(main.getByText("Not confirmed yet")).toHaveCount(1);
  await expect(visitor.field("Email")).toHaveValue(owner.email);

  await visitor.goto((await letter(next.email)).link);
  await expect(visitor.title).toHaveText("Confirm your new address");
  await visitor.press("Confirm");
  await expect(visitor.title).toHaveText("Your email is changed");
  await visitor.follow("Go to your account");
  await expect(visitor.field("Email")).toHaveValue(next.email);
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.row(next.email)).toContainText(owner.name);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText(
    `changed their address from ${owner.email} to ${next.email}`,
  );
  await phone.signIn({ ...owner, email: next.email });
  await expect(phone.title).toHaveText(acme.name);
});

test("a change of email is cancelled by whoever reads the mail of before", async ({ visitor, another }) => {
  const { owner } = await visitor.found();
  const next = person();
  await visitor.act("/account/email", { email: next.email });
  const reader = await another();
  await reader.goto((await letter(owner.email, 2)).link);
  await reader.press("Cancel the change");
  await expect(reader.title).toHaveText("The change is cancelled");
  await expect(reader.page.getByRole("main")).toContainText("change your password");
  await reader.goto((await letter(next.email)).link);
  await expect(reader.title).toHaveText("This link was used already");
  await visitor.goto("/account");
  await expect(visitor.page.getByRole("button", { name: "Send again" })).toHaveCount(0);
});

test("an address that has an account is told to its reader alone", async ({ visitor, another }) => {
  await visitor.found();
  const { owner: other } = await (await another()).found();
  await visitor.act("/account/email", { email: other.email });
  await visitor.goto("/account");
  const main = visitor.page.getByRole("main");
  await expect(main).toContainText(`To ${other.email}, when both links are followed.`);
  const { subject, text } = await letter(other.email, 2);
  expect(subject).toBe("Your address was asked for");
  expect(text).not.toContain("://");
  await visitor.press("Send again");
  await expect(visitor.notice).toContainText("goes out again");
  await visitor.press("Cancel the change");
  await expect(visitor.notice).toHaveText("It is cancelled. Your email stays as it is.");
});

test("an account is deleted, unless an organization would be without an owner", async ({ visitor, another }) => {
  const [acme, colleague] = [await visitor.found(), await another()];
  const bo = await colleague.join(acme, visitor);
  await visitor.goto("/account");
  await visitor.follow("Delete account");
  await expect(visitor.page.getByRole("main")).toContainText("Somebody else has to be an owner first");
  await expect(visitor.page.getByRole("button", { name: "Delete account" })).toHaveCount(0);
  await visitor.page.getByRole("main").getByRole("link", { name: acme.name }).click();
  await expect(visitor.title).toHaveText("Members");

  await colleague.goto("/account/delete");
  await colleague.field(`Type ${bo.email} to confirm`).fill("not me");
  await colleague.press("Delete account");
  await colleague.expectError(`Type ${bo.email} to confirm`, "This is not the address of your account.");
  await colleague.field(`Type ${bo.email} to confirm`).fill(bo.email);
  await colleague.press("Delete account");
  await expect(colleague.title).toHaveText("Your account is deleted");
  await colleague.goto("/account");
  await expect(colleague.title).toHaveText("Sign in");
  expect((await letter(bo.email, 2)).subject).toBe("Your account is deleted");
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.row(bo.email)).toHaveCount(0);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("left the organization");
  // The address is free again.
  await colleague.act("/sign-up", { ...bo, organization: "Anew" });
  expect((await letter(bo.email, 3)).subject).toBe("Confirm your address");
});

test("the page about security names the one next thing to do", async ({ visitor }) => {
  await visitor.found();
  await visitor.goto("/account/security");
  const glance = visitor.page.locator("#summary");
  await expect(glance).toContainText("Add a second factor");
  await expect(glance).toContainText("Here, and nowhere else");
  await visitor.press("Set up an app");
  await expect(visitor.title).toHaveText("Set up authenticator");
});
