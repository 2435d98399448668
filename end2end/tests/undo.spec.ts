// What can be taken back, where it was announced.

import { expect, test } from "../support/browser.ts";

test("a suspension and a change of role are undone by a button", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor, "auditor");
  const undo = visitor.page.getByRole("button", { name: "Undo", exact: true });
  await visitor.goto(`/o/${acme.slug}/members`);

  await visitor.choose(bo.name, "Suspend");
  await expect(visitor.notice).toHaveText(`${bo.name} is suspended.`);
  await undo.click();
  await expect(visitor.notice).toHaveText(`${bo.name} is active again.`);
  await expect(undo).toHaveCount(0);
  await expect(visitor.row(bo.email)).toContainText("Active");

  await visitor.choose(bo.name, "Change role");
  await visitor.field("Role").selectOption("Admin");
  await visitor.press("Change role");
  await expect(visitor.notice).toHaveText(`${bo.name} has the role Admin now.`);
  await undo.click();
  await expect(visitor.notice).toHaveText(`${bo.name} has the role Auditor now.`);
  await expect(undo).toHaveCount(0);
  await expect(visitor.row(bo.email)).toContainText("Auditor");
});

test("nothing is offered to be undone where nothing was changed, or by whom it was not", async ({
  visitor,
  another,
}) => {
  const acme = await visitor.found();
  const owner = await another();
  const bo = await owner.join(acme, visitor, "owner");
  const undo = visitor.page.getByRole("button", { name: "Undo", exact: true });
  const member = await visitor.memberPath(acme, bo);
  await visitor.goto(`${member}/role`);
  await visitor.press("Change role");
  await expect(visitor.notice).toHaveText(`${bo.name} has the role Owner now.`);
  await expect(undo).toHaveCount(0);
  // Who gives up a role does not hold it any more.
  await owner.goto(`${member}/role`);
  await owner.field("Role").selectOption("Member");
  await owner.press("Change role");
  await expect(owner.notice).toHaveText(`${bo.name} has the role Member now.`);
  await expect(owner.page.getByRole("button", { name: "Undo", exact: true })).toHaveCount(0);
});
