// The portal as a process, and its command line. Both read their settings from this process' environment.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
export const binary =
  process.env.PORTCULLIS_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/portcullis");

/** How long a server may take until it is ready, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Runs a command of the portal's.
 * @param {string[]} args
 * @returns {Promise<string>} what it printed
 */
export async function command(...args) {
  const work = promisify(execFile)(binary, args, { cwd: root, maxBuffer: 16 << 20 });
  work.child.stderr?.pipe(process.stderr);
  return (await work).stdout;
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}

/** A server that runs. */
export class Portal {
  /** @type {string[]} */
  #log = [];

  /**
   * @param {NodeJS.ProcessEnv} environment
   */
  constructor(environment) {
    this.origin = environment.PORTCULLIS_BASE_URL ?? "";
    this.process = spawn(binary, ["serve"], { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => this.#log.push(String(text)));
    }
    this.ended = once(this.process, "exit").then((/** @type {unknown[]} */ [code]) => code);
  }

  /**
   * Starts one and waits until it is ready.
   * @param {NodeJS.ProcessEnv} settings what is different from this process' environment
   */
  static async start(settings = {}) {
    const portal = new Portal({ ...process.env, ...settings });
    const giveUp = Date.now() + PATIENCE;
    while (!(await portal.#isReady())) {
      if (portal.process.exitCode !== null || Date.now() > giveUp) {
        portal.process.kill("SIGKILL");
        throw new Error(`the portal did not start:\n${portal.log()}`);
      }
      await pause(50);
    }
    return portal;
  }

  async #isReady() {
    try {
      return (await fetch(`${this.origin}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** Everything that it has written. */
  log() {
    return this.#log.join("");
  }

  /** Asks it to end, and waits for that; its exit status. */
  async stop() {
    if (this.process.exitCode === null) this.process.kill("SIGTERM");
    return this.ended;
  }
}
