// Measures the built program and prints what came out. `make bench` runs it, and
// `make bench TENANTS="100 1000" MEMBERS=5000 MANY="5000 50000" DURATION=20 CONNECTIONS=16` says on what. Either list
// may be empty: then its part is left out. scripts/bench names all settings.
// Targets stand beside the figures; missing one is no failure.

import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { apiFigures, measureApi } from "./bench/api.mjs";
import { auditFigures, measureAudit } from "./bench/audit.mjs";
import { measureQuotas, quotaFigures } from "./bench/quotas.mjs";
import { analyze, connect } from "./bench/database.mjs";
import { fairnessFigures, measureFairness } from "./bench/fairness.mjs";
import { percentile, table } from "./bench/figures.mjs";
import { firstLoads } from "./bench/first_load.mjs";
import { signIn } from "./bench/http.mjs";
import { COMPRESSED, PLAIN, load, settle } from "./bench/load.mjs";
import { manyFigures, measureMany } from "./bench/many.mjs";
import { FILTERED, ROWS, check, fill } from "./bench/members.mjs";
import { Server, clean, run, target } from "./bench/portal.mjs";

const setting = (/** @type {string} */ name, /** @type {number} */ otherwise) => Number(process.env[name] ?? otherwise);

const list = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
  (process.env[name] ?? otherwise)
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);

const settings = {
  tenants: list("TENANTS", "1000 10000"),
  members: setting("MEMBERS", 5_000),
  many: list("MANY", "5000 50000"),
  suspended: setting("SUSPENDED", 5_000),
  imported: setting("IMPORTED", 10_000),
  visits: setting("VISITS", 1_000_000),
  entries: list("ENTRIES", "1000000 10000000"),
  api: list("API", "5000"),
  connections: setting("CONNECTIONS", 16),
  seconds: setting("DURATION", 20),
  provisioned: setting("PROVISIONED", 200),
};
const SIGN_INS = 30;
const COLD_STARTS = 9;
/** The seconds that a migration of 10,000 organizations may take. */
const MIGRATION = 180;

/** @type {import("./bench/figures.mjs").Figure[]} */
const figures = [];
const figure = (
  /** @type {string} */ what,
  /** @type {number} */ value,
  /** @type {string} */ unit,
  /** @type {number} */ most = NaN,
) => {
  figures.push(Number.isNaN(most) ? { what, value, unit } : { what, value, unit, most });
};
const section = (/** @type {string} */ title) => {
  console.log(`\n${table(title, figures.splice(0))}`);
};
const count = (/** @type {number} */ number) => number.toLocaleString("en-US");

/**
 * @param {number} tenants
 * @param {{ email: string, password: string } | undefined} known
 */
async function stage(tenants, known) {
  console.error(`Filling ${count(tenants)} organizations …`);
  const { slug, path, person, made, milliseconds } = await fill(tenants, settings.members, known);
  const filling = milliseconds / Math.max(1, made);

  const server = await Server.start();
  try {
    const database = await connect(slug);
    await analyze(database);
    await database.end();
    await settle();
    const signIns = [];
    let cookie = "";
    for (let time = 0; time < SIGN_INS; time++) {
      const done = await signIn(server, person);
      cookie = done.cookie;
      signIns.push(done.milliseconds);
    }
    const bytes = await check(server, path, cookie, settings.members);
    const url = `http://127.0.0.1:${server.port}${path}`;
    await load(url, cookie, { ...settings, encoding: COMPRESSED, seconds: Math.min(5, settings.seconds) });
    const page = await load(url, cookie, { ...settings, encoding: COMPRESSED });
    const plain = await load(url, cookie, { ...settings, encoding: PLAIN });
    const filtered = await load(`${url}${FILTERED}`, cookie, { ...settings, encoding: PLAIN });
    const memory = await server.memory();
    const provisioning = /** @type {number[]} */ (
      await run("bench-provision", "--count", String(settings.provisioned))
    );
    const parts = /** @type {{ hashing: number[], lookup: number[] }} */ (await run("bench-sign-in"));
    const migration = /** @type {{ organizations: number, failed: number, seconds: number }} */ (
      await run("bench-migrate")
    );
    return {
      person,
      path,
      figures: { tenants, bytes, page, plain, filtered, memory, signIns, parts, provisioning, filling, migration },
    };
  } finally {
    await server.stop();
  }
}

/** @typedef {Awaited<ReturnType<typeof stage>>} Stage */

