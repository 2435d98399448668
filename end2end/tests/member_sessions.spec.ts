// A member's page shows with which sessions they come in, and ends one of them for this organization.

import { expect, test } from "../support/browser.ts";
import { person } from "../support/people.ts";

test("one session of a member is ended here, and another goes on", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const home = `/o/${acme.slug}`;
  const [mia, elsewhere] = [await another(), await another()];
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  const member = await visitor.memberPath(acme, who);
  await mia.goto(home);
  await visitor.goto(member);
  const sessions = visitor.page.getByRole("table", { name: "Sessions" }).getByRole("row");
  const before = await sessions.count();
  await elsewhere.signIn(who);
  await elsewhere.goto(home);
  await visitor.goto(member);
  await expect(sessions).toHaveCount(before + 1);
  await expect(visitor.page.getByText("Invitation", { exact: true })).toBeVisible();

  // The one that came last stands first.
  await visitor.page
    .getByRole("button", { name: /^End the session of / })
    .first()
    .click();
  await expect(visitor.notice).toContainText(`${who.name} has to sign in again`);
  await expect(sessions).toHaveCount(before);
  await elsewhere.page.goto(home);
  await expect(elsewhere.title).not.toHaveText("Overview");
  await expect(elsewhere.page).not.toHaveURL(home);
  await mia.goto(home);

  // Nobody who only belongs here sees it.
  await mia.goto(await mia.memberPath(acme, acme.owner));
  await expect(mia.page.getByRole("table", { name: "Sessions" })).toHaveCount(0);
});
