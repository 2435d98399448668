// What only time does, done at once, where the portal keeps its times.

import { expect } from "@playwright/test";
import { Client } from "pg";

/** Lets ten minutes pass for the proofs of who somebody is. */
export async function letProofsGrowOld(email: string): Promise<void> {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    const done = await client.query(
      `UPDATE platform.sessions SET elevated_until = elevated_until - interval '10 minutes'
       WHERE account_id = (SELECT id FROM platform.accounts WHERE email = $1)`,
      [email],
    );
    if (!done.rowCount) throw new Error(`${email} is not signed in`);
  } finally {
    await client.end();
  }
}

/** A moment after all that was done before, and before all that is done next; in seconds, as people type it. */
export async function moment(): Promise<Date> {
  const second = Math.ceil(Date.now() / 1000) * 1000;
  await expect.poll(() => Date.now(), { message: "the next second", intervals: [50] }).toBeGreaterThan(second);
  return new Date(second);
}
