// What whoever runs the portal does by the command line, and what people see of it.

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Authenticator } from "../support/authenticator.ts";
import { expect, test } from "../support/browser.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";
import { Portal, command, freePort } from "../support/portal.mjs";

test.use({ islands: false });

test("a suspended organization lets nobody in, and nobody join, until it is resumed", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const bo = person();
  await visitor.invite(acme, bo.email);
  const { link } = await letter(bo.email);
  await command("tenant", "suspend", acme.slug, "--reason", "The bill is open");
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.title).toHaveText("This organization is suspended");
  const newcomer = await another();
  await newcomer.goto(link);
  await expect(newcomer.title).toHaveText("This organization is suspended");
  expect((await newcomer.post(new URL(link).pathname, { name: bo.name, password: bo.password })).status()).toBe(403);
  // The person's own pages go on, and so do other organizations.
  await visitor.goto("/");
  await expect(visitor.title).toHaveText("Profile");
  await visitor.goto(`/o/${acme.slug}/members`);
  await visitor.follow("Go to your account");
  await expect(visitor.title).toHaveText("Profile");
  const globex = await visitor.foundAnother(acme.owner);
  await visitor.goto(`/o/${acme.slug}`);
  await visitor.press("Sign out");
  await visitor.signIn(acme.owner);
  await expect(visitor.title).toHaveText(globex.name);

  await expect(command("tenant", "suspend", acme.slug)).rejects.toThrow(`${acme.slug} is suspended already`);
  await command("tenant", "resume", acme.slug);
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("resumed the organization");
  await expect(visitor.page.getByRole("row").nth(2)).toContainText("suspended the organization");
  await visitor.page.getByRole("row").nth(2).getByRole("link").click();
  await expect(visitor.page.getByRole("main")).toContainText("The bill is open");
  await newcomer.goto(link);
  await expect(newcomer.title).toHaveText(`Join ${acme.name}`);
});

test("an admin resets the factors of a member whose account the organization manages", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const domain = `${acme.slug}.example`;
  const colleague = await another();
  const bo = await colleague.join(acme, visitor, "member", person("Bo", domain));
  await visitor.goto(`/o/${acme.slug}/members`);
  await expect(visitor.page.getByText("Reset sign-in factors")).toHaveCount(0);
  await command("tenant", "domain", acme.slug, "add", domain);
  expect(await command("tenant", "domain", acme.slug, "list")).toBe(`${domain}\n`);
  await colleague.goto("/account/security");
  await colleague.press("Set up authenticator");
  const app = await Authenticator.scan(colleague.page);
  await colleague.fill({ "Authentication code": app.code() });
  await colleague.press("Confirm");

  await visitor.goto(`/o/${acme.slug}/members`);
  await visitor.choose(bo.name, "Reset sign-in factors");
  await visitor.press("Reset sign-in factors");
  await visitor.expectError("Reason", /^Fill this in\./);
  await visitor.field("Reason").fill("The phone is lost");
  await visitor.press("Reset sign-in factors");
  await expect(visitor.notice).toHaveText(`The sign-in factors of ${bo.name} are reset.`);
  await colleague.goto("/account");
  await expect(colleague.title).toHaveText("Sign in");
  await colleague.signIn(bo);
  await expect(colleague.title).toHaveText(acme.name);
  // Bo was invited and told of the app before.
  for (const [{ email }, nth] of [[bo, 3] as const, [acme.owner, 2] as const]) {
    expect((await letter(email, nth)).text).toContain("The reason given: The phone is lost");
  }
  await visitor.goto(`/o/${acme.slug}/audit`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText(`reset the sign-in factors of ${bo.name}`);
});

test("organizations are listed as JSON, and unknown ones are an error", async ({ visitor }) => {
  const acme = await visitor.found();
  const list = JSON.parse(await command("tenant", "list", "--json")) as { slug: string; name: string }[];
  expect(list.find(({ slug }) => slug === acme.slug)?.name).toBe(acme.name);
  await expect(command("tenant", "suspend", "no-such-organization")).rejects.toThrow("no-such-organization");
});

