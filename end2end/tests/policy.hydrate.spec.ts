// What scripts add to the policy's editor: what comes of it while somebody types, sliders, and changes that outlive a
// reload.

import type { Locator } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import { Keyboard } from "../support/keyboard.ts";
import { look } from "../support/looks.ts";
import type { Organization } from "../support/pages.ts";

const SLIDER = "Time-out without use, on a scale";

/** Waits until the editor's scripts listen. */
async function alive(visitor: Visitor): Promise<void> {
  await expect(visitor.page.getByRole("slider", { name: SLIDER })).toBeVisible();
}

/** Opens the editor. */
async function edit(visitor: Visitor, of: Organization): Promise<void> {
  await visitor.goto(`/o/${of.slug}/policy/edit`);
  await alive(visitor);
}

/** A line of a card. */
function line(card: Locator, about: string): Locator {
  return card.getByRole("listitem").filter({ hasText: about });
}

test("while somebody types, the page says how it would stand", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await edit(visitor, acme);
  const [posture, different] = [page.locator("#posture"), page.locator("#different")];
  await expect(posture.getByText(/^\d+ of 100$/)).toBeVisible();
  await expect(different.getByText("Nothing yet.")).toBeVisible();
  await expect(line(posture, "Second factor")).toBeVisible();
  await visitor.field("Required").check();
  await expect(posture.getByText(/^\d+ → \d+ of 100$/)).toBeVisible();
  await expect(line(posture, "Second factor")).toHaveCount(0);
  await expect(line(posture, "Time-out without use")).toContainText("8 hours");
  await expect(posture.getByRole("listitem")).toHaveCount(5);
  await expect(different.getByText("Nothing yet.")).toBeHidden();
  await expect(different.getByRole("listitem")).toHaveText([/^Second factor\s*Not required → Required$/]);
  await visitor.field("Sessions per person").fill("3");
  await expect(line(different, "Sessions per person")).toContainText("Any number → 3 sessions");
  await expect(page.locator("[data-in-force=sessions_per_person]")).toContainText("In force: Any number");
  await expect(page.locator("[data-in-force=sessions_per_person]")).toBeVisible();
  await expect(page.locator("[data-in-force=burst]")).toBeHidden();

  // What cannot be read yet says nothing, and takes nothing back.
  await visitor.fill({ "Allowed networks": "203.0.113.0/24 # Office\nthe cel" });
  await expect(posture.getByText("One setting cannot be read yet")).toBeVisible();
  await expect(different.getByRole("listitem")).toHaveCount(2);
  await expect(visitor.field("Allowed networks")).not.toHaveAttribute("aria-invalid", "true");
  await visitor.fill({ "Allowed networks": "203.0.113.0/24 for Security officer # Office" });
  await expect(posture.getByText("One setting cannot be read yet")).toBeHidden();
  await expect(line(different, "Allowed networks")).toContainText("From everywhere → 203.0.113.0/24");
  await visitor.field("Not required").check();
  await expect(line(different, "Second factor")).toHaveCount(0);
  await look(visitor, "an editor that says what comes of it");
});

