// What the detections notice: attacks as they are, and alerts put where the portal keeps them.

import { Client } from "pg";
import { expect } from "@playwright/test";
import type { Organization, Visitor } from "./pages.ts";

/** How many wrong passwords an organization that watches closely takes for an attack: fewer than are refused. */
const GUESSES = 5;

/** Has an organization take a few wrong passwords for an attack. */
export async function watchClosely(owner: Visitor, of: Organization): Promise<void> {
  await owner.goto(`/o/${of.slug}/security/rules`);
  await owner.page.locator("#field-guessing_threshold").fill(String(GUESSES));
  await owner.press("Save");
  await expect(owner.notice).toContainText("The detections are saved.");
}

/** Tries wrong passwords of somebody's. */
export async function guess(attacker: Visitor, email: string, times = GUESSES): Promise<void> {
  for (let time = 0; time < times; time += 1) await attacker.post("/sign-in", { email, password: `wrong ${time}` });
}

/** Waits for the alert about somebody, and opens it. */
export async function openAlert(by: Visitor, of: Organization, about: string): Promise<void> {
  const link = by.row(about).getByRole("rowheader").getByRole("link").first();
  await expect(async () => {
    await by.goto(`/o/${of.slug}/security/alerts`);
    await expect(link).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await link.click();
}

/** Raises an alert about a network, which nobody has provoked; its id. */
export async function raiseAlert(slug: string): Promise<string> {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    const found = await client.query<{ id: string }>("SELECT id FROM platform.tenants WHERE slug = $1", [slug]);
    const schema = `t_${found.rows[0]!.id.replaceAll("-", "")}`;
    const raised = await client.query<{ id: string }>(
      `INSERT INTO ${schema}.alerts (id, rule, subject, severity, state, network, first_at, last_at, times)
       VALUES (gen_random_uuid(), 'spraying', '203.0.113.0/24', 2, 'open', '203.0.113.0/24',
               now() - interval '9 minutes', now(), 12)
       RETURNING id`,
    );
    return raised.rows[0]!.id;
  } finally {
    await client.end();
  }
}
