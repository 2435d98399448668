// What stands around the pages: policies, cookies, caches, and what is not in the log.

import { expect, test } from "../support/browser.ts";
import { letter, log } from "../support/mail.ts";
import { path } from "../support/pages.ts";
import { person } from "../support/people.ts";

test.use({ islands: false });

const cookie = (headers: string[], name: string) => headers.find((line) => line.startsWith(`${name}=`));

test("every page runs its own scripts only, in no frame, and is kept nowhere", async ({ visitor }) => {
  const acme = await visitor.found();
  const nonces = new Set<string>();
  for (const at of ["/account", `/o/${acme.slug}`, `/o/${acme.slug}/members`, "/no-such-page", "/verify/none"]) {
    const answer = await visitor.get(at);
    const headers = answer.headers();
    const policy = headers["content-security-policy"]!;
    for (const directive of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "style-src 'self'",
    ]) {
      expect(policy, at).toContain(directive);
    }
    expect(policy, at).not.toContain("unsafe-inline");
    expect(policy, at).not.toMatch(/'unsafe-eval'/);
    const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect(nonce.length, at).toBeGreaterThanOrEqual(16);
    nonces.add(nonce);
    const page = await answer.text();
    const scripts = page.match(/<script[^>]*>/g) ?? [];
    for (const script of scripts) expect(script, at).toContain(`nonce="${nonce}"`);
    expect(page, at).not.toMatch(/<[a-z][^>]* (style|on[a-z]+)="/);
    expect(headers, at).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "strict-origin",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    });
    expect(headers["x-request-id"], at).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers, at).not.toHaveProperty("server");
    // Only what is reached by https may ask for https.
    expect(headers, at).not.toHaveProperty("strict-transport-security");
  }
  expect(nonces.size).toBe(5);
});

test("the session is a cookie of this host, and new with each sign-in", async ({ visitor, another }) => {
  const { owner } = await visitor.found();
  const elsewhere = await another();
  const ids = new Set<string>();
  const { email, password } = owner;
  for (let times = 0; times < 2; times += 1) {
    const answer = await elsewhere.post("/sign-in", { email, password });
    const set = cookie(
      answer
        .headersArray()
        .filter(({ name }) => name.toLowerCase() === "set-cookie")
        .map(({ value }) => value),
      "__Host-session",
    )!;
    for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]) expect(set).toContain(part);
    expect(set).not.toMatch(/Domain=/i);
    ids.add(/=([^;]+)/.exec(set)![1]!);
    expect((await elsewhere.context.cookies()).map(({ name }) => name)).toEqual(["__Host-session"]);
  }
  expect(ids.size).toBe(2);
});

test("a session that was given to a visitor is not the one they sign in with", async ({ visitor, another }) => {
  const { owner } = await visitor.found();
  const elsewhere = await another();
  const planted = {
    name: "__Host-session",
    value: "A".repeat(22),
    domain: "localhost",
    path: "/",
    secure: true,
  };
  await elsewhere.context.addCookies([planted]);
  await elsewhere.act("/sign-in", { email: owner.email, password: owner.password });
  const [session] = await elsewhere.context.cookies();
  expect(session!.value).not.toBe(planted.value);
  expect((await elsewhere.get("/account")).status()).toBe(200);
});

test("a session that was ended stays ended", async ({ visitor }) => {
  await visitor.found();
  const cookies = await visitor.context.cookies();
  await visitor.act("/sign-out");
  await visitor.context.addCookies(cookies);
  expect((await visitor.get("/account")).status()).toBe(303);
});

test("a browser without a session is given no cookie", async ({ visitor }) => {
  for (const at of ["/sign-in", "/sign-up", "/no-such-page", "/o/no-such-organization"]) {
    expect((await visitor.get(at)).headers(), at).not.toHaveProperty("set-cookie");
  }
});

