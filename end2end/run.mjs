// Everything that a browser test needs, for real: a mail server, the portal on a fresh database, Chromium.
//
// `portcullis with-postgres -- node end2end/run.mjs [arguments for Playwright]`

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Desk } from "./support/desk.mjs";
import { PostOffice } from "./support/post_office.mjs";
import { Portal, command, freePort } from "./support/portal.mjs";

if (!process.env.DATABASE_URL) throw new Error("DATABASE_URL is not set: run this by `portcullis with-postgres`");

const data = await mkdtemp(join(tmpdir(), "portcullis-end2end-"));
const mail = await PostOffice.open();
const port = await freePort();

// Everything below inherits these: the portal, its command line, and the tests.
Object.assign(process.env, {
  PORTCULLIS_DATA_DIR: data,
  PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
  PORTCULLIS_BASE_URL: `http://localhost:${port}`,
  PORTCULLIS_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
  // Each test comes from an address of its own, so that none uses up the limits of another.
  PORTCULLIS_TRUSTED_PROXIES: "127.0.0.1",
  // A test may have webhooks sent to a server of its own.
  PORTCULLIS_WEBHOOK_ALLOW: "127.0.0.0/8",
});

/** @type {Portal | undefined} */
let portal;
/** @type {Desk | undefined} */
let desk;
let status = 1;
try {
  await command("migrate");
  const demo = await command("demo", "--tenants", "1", "--members", "60", "--json");
  portal = await Portal.start();
  desk = await Desk.open(mail, portal);
  Object.assign(process.env, { END2END_DEMO: demo, END2END_DESK: desk.origin });
  status = await playwright(process.argv.slice(2));
} finally {
  await desk?.close();
  const code = await portal?.stop();
  if (status === 0 && code !== 0) {
    console.error(`The portal did not end well: ${String(code)}`);
    status = 1;
  }
  if (status !== 0 && portal) process.stderr.write(`\nWhat the portal wrote:\n${remarkable(portal.log())}`);
  await mail.close();
  await rm(data, { recursive: true, force: true });
}
process.exitCode = status;

/**
 * A log without what went well.
 * @param {string} log
 */
function remarkable(log) {
  return log.replace(/^.*"answered","status":[1-4].*\n/gm, "");
}

/**
 * Runs the tests.
 * @param {string[]} args
 * @returns {Promise<number>} their exit status
 */
async function playwright(args) {
  // Not by way of npx, which would not pass on that it was asked to stop.
  const program = join(import.meta.dirname, "node_modules/@playwright/test/cli.js");
  const tests = spawn(process.execPath, [program, "test", ...args], { cwd: import.meta.dirname, stdio: "inherit" });
  const stop = () => void tests.kill("SIGTERM");
  process.once("SIGINT", stop).once("SIGTERM", stop);
  /** @type {unknown} */
  const code = (await once(tests, "exit"))[0];
  return typeof code === "number" ? code : 1;
}
