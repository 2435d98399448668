// The main job: an organization, a colleague, and a trail of what was done.

import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { organizationName, person } from "../support/people.ts";

test("sign up, invite, join, change, suspend, remove: and all of it is in the audit trail", async ({
  visitor,
  another,
}) => {
  const [ada, bo] = [person("Ada"), person("Bo")];
  const owner = visitor;
  const acme = await owner.signUp(ada, organizationName("Acme"));
  const members = `/o/${acme.slug}/members`;

  await test.step("invite by mail", async () => {
    await owner.follow("Members");
    await expect(owner.title).toHaveText("Members");
    await owner.follow("Invite member");
    await owner.field("Email").fill(bo.email);
    await owner.field("Role").selectOption("Auditor");
    await owner.press("Send invitation");
    await expect(owner.notice).toHaveText(`${bo.email} is invited.`);
    await expect(owner.row(bo.email)).toContainText("Pending");
    await expect(owner.row(bo.email).getByRole("cell", { name: "in 7 days" })).toBeVisible();
  });

  const colleague = await another();
  await test.step("the colleague joins from another browser", async () => {
    const mail = await letter(bo.email);
    expect(mail.subject).toBe(`${ada.name} invites you to ${acme.name}`);
    expect(mail.html).toContain(mail.link);
    await colleague.goto(mail.link);
    await expect(colleague.title).toHaveText(`Join ${acme.name}`);
    await colleague.fill({ "Full name": bo.name, Password: bo.password });
    await colleague.press("Accept invitation");
    await expect(colleague.title).toHaveText(acme.name);
    await expect(colleague.page.getByRole("main")).toContainText("You are here as Auditor.");
  });

  await test.step("the role is changed", async () => {
    await owner.goto(members);
    await owner.choose(bo.name, "Change role");
    await owner.field("Role").selectOption("Admin");
    await owner.press("Change role");
    await expect(owner.notice).toHaveText(`${bo.name} has the role Admin now.`);
    await expect(owner.row(bo.email)).toContainText("Admin");
    await colleague.goto(members);
    await expect(colleague.page.getByRole("link", { name: "Invite member" })).toBeVisible();
  });

  await test.step("the colleague is suspended and resumed", async () => {
    await owner.choose(bo.name, "Suspend");
    await expect(owner.row(bo.email)).toContainText("Suspended");
    await colleague.goto(members);
    await expect(colleague.title).toHaveText("Your membership is suspended");
    await owner.choose(bo.name, "Resume");
    await expect(owner.notice).toHaveText(`${bo.name} is active again.`);
    await colleague.goto(members);
    await expect(colleague.title).toHaveText("Members");
  });

  await test.step("the colleague is removed", async () => {
    await owner.choose(bo.name, "Remove");
    await owner.field(`Type ${bo.name} to confirm`).fill("somebody else");
    await owner.press("Remove member");
    await owner.expectError(`Type ${bo.name} to confirm`, "This is not the name that is asked for.");
    await expect(owner.page.getByRole("alert")).toContainText("The member was not removed");
    await owner.field(`Type ${bo.name} to confirm`).fill(bo.name);
    await owner.press("Remove member");
    await expect(owner.notice).toHaveText(`${bo.name} is no longer a member.`);
    await expect(owner.row(bo.email)).toHaveCount(0);
    await colleague.goto(members);
    await expect(colleague.title).toHaveText("Page not found");
  });

  await test.step("the audit trail tells it, newest first", async () => {
    await owner.follow("Audit trail");
    const table = owner.page.getByRole("table", { name: "Audit trail" });
    // That somebody became an admin raises an alert, a moment later.
    const rows = table.getByRole("row").filter({ hasNotText: "raised an alert" });
    const told = [
      [ada.name, `removed ${bo.name}`],
      [ada.name, `resumed ${bo.name}`],
      [ada.name, `suspended ${bo.name}`],
      [ada.name, `changed the role of ${bo.name} from Auditor to Admin`],
      [bo.name, "joined as Auditor"],
      [ada.name, `invited ${bo.email} as Auditor`],
      [ada.name, `created the organization ${acme.name}`],
    ] as const;
    await expect(rows).toHaveCount(told.length + 1);
    for (const [at, [actor, text]] of told.entries()) {
      await expect(rows.nth(at + 1).getByRole("rowheader")).toContainText(actor);
      await expect(rows.nth(at + 1).getByRole("link")).toHaveText(text);
    }
  });

  await test.step("an entry tells what was before and after", async () => {
    await owner.follow(`changed the role of ${bo.name} from Auditor to Admin`);
    const change = owner.page.getByRole("table", { name: "Changes" }).getByRole("row").last();
    await expect(change.getByRole("rowheader")).toHaveText("role");
    await expect(change.getByRole("cell")).toHaveText(["auditor", "admin"]);
  });
});

test("row menus are within reach of the keyboard alone", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor);
  await visitor.goto(`/o/${acme.slug}/members`);
  const menu = visitor.page.getByRole("button", { name: `Actions for ${bo.name}` });
  await visitor.page.getByRole("searchbox", { name: "Search members" }).focus();
  for (let presses = 0; presses < 40; presses += 1) {
    if (await menu.evaluate((button) => button === document.activeElement)) break;
    await visitor.page.keyboard.press("Tab");
  }
  await expect(menu).toBeFocused();
  await visitor.page.keyboard.press("Enter");
  const lines = visitor.row(bo.email).getByRole("listitem");
  await expect(lines.filter({ hasText: "Change role" })).toBeVisible();
  await visitor.page.keyboard.press("Tab");
  await visitor.page.keyboard.press("Enter");
  await expect(visitor.page.getByRole("heading", { name: "Change role" })).toBeVisible();
});
