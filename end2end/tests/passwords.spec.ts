// Choosing a password: what everybody tries first is refused, and the rest of the form stays.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { organizationName, person } from "../support/people.ts";

const BREACHED = "This password is known from a breach, so attackers try it. Choose another.";

test("a breached password is refused at its field, and what else was typed is kept", async ({ visitor, another }) => {
  const ada = person("Ada");
  const name = organizationName();
  await visitor.goto("/sign-up");
  await visitor.fill({
    "Full name": ada.name,
    Email: ada.email,
    Password: "Password123",
    "Organization name": name,
  });
  await visitor.press("Create organization");
  await visitor.expectError("Password", new RegExp(BREACHED));
  await expect(visitor.page.getByRole("alert")).toContainText(`Password: ${BREACHED}`);
  await expect(visitor.field("Full name")).toHaveValue(ada.name);
  await expect(visitor.field("Email")).toHaveValue(ada.email);
  await expect(visitor.field("Organization name")).toHaveValue(name);
  await expect(visitor.field("Password")).toHaveValue("");

  await visitor.fill({ Password: "hallohallohallo" });
  await visitor.press("Create organization");
  await visitor.expectError("Password", /What repeats itself is easy to guess/);

  const acme = await visitor.found(ada);
  await visitor.goto("/account/security");
  await visitor.fill({ "Current password": ada.password, "New password": "passwordpassword" });
  await visitor.press("Change password");
  await visitor.expectError("New password", new RegExp(BREACHED));

  const bo = person("Bo");
  await visitor.invite(acme, bo.email);
  const guest = await another();
  await guest.goto((await letter(bo.email)).link);
  await guest.fill({ "Full name": bo.name, Password: "1q2w3e4r5t" });
  await guest.press("Accept invitation");
  await guest.expectError("Password", new RegExp(BREACHED));
  await expect(guest.field("Full name")).toHaveValue(bo.name);
});
