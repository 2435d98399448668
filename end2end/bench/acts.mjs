// Acts on thousands of members, by the forms that people use: from pressing the button until all of it is done.

import { setTimeout as sleep } from "node:timers/promises";
import { get, submit } from "./http.mjs";

/** How often a job is asked how far it has come, in milliseconds. */
const PAUSE = 50;
/** How long a job may take before the bench gives up, in milliseconds. */
const PATIENCE = 120_000;

const count = (/** @type {number} */ number) => number.toLocaleString("en-US");

/**
 * Suspends all members of a group, and gives how long it took.
 * @param {import("./portal.mjs").Server} server
 * @param {string} path that of the members page
 * @param {string} cookie
 * @param {{ id: string, members: number }} group
 */
export async function suspend(server, path, cookie, group) {
  const page = await get(server.port, `${path}/bulk?act=suspend&all=true&group=${group.id}`, cookie);
  const began = performance.now();
  const job = await started(submit(server, page, cookie, 'name="expected"', {}));
  await over(server, job, cookie, group.members);
  return performance.now() - began;
}

/**
 * Imports so many people who have not been invited yet, and gives how long that took, and how much of it the check.
 * @param {import("./portal.mjs").Server} server
 * @param {string} path that of the members page
 * @param {string} cookie
 * @param {number} people
 */
export async function importPeople(server, path, cookie, people) {
  const lines = Array.from({ length: people }, (_, n) => `person${n}@crowd.example,Person ${n},Member`);
  const file = new FormData();
  file.set("file", new Blob([`email,name,role\n${lines.join("\n")}\n`], { type: "text/csv" }), "members.csv");
  const page = await get(server.port, `${path}/import`, cookie);
  const began = performance.now();
  const job = await started(submit(server, page, cookie, 'name="file"', file));
  const checked = await get(server.port, job, cookie);
  const checking = performance.now() - began;
  await started(submit(server, checked, cookie, 'name="mode"', { mode: "skip" }));
  await over(server, job, cookie, people);
  return { whole: performance.now() - began, checking };
}

/**
 * The address of the job that a form has led to.
 * @param {Promise<import("./http.mjs").Answer>} answering
 */
async function started(answering) {
  const { status, headers } = await answering;
  const place = headers.location ?? "";
  if (status !== 303 || !/\/jobs\/[^/?]+$/.test(place)) {
    throw new Error(`a form was answered with ${status} to ${place || "nowhere"}`);
  }
  return place;
}

/**
 * Waits until a job is over, which has to have changed so many.
 * @param {import("./portal.mjs").Server} server
 * @param {string} job
 * @param {string} cookie
 * @param {number} changed
 */
async function over(server, job, cookie, changed) {
  const began = performance.now();
  while (await isUnderWay(server, job, cookie)) {
    if (performance.now() - began > PATIENCE) throw new Error(`${job} does not get done`);
    await sleep(PAUSE);
  }
  const page = await get(server.port, job, cookie);
  const wanted = `${count(changed)} changed, 0 unchanged, 0 refused`;
  if (!page.body.includes(wanted)) throw new Error(`${job} does not say "${wanted}"`);
}

/**
 * @param {import("./portal.mjs").Server} server
 * @param {string} job
 * @param {string} cookie
 */
async function isUnderWay(server, job, cookie) {
  const answer = await get(server.port, `${job}/progress`, cookie);
  /** @type {unknown} */
  const told = JSON.parse(answer.body);
  return /** @type {{ under_way: boolean }} */ (told).under_way;
}
