// The operator's console: who gets in, and what is done there.

import { expect, test, type Visitor } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { operate } from "../support/operators.ts";
import { organizationName, person } from "../support/people.ts";
import { command } from "../support/portal.mjs";
import { letProofsGrowOld } from "../support/time.ts";

/** Searches the list for an organization, and opens its page. */
async function open(visitor: Visitor, { name, slug }: { name: string; slug: string }): Promise<void> {
  await visitor.goto("/operator");
  await visitor.field("Search organizations").fill(slug);
  await visitor.field("Search organizations").press("Enter");
  await expect(visitor.page).toHaveURL(`/operator/organizations?q=${slug}`);
  await visitor.follow(name);
  await expect(visitor.title).toHaveText(name);
}

test("an operator suspends an organization with a reason, and resumes it", async ({ visitor, another }) => {
  const owner = await another();
  const globex = await owner.found();
  const { owner: self, app } = await operate(visitor);
  await open(visitor, globex);
  await visitor.press("Suspend organization");
  await visitor.expectError("Reason", /^Fill this in\./);

  // After a while a proof is asked for, and nothing of what was typed is lost.
  await letProofsGrowOld(self.email);
  await visitor.fill({ Reason: "The bill is open" });
  await visitor.press("Suspend organization");
  await expect(visitor.title).toHaveText("Confirm that it is you");
  await visitor.fill({ "Authentication code": app.nextCode() });
  await visitor.press("Confirm");
  await expect(visitor.title).toHaveText(globex.name);
  await expect(visitor.field("Reason")).toHaveValue("The bill is open");
  await visitor.press("Suspend organization");
  await expect(visitor.notice).toHaveText(`${globex.name} is suspended. Nobody can use it from now on.`);
  await owner.goto(`/o/${globex.slug}`);
  await expect(owner.title).toHaveText("This organization is suspended");

  await visitor.fill({ Reason: "It is paid" });
  await visitor.press("Resume organization");
  await expect(visitor.notice).toHaveText(`${globex.name} is resumed.`);
  await visitor.field("Plan").selectOption({ label: "Enterprise" });
  await visitor.press("Assign plan");
  await expect(visitor.notice).toHaveText(`${globex.name} has the plan Enterprise now.`);

  await owner.goto(`/o/${globex.slug}/audit`);
  const entry = owner.row("suspended the organization");
  await expect(entry).toContainText("The platform’s operator");
  await entry.getByRole("link").click();
  await expect(owner.page.getByRole("main")).toContainText("The bill is open");
  await expect(owner.page.getByRole("main")).not.toContainText(self.name);
});

test("an operator has an organization deleted, and keeps it", async ({ visitor, another }) => {
  const owner = await another();
  const globex = await owner.found();
  await operate(visitor);
  await open(visitor, globex);
  await visitor.follow("Delete organization");
  // The page before has a field of that name, too.
  await expect(visitor.title).toHaveText("Delete organization");
  await visitor.fill({ Reason: "As agreed", [`Type ${globex.name} to confirm`]: "something else" });
  await visitor.press("Delete organization");
  await visitor.expectError(`Type ${globex.name} to confirm`, "This is not the name that is asked for.");
  await visitor.field(`Type ${globex.name} to confirm`).fill(globex.name);
  await visitor.press("Delete organization");
  await expect(visitor.notice).toHaveText(`${globex.name} is being deleted. For 30 days it can be kept.`);
  await expect(visitor.title).toHaveText(globex.name);
  expect((await letter(globex.owner.email, 2)).subject).toBe(`${globex.name} is being deleted`);
  await visitor.press("Keep organization");
  await expect(visitor.notice).toHaveText(`${globex.name} is kept.`);
  await owner.goto(`/o/${globex.slug}`);
  await expect(owner.title).toHaveText(globex.name);
});

test("whom an operator makes an organization for chooses a password and comes in", async ({ visitor, another }) => {
  await operate(visitor);
  const [nia, name] = [person("Nia"), organizationName()];
  await visitor.follow("Create organization");
  await visitor.fill({ "Organization name": name, Email: "nobody", "Full name": nia.name });
  await visitor.press("Create organization");
  await visitor.expectError("Email", /^An address looks like name@example\.com\./);
  await visitor.fill({ Email: nia.email });
  await visitor.press("Create organization");
  await expect(visitor.notice).toHaveText(`${name} is made. A mail with the way in goes to ${nia.email}.`);
  await expect(visitor.title).toHaveText(name);

  const { subject, link } = await letter(nia.email);
  expect(subject).toBe(`${name} is ready for you`);
  const newcomer = await another();
  await newcomer.goto(link);
  await newcomer.fill({ "New password": nia.password });
  await newcomer.press("Change password");
  await newcomer.signIn(nia);
  await expect(newcomer.title).toHaveText(name);
});

test("the console is there for operators alone, and until they are removed", async ({ visitor, another }) => {
  const stranger = await another();
  await stranger.goto("/operator/capacity");
  await expect(stranger.page).toHaveURL("/sign-in?next=%2Foperator%2Fcapacity");
  const globex = await stranger.found();
  for (const address of ["/operator", "/operator/capacity", "/operator/organizations", "/operator/no-such"]) {
    await stranger.goto(address);
    await expect(stranger.title).toHaveText("Page not found");
  }
  const { owner } = await operate(visitor);
  await visitor.follow("Capacity");
  await expect(visitor.title).toHaveText("Capacity");
  await expect(visitor.page.getByRole("main")).toContainText(/\d+ of \d+ in use/);
  await visitor.follow("Noisy neighbours");
  await expect(visitor.title).toHaveText("Noisy neighbours");
  await visitor.goto(`/operator/organizations?q=${globex.slug}`);
  await expect(visitor.row(globex.name)).toContainText("Active");
  // What is inside of an organization is not the operator's to see.
  await visitor.goto(`/o/${globex.slug}/members`);
  await expect(visitor.title).toHaveText("Page not found");
  await command("operator", "remove", owner.email);
  await visitor.goto("/operator/capacity");
  await expect(visitor.title).toHaveText("Page not found");
});
