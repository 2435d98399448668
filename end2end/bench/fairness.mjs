// How long one organization's pages take while another of the same lane is flooded.

import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "./database.mjs";
import { get, signIn, submit } from "./http.mjs";
import { PLAIN, flood, load, settle } from "./load.mjs";
import { fill } from "./members.mjs";
import { Server, clean } from "./portal.mjs";

/** How many want something of the flooded organization at a time, and of the other one. */
const CROWD = 200;
const CONNECTIONS = 4;
/** How many members the flooded organization has. */
const MEMBERS = 5_000;
/** How many seconds the flood goes on before and after the measuring. */
const MARGIN = 2;

/** @typedef {{ alone: import("./load.mjs").Load, beside: import("./load.mjs").Load, crowd: { requests: number, refused: number } }} Measured */

/**
 * Founds an organization in the lane of another one, and gives the way to its members page.
 * @param {Server} server
 * @param {string} slug
 * @param {string} cookie
 */
async function neighbour(server, slug, cookie) {
  const page = await get(server.port, "/organizations/new", cookie);
  const answer = await submit(server, page, cookie, 'name="organization"', { organization: "Neighbours" });
  const path = answer.headers.location;
  if (answer.status !== 303 || !path?.startsWith("/o/")) throw new Error(`founding was answered with ${answer.status}`);
  const database = await connect(slug);
  const found = await database.query(
    `SELECT t.lane, format('GRANT pc_%s_t_%s TO pc_%s_lane_%s', i.id, replace(o.id::text, '-', ''), i.id, t.lane) AS "grant"
     FROM platform.installation i, platform.tenants t, platform.tenants o WHERE t.slug = $1 AND o.slug = $2`,
    [slug, path.slice("/o/".length)],
  );
  const row = /** @type {{ lane: number, grant: string }[]} */ (found.rows)[0];
  if (!row) throw new Error("there is no such organization");
  await database.query(row.grant);
  await database.query("UPDATE platform.tenants SET lane = $1 WHERE slug = $2", [row.lane, path.slice("/o/".length)]);
  await database.end();
  return `${path}/members`;
}

/**
 * @param {number} seconds
 * @returns {Promise<Measured>}
 */
export async function measureFairness(seconds) {
  await clean();
  const { slug, path, person } = await fill(1, MEMBERS);
  const server = await Server.start();
  try {
    const { cookie } = await signIn(server, person);
    const beside = await neighbour(server, slug, cookie);
    const url = (/** @type {string} */ path) => `http://127.0.0.1:${server.port}${path}`;
    await settle();
    const how = { connections: CONNECTIONS, seconds, encoding: PLAIN };
    await load(url(beside), cookie, { ...how, seconds: MARGIN });
    const alone = await load(url(beside), cookie, how);
    const crowd = flood(url(path), cookie, { ...how, connections: CROWD, seconds: seconds + 2 * MARGIN });
    await sleep(MARGIN * 1_000);
    const [flooded, during] = await Promise.all([crowd, load(url(beside), cookie, how)]);
    return { alone, beside: during, crowd: { requests: flooded.requests, refused: flooded.refused } };
  } finally {
    await server.stop();
  }
}

/**
 * The lines about it.
 * @param {Measured} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function fairnessFigures({ alone, beside, crowd }) {
  return [
    { what: `members page, ${CONNECTIONS} connections, alone, p99`, value: alone.p99, unit: "ms" },
    { what: `while ${CROWD} flood another organization, p99`, value: beside.p99, unit: "ms" },
    { what: "times as long", value: beside.p99 / alone.p99, unit: "", most: 2 },
    { what: "of the flood, answered with its page", value: crowd.requests - crowd.refused, unit: "" },
    { what: "of the flood, refused with 503", value: crowd.refused, unit: "" },
  ];
}
