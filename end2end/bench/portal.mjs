// The built program on a Postgres of its own: data on disk, fsync on, as an installation has it.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { get } from "./http.mjs";

const root = new URL("../../", import.meta.url).pathname;
export const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
const binary = `${target}/portcullis/portcullis`;
const home = `${target}/bench`;
/** The data directory. */
export const data = `${home}/data`;

/** How long a server may take to answer before the bench gives up, in milliseconds. */
const PATIENCE = 60_000;

const environment = {
  ...process.env,
  DATABASE_URL: undefined,
  PORTCULLIS_DIRECT_DATABASE_URL: undefined,
  PORTCULLIS_SMTP_URL: undefined,
  PORTCULLIS_DATA_DIR: data,
  LEPTOS_SITE_ROOT: undefined,
};

/** Removes what an earlier run has left. */
export async function clean() {
  // Where Postgres' own user cannot reach this directory, the cluster is elsewhere and this is a link to it.
  const cluster = await realpath(`${data}/postgres`).catch(() => undefined);
  if (cluster) await rm(cluster, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}

/** Where servers write what they log. */
async function journal() {
  await mkdir(home, { recursive: true });
  return open(`${home}/server.log`, "a");
}

/**
 * Runs a command of the binary and reads the JSON that it prints. What it says beside that is shown.
 * @param {string[]} args
 * @returns {Promise<unknown>}
 */
export async function run(...args) {
  await mkdir(home, { recursive: true });
  const work = promisify(execFile)(binary, args, { env: environment, maxBuffer: 64 << 20 });
  work.child.stderr?.pipe(process.stderr);
  const { stdout } = await work.catch(() => {
    throw new Error(`portcullis ${args.join(" ")} failed`);
  });
  /** @type {unknown} */
  const answer = JSON.parse(stdout);
  return answer;
}

/** A server that runs. */
export class Server {
  /**
   * @param {import("node:child_process").ChildProcess} child
   * @param {number} port
   * @param {number} startup
   */
  constructor(child, port, startup) {
    this.child = child;
    this.port = port;
    /** Milliseconds from its start until it was ready. */
    this.startup = startup;
    /** As a browser reaches it: passkeys and secure cookies need this name. */
    this.origin = `http://localhost:${port}`;
  }

  /**
   * Starts one and waits until it is ready.
   * @param {NodeJS.ProcessEnv} settings what is different from this process' environment
   */
  static async start(settings = {}) {
    const port = await freePort();
    const log = await journal();
    const began = performance.now();
    const child = spawn(binary, ["serve"], {
      env: {
        ...environment,
        PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
        PORTCULLIS_BASE_URL: `http://localhost:${port}`,
        ...settings,
      },
      stdio: ["ignore", log.fd, log.fd],
    });
    try {
      while (!(await isReady(port))) {
        if (child.exitCode !== null || performance.now() - began > PATIENCE) {
          throw new Error(`the server does not get ready: see ${home}/server.log`);
        }
        await sleep(1);
      }
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      await log.close();
    }
    return new Server(child, port, performance.now() - began);
  }

  /** Asks it to end, and waits until it has. */
  async stop() {
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
  }

  /** Megabytes of memory that are resident now, and that ever were. */
  async memory() {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8");
    const megabytes = (/** @type {string} */ name) =>
      (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024) / 1e6;
    return { resident: megabytes("VmRSS"), peak: megabytes("VmHWM") };
  }
}

/** @param {number} port */
async function isReady(port) {
  try {
    return (await get(port, "/readyz")).status === 200;
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
