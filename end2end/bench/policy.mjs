// The security policy: what it adds to a page, and how long it takes to go over a quarter of a year with another one.

import { percentile } from "./figures.mjs";
import { get } from "./http.mjs";
import { PLAIN, load } from "./load.mjs";

/** How often a page is measured with each policy, by turns: the machine is not equally quick all the time. */
const TURNS = 4;
const SECONDS = 3;
/** How often the visits are gone over. */
const REPLAYS = 5;
/** So many networks a policy may have. */
const NETWORKS = 10_000;

/** @typedef {import("./many.mjs").Visit} Visit */

/** Nothing, and everything that is asked at the gate, of somebody who comes from this machine. */
const POLICIES = {
  none: {},
  full: {
    idle_minutes: 15,
    absolute_minutes: 720,
    sessions_per_person: 3,
    regions: [],
    networks: [
      { network: "127.0.0.0/8" },
      { network: "::1/128" },
      ...Array.from({ length: NETWORKS - 2 }, (_, number) => ({
        network: `10.${Math.floor(number / 200)}.${number % 200}.0/25`,
        name: `Branch ${number}`,
      })),
    ],
  },
};

/**
 * Puts a policy into force, past the portal.
 * @param {Visit} visit
 * @param {object} policy
 */
async function put({ database }, policy) {
  await database.query(
    `WITH version AS (
       INSERT INTO policy_versions (version, settings, created_at, enforced_at)
       SELECT newest + 1, $1, now(), now() FROM policy_head)
     UPDATE policy_head SET newest = newest + 1, enforced = newest + 1`,
    [JSON.stringify(policy)],
  );
}

/**
 * What a full policy adds to a page's p50, in milliseconds.
 * @param {Visit} visit
 */
async function measureGate(visit) {
  const url = `http://127.0.0.1:${visit.server.port}${visit.path.replace(/\/members$/, "")}`;
  const times = { none: /** @type {number[]} */ ([]), full: /** @type {number[]} */ ([]) };
  for (let turn = 0; turn < TURNS; turn++) {
    for (const which of /** @type {const} */ (["none", "full"])) {
      await put(visit, POLICIES[which]);
      const { p50 } = await load(url, visit.cookie, { connections: 1, encoding: PLAIN, seconds: SECONDS });
      times[which].push(p50);
    }
  }
  await put(visit, POLICIES.none);
  const middle = (/** @type {number[]} */ numbers) => percentile(numbers, 0.5);
  return { none: middle(times.none), full: middle(times.full) };
}

/**
 * How long it takes until the page tells what a draft would have done to so many visits, in milliseconds.
 * @param {Visit} visit
 * @param {number} facts
 */
async function measureReplay({ server, database, path, cookie }, facts) {
  await database.query("DELETE FROM visits");
  await database.query(
    `INSERT INTO visits SELECT account_id, md5(account_id::text || n / 5)::uuid,
            now() - make_interval(hours => n % 2000) - make_interval(mins => n % 300),
            '198.51.100.0'::inet + n % 250, (now() - make_interval(hours => n % 2000))::date,
            now() - make_interval(hours => n % 2000), (n % 7) * 400, n % 3, n % 2, role, authenticator, passkey, 1 + n % 9
     FROM (SELECT row_number() OVER () AS place, * FROM members) m
          CROSS JOIN generate_series(1, 1 + $1::integer / (SELECT count(*)::integer FROM members)) n LIMIT $1`,
    [facts],
  );
  await database.query("ANALYZE visits");
  const draft = { ...POLICIES.full, networks: [{ network: "198.51.100.0/25" }, { network: "127.0.0.0/8" }], mfa: true };
  await database.query(
    `WITH version AS (
       INSERT INTO policy_versions (version, settings, created_at) SELECT newest + 1, $1, now() FROM policy_head)
     UPDATE policy_head SET newest = newest + 1, draft = newest + 1`,
    [JSON.stringify(draft)],
  );
  const times = [];
  for (let turn = 0; turn < REPLAYS; turn++) {
    // Somebody has come by each time: what was worked out before is not told again.
    await database.query("UPDATE visits SET times = times + 1 WHERE ctid = (SELECT ctid FROM visits LIMIT 1)");
    const began = performance.now();
    const page = await get(server.port, path.replace(/members$/, "policy/replay"), cookie);
    times.push(performance.now() - began);
    if (page.status !== 200 || !page.body.includes("Who would be affected")) {
      throw new Error(`the replay was answered with ${page.status}`);
    }
  }
  return percentile(times, 0.5);
}

/**
 * @param {Visit} visit
 * @param {number} facts
 */
export async function measurePolicy(visit, facts) {
  const gate = await measureGate(visit);
  return { gate, facts, replay: await measureReplay(visit, facts) };
}

/**
 * The lines about it.
 * @param {Awaited<ReturnType<typeof measurePolicy>>} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function policyFigures({ gate, facts, replay }) {
  const count = facts.toLocaleString("en-US");
  return [
    { what: "overview without a policy, 1 connection, p50", value: gate.none, unit: "ms" },
    { what: "what a policy of 10,000 networks adds to it", value: gate.full - gate.none, unit: "ms", most: 0.2 },
    { what: `replay of ${count} visits, p50`, value: replay / 1000, unit: "s", most: 2 },
  ];
}