test("what would come of a visit changes with the settings and with the visit", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await visitor.act(`/o/${acme.slug}/roles`, { name: "Support", parent: "auditor" });
  await edit(visitor, acme);
  const preview = page.locator("#preview");
  const fact = (label: string) => preview.getByLabel(label, { exact: true });
  const verdict = page.locator("#verdict");
  const rules = preview.getByRole("listitem");
  await expect(verdict).toHaveText("Comes in");
  await expect(rules).toHaveCount(0);
  await visitor.fill({ "Allowed networks": "203.0.113.0/24" });
  await expect(verdict).toHaveText("Kept out: from another network");
  await expect(rules).toHaveText(["Allowed networks"]);
  await fact("Address").fill("203.0.113.7");
  await expect(verdict).toHaveText("Comes in");
  await visitor.fill({ "Allowed networks": "198.51.100.0/24 for Auditor" });
  await expect(verdict).toHaveText("Comes in");
  // A role of the organization's own is bound by what binds those above it.
  await fact("Role").selectOption({ label: "Support" });
  await expect(verdict).toHaveText("Kept out: from another network");
  await visitor.fill({ "Allowed networks": "" });

  await visitor.field("Required").check();
  await expect(verdict).toHaveText(/^Comes in, and is reminded until \d+ \w+ \d{4}$/);
  await fact("Second factor").selectOption({ label: "Passkey" });
  await expect(verdict).toHaveText("Comes in");
  await visitor.field("Time-out without use").selectOption({ label: "15 minutes" });
  await fact("Unused for").selectOption({ label: "20 minutes" });
  await expect(verdict).toHaveText("Shows who they are again: not used for 20 minutes");
  await expect(rules).toHaveText(["Time-out without use"]);
  await fact("Unused for").selectOption({ label: "A moment" });
  await visitor.fill({ "Sessions per person": "2" });
  await fact("Other sessions").fill("2");
  await expect(verdict).toHaveText("Shows who they are again: newer sessions of theirs are in use");

  // Its fields are no part of the form.
  await fact("Address").fill("the cellar");
  await expect(verdict).toHaveText("The address cannot be read yet");
  await fact("Address").press("Enter");
  await expect(visitor.page.getByText("The draft is saved")).toHaveCount(0);
  expect(await (await visitor.get(`/o/${acme.slug}/policy/draft`)).text()).toContain("There is no draft");
});

test("by keyboard a slider steps through the numbers, and the list says the same", async ({ visitor }) => {
  const { page } = visitor;
  const keyboard = new Keyboard(page);
  const acme = await visitor.found();
  await edit(visitor, acme);
  const slider = page.getByRole("slider", { name: SLIDER });
  const list = visitor.field("Time-out without use");
  await expect(slider).toHaveAttribute("aria-valuetext", "7 days");
  await keyboard.reach(slider);
  for (const [key, words, minutes] of [
    ["ArrowRight", "7 days", "10080"],
    ["ArrowLeft", "3 days", "4320"],
    ["ArrowLeft", "1 day", "1440"],
    ["ArrowLeft", "8 hours", "480"],
    ["Home", "15 minutes", "15"],
    ["ArrowUp", "30 minutes", "30"],
  ] as const) {
    await keyboard.press(key);
    await expect(slider, key).toHaveAttribute("aria-valuetext", words);
    await expect(list, key).toHaveValue(minutes);
  }
  await expect(line(page.locator("#different"), "Time-out without use")).toContainText("7 days → 30 minutes");
  await list.selectOption({ label: "8 hours" });
  await expect(slider).toHaveAttribute("aria-valuetext", "8 hours");
  await expect(slider).toHaveValue("5");
  await visitor.press("Save draft");
  await expect(visitor.notice).toHaveText("The draft is saved. Nothing has changed yet for anybody.");
  await expect(list).toHaveValue("480");
  await expect(slider).toHaveValue("5");
});

test("what is typed outlives a reload, and is discarded by keyboard", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await edit(visitor, acme);
  const back = page.getByText(/^Unsaved changes from \d\d:\d\d are back\.$/);
  await visitor.field("Required").check();
  await visitor.fill({ "Sessions per person": "3", "Allowed networks": "203.0.113.0/24 # Office\nthe cel" });
  await page.reload();
  await expect(back).toBeVisible();
  await expect(visitor.field("Required")).toBeChecked();
  await expect(visitor.field("Sessions per person")).toHaveValue("3");
  await expect(visitor.field("Allowed networks")).toHaveValue("203.0.113.0/24 # Office\nthe cel");
  // Also for whoever was elsewhere in between.
  await visitor.goto(`/o/${acme.slug}/members`);
  await edit(visitor, acme);
  await expect(back).toBeVisible();
  await look(visitor, "unsaved changes that are back");

  await new Keyboard(page).enter(page.getByRole("button", { name: "Discard them" }));
  await expect(page.getByText("The unsaved changes are gone.")).toBeFocused();
  await expect(visitor.field("Not required")).toBeChecked();
  await expect(visitor.field("Sessions per person")).toHaveValue("");
  await expect(visitor.field("Allowed networks")).toHaveValue("");
  await expect(page.locator("#different").getByText("Nothing yet.")).toBeVisible();
  await page.reload();
  await alive(visitor);
  await expect(back).toBeHidden();
  await expect(visitor.field("Sessions per person")).toHaveValue("");
});

