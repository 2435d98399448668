// The private Postgres behind the program, asked and changed from beside it.

import { readFile, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { percentile } from "./figures.mjs";
import { get } from "./http.mjs";
import { data } from "./portal.mjs";

/** How Postgres logs a statement. */
const STATEMENT = / LOG: {2}(?:statement|execute [^:]+): /g;
/** How long it takes until every connection has heard of a setting, in milliseconds. */
const HEARING = 250;
/** How long after its answer a page may still end its transaction, in milliseconds. */
const TIDYING = 20;
/** How often a page is asked for to count its statements. */
const TRIES = 20;

/**
 * Connects to the Postgres of the server that runs, as the program does (see server/src/cluster), and looks into the
 * schema of one organization.
 * @param {string} slug
 */
export async function connect(slug) {
  const processFile = await readFile(`${await realpath(`${data}/postgres`)}/postmaster.pid`, "utf8");
  const password = (await readFile(`${data}/postgres-password`, "utf8")).trim();
  const host = processFile.split("\n")[4]?.trim();
  const client = new pg.Client({ host, password, user: "portcullis", database: "portcullis" });
  await client.connect();
  await client.query(
    `SELECT set_config('search_path', 't_' || replace(id::text, '-', ''), false) FROM platform.tenants WHERE slug = $1`,
    [slug],
  );
  return client;
}

/**
 * Has Postgres look at the organization's tables, as its autovacuum does within a minute of such a change: before that it
 * plans for tables of which it knows nothing.
 * @param {pg.Client} client
 */
export async function analyze(client) {
  await client.query("ANALYZE members, group_members, audit_entries, invitations");
}

/**
 * The name that the fewest members have, and how many these are.
 * @param {pg.Client} client
 */
export async function rarestName(client) {
  const found = await client.query(
    "SELECT name, count(*)::integer AS count FROM members GROUP BY name ORDER BY count(*), name LIMIT 1",
  );
  const rarest = /** @type {{ name: string, count: number }[]} */ (found.rows)[0];
  if (!rarest) throw new Error("there are no members");
  return rarest;
}

/**
 * Puts so many active members without further rights into a new group, so that one filter finds exactly these.
 * @param {pg.Client} client
 * @param {number} members
 */
export async function makeGroup(client, members) {
  const made = await client.query(
    `INSERT INTO groups (id, name, description, roles, revision)
     VALUES (gen_random_uuid(), 'Bench', '', '{}', 1) RETURNING id`,
  );
  const id = /** @type {{ id: string }[]} */ (made.rows)[0]?.id ?? "";
  const added = await client.query(
    `INSERT INTO group_members (account_id, group_id)
     SELECT account_id, $1 FROM members WHERE role = 'member' AND status = 'active' ORDER BY email LIMIT $2`,
    [id, members],
  );
  // By which the program notices.
  await client.query("UPDATE role_book SET revision = revision + 1");
  return { id, members: added.rowCount ?? 0 };
}

/**
 * How many statements a page comes to, with those that begin and end transactions, by Postgres' log: what most tries
 * come to, because what the program does beside the page is logged as well.
 * @param {pg.Client} client
 * @param {import("./portal.mjs").Server} server
 * @param {string} path
 * @param {string} cookie
 */
export async function statements(client, server, path, cookie) {
  await logAll(client, true);
  const tries = [];
  for (let time = 0; time < TRIES; time++) {
    const before = (await log()).length;
    await get(server.port, path, cookie);
    await sleep(TIDYING);
    tries.push((await log()).subarray(before).toString().match(STATEMENT)?.length ?? 0);
  }
  await logAll(client, false);
  return percentile(tries, 0.5);
}

function log() {
  return readFile(`${data}/postgres.log`);
}

/**
 * @param {pg.Client} client
 * @param {boolean} wanted
 */
async function logAll(client, wanted) {
  await client.query(wanted ? "ALTER SYSTEM SET log_statement = 'all'" : "ALTER SYSTEM RESET log_statement");
  await client.query("SELECT pg_reload_conf()");
  await sleep(HEARING);
}
