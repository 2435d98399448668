// Several programs on one database: the audit trail has every act that was acknowledged, once, and nothing in between.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { TestInfo } from "@playwright/test";
import { expect, test, type Visitor } from "../support/browser.ts";
import type { Organization } from "../support/pages.ts";
import { networkAddress } from "../support/people.ts";
import { Portal, binary, freePort } from "../support/portal.mjs";

test.use({ islands: false });
test.setTimeout(900_000);

/** How many acts are acknowledged before a program is killed. */
const EACH = 1_000;

/** One more program on the database of all tests. */
async function serve(): Promise<Portal> {
  const port = await freePort();
  return Portal.start({
    PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
    PORTCULLIS_BASE_URL: `http://localhost:${port}`,
    PORTCULLIS_SMTP_URL: undefined,
  });
}

/** Who is signed in, as any of the programs takes it. */
async function cookie(visitor: Visitor): Promise<string> {
  const cookies = await visitor.context.cookies();
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Gives the organization another name: whether that was acknowledged. */
async function rename(portal: Portal, of: Organization, session: string, name: string): Promise<boolean> {
  const answer = await fetch(`${portal.origin}/o/${of.slug}/settings/name`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: session, origin: portal.origin, "x-forwarded-for": networkAddress() },
    body: new URLSearchParams({ name }),
  });
  return answer.status === 303 && answer.headers.get("location")!.endsWith("/settings");
}

/** The names that the organization was given, in the order of the trail, which verifies. */
async function given(visitor: Visitor, of: Organization, info: TestInfo): Promise<string[]> {
  const lines = await (await visitor.get(`/o/${of.slug}/audit/export`)).text();
  const file = info.outputPath("trail.ndjson");
  await writeFile(file, lines);
  await promisify(execFile)(binary, ["audit", "verify", file], { env: { PATH: process.env.PATH } });
  const indexes = lines
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => (JSON.parse(line) as { entry: { index: number } }).entry.index);
  expect(indexes).toEqual(indexes.map((_, index) => index));
  const table = await (await visitor.get(`/o/${of.slug}/audit/export/csv`)).text();
  return [...table.matchAll(/→ (Race [\w-]+)/g)].map((found) => found[1]!);
}

test("four programs and eight writers in each leave one trail without a gap", async ({ visitor }, info) => {
  const acme = await visitor.found();
  const session = await cookie(visitor);
  const portals = await Promise.all(Array.from({ length: 4 }, serve));
  const acknowledged: string[] = [];
  const write = async (portal: Portal, writer: string) => {
    for (let nth = 0; nth < 10; nth += 1) {
      const name = `Race ${writer}-${nth}`;
      expect(await rename(portal, acme, session, name)).toBe(true);
      acknowledged.push(name);
    }
  };
  await Promise.all(
    portals.flatMap((portal, one) => Array.from({ length: 8 }, (_, other) => write(portal, `${one}-${other}`))),
  );
  for (const portal of portals) expect(await portal.stop()).toBe(0);
  const names = await given(visitor, acme, info);
  expect(names).toHaveLength(320);
  expect([...names].sort()).toEqual([...acknowledged].sort());
});

test("what was acknowledged before a program was killed is in the trail, once", async ({ visitor }, info) => {
  const acme = await visitor.found();
  const session = await cookie(visitor);
  const [acknowledged, sent]: string[][] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    const portal = await serve();
    const write = async (writer: number) => {
      for (let nth = 0; ; nth += 1) {
        const name = `Race ${round}-${writer}-${nth}`;
        sent!.push(name);
        // Whoever was killed acknowledges nothing.
        const done = await rename(portal, acme, session, name).catch(() => false);
        if (!done) return;
        acknowledged!.push(name);
        if (acknowledged!.length === EACH * (round + 1)) portal.process.kill("SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    await portal.ended;
  }
  const names = await given(visitor, acme, info);
  expect(acknowledged!.length).toBeGreaterThanOrEqual(3 * EACH);
  expect(new Set(names).size).toBe(names.length);
  expect(acknowledged!.filter((name) => !names.includes(name))).toEqual([]);
  // What was done and not acknowledged any more is there, too, and nothing that nobody has sent.
  expect(names.filter((name) => !sent!.includes(name))).toEqual([]);
});