test("scripts and styles have the name of their content, and are kept for a year", async ({ visitor }) => {
  await visitor.found();
  const page = await (await visitor.get("/account")).text();
  const files = new Set(page.match(/\/pkg\/[\w.-]+\.(?:js|css|wasm)/g));
  expect(files.size).toBeGreaterThanOrEqual(3);
  for (const file of files) {
    expect(file).toMatch(/\.[\w-]{20,}\.(js|css|wasm)$/);
    const { headers } = await raw(file, { "accept-encoding": "br" });
    expect(headers.get("cache-control"), file).toBe("public, max-age=31536000, immutable");
    expect(headers.get("x-content-type-options"), file).toBe("nosniff");
    expect(headers.get("content-type"), file).toMatch(/javascript|text\/css|application\/wasm/);
  }
  for (const none of ["/pkg/../Cargo.toml", "/pkg/%2e%2e/%2e%2e/Cargo.toml", "/pkg/none.js", "/pkg/", "/fonts/"]) {
    const { status, headers } = await raw(none);
    expect(status, none).toBe(404);
    expect(headers.get("cache-control"), none).toBe("no-store");
  }
});

test("who comes from an address that is none is told so by a page", async () => {
  const { status, headers } = await raw("/sign-in", { "x-forwarded-for": "nowhere" });
  expect(status).toBe(400);
  expect(headers.get("content-type")).toContain("text/html");
});

test("a page without islands loads no scripts", async ({ visitor }) => {
  for (const at of ["/check-mail", "/forgot-password", "/no-such-page"]) {
    expect(await (await visitor.get(at)).text(), at).not.toMatch(/\/pkg\/[\w.-]+\.(?:js|wasm)/);
  }
});

test("pages are compressed for whoever can read that", async () => {
  for (const encoding of ["br", "gzip"]) {
    expect((await raw("/sign-in", { "accept-encoding": encoding })).headers.get("content-encoding")).toBe(encoding);
  }
});

test("whoever watches the service finds it well", async ({ visitor }) => {
  for (const at of ["/healthz", "/readyz", "/metrics"]) expect((await visitor.get(at)).status(), at).toBe(200);
  expect(await (await visitor.get("/metrics")).text()).toContain("portcullis_requests_total");
});

test("a host that somebody made up gets into no link", async () => {
  const base = process.env.PORTCULLIS_BASE_URL!;
  const ada = person();
  const body = new URLSearchParams({ name: ada.name, email: ada.email, password: ada.password, organization: "Acme" });
  const headers = { origin: base, "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
  await fetch(`${base}/sign-up`, { method: "POST", body, headers, redirect: "manual" });
  expect((await letter(ada.email)).link).toMatch(new RegExp(`^${base}/verify/`));
});

test("the log names no person and holds no secret", async ({ visitor, another }) => {
  const acme = await visitor.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);
  await colleague.post("/forgot-password", { email: bo.email });
  const reset = path((await letter(bo.email, 2)).link);
  await colleague.get(reset);
  await visitor.post("/sign-in", { email: bo.email, password: "not this one" });
  await visitor.get(`/o/${acme.slug}/members?q=${bo.email}`);
  const secrets = [
    ...[reset, (await letter(acme.owner.email)).link, (await letter(bo.email)).link].map((link) =>
      link.split("/").at(-1)!,
    ),
    ...(await visitor.context.cookies()).map(({ value }) => value),
    ...[acme.owner, bo].flatMap(({ name, email, password }) => [name, email, password]),
    "not this one",
  ];
  const id = (await visitor.get("/no-such-page")).headers()["x-request-id"]!;
  await expect.poll(log, { message: "a request's id is in the log" }).toContain(id);
  const written = await log();
  for (const secret of secrets) expect(written, secret).not.toContain(secret);
});

/** Asks without a browser, whose headers and cookies would come along. */
async function raw(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(process.env.PORTCULLIS_BASE_URL! + path, { headers, redirect: "manual" });
}
