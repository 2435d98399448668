// What only time does, done at once, where the portal keeps its times.

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
