// Two organizations side by side: neither sees anything of the other.

import { expect, test } from "../support/browser.ts";
import { person } from "../support/people.ts";

test("members of one organization see nothing of the other", async ({ visitor, another }) => {
  const [acme, stranger] = [await visitor.found(), await another()];
  const globex = await stranger.found();
  await visitor.invite(acme, person().email);
  for (const part of ["", "/members", "/invitations", "/audit", "/settings", "/roles"]) {
    await stranger.goto(`/o/${globex.slug}${part}`);
    await expect(stranger.title).toBeVisible();
    const text = await stranger.page.content();
    for (const secret of [acme.name, acme.slug, acme.owner.name, acme.owner.email]) expect(text).not.toContain(secret);
  }
  await stranger.goto(`/o/${acme.slug}/members`);
  await expect(stranger.title).toHaveText("Page not found");
  await expect(stranger.page).toHaveTitle(/^Page not found/);
});
