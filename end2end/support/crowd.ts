// Many members at once, put where the portal keeps them: inviting each would take minutes.

import { Client } from "pg";

/** Gives an organization so many more members, "Person 1" and so on; their addresses end in `@crowd.example`. */
export async function crowd(slug: string, count: number): Promise<void> {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    const found = await client.query<{ id: string }>("SELECT id FROM platform.tenants WHERE slug = $1", [slug]);
    const id = found.rows[0]!.id;
    const schema = `t_${id.replaceAll("-", "")}`;
    await client.query(
      `INSERT INTO platform.accounts (id, email, name, time_zone, theme, created_at)
       SELECT gen_random_uuid(), 'p' || n || '.' || $1 || '@crowd.example', 'Person ' || n, 'UTC', 'system', now()
       FROM generate_series(1, $2::integer) AS n`,
      [slug, count],
    );
    await client.query(
      `INSERT INTO ${schema}.members (account_id, name, email, role, source, status, joined_at)
       SELECT id, name, email, 'member', 'invitation', 'active', now() FROM platform.accounts WHERE email LIKE '%.' || $1 || '@crowd.example'`,
      [slug],
    );
    await client.query(
      `INSERT INTO platform.memberships (account_id, tenant_id, since)
       SELECT id, $2, now() FROM platform.accounts WHERE email LIKE '%.' || $1 || '@crowd.example'`,
      [slug, id],
    );
  } finally {
    await client.end();
  }
}
