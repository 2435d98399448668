// The REST API from outside: what a key opens, what it does not, and what programs are told that ask wrongly.

import { expect, test } from "../support/browser.ts";
import { Program, issueKey } from "../support/keys.ts";
import { letter } from "../support/mail.ts";
import { person } from "../support/people.ts";
import { command } from "../support/portal.mjs";
import { KEY_ROUTES, fill } from "../support/routes.ts";

test.use({ islands: false });

const NOBODY = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";
const VALUES = { member: NOBODY, reservation: NOBODY, index: "0" };
const SCOPES = [
  "organization.view",
  "members.view",
  "members.invite",
  "audit.view",
  "audit.ingest",
  "access.check",
  "quotas.use",
  "usage.view",
];
const addresses = KEY_ROUTES.flatMap(({ path, methods }) =>
  methods.map((method) => ({ method, path: fill(path, VALUES).replace("/api/v1", "") })),
);

test("a key opens what its scopes say, and nothing else", async ({ visitor }) => {
  const acme = await visitor.found();
  const all = new Program(await issueKey(visitor, acme, SCOPES, "All"));
  const one = new Program(await issueKey(visitor, acme, ["members.view"], "One"));
  const { owner } = acme;
  const check = { subject: owner.email, permission: "members.invite" };
  expect(await all.post("/check", check)).toMatchObject({ status: 200, body: { allowed: true, reasons: ["held"] } });
  const members = await all.get("/members");
  expect(members.body.items[0]).toMatchObject({ email: owner.email, role: { id: "owner" } });
  expect((await all.get("/roles")).body.items.length).toBe(5);
  expect((await all.get("/policy")).body.settings.sign_in).toBeDefined();
  expect((await all.get("/quotas")).status).toBe(200);
  const limited = members.headers.get("ratelimit-policy");
  expect(limited).toMatch(/^"key";q=\d+;w=60, "organization";q=\d+;w=60/);
  expect(members.headers.get("ratelimit")).toMatch(/^"key";r=\d+;t=\d+/);
  expect(members.headers.get("set-cookie")).toBeNull();
  expect(members.headers.get("access-control-allow-origin")).toBeNull();
  for (const { method, path } of addresses) {
    const told = await one.send(method, path, method === "POST" ? "{}" : undefined);
    const known = path.startsWith("/members");
    // What a body says is read before anybody is asked whether they may: it says nothing of the organization.
    expect(known ? [200, 404] : [403, 422], `${method} ${path}`).toContain(told.status);
    if (told.status >= 400) expect(told.headers.get("content-type"), path).toBe("application/problem+json");
  }
});

test("a foreign id is one that does not exist", async ({ visitor, another }) => {
  const [acme, stranger] = [await visitor.found(), await another()];
  const globex = await stranger.found();
  const mine = new Program(await issueKey(visitor, acme, SCOPES));
  const theirs = new Program(await issueKey(stranger, globex, SCOPES));
  const member = (await mine.get("/members")).body.items[0]!.id;
  const foreign = await theirs.get(`/members/${member}`);
  const missing = await theirs.get(`/members/${NOBODY}`);
  expect(foreign.status).toBe(404);
  expect({ ...foreign.body, request_id: "" }).toEqual({ ...missing.body, request_id: "" });
  expect((await theirs.post("/check", { subject: member, permission: "members.view" })).body).toMatchObject({
    allowed: false,
    reasons: ["unknown_subject"],
  });
  for (const act of ["settle", "release"]) {
    expect((await theirs.post(`/quotas/reservations/${NOBODY}/${act}`, {})).status, act).toBe(404);
  }
});

