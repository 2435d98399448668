// What is measured on: the members page of the first organization of a demo.

import { get } from "./http.mjs";
import { run } from "./portal.mjs";

/** How many members a page shows. */
export const ROWS = 25;
/** A search and filters that match more than a page of them. */
export const FILTERED = "?q=an&role=member&status=active";

/** @typedef {{ organization: string, slug: string, email: string, password: string | null, made: number }} Demo */
/** @typedef {{ email: string, password: string }} Person */

/**
 * Fills organizations until there are so many, of which the first has so many members, and gives the way to its
 * members page, and who can sign in. The password is told only when that organization is new.
 * @param {number} tenants
 * @param {number} members
 * @param {Person} [known]
 */
export async function fill(tenants, members, known) {
  const began = performance.now();
  const demo = /** @type {Demo} */ (
    await run("demo", "--tenants", String(tenants), "--members", String(members), "--json")
  );
  const milliseconds = performance.now() - began;
  const person = demo.password === null ? known : { email: demo.email, password: demo.password };
  if (!person) throw new Error("the demo has told no password");
  return { slug: demo.slug, path: `/o/${demo.slug}/members`, person, made: demo.made, milliseconds };
}

/**
 * The members page has to be what is measured: so many different addresses are on it.
 * @param {import("./portal.mjs").Server} server
 * @param {string} path
 * @param {string} cookie
 * @param {number} least
 */
export async function check(server, path, cookie, least) {
  const page = await get(server.port, path, cookie);
  const rows = new Set(page.body.match(/[\w.-]+@(?:acme|contractor)\.example/g)).size;
  if (page.status !== 200 || rows < Math.min(ROWS, least)) {
    throw new Error(`${path} was answered with ${page.status} and ${rows} members`);
  }
  return page.body.length;
}
