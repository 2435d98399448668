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
  for (const [password, strength] of [
    ["short", "too short"],
    ["passwordpassword", "weak"],
    ["hjqzmtwpvkrf", "fair"],
    ["open sesame, dear cave of mine", "strong"],
  ] as const) {
    await field.fill(password);
    await expect(said).toHaveText(`Strength: ${strength}`);
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