/** @param {Stage["figures"]} measured */
function showStage({ tenants, page, plain, filtered, memory, signIns, parts, provisioning, filling, migration }) {
  figure("members page, p50", page.p50, "ms", 8.2);
  figure("members page, p99", page.p99, "ms", 15.7);
  figure("members page, requests per second", page.perSecond, "");
  figure("the same, not compressed, p50", plain.p50, "ms", 8.2);
  figure("the same, not compressed, p99", plain.p99, "ms", 15.7);
  figure("the same, requests per second", plain.perSecond, "");
  figure("with search and filter, not compressed, p50", filtered.p50, "ms", 10);
  figure("resident memory after the load", memory.resident, "MB", 100);
  figure("sign-in, p50", percentile(signIns, 0.5), "ms");
  figure("of it, hashing by Argon2id, p50", percentile(parts.hashing, 0.5), "ms");
  figure("sign-in, slowest", Math.max(...signIns), "ms");
  figure("looking a session up, p50", percentile(parts.lookup, 0.5), "ms");
  figure("provisioning, p50", percentile(provisioning, 0.5), "ms", 100);
  figure("provisioning, p99", percentile(provisioning, 0.99), "ms");
  figure("filling an organization, mean", filling, "ms");
  // The wish is for 10,000 of them.
  const wished = (MIGRATION * migration.organizations) / 10_000;
  figure(`a typical migration of ${count(migration.organizations)} organizations`, migration.seconds, "s", wished);
  section(
    `${count(tenants)} organizations; ${ROWS} of ${count(settings.members)} members, ${settings.connections} connections`,
  );
}

/** Starts a server while another keeps the database up. */
async function coldStarts() {
  const keeper = await Server.start();
  const times = [];
  try {
    for (let time = 0; time < COLD_STARTS; time++) {
      const server = await Server.start();
      times.push(server.startup);
      await server.stop();
    }
  } finally {
    await keeper.stop();
  }
  return times;
}

/** @param {Stage} last */
async function pages({ person, path }) {
  const server = await Server.start();
  try {
    return await firstLoads(server, person, path);
  } finally {
    await server.stop();
  }
}

function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--verify", "--quiet", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "none";
  }
}

/** Installations with so many organizations, the last of them also from outside. */
async function installations() {
  await clean();
  /** @type {Stage[]} */
  const stages = [];
  for (const tenants of settings.tenants) {
    const measured = await stage(tenants, stages.at(-1)?.person);
    stages.push(measured);
    showStage(measured.figures);
  }
  const [first, last] = [stages[0], stages.at(-1)];
  if (!first || !last) return {};
  const growth = (last.figures.page.p50 / first.figures.page.p50 - 1) * 100;
  if (first !== last) {
    figure("members page, p50", growth, "%", 5);
    section(`From ${count(first.figures.tenants)} to ${count(last.figures.tenants)} organizations`);
  }
  const firstLoad = await pages(last);
  figure("sign-in page", firstLoad.signIn.bytes / 1000, "kB", 80);
  figure("members page", firstLoad.members.bytes / 1000, "kB", 80);
  section("First load, compressed, without fonts");
  const starts = await coldStarts();
  figure("ready, p50", percentile(starts, 0.5), "ms", 1_000);
  figure("ready, slowest", Math.max(...starts), "ms");
  section("Cold start with the database up");
  return { stages: stages.map(({ figures }) => figures), growth, firstLoad, coldStarts: starts };
}

/** Organizations with so many members, of which the largest also has things done to many of them. */
async function crowds() {
  const measured = [];
  for (const members of settings.many) {
    const many = await measureMany(members, settings, members === settings.many.at(-1));
    measured.push(many);
    figures.push(...manyFigures(many));
    section(`One organization with many members: ${count(members)}; ${ROWS} on a page, not compressed`);
  }
  return measured;
}

/** Organizations with long audit trails. */
async function trails() {
  const measured = [];
  for (const entries of settings.entries) {
    const trail = await measureAudit(entries);
    measured.push(trail);
    figures.push(...auditFigures(trail));
    section(`One organization with an audit trail of ${count(trail.size)} entries`);
  }
  return measured;
}

/** Reserving and settling, and a year of usage. */
async function quotas() {
  const measured = await measureQuotas();
  figures.push(...quotaFigures(measured));
  section("Quotas");
  return measured;
}

/** An organization beside one that is flooded. */
async function fairness() {
  const measured = await measureFairness(settings.seconds);
  figures.push(...fairnessFigures(measured));
  section("One organization while another of its lane is flooded");
  return measured;
}

/** Organizations with so many members, about whom services ask. */
async function services() {
  const measured = [];
  for (const members of settings.api) {
    const api = await measureApi(members, settings.seconds);
    measured.push(api);
    figures.push(...apiFigures(api));
    section(`The REST API of an organization with ${count(members)} members`);
  }
  return measured;
}

const measured = {
  ...(await installations()),
  quotas: await quotas(),
  fairness: await fairness(),
  many: await crowds(),
  trails: await trails(),
  api: await services(),
};
await clean();

const report = {
  at: new Date().toISOString(),
  commit: commit(),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem() },
  settings,
  ...measured,
};
await writeFile(`${target}/bench.json`, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\nAll of it is in ${target}/bench.json`);