test("without a mail server a sign-up is done at once, and links are passed on", async ({ visitor, browser }) => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const silent = await Portal.start({
    PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
    PORTCULLIS_BASE_URL: origin,
    PORTCULLIS_SMTP_URL: undefined,
  });
  try {
    const page = await browser.newPage({ baseURL: origin, javaScriptEnabled: false });
    const ada = person("Ada");
    const signUp = async () => {
      await page.goto("/sign-up");
      for (const [label, value] of [
        ["Full name", ada.name],
        ["Email", ada.email],
        ["Password", ada.password],
        ["Organization name", ada.name],
      ] as const) {
        await page.getByLabel(label, { exact: true }).fill(value);
      }
      await page.getByRole("button", { name: "Create organization" }).click();
    };
    await signUp();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(ada.name);
    // An invitation's link is passed on by hand, and every page says so.
    await page.getByRole("link", { name: "Invitations", exact: true }).click();
    await page.getByRole("link", { name: "Invite member" }).click();
    await expect(page.getByRole("main")).toContainText("No mail server is set up here");
    const bo = person("Bo");
    await page.getByLabel("Email", { exact: true }).fill(bo.email);
    await page.getByRole("button", { name: "Send invitation" }).click();
    await expect(page.getByRole("status")).toHaveText(
      `${bo.email} is invited. There is no mail server: copy the link and pass it on.`,
    );
    await page.getByRole("row").filter({ hasText: bo.email }).getByRole("button", { name: "Copy link" }).click();
    await expect(page.getByLabel("Invitation link", { exact: true })).toHaveValue(/\/invite\//);

    await page.context().clearCookies();
    await signUp();
    await expect(page.getByLabel("Email", { exact: true })).toHaveAccessibleDescription("This is taken already.");

    // Nobody has proven this address: whoever reads its mail takes it over, and the first password is dead.
    const proven = { ...ada, password: "the one that counts" };
    const acme = await visitor.found(proven, `${ada.name} again`);
    await visitor.goto("/");
    await expect(visitor.title).toHaveText(acme.name);
    const { email, password } = ada;
    expect(await visitor.act("/sign-out")).toBe("/sign-in");
    expect(await visitor.act("/sign-in", { email, password })).toBe("/sign-in");
    expect(await visitor.act("/sign-in", { email, password: proven.password })).toBe("/");

    // Whether there is an account, only whoever runs the server learns.
    for (const address of [ada.email, bo.email]) {
      await page.goto("/forgot-password");
      await expect(page.getByRole("main")).toContainText("No mail server is set up here");
      await page.getByLabel("Email", { exact: true }).fill(address);
      await page.getByRole("button", { name: "Ask for a link" }).click();
      await expect(page.getByRole("main")).toContainText(
        "If the address has an account, “portcullis mail list” shows them a link",
      );
    }
    await page.close();
  } finally {
    await silent.stop();
  }
});

// eslint-disable-next-line no-empty-pattern
test("a list of breached passwords is asked, and one that is none keeps the portal from starting", async ({}, info) => {
  const listed = "nobody would guess this";
  const sha1 = (text: string) => createHash("sha1").update(text).digest("hex").toUpperCase();
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const settings = {
    PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
    PORTCULLIS_BASE_URL: origin,
    PORTCULLIS_BREACHED_PASSWORDS: info.outputPath("breached.txt"),
  };
  const write = async (lines: string[]) => writeFile(settings.PORTCULLIS_BREACHED_PASSWORDS, lines.join("\r\n"));
  const lines = [listed, ..."abcdefgh"].map((text) => `${sha1(text)}:7`).toSorted();

  await expect(Portal.start(settings)).rejects.toThrow(/breached passwords, .*, cannot be used/);
  await write(lines.toReversed());
  await expect(Portal.start(settings)).rejects.toThrow("it is not sorted by hash");
  await write(lines);
  const portal = await Portal.start(settings);
  try {
    const signUp = async (password: string) => {
      const { name, email } = person();
      const body = new URLSearchParams({ name, email, password, organization: name });
      const answer = await fetch(`${origin}/sign-up`, {
        method: "POST",
        body,
        headers: { origin },
        redirect: "manual",
      });
      return answer.headers.get("location");
    };
    expect(await signUp(listed)).toBe("/sign-up");
    expect(await signUp(`${listed}, either`)).toBe("/check-mail");
  } finally {
    await portal.stop();
  }
});
