// How strong a new password is, told while it is typed.

import type { Page } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";

const meter = (page: Page) => page.locator("[data-strength-of]");

async function expectMeter(visitor: Visitor, label: string): Promise<void> {
  const field = visitor.field(label);
  const said = meter(visitor.page);
  await expect(said).toHaveAttribute("aria-live", "polite");
  await expect(said).toHaveText("");
  for (const [password, verdict] of [
    ["short", "Too short: use at least 10 characters."],
    ["passwordpassword", /^Too weak\. This password is known from a breach/],
    ["hallohallohallo", /^Too weak\. What repeats itself is easy to guess/],
    ["hjqzmtwpvk", "Strength: fair"],
    ["open sesame, dear cave of mine", "Strength: strong"],
  ] as const) {
    await field.fill(password);
    await expect(said).toHaveText(verdict);
  }
  await field.fill("");
  await expect(said).toHaveText("");
}

test("wherever a password is chosen, its strength is told", async ({ visitor, another }) => {
  const guest = await another();
  await guest.goto("/sign-up");
  await expectMeter(guest, "Password");

  const acme = await visitor.found();
  await visitor.goto("/account/security");
  await visitor.field("Current password").fill("nothing is said of this one");
  await expectMeter(visitor, "New password");

  const bo = person("Bo");
  await visitor.invite(acme, bo.email);
  await guest.goto((await letter(bo.email)).link);
  await expectMeter(guest, "Password");

  await guest.post("/forgot-password", { email: acme.owner.email });
  await guest.goto((await letter(acme.owner.email, 2)).link);
  await expectMeter(guest, "New password");
});

test("a meter and its form agree about what everybody knows, and a portal that is away says nothing", async ({
  visitor,
}) => {
  await visitor.goto("/sign-up");
  await visitor.fill({ "Full name": "Wilhelmina Featherstone", "Organization name": "Grindelwald Works" });
  const said = meter(visitor.page);
  const yours = "Your name, address or organization is what attackers try first.";
  for (const password of ["Featherstone1", "grindelwaldworks"]) {
    await visitor.field("Password").fill(password);
    await expect(said).toContainText(yours);
  }
  await visitor.field("Email").fill(person().email);
  await visitor.press("Create organization");
  await visitor.expectError("Password", new RegExp(yours));

  await visitor.context.setOffline(true);
  const failed = visitor.page.waitForEvent("requestfailed");
  await visitor.field("Password").fill("hjqzmtwpvk");
  await failed;
  await expect(said).toHaveText("");
  await visitor.context.setOffline(false);
});
