// What people are told because it concerns them, in the portal and by mail.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";

test("whoever gets another role reads of it, goes there, and chooses what comes by mail", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);
  const member = await visitor.memberPath(acme, bo);
  const bell = colleague.page.getByRole("link", { name: /^Notifications/ });
  await colleague.goto("/account/notifications");
  await expect(colleague.page.getByText("Nothing new")).toBeVisible();
  await expect(bell).toHaveText("Notifications");

  await visitor.act(`${member}/role`, { role: "auditor" });
  const said = `${acme.owner.name} changed your role in ${acme.name} from Member to Auditor`;
  const mail = await letter(bo.email, 2);
  expect(mail.subject).toBe(said);
  expect(new URL(mail.link).pathname).toBe(`/o/${acme.slug}`);
  await colleague.goto(`/o/${acme.slug}`);
  await expect(bell).toHaveText("Notifications1");
  await bell.click();
  await expect(colleague.title).toHaveText("Notifications");
  await expect(colleague.row(said)).toContainText("New");
  await colleague.press("Open");
  await expect(colleague.page).toHaveURL(`/o/${acme.slug}`);
  await expect(bell).toHaveText("Notifications");

  await visitor.act(`${member}/suspend`);
  await visitor.act(`${member}/resume`);
  await colleague.goto("/account/notifications");
  await expect(colleague.row("suspended your membership")).toContainText("New");
  await colleague.press("Mark all as read");
  await expect(colleague.notice).toHaveText("All notifications are marked as read.");
  await expect(colleague.row("suspended your membership")).not.toContainText("New");
  await expect(bell).toHaveText("Notifications");

  await colleague.follow("Choose mail");
  await expect(colleague.field("Your memberships")).toBeChecked();
  await expect(colleague.field("Your jobs")).not.toBeChecked();
  await colleague.field("Your memberships").uncheck();
  await colleague.field("Your jobs").check();
  await colleague.press("Save choice");
  await expect(colleague.notice).toHaveText("Your choice is saved. It holds for what happens from now on.");
  await expect(colleague.field("Your memberships")).not.toBeChecked();
  await expect(colleague.field("Your jobs")).toBeChecked();
});
