// Whatever is typed into a field: a message at that field, what was typed kept, nothing stored, nothing executed.

import { expect, test, type Visitor } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import type { Organization } from "../support/pages.ts";
import { person } from "../support/people.ts";

test.use({ islands: false });
test.slow();

/** What people and programs type where something else is asked for. */
const BAD = {
  empty: "",
  blank: "   ",
  overlong: "x".repeat(10_000),
  "overlong in other signs": "🦊".repeat(1_000),
  NUL: "Ada\0Lovelace",
  "NUL and nothing else": "\0".repeat(400),
  "right to left": "Ada \u202egnp.exe",
  script: "<script>alert(1)</script>",
  "a tag that breaks out": `"><img src=x onerror=alert(1)>`,
  quotes: `'"\`;--`,
};
type Bad = keyof typeof BAD;

const REQUIRED = "Fill this in.";
const FORBIDDEN = "Some characters here cannot be used.";
const MARKUP = "Leave out < and >.";
const MALFORMED = "This does not have the right form.";
const NO_ADDRESS = "An address looks like name@example.com.";
const tooLong = (most: number) => `Use at most ${most} characters.`;

type Rules = Record<Bad, string | undefined>;

/** What each kind of field says to each; where it says nothing the text is an ordinary one there. */
const NAME: Rules = {
  empty: REQUIRED,
  blank: REQUIRED,
  overlong: tooLong(100),
  "overlong in other signs": tooLong(100),
  NUL: FORBIDDEN,
  "NUL and nothing else": tooLong(100),
  "right to left": FORBIDDEN,
  script: MARKUP,
  "a tag that breaks out": MARKUP,
  quotes: MALFORMED,
};
const EMAIL: Rules = {
  empty: REQUIRED,
  blank: REQUIRED,
  overlong: tooLong(254),
  "overlong in other signs": tooLong(254),
  NUL: NO_ADDRESS,
  "NUL and nothing else": tooLong(254),
  "right to left": NO_ADDRESS,
  script: NO_ADDRESS,
  "a tag that breaks out": NO_ADDRESS,
  quotes: NO_ADDRESS,
};
const NEW_PASSWORD: Rules = {
  empty: REQUIRED,
  blank: "Use at least 10 characters.",
  overlong: tooLong(256),
  "overlong in other signs": tooLong(256),
  NUL: FORBIDDEN,
  "NUL and nothing else": tooLong(256),
  "right to left": undefined,
  script: undefined,
  "a tag that breaks out": undefined,
  quotes: "Use at least 10 characters.",
};
const SLUG: Rules = {
  empty: REQUIRED,
  blank: REQUIRED,
  overlong: tooLong(40),
  "overlong in other signs": tooLong(40),
  NUL: MALFORMED,
  "NUL and nothing else": tooLong(40),
  "right to left": MALFORMED,
  script: MALFORMED,
  "a tag that breaks out": MALFORMED,
  quotes: MALFORMED,
};
const all = (message: string): Rules => Object.fromEntries(Object.keys(BAD).map((bad) => [bad, message])) as Rules;

interface Form {
  button: string;
  fields: Record<string, Rules>;
  /** Fields whose text never comes back. */
  secret?: string[];
  /** Text that is good in one field spoils another, so that nothing is ever stored. */
  spoil?: Record<string, string>;
}

/** Sends a form with each bad text in all of its fields, over and over in the page that came back. */
async function insult(visitor: Visitor, at: string, form: Form): Promise<void> {
  const { button, fields, secret = [], spoil = {} } = form;
  await visitor.goto(at);
  for (const bad of Object.keys(BAD) as Bad[]) {
    if (Object.values(fields).every((rules) => rules[bad] === undefined)) continue;
    await test.step(bad, async () => {
      for (const label of Object.keys(fields)) {
        // A browser may cut what is typed; the server must not rely on it.
        await visitor.field(label).evaluate((field) => field.removeAttribute("maxlength"));
        await visitor.field(label).fill(BAD[bad]);
      }
      for (const [label, text] of Object.entries(spoil)) await visitor.field(label).fill(text);
      const typed = new Map<string, string>();
      for (const label of Object.keys(fields)) typed.set(label, await visitor.field(label).inputValue());
      await visitor.press(button);
      for (const [label, rules] of Object.entries(fields)) {
        const message = rules[bad];
        if (message === undefined) continue;
        await visitor.expectError(label, new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
        if (!secret.includes(label)) await expectKept(visitor, label, typed.get(label)!);
      }
    });
  }
}

/** What was typed stands in its field again, cut where it was overlong. A page shows a NUL as what is no sign. */
async function expectKept(visitor: Visitor, label: string, typed: string): Promise<void> {
  const kept = await visitor.field(label).inputValue();
  const shown = typed.replaceAll("\0", "\ufffd");
  expect(shown.startsWith(kept) && kept.length >= Math.min(shown.length, 100), `${label}: ${kept.slice(0, 50)}`).toBe(
    true,
  );
}

/** How much an organization's trail has to tell. */
async function entries(owner: Visitor, of: Organization): Promise<string | null> {
  await owner.goto(`/o/${of.slug}/audit`);
  return owner.page.getByRole("navigation", { name: "Pages" }).locator("span").first().textContent();
}

test("sign-up", async ({ visitor }) => {
  await insult(visitor, "/sign-up", {
    button: "Create organization",
    fields: { "Full name": NAME, Email: EMAIL, Password: NEW_PASSWORD, "Organization name": NAME },
    secret: ["Password"],
  });
});

test("sign-in and a forgotten password", async ({ visitor }) => {
  await insult(visitor, "/sign-in", { button: "Sign in", fields: { Email: EMAIL } });
  await insult(visitor, "/forgot-password", { button: "Send link", fields: { Email: EMAIL } });
});

test("an organization's forms", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor);
  const member = await visitor.memberPath(acme, bo);
  const before = await entries(visitor, acme);
  await insult(visitor, `/o/${acme.slug}/invitations/new`, { button: "Send invitation", fields: { Email: EMAIL } });
  await insult(visitor, `/o/${acme.slug}/settings`, { button: "Save name", fields: { "Organization name": NAME } });
  await insult(visitor, `/o/${acme.slug}/settings`, { button: "Save address", fields: { Slug: SLUG } });
  const other = all("This is not the name that is asked for.");
  await insult(visitor, `${member}/remove`, {
    button: "Remove member",
    fields: { [`Type ${bo.name} to confirm`]: other },
  });
  await insult(visitor, `/o/${acme.slug}/leave`, {
    button: "Leave organization",
    fields: { [`Type ${acme.name} to confirm`]: other },
  });
  expect(await entries(visitor, acme)).toBe(before);
  await visitor.goto(`/o/${acme.slug}/settings`);
  await expect(visitor.field("Organization name")).toHaveValue(acme.name);
  await expect(visitor.field("Slug")).toHaveValue(acme.slug);
});

