// Acts on many members: selecting them, seeing what it comes to, following it, and putting it back.

import { expect, test, type Visitor } from "../support/browser.ts";
import { crowd } from "../support/crowd.ts";
import { Keyboard } from "../support/keyboard.ts";
import { violations } from "../support/looks.ts";

async function accessible(visitor: Visitor): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await visitor.page.emulateMedia({ colorScheme });
    expect(await violations(visitor.page)).toEqual([]);
  }
}

/** Waits until a job is over: the page says it by itself, or after "Refresh" where there are no scripts. */
async function over(visitor: Visitor, state = "Done"): Promise<void> {
  await expect(async () => {
    const refresh = visitor.page.getByRole("link", { name: "Refresh", exact: true });
    if (await refresh.count()) await visitor.page.reload();
    await expect(visitor.page.getByText(state, { exact: true })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
}

test("two hundred members are suspended, and resumed by one press", async ({ visitor, javaScriptEnabled }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await crowd(acme.slug, 200);
  const list = `/o/${acme.slug}/members?q=crowd.example`;
  await visitor.goto(list);
  await page.getByRole("checkbox", { name: "Select Person 1", exact: true }).check();
  await expect(page.getByText("selected")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all 200 that match", exact: true }).check();
  await visitor.press("Suspend");
  await expect(visitor.title).toHaveText("Suspend members");
  await expect(page.getByText("200 members are selected.")).toBeVisible();
  await expect(page.getByText(/^Person 1, .*, and 190 more\.$/)).toBeVisible();
  // What looks at the page is a script itself.
  if (javaScriptEnabled) await accessible(visitor);
  await visitor.press("Suspend 200 members");
  await expect(visitor.notice).toContainText("It has begun");
  await expect(page.getByRole("progressbar", { name: "Suspend members" })).toBeVisible();
  await over(visitor);
  await expect(page.getByText("200 of 200 done")).toBeVisible();
  await expect(page.getByText("200 changed, 0 unchanged, 0 refused")).toBeVisible();
  if (javaScriptEnabled) await accessible(visitor);
  await visitor.goto(`${list}&status=suspended`);
  await expect(page.getByText("200 members match.")).toBeVisible();

  await visitor.follow("Recent jobs");
  await expect(visitor.title).toHaveText("Jobs");
  await visitor.follow("Suspend members");
  await visitor.press("Undo");
  await expect(visitor.title).toHaveText("Undo: suspend members");
  await over(visitor);
  await visitor.goto(`${list}&status=active`);
  await expect(page.getByText("200 members match.")).toBeVisible();
});

test("what cannot be done is said before", async ({ visitor, another }) => {
  const acme = await visitor.found();
  await crowd(acme.slug, 3);
  const admin = await another();
  await admin.join(acme, visitor, "admin");
  await admin.goto(`/o/${acme.slug}/members`);
  await expect(admin.page.getByRole("checkbox", { name: `Select ${acme.owner.name}`, exact: true })).toHaveCount(0);
  await admin.goto(`/o/${acme.slug}/members/bulk?act=suspend&all=true`);
  await expect(admin.page.getByText("Left out, because they hold more than you do: one member.")).toBeVisible();
  await expect(admin.page.getByText("You are among them, and are left out.")).toBeVisible();
  await expect(admin.page.getByRole("button", { name: "Suspend 3 members", exact: true })).toBeVisible();
});

test("by keyboard alone two hundred are suspended and resumed, and one is removed", async ({ visitor }) => {
  test.slow();
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  await crowd(acme.slug, 200);
  const list = `/o/${acme.slug}/members?q=crowd.example`;
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await visitor.goto(list);
  await keyboard.tick(page.getByRole("checkbox", { name: "Select Person 1", exact: true }));
  await keyboard.tick(page.getByRole("checkbox", { name: "Select all 200 that match", exact: true }));
  await keyboard.enter(button("Suspend"));
  await expect(visitor.title).toHaveText("Suspend members");
  await keyboard.enter(button("Suspend 200 members"));
  await over(visitor);
  await expect(page.getByText("200 changed, 0 unchanged, 0 refused")).toBeVisible();
  await keyboard.enter(button("Undo"));
  await over(visitor);
  await visitor.goto(`${list}&status=active`);
  await expect(page.getByText("200 members match.")).toBeVisible();

  // What cannot be undone asks for the number, and says when it is another.
  await keyboard.tick(page.getByRole("checkbox", { name: "Select Person 10", exact: true }));
  await keyboard.enter(button("Remove"));
  await expect(visitor.title).toHaveText("Remove members");
  await keyboard.type(visitor.field("Type 1 to confirm"), "2");
  await keyboard.press("Enter");
  await visitor.expectError("Type 1 to confirm", /This is not/);
  await keyboard.type(visitor.field("Type 1 to confirm"), "1");
  await keyboard.press("Enter");
  await over(visitor);
  await visitor.goto(list);
  await expect(page.getByText("199 members match.")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Select Person 10", exact: true })).toHaveCount(0);
});

test("many come into a group at once, and leave it by one press", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await crowd(acme.slug, 30);
  const list = `/o/${acme.slug}/members?q=crowd.example`;
  await visitor.goto(list);
  // Without a group there is nothing to come into.
  await page.getByRole("checkbox", { name: "Select Person 1", exact: true }).check();
  await expect(page.getByRole("button", { name: "Add to group", exact: true })).toHaveCount(0);
  const group = await visitor.act(`/o/${acme.slug}/groups`, { name: "Night shift", role: "auditor" });
  await visitor.goto(list);
  await page.getByRole("checkbox", { name: "Select Person 1", exact: true }).check();
  await page.getByRole("checkbox", { name: "Select all 30 that match", exact: true }).check();
  await visitor.press("Add to group");
  await expect(visitor.title).toHaveText("Add to a group");
  await visitor.field("Group").selectOption({ label: "Night shift" });
  await visitor.press("Add 30 members to the group");
  await over(visitor);
  await expect(page.getByText("30 changed, 0 unchanged, 0 refused")).toBeVisible();
  await expect(page.getByText("Into Night shift").first()).toBeVisible();
  await visitor.goto(group);
  await expect(page.getByText("1–25 of 30").or(page.getByText("25 of 30"))).toBeVisible();
  await visitor.goto(`/o/${acme.slug}/jobs`);
  await visitor.follow("Add to a group");
  await visitor.press("Undo");
  await over(visitor);
  await visitor.goto(group);
  await expect(page.getByText("Nobody is in it yet.")).toBeVisible();
});