test("whatever is sent is answered by what is wrong with it", async ({ visitor }) => {
  const acme = await visitor.found();
  const program = new Program(await issueKey(visitor, acme, SCOPES));
  const bodies: [string, BodyInit, number[]][] = [
    ["nothing", "", [400]],
    ["no JSON", "{", [400]],
    ["bytes", Buffer.from([0xff, 0xfe, 0x00]), [400]],
    ["a list", "[]", [422]],
    ["null", "null", [422]],
    ["unknown fields", '{"unknown":1}', [422]],
    ["huge numbers", '{"amounts":{"memory":1e999}}', [400, 422]],
    ["negative amounts", '{"amounts":{"memory":-1}}', [422]],
    ["something deep", "[".repeat(5_000), [400]],
    ["10 MB", "x".repeat(10 << 20), [413]],
  ];
  for (const { path } of addresses.filter(({ method, path }) => method === "POST" && !path.endsWith("/release"))) {
    for (const [what, body, statuses] of bodies) {
      const told = await program.send("POST", path, body).catch(() => ({ status: 413, body: { code: "too_large" } }));
      // An id that there is not is found missing before what is to be done to it is looked at.
      expect([...statuses, ...(path.includes(NOBODY) ? [404] : [])], `${path} with ${what}`).toContain(told.status);
      expect(told.body.code, `${path} with ${what}`).toBeTruthy();
    }
    const kind = await program.send("POST", path, "{}", { "content-type": "text/plain" });
    expect(kind, path).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  }
  for (const { path } of addresses) {
    const put = await program.send("PUT", path, "{}");
    expect(put, path).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
    expect(put.headers.get("allow"), path).toMatch(/GET|POST/);
  }
  expect(await program.get("/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("every entry of the trail is read once, part by part", async ({ visitor }) => {
  const acme = await visitor.found();
  const program = new Program(await issueKey(visitor, acme, SCOPES));
  const events = Array.from({ length: 120 }, (_, n) => ({ id: `e-${n}`, name: "door.opened", fields: { n: `${n}` } }));
  expect((await program.post("/audit/events", { events })).body).toEqual({ recorded: 120, duplicates: 0 });
  expect((await program.post("/audit/events", { events })).body).toEqual({ recorded: 0, duplicates: 120 });
  const seen: number[] = [];
  let next: string | undefined;
  do {
    const query: Record<string, string> = next ? { limit: "50", next } : { limit: "50" };
    const part = (await program.get(`/audit/events?${new URLSearchParams(query).toString()}`)).body;
    seen.push(...part.items.map(({ index }) => index));
    next = part.next;
  } while (next);
  expect(seen.length).toBeGreaterThan(120);
  expect(seen).toEqual(Array.from(seen, (_, place) => seen.length - 1 - place));
  const found = (await program.get("/audit/events?action=service.event&limit=100")).body;
  expect(found.items.length).toBe(100);
  await visitor.goto(`/o/${acme.slug}/audit?action=service.event`);
  await expect(visitor.page.getByRole("row").nth(1)).toContainText("told of door.opened");
});

test("an invitation that is sent twice is one", async ({ visitor }) => {
  const acme = await visitor.found();
  const program = new Program(await issueKey(visitor, acme, SCOPES));
  const grace = person("Grace");
  const invite = (email: string) =>
    program.post("/invitations", { email, role: "member" }, { "idempotency-key": "invite-1" });
  const first = await invite(grace.email);
  expect(first).toMatchObject({ status: 201, body: { email: grace.email, state: "pending" } });
  const again = await invite(grace.email);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(await invite(person().email)).toMatchObject({ status: 409, body: { code: "idempotency_conflict" } });
  expect((await letter(grace.email)).text).toContain(acme.owner.name);
  expect((await program.get("/invitations")).body.items.length).toBe(1);
});

test("the command line asks by the API, and its status is the answer", async ({ visitor }) => {
  const acme = await visitor.found();
  const key = await issueKey(visitor, acme, SCOPES);
  const url = process.env.PORTCULLIS_BASE_URL!;
  const run = async (...args: string[]) => {
    process.env.PORTCULLIS_API_KEY = key;
    return command(...args, "--url", url).then(
      (text) => ({ code: 0, text }),
      (error: { code: number; stdout: string }) => ({ code: error.code, text: error.stdout }),
    );
  };
  expect(await run("check", acme.owner.email, "members.invite")).toEqual({ code: 0, text: "allowed by Owner\n" });
  expect(await run("check", "nobody@x.example", "members.invite")).toMatchObject({ code: 1 });
  expect(await run("check", acme.owner.email, "members.paint")).toMatchObject({ code: 2 });
  expect((await run("audit", "query", "action=organization.created")).text).toContain("organization.created");
  expect((await run("quota", "usage")).code).toBe(0);
  delete process.env.PORTCULLIS_API_KEY;
});

test("the description is public, and its page shows all of it", async ({ visitor }) => {
  const answer = await fetch(`${process.env.PORTCULLIS_BASE_URL!}/api/v1/openapi.json`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  const described = (await answer.json()) as { openapi: string; paths: Record<string, object> };
  expect(described.openapi).toBe("3.1.0");
  await visitor.goto("/api/v1/docs");
  await expect(visitor.title).toHaveText("REST API");
  const page = await (await visitor.get("/api/v1/docs")).text();
  for (const path of Object.keys(described.paths)) expect(page, path).toContain(path);
  await visitor.goto("/api/v1/docs#missing_scope");
  await expect(visitor.page.locator("#missing_scope")).toBeInViewport();
  // Nothing on it comes from elsewhere.
  expect(page).not.toMatch(/(?:src|href)="https?:\/\/(?!localhost)/);
});