test("a person's forms", async ({ visitor }) => {
  const { owner } = await visitor.found();
  await insult(visitor, "/account", { button: "Save profile", fields: { "Full name": NAME } });
  await insult(visitor, "/organizations/new", { button: "Create organization", fields: { "Organization name": NAME } });
  await insult(visitor, "/account/security", {
    button: "Change password",
    fields: { "New password": NEW_PASSWORD },
    secret: ["New password"],
    spoil: { "Current password": owner.password },
  });
  await visitor.goto("/account");
  await expect(visitor.field("Full name")).toHaveValue(owner.name);
  await visitor.goto("/account/security");
  await visitor.fill({ "Current password": "not this one", "New password": "a good enough one" });
  await visitor.press("Change password");
  await visitor.expectError("Current password", "This is not your password.");
});

test("a choice that is none of those offered", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = await (await another()).join(acme, visitor);
  const member = await visitor.memberPath(acme, bo);
  for (const role of ["", "owner\0", "root", "<script>", "x".repeat(10_000)]) {
    const back = await visitor.act(`${member}/role`, { role });
    await visitor.goto(back);
    await visitor.expectError("Role", /^Choose one of the list\./);
    await visitor.goto(await visitor.act(`/o/${acme.slug}/invitations`, { email: person().email, role }));
    await visitor.expectError("Role", /^Choose one of the list\./);
  }
  await visitor.goto(await visitor.act("/account", { name: "Ada", time_zone: "Middle/Earth\0", theme: "dark" }));
  await visitor.expectError("Time zone", /^Choose one of the list\./);
  await visitor.goto(await visitor.act("/account", { name: "Ada", time_zone: "UTC", theme: "neon" }));
  await expect(visitor.page.getByRole("alert")).toContainText("Choose one of the list.");
});

test("an invited person's form, and a new password", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = person();
  await visitor.invite(acme, bo.email);
  const newcomer = await another();
  await insult(newcomer, (await letter(bo.email)).link, {
    button: "Accept invitation",
    fields: { "Full name": NAME, Password: NEW_PASSWORD },
    secret: ["Password"],
  });
  await newcomer.post("/forgot-password", { email: acme.owner.email });
  await insult(newcomer, (await letter(acme.owner.email, 2)).link, {
    button: "Change password",
    fields: { "New password": NEW_PASSWORD },
    secret: ["New password"],
  });
});

test("text that looks like a program is text on every page, and in mail", async ({ visitor, another }) => {
  const evil = `" autofocus onfocus=alert(1) x='&lt;script&gt;alert(2)&lt;/script&gt;`;
  const acme = await visitor.found({ ...person(), name: evil }, evil);
  const bo = await another();
  const invited = person();
  await visitor.invite(acme, invited.email);
  const { html, link } = await letter(invited.email);
  expect(html).not.toContain("<script");
  expect(html).toMatch(/&(amp|#38);lt;script/);
  await bo.goto(link);
  await expect(bo.title).toHaveText(`Join ${evil}`);
  for (const part of [
    "",
    "/members",
    `/members?q=${encodeURIComponent(evil)}`,
    "/invitations",
    "/audit",
    "/audit/0",
    "/settings",
    "/leave",
  ]) {
    await visitor.goto(`/o/${acme.slug}${part}`);
    await expect(visitor.page).toHaveTitle(new RegExp("&lt;script&gt;alert\\(2\\)&lt;/script&gt;"));
    await expect(visitor.page.locator("[onfocus], script:text('alert')")).toHaveCount(0);
  }
  await visitor.goto("/account");
  await expect(visitor.field("Full name")).toHaveValue(evil);
});

test("what is wrong is said on top, and leads to its field", async ({ visitor }) => {
  await visitor.goto("/sign-up");
  await visitor.press("Create organization");
  const summary = visitor.page.getByRole("alert");
  await expect(summary).toContainText("Please check what you entered");
  await summary.getByRole("link").nth(1).click();
  await expect(visitor.page).toHaveURL(/#field-email$/);
  await expect(visitor.field("Email")).toBeInViewport();
});
