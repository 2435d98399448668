// Load, by wrk.

import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * @typedef {object} Load
 * @property {number} p50 Milliseconds.
 * @property {number} p99 Milliseconds.
 * @property {number} max Milliseconds.
 * @property {number} perSecond Requests.
 * @property {number} requests
 */

/** What a browser takes. */
export const COMPRESSED = "gzip, deflate, br";
/** What somebody takes who wants nothing compressed. */
export const PLAIN = "identity";

/** @typedef {{ connections: number, seconds: number, encoding: string }} How */

/**
 * Asks for a page over and over.
 * @param {string} url
 * @param {string} cookie
 * @param {How} how
 * @returns {Promise<Load>}
 */
export async function load(url, cookie, how) {
  return report(await wrk(url, cookie, how));
}

/**
 * Asks for a page over and over, also when it is refused.
 * @param {string} url
 * @param {string} cookie
 * @param {How} how
 */
export async function flood(url, cookie, how) {
  return seen(await wrk(url, cookie, how));
}

/**
 * @param {string} url
 * @param {string} cookie
 * @param {How} how
 */
async function wrk(url, cookie, { connections, seconds, encoding }) {
  const script = new URL("report.lua", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)("wrk", [
    ...["--threads", String(Math.min(2, connections))],
    ...["--connections", String(connections)],
    ...["--duration", `${seconds}s`],
    ...["--timeout", "10s"],
    ...["--script", script],
    ...["--header", `Cookie: ${cookie}`],
    ...["--header", `Accept-Encoding: ${encoding}`],
    url,
  ]);
  return stdout;
}

/**
 * What wrk has told: times in microseconds.
 * @param {string} stdout
 */
function seen(stdout) {
  const line = /^REPORT (.*)$/m.exec(stdout)?.[1];
  if (!line) throw new Error(`wrk said: ${stdout}`);
  /** @type {unknown} */
  const told = JSON.parse(line);
  return /** @type {Record<"requests" | "duration" | "p50" | "p99" | "max" | "failed" | "refused", number>} */ (told);
}

/**
 * What wrk has told of requests that were all answered well.
 * @param {string} stdout
 * @returns {Load}
 */
export function report(stdout) {
  const { requests, duration, p50, p99, max, failed, refused } = seen(stdout);
  if (failed + refused > 0) {
    throw new Error(`${failed} requests failed and ${refused} were refused, of ${requests}`);
  }
  return { p50: p50 / 1000, p99: p99 / 1000, max: max / 1000, perSecond: (requests / duration) * 1e6, requests };
}

/** Waits until the machine has nothing else to do, such as Postgres tidying up; two minutes at most. */
export async function settle() {
  for (let round = 0; round < 40; round++) {
    const before = ticks();
    await sleep(3_000);
    const after = ticks();
    if ((after.idle - before.idle) / (after.all - before.all) > 0.93) return;
  }
  console.error("The machine stays busy: the figures will be worse than they could be.");
}

function ticks() {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map((time) => time.idle)), all: sum(times.map((time) => sum(Object.values(time)))) };
}
