// Questions of services about members: one at a time by many, and a hundred at a time.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "./database.mjs";
import { get, signIn, submit } from "./http.mjs";
import { report, settle } from "./load.mjs";
import { fill } from "./members.mjs";
import { Server, clean } from "./portal.mjs";

/** So many services ask at the same time. */
const CONNECTIONS = 64;
/** So many questions go together. */
const BATCH = 100;
/** The most requests a minute: more than can be made. */
const UNLIMITED = "100000000";
/** What plans say of requests meanwhile. */
const FREE_OF_LIMITS = Object.fromEntries(
  ["minute", "hour", "day"].map((window) => [`requests_per_${window}`, { limit: null, ceiling: null, price: 0 }]),
);

/** @typedef {{ single: import("./load.mjs").Load, batch: import("./load.mjs").Load, decisions: number }} Measured */

/**
 * Makes a key that may ask, by the form that people use.
 * @param {Server} server
 * @param {string} slug
 * @param {string} cookie
 */
async function issueKey(server, slug, cookie) {
  const page = await get(server.port, `/o/${slug}/keys/new`, cookie);
  const answer = await submit(server, page, cookie, 'name="scope"', {
    name: "Bench",
    scope: "access.check",
    expiry: "30",
  });
  const place = answer.headers.location;
  const shown = place ? await get(server.port, place, cookie) : answer;
  const key = /\bptc_[0-9A-Za-z]{20,}/.exec(shown.body)?.[0];
  if (!key) throw new Error(`no key was made: ${answer.status}`);
  return key;
}

/**
 * Sends a body over and over.
 * @param {Server} server
 * @param {string} key
 * @param {string} path
 * @param {object} body
 * @param {number} seconds
 */
async function ask(server, key, path, body, seconds) {
  const directory = await mkdtemp(join(tmpdir(), "portcullis-bench-"));
  try {
    const file = join(directory, "body.json");
    await writeFile(file, JSON.stringify(body));
    const { stdout } = await promisify(execFile)(
      "wrk",
      [
        ...["--threads", "2", "--connections", String(CONNECTIONS), "--duration", `${seconds}s`, "--timeout", "10s"],
        ...["--script", new URL("api.lua", import.meta.url).pathname],
        `http://127.0.0.1:${server.port}/api/v1${path}`,
      ],
      { env: { ...process.env, BENCH_BODY: file, PORTCULLIS_API_KEY: key } },
    );
    return report(stdout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * @param {number} members
 * @param {number} seconds
 * @returns {Promise<Measured>}
 */
export async function measureApi(members, seconds) {
  await clean();
  const { slug, person } = await fill(1, members);
  const server = await Server.start({ PORTCULLIS_API_REQUESTS_PER_MINUTE: UNLIMITED });
  try {
    const database = await connect(slug);
    await database.query("UPDATE platform.plans SET terms = $1", [JSON.stringify(FREE_OF_LIMITS)]);
    const { cookie } = await signIn(server, person);
    const key = await issueKey(server, slug, cookie);
    const found = await database.query("SELECT email FROM members ORDER BY email LIMIT $1", [BATCH]);
    await database.end();
    const emails = /** @type {{ email: string }[]} */ (found.rows).map(({ email }) => email);
    const checks = emails.map((subject, place) => ({
      subject,
      permission: place % 2 ? "members.view" : "members.manage",
      resource: { kind: "invoice", id: String(place) },
      facts: { address: "203.0.113.7", factors: ["passkey"] },
    }));
    await settle();
    await ask(server, key, "/check", checks[0] ?? {}, 2);
    const single = await ask(server, key, "/check", checks[0] ?? {}, seconds);
    const batch = await ask(server, key, "/check/batch", { checks }, seconds);
    return { single, batch, decisions: batch.perSecond * checks.length };
  } finally {
    await server.stop();
  }
}

/**
 * The lines about it.
 * @param {Measured} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function apiFigures({ single, batch, decisions }) {
  return [
    { what: `check, ${CONNECTIONS} connections, p50`, value: single.p50, unit: "ms" },
    { what: `check, ${CONNECTIONS} connections, p99`, value: single.p99, unit: "ms", most: 5 },
    { what: "check, requests per second", value: single.perSecond, unit: "" },
    { what: `checks, ${BATCH} at a time, p99`, value: batch.p99, unit: "ms" },
    { what: "the same, decisions per second", value: decisions, unit: "", least: 50_000 },
  ];
}
