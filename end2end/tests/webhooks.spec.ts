// Telling another program what happens: adding it, what arrives there, sending it again, another secret.

import type { Locator } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import { person } from "../support/people.ts";
import { Receiver, signature } from "../support/receiver.ts";

/** The secret that the page shows. */
async function secret(visitor: Visitor): Promise<string> {
  await expect(visitor.title).toHaveText("Signing secret");
  return visitor.field("Signing secret").inputValue();
}

/** The row of the newest delivery of an event, once it is in this state. */
async function delivered(visitor: Visitor, log: string, event: string, state: string): Promise<Locator> {
  const row = visitor.row(event).first();
  await expect(async () => {
    await visitor.goto(log);
    await expect(row).toContainText(state, { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  return row;
}

test("a webhook is added, hears what happens, is sent it again, and gets another secret", async ({
  visitor,
  another,
}) => {
  const receiver = await Receiver.open();
  try {
    const acme = await visitor.found();
    await visitor.goto(`/o/${acme.slug}`);
    await visitor.follow("Webhooks");
    await expect(visitor.page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
    await visitor.goto(`/o/${acme.slug}/webhooks/new`);
    await visitor.fill({ "Endpoint URL": "http://hooks.example/in" });
    await visitor.press("Add webhook");
    await visitor.expectError("Endpoint URL", /begin with https/);
    await visitor.fill({ "Endpoint URL": "https://10.0.0.1/in" });
    await visitor.field("Member joined (member.joined)").check();
    await visitor.press("Add webhook");
    await visitor.expectError("Endpoint URL", /private network/);
    await visitor.fill({ "Endpoint URL": receiver.url, Description: "On call" });
    await visitor.press("Add webhook");
    const first = await secret(visitor);
    expect(first).toMatch(/^whsec_/);
    await visitor.follow("I have stored it");
    const home = new URL(visitor.page.url()).pathname;

    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    const [tried] = receiver.received;
    expect(JSON.parse(tried!.body)).toMatchObject({ type: "webhook.test" });
    expect(tried!.headers["webhook-signature"]).toBe(signature(first, tried!));

    const bo = person();
    await (await another()).join(acme, visitor, "member", bo);
    await delivered(visitor, `${home}/deliveries`, "member.joined", "Delivered");
    const told = receiver.received.at(-1)!;
    expect(JSON.parse(told.body)).toMatchObject({ type: "member.joined", data: { email: bo.email, role: "member" } });

    await visitor.row("member.joined").first().getByRole("link").click();
    await expect(visitor.title).toHaveText("member.joined");
    await expect(visitor.page.locator("#body")).toHaveText(told.body);
    await expect(visitor.page.getByRole("row").nth(1)).toContainText("204");
    await visitor.press("Send again");
    await expect(visitor.notice).toContainText("goes out again");
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(3);
    const again = receiver.received.at(-1)!;
    expect(again.headers["webhook-id"]).toBe(told.headers["webhook-id"]);
    expect(again.body).toBe(told.body);

    await visitor.goto(home);
    await visitor.press("Rotate secret");
    const second = await secret(visitor);
    expect(second).not.toBe(first);
    await visitor.follow("I have stored it");
    await visitor.press("Send test event");
    await expect(visitor.notice).toContainText("on its way");
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(4);
    const rotated = receiver.received.at(-1)!;
    expect(rotated.headers["webhook-signature"]).toBe(`${signature(second, rotated)} ${signature(first, rotated)}`);

    receiver.status = 500;
    await visitor.goto(home);
    await visitor.press("Send test event");
    await delivered(visitor, `${home}/deliveries?state=failed`, "webhook.test", "500");
    receiver.status = 204;
    await visitor.press("Send failed again");
    await expect(visitor.notice).toContainText("The message goes out again.");

    await visitor.goto(home);
    await visitor.press("Disable webhook");
    await expect(visitor.notice).toContainText("The webhook is disabled.");
    await visitor.goto(`${home}/delete`);
    await visitor.fill({ "Type 127.0.0.1 to confirm": "localhost" });
    await visitor.press("Delete webhook");
    await visitor.expectError("Type 127.0.0.1 to confirm", /not the name/);
    await visitor.fill({ "Type 127.0.0.1 to confirm": "127.0.0.1" });
    await visitor.press("Delete webhook");
    await expect(visitor.page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
  } finally {
    await receiver.close();
  }
});

test("a member sees nothing of webhooks", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  await colleague.join(acme, visitor);
  await colleague.goto(`/o/${acme.slug}`);
  await expect(colleague.page.getByRole("link", { name: "Webhooks", exact: true })).toHaveCount(0);
  expect((await colleague.get(`/o/${acme.slug}/webhooks`)).status()).toBe(403);
});

test("checkpoints go out by mail to members who are named", async ({ visitor }) => {
  const acme = await visitor.found();
  await visitor.goto(`/o/${acme.slug}/audit/checkpoints`);
  await visitor.fill({ "Email addresses": "stranger@evil.example" });
  await visitor.press("Save recipients");
  await visitor.expectError("Email addresses", /nobody who is an active member/);
  await visitor.fill({ "Email addresses": acme.owner.email });
  await visitor.press("Save recipients");
  await expect(visitor.notice).toContainText("goes out by mail");
  await expect(visitor.field("Email addresses")).toHaveValue(acme.owner.email);
});
