// A long audit trail: how fast it grows, what is found in it and when, and how it is taken along.

import { request } from "node:http";
import { analyze, connect, statements } from "./database.mjs";
import { percentile } from "./figures.mjs";
import { get, signIn } from "./http.mjs";
import { PLAIN, load } from "./load.mjs";
import { fill } from "./members.mjs";
import { Server, clean, run } from "./portal.mjs";

const count = (/** @type {number} */ number) => number.toLocaleString("en-US");

/** How often each page is asked for. */
const TRIES = 30;
/** So many organizations are written to by turns, where that is measured. */
const TENANTS = 100;
const MEMBERS = 2_000;
/** How long entries are appended, in seconds. */
const SECONDS = 5;

/** What is looked for, as in the address; the rest of each is filled in from the trail itself. */
const SEARCHES = {
  "the whole trail": "",
  "what was denied": "?outcome=denied",
  "one action of the last week": "?action=member.suspended&range=7d",
  "what one member did": "?actor=ACTOR",
  "one address": "?address=10.0.1.100",
  "one request, by its id": "?q=bench-77",
  "a name, of what was denied within a month": "?q=NAME&outcome=denied&range=30d",
};

/**
 * Measures a trail with so many entries on a Postgres of its own.
 * @param {number} entries
 */
export async function measureAudit(entries) {
  await clean();
  console.error(`Writing ${count(entries)} audit entries …`);
  const { slug, path, person } = await fill(TENANTS, MEMBERS);
  const organization = path.replace(/\/members$/, "");
  const rates = /** @type {{ one: number, many: number, batches: number }} */ (
    await run("bench-audit", "--entries", String(entries), "--seconds", String(SECONDS), "--tenants", String(TENANTS))
  );
  const server = await Server.start();
  try {
    const database = await connect(slug);
    try {
      console.error("Analyzing …");
      await analyze(database);
      const size = await entriesOf(database);
      const { cookie } = await signIn(server, person);
      // What is new since the last time is counted by whoever looks first: that is done by the hour, too.
      const began = performance.now();
      while (!(await isCounted(database))) await get(server.port, `${organization}/audit`, cookie);
      const counting = performance.now() - began;
      const searches = [];
      const somebody = await oneOf(database);
      for (const [what, query] of Object.entries(SEARCHES)) {
        const page = `${organization}/audit${query.replace("ACTOR", somebody.id).replace("NAME", encodeURIComponent(somebody.word))}`;
        searches.push({ what, ...(await timed(server, page, cookie)) });
      }
      const overview = `${organization}/security?range=90d`;
      const dashboard = {
        ...(await timed(server, overview, cookie)),
        queries: await statements(database, server, overview, cookie),
      };
      const page = `${organization}/audit`;
      const listed = await load(`http://127.0.0.1:${server.port}${page}`, cookie, {
        connections: 1,
        encoding: PLAIN,
        seconds: 3,
      });
      const queries = await statements(database, server, page, cookie);
      const before = await server.memory();
      const exported = await download(server, `${organization}/audit/export`, cookie);
      const after = await server.memory();
      return { size, rates, counting, searches, dashboard, listed, queries, exported, memory: { before, after } };
    } finally {
      await database.end();
    }
  } finally {
    await server.stop();
  }
}

/**
 * Asks for a page some times, one after the other.
 * @param {Server} server
 * @param {string} page
 * @param {string} cookie
 */
async function timed(server, page, cookie) {
  const answers = [];
  for (let time = 0; time < TRIES; time++) {
    const answer = await get(server.port, page, cookie);
    if (answer.status !== 200) throw new Error(`${page} was answered with ${answer.status}`);
    answers.push(answer.milliseconds);
  }
  return { p50: percentile(answers, 0.5), slowest: Math.max(...answers) };
}

/** @param {import("pg").Client} database */
async function entriesOf(database) {
  const found = await database.query("SELECT size::integer FROM audit_head");
  return /** @type {{ size: number }[]} */ (found.rows)[0]?.size ?? 0;
}

/** @param {import("pg").Client} database */
async function isCounted(database) {
  const found = await database.query("SELECT counted >= size AS done FROM audit_progress, audit_head");
  return /** @type {{ done: boolean }[]} */ (found.rows)[0]?.done ?? false;
}

/** @param {import("pg").Client} database */
async function oneOf(database) {
  const found = await database.query(
    "SELECT account_id AS id, name FROM members ORDER BY joined_at, account_id LIMIT 1 OFFSET 7",
  );
  const { id, name } = /** @type {{ id: string, name: string }[]} */ (found.rows)[0] ?? { id: "", name: "" };
  return { id, word: name.split(" ").at(-1) ?? "" };
}

/**
 * Reads a file to its end, without keeping it.
 * @param {Server} server
 * @param {string} path
 * @param {string} cookie
 * @returns {Promise<{ bytes: number, seconds: number }>}
 */
function download(server, path, cookie) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const call = request(
      { host: "127.0.0.1", port: server.port, agent: false, path, headers: { cookie } },
      (answer) => {
        const place = answer.headers.location;
        if (answer.statusCode === 303 && place) {
          answer.resume();
          resolve(download(server, place, cookie));
          return;
        }
        let bytes = 0;
        answer.on("data", (/** @type {Buffer} */ part) => (bytes += part.length));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode === 200 && answer.complete)
            resolve({ bytes, seconds: (performance.now() - began) / 1000 });
          else reject(new Error(`the export was answered with ${String(answer.statusCode)}`));
        });
      },
    );
    call.on("error", reject);
    call.end();
  });
}

/**
 * The lines about it.
 * @param {Awaited<ReturnType<typeof measureAudit>>} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function auditFigures({ rates, counting, searches, dashboard, listed, queries, exported, memory }) {
  return [
    { what: "entries appended a second, to one trail", value: rates.one, unit: "" },
    { what: `the same, to ${TENANTS} trails by turns`, value: rates.many, unit: "" },
    { what: "the same, in batches", value: rates.batches, unit: "" },
    { what: "counting all of them by the hour", value: counting / 1000, unit: "s" },
    ...searches.flatMap(({ what, p50, slowest }) => [
      { what: `first page of ${what}, p50`, value: p50, unit: "ms", most: 50 },
      { what: "of it, the slowest", value: slowest, unit: "ms" },
    ]),
    { what: "first page, one after the other, p50", value: listed.p50, unit: "ms", most: 50 },
    { what: "first page, SQL statements", value: queries, unit: "" },
    { what: "security dashboard over 90 days, p50", value: dashboard.p50, unit: "ms", most: 100 },
    { what: "of it, the slowest", value: dashboard.slowest, unit: "ms" },
    { what: "of it, SQL statements", value: dashboard.queries, unit: "" },
    { what: "export as NDJSON", value: exported.bytes / 1e6 / exported.seconds, unit: "MB/s" },
    { what: "its size", value: exported.bytes / 1e6, unit: "MB" },
    { what: "resident memory before it", value: memory.before.resident, unit: "MB" },
    { what: "the most at any time until its end", value: memory.after.peak, unit: "MB" },
  ];
}