test("what was saved does not come back, also where it was discarded", async ({ visitor }) => {
  const { page } = visitor;
  const acme = await visitor.found();
  await edit(visitor, acme);
  const back = page.getByText(/^Unsaved changes from/);
  await visitor.fill({ "Sessions per person": "3" });
  await visitor.press("Save draft");
  await expect(visitor.notice).toHaveText("The draft is saved. Nothing has changed yet for anybody.");
  await page.reload();
  await alive(visitor);
  await expect(back).toBeHidden();
  await visitor.fill({ "Sessions per person": "4" });
  await visitor.press("Review");
  await visitor.press("Discard draft");
  await edit(visitor, acme);
  await expect(back).toBeHidden();
  await expect(visitor.field("Sessions per person")).toHaveValue("");
});

test("when somebody saved meanwhile, what is typed comes back and is put together with that", async ({
  visitor,
  another,
}) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const admin = await another();
  const { name } = await admin.join(acme, visitor, "admin");
  await edit(visitor, acme);
  await visitor.fill({ "Sessions per person": "5" });
  await admin.goto(`/o/${acme.slug}/policy/edit`);
  await admin.fill({ "Domains that may be invited": "people.example" });
  await admin.press("Save draft");
  await expect(admin.notice).toHaveText("The draft is saved. Nothing has changed yet for anybody.");
  await page.reload();
  await expect(page.getByText(/are back\. Somebody saved meanwhile: saving puts both together\.$/)).toBeVisible();
  await expect(visitor.field("Sessions per person")).toHaveValue("5");
  await visitor.press("Review");
  await expect(page.getByText(`${name} saved a draft meanwhile`)).toBeVisible();
  await expect(page.getByText("Taken over: Domains that may be invited: people.example")).toBeVisible();
  await visitor.press("Review");
  await expect(visitor.title).toHaveText("Review");
  await expect(page.getByText("Any number → 5 sessions")).toBeVisible();
  await expect(page.getByText("Any → people.example")).toBeVisible();
});

test("unsaved settings are replayed with the names of those whom they affect, and nothing is saved", async ({
  visitor,
  another,
}) => {
  const { page } = visitor;
  const acme = await visitor.found();
  const mia = await another();
  const who = await mia.join(acme, visitor);
  await mia.goto(`/o/${acme.slug}`);
  await edit(visitor, acme);
  await visitor.fill({ "Allowed networks": "198.51.100.0/24 for Member" });
  await visitor.press("Replay");
  await expect(page.getByText("Nothing was saved")).toBeVisible();
  await expect(visitor.row(who.name)).toContainText("Kept out");
  await expect(visitor.row(who.name)).toContainText("Allowed networks");
  await expect(visitor.row(acme.owner.name)).toHaveCount(0);
  expect(await (await visitor.get(`/o/${acme.slug}/policy/draft`)).text()).toContain("There is no draft");
  // Whoever goes another way back finds it, too.
  await edit(visitor, acme);
  await expect(page.getByText(/^Unsaved changes from/)).toBeVisible();
  await expect(visitor.field("Allowed networks")).toHaveValue("198.51.100.0/24 for Member");
});
