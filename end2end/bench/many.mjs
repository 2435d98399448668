// One organization with many members: its pages, what they come to in Postgres, and acts on thousands at once.

import { importPeople, suspend } from "./acts.mjs";
import { analyze, connect, makeGroup, rarestName, statements } from "./database.mjs";
import { signIn } from "./http.mjs";
import { PLAIN, load, settle } from "./load.mjs";
import { FILTERED, ROWS, check, fill } from "./members.mjs";
import { measurePolicy, policyFigures } from "./policy.mjs";
import { Server, clean } from "./portal.mjs";

/** The longest that one page is asked for, in seconds: there are many. */
const SECONDS = 8;
const WARMING = 2;

/** @typedef {{ connections: number, seconds: number, suspended: number, imported: number, visits: number }} Settings */
/**
 * Somebody who is signed in, and the Postgres behind it.
 * @typedef {{ server: Server, database: import("pg").Client, path: string, cookie: string }} Visit
 */

/**
 * Measures an organization with so many members on a Postgres of its own: its pages, and acts on many of its members
 * when that is wanted, too.
 * @param {number} members
 * @param {Settings} settings
 * @param {boolean} withActs
 */
export async function measureMany(members, settings, withActs) {
  await clean();
  console.error(`Filling one organization with ${members.toLocaleString("en-US")} members …`);
  const { slug, path, person } = await fill(1, members);
  const server = await Server.start();
  try {
    const database = await connect(slug);
    try {
      await analyze(database);
      await settle();
      const { cookie } = await signIn(server, person);
      const visit = { server, database, path, cookie };
      const pages = await measurePages(visit, settings);
      const policy = withActs ? await measurePolicy(visit, settings.visits) : undefined;
      return { members, pages, policy, acts: withActs ? await measureActs(visit, settings) : undefined };
    } finally {
      await database.end();
    }
  } finally {
    await server.stop();
  }
}

/** @typedef {Awaited<ReturnType<typeof measureMany>>} Many */

/**
 * A page: how it answers so many connections, the p50 that is wished for, and how many statements it comes to.
 * @typedef {object} Page
 * @property {string} what
 * @property {number} [most]
 * @property {({ connections: number } & import("./load.mjs").Load)[]} loads
 * @property {number} statements
 */

/**
 * The members page as it is, with a search and filters, and with a search that finds hardly anybody.
 * @param {Visit} visit
 * @param {Settings} settings
 * @returns {Promise<Page[]>}
 */
async function measurePages(visit, settings) {
  const rare = await rarestName(visit.database);
  const search = `?q=${encodeURIComponent(rare.name)}`;
  return [
    { what: "members page", ...(await measurePage(visit, "", ROWS, settings)) },
    { what: "with search and filter", most: 10, ...(await measurePage(visit, FILTERED, ROWS, settings)) },
    { what: `with a search that finds ${rare.count}`, ...(await measurePage(visit, search, rare.count, settings)) },
  ];
}

/**
 * A page, asked for by one and by many at once.
 * @param {Visit} visit
 * @param {string} query
 * @param {number} least
 * @param {Settings} settings
 */
async function measurePage({ server, database, path, cookie }, query, least, settings) {
  const page = path + query;
  await check(server, page, cookie, least);
  const url = `http://127.0.0.1:${server.port}${page}`;
  const seconds = Math.min(SECONDS, settings.seconds);
  await load(url, cookie, { connections: settings.connections, encoding: PLAIN, seconds: WARMING });
  const loads = [];
  for (const connections of new Set([1, settings.connections])) {
    loads.push({ connections, ...(await load(url, cookie, { connections, encoding: PLAIN, seconds })) });
  }
  return { loads, statements: await statements(database, server, page, cookie) };
}

/**
 * @param {Visit} visit
 * @param {Settings} settings
 */
async function measureActs({ server, database, path, cookie }, { suspended, imported }) {
  const group = await makeGroup(database, suspended);
  const suspending = await suspend(server, path, cookie, group);
  const importing = await importPeople(server, path, cookie, imported);
  return { suspended: group.members, suspending, imported, importing };
}

/**
 * The lines about it.
 * @param {Many} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function manyFigures({ pages, policy, acts }) {
  const figures = pages.flatMap(({ what, most, loads, statements }) => [
    ...loads.flatMap(({ connections, p50, p99, perSecond }) => {
      const by = `${what}, ${connections} ${connections === 1 ? "connection" : "connections"}`;
      return [
        // The wish is for one who asks: how long many at once wait is a matter of how much the machine does.
        { what: `${by}, p50`, value: p50, unit: "ms", most: connections === 1 ? most : undefined },
        { what: `${by}, p99`, value: p99, unit: "ms" },
        { what: `${by}, requests per second`, value: perSecond, unit: "" },
      ];
    }),
    { what: `${what}, SQL statements`, value: statements, unit: "" },
  ]);
  if (policy) figures.push(...policyFigures(policy));
  if (!acts) return figures;
  const count = (/** @type {number} */ number) => number.toLocaleString("en-US");
  return [
    ...figures,
    { what: `suspending ${count(acts.suspended)} members`, value: acts.suspending / 1000, unit: "s", most: 5 },
    { what: `importing ${count(acts.imported)} new people`, value: acts.importing.whole / 1000, unit: "s", most: 30 },
    { what: "of it, until the check is shown", value: acts.importing.checking / 1000, unit: "s" },
  ];
}
