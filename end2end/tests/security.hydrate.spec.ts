// What scripts add to the security dashboard: it shows by itself what has changed, and disturbs nobody.

import { guess, watchClosely } from "../support/alerts.ts";
import { expect, test } from "../support/browser.ts";
import { person } from "../support/people.ts";

test("an attack appears while somebody looks, and what is open and focused stays so", async ({ visitor, another }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor, "member", person("Mia"));
  await watchClosely(visitor, acme);
  await visitor.goto(`/o/${acme.slug}/security`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByText("Nothing that was noticed is open.")).toBeVisible();
  // It would be gone with the page.
  await page.evaluate(() => document.body.setAttribute("data-mark", ""));

  await (await another()).signIn(who);
  const table = page.locator("#sign-ins-table");
  await expect(table).toBeVisible({ timeout: 20_000 });
  await table.locator("summary").click();
  await expect(table).toHaveAttribute("open", "");

  await guess(await another(), who.email);
  const region = page.locator("#live");
  await expect(region.getByText(`attempts to sign in as ${who.name} failed`)).toBeVisible({ timeout: 20_000 });
  await expect(table).toHaveAttribute("open", "");
  await expect(table.locator("summary")).toBeFocused();
  await expect(page.locator("body")).toHaveAttribute("data-mark", "");
});

test("whoever loses their access is told of nothing more", async ({ visitor, another }) => {
  test.slow();
  const acme = await visitor.found();
  const auditor = await another();
  const who = await auditor.join(acme, visitor, "auditor");
  await auditor.goto(`/o/${acme.slug}/security`);
  await expect(auditor.page.getByText("Live", { exact: true })).toBeVisible();
  const member = await visitor.memberPath(acme, who);
  await visitor.act(`${member}/suspend`);
  // The answer that it listens to ends now and then, and there is no other.
  await expect(auditor.page.getByText("Live", { exact: true })).toHaveCount(0, { timeout: 50_000 });
});
