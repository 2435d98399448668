// One person at one browser, and what people do with the portal.

import { type APIResponse, type BrowserContext, expect, type Locator, type Page } from "@playwright/test";
import { letter } from "./mail.ts";
import { organizationName, person, type Person } from "./people.ts";

/** An organization, and the person who made it. */
export interface Organization {
  name: string;
  slug: string;
  owner: Person;
}

/** The path of a link in a mail. */
export function path(link: string): string {
  return new URL(link).pathname;
}

export class Visitor {
  readonly context: BrowserContext;

  constructor(readonly page: Page) {
    this.context = page.context();
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(path);
  }

  /** Opens a page and waits until its scripts listen. */
  async awake(path: string): Promise<void> {
    await this.goto(path);
    const palette = this.page.getByRole("dialog", { name: "Search or jump to" });
    await expect(async () => {
      await this.page.keyboard.press("Control+k");
      await expect(palette).toBeVisible({ timeout: 500 });
    }).toPass();
    await this.page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
  }

  /** The page's only `<h1>`. */
  get title(): Locator {
    return this.page.getByRole("heading", { level: 1 });
  }

  /** What the last act had to say. */
  get notice(): Locator {
    return this.page.getByRole("status");
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  async fill(fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.field(label).fill(value);
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  async follow(link: string): Promise<void> {
    await this.page.getByRole("link", { name: link, exact: true }).click();
  }

  /** The row of a table that is about this. */
  row(about: string): Locator {
    return this.page.getByRole("row").filter({ hasText: about });
  }

  /** Opens a row's menu and chooses a line of it. */
  async choose(about: string, line: string): Promise<void> {
    await this.page.getByRole("button", { name: `Actions for ${about}`, exact: true }).click();
    const row = this.row(about);
    await row
      .getByRole("link", { name: line, exact: true })
      .or(row.getByRole("button", { name: line, exact: true }))
      .click();
  }

  /** The message at a field, as assistive technology finds it. */
  async expectError(label: string, message: string | RegExp): Promise<void> {
    const field = this.field(label);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(message);
  }

  async signIn(who: Person): Promise<void> {
    await this.goto("/sign-in");
    await this.fill({ Email: who.email, Password: who.password });
    await this.press("Sign in");
  }

  /** Signs up and confirms the address, as people do. */
  async signUp(owner: Person, name: string): Promise<Organization> {
    await this.goto("/sign-up");
    await this.fill({
      "Full name": owner.name,
      Email: owner.email,
      Password: owner.password,
      "Organization name": name,
    });
    await this.press("Create organization");
    await expect(this.title).toHaveText("Check your mail");
    await this.goto((await letter(owner.email)).link);
    await this.press("Confirm");
    await expect(this.title).toHaveText(name);
    return { name, owner, slug: new URL(this.page.url()).pathname.split("/")[2]! };
  }

  /** Sends a form without its page, and does not go where the answer leads. */
  async post(path: string, form: Record<string, string> = {}): Promise<APIResponse> {
    const headers = { origin: process.env.PORTCULLIS_BASE_URL! };
    return this.context.request.post(path, { form, headers, maxRedirects: 0 });
  }

  /** As {@link post}, for what has to succeed: where its answer leads. */
  async act(path: string, form: Record<string, string> = {}): Promise<string> {
    const answer = await this.post(path, form);
    expect(answer.status(), `${path} answers`).toBe(303);
    return answer.headers().location!;
  }

  async get(path: string): Promise<APIResponse> {
    return this.context.request.get(path, { maxRedirects: 0 });
  }

  /** Makes a person with an organization, where that is not what the test is about. */
  async found(owner = person(), name = organizationName()): Promise<Organization> {
    const { email, password } = owner;
    await this.act("/sign-up", { name: owner.name, email, password, organization: name });
    const home = await this.act(path((await letter(email)).link));
    return { name, owner, slug: home.split("/")[2]! };
  }

  /** Makes one more organization of the same person's. */
  async foundAnother(owner: Person, name = organizationName()): Promise<Organization> {
    const home = await this.act("/organizations/new", { organization: name });
    return { name, owner, slug: home.split("/")[2]! };
  }

  async invite(to: Organization, email: string, role = "member"): Promise<void> {
    expect(await this.act(`/o/${to.slug}/invitations`, { email, role })).toBe(`/o/${to.slug}/invitations`);
  }

  /** Joins an organization that `owner` invites to. */
  async join(to: Organization, owner: Visitor, role = "member", who = person()): Promise<Person> {
    await owner.invite(to, who.email, role);
    const { link } = await letter(who.email);
    expect(await this.act(path(link), { name: who.name, password: who.password })).toBe(`/o/${to.slug}`);
    return who;
  }

  /** Where a member's own page is. */
  async memberPath(of: Organization, who: Person): Promise<string> {
    const list = await (await this.get(`/o/${of.slug}/members?q=${encodeURIComponent(who.email)}`)).text();
    const [, href] = /href="(\/o\/[^"/]+\/members\/[0-9a-f-]{36})"/.exec(list) ?? [];
    expect(href, `${who.email} is a member`).toBeDefined();
    return href!;
  }
}
