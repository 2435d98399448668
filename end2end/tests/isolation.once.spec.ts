// Two organizations side by side, asked by hand on every address: neither learns that the other exists.

import type { APIResponse } from "@playwright/test";
import { raiseAlert } from "../support/alerts.ts";
import { askToDelete, needApproval } from "../support/approvals.ts";
import { expect, test, type Visitor } from "../support/browser.ts";
import type { Organization } from "../support/pages.ts";
import { person } from "../support/people.ts";
import {
  KEY_ROUTES,
  OPERATOR_ROUTES,
  ORGANIZATION_ROUTES,
  PEOPLE_ROUTES,
  fill,
  pageOf,
  parameters,
  type Route,
} from "../support/routes.ts";

test.use({ islands: false });

const NOBODY = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";
/** The parameters of people's own addresses. */
const PERSONAL = { session: NOBODY, tenant: NOBODY, authenticator: NOBODY, passkey: NOBODY, notification: NOBODY };
/** The parameters of an organization's addresses, naming nothing that there is. */
const NOTHING = {
  member: NOBODY,
  invitation: NOBODY,
  role: NOBODY,
  group: NOBODY,
  job: NOBODY,
  filter: NOBODY,
  session: NOBODY,
  index: "0",
  version: "7",
  template: "none",
  exception: NOBODY,
  size: "0",
  view: NOBODY,
  alert: NOBODY,
  hold: NOBODY,
  endpoint: NOBODY,
  delivery: NOBODY,
  ticket: "none",
  key: NOBODY,
  account: NOBODY,
  metric: "none",
  approval: NOBODY,
  organization: NOBODY,
};
/** What the address of the audit trail may ask for. */
const AUDIT = ["q", "range", "from", "until", "actor", "action", "category", "target", "outcome", "address", "page"];
/** A body that every form takes, as far as it gets. */
const FORM = { role: "member", confirmation: "x", email: "x@people.example", name: "X", slug: "some-slug" };

const ask = async (by: Visitor, method: string, path: string) =>
  method === "GET" ? by.get(path) : by.post(path, FORM);

/** An answer without what differs from one request to the next. */
async function gist(answer: APIResponse): Promise<string> {
  const nonce = /'nonce-([^']+)'/.exec(answer.headers()["content-security-policy"] ?? "")?.[1] ?? "none";
  return `${answer.status()}\n${(await answer.text()).replaceAll(nonce, "nonce")}`;
}

const each = (routes: Route[]) => routes.flatMap(({ path, methods }) => methods.map((method) => ({ method, path })));

test("without a session every address that is not for anybody leads to the sign-in", async ({ visitor, another }) => {
  const acme = await (await another()).found();
  const closed = PEOPLE_ROUTES.filter(({ audience }) => audience !== "Anybody");
  expect(closed.length).toBeGreaterThan(ORGANIZATION_ROUTES.length);
  const nobody = { ...NOTHING, ...PERSONAL };
  for (const slug of [acme.slug, "no-such-organization"]) {
    for (const { method, path } of each(closed)) {
      const address = fill(path, { slug, ...nobody });
      const answer = await ask(visitor, method, address);
      // A form's address may answer no GET.
      const next = method === "GET" ? address : fill(pageOf(path), { slug, ...nobody });
      expect(answer.status(), `${method} ${address}`).toBe(303);
      expect(answer.headers().location, `${method} ${address}`).toBe(
        `/sign-in?${new URLSearchParams({ next }).toString()}`,
      );
    }
  }
});

test("without a key every address for programs is closed, also to who is signed in", async ({ visitor }) => {
  await visitor.found();
  expect(KEY_ROUTES.length).toBeGreaterThan(10);
  for (const { method, path } of each(KEY_ROUTES)) {
    const address = fill(path, { member: NOBODY, reservation: NOBODY, index: "0" });
    const answer = await ask(visitor, method, address);
    expect(answer.status(), `${method} ${address}`).toBe(401);
    expect(answer.headers(), address).toMatchObject({
      "content-type": "application/problem+json",
      "www-authenticate": 'Bearer realm="Portcullis"',
    });
    expect(await answer.json(), address).toMatchObject({ code: "key_refused", status: 401 });
  }
});

test("to whoever is no operator, the operator's console does not exist", async ({ visitor, another }) => {
  const { slug } = await visitor.found();
  const globex = await (await another()).found();
  expect(OPERATOR_ROUTES.length).toBeGreaterThan(8);
  for (const { method, path } of each(OPERATOR_ROUTES)) {
    const missing = await gist(await ask(visitor, method, "/no-such-page"));
    expect(missing).toMatch(/^404\n/);
    for (const organization of [slug, globex.slug, NOBODY, "'"]) {
      const address = fill(path, { organization });
      expect(await gist(await ask(visitor, method, address)), `${method} ${address}`).toBe(missing);
    }
  }
  expect(await gist(await visitor.get("/operator/no-such"))).toBe(await gist(await visitor.get("/no-such-page")));
});

test("a foreign organization is one that does not exist", async ({ visitor, another }) => {
  const [acme, stranger] = [await visitor.found(), await another()];
  await stranger.found();
  for (const { method, path } of each(ORGANIZATION_ROUTES)) {
    const values = NOTHING;
    const foreign = await gist(await ask(stranger, method, fill(path, { slug: acme.slug, ...values })));
    const missing = await gist(await ask(stranger, method, fill(path, { slug: "no-such-organization", ...values })));
    expect(foreign, `${method} ${path}`).toBe(missing);
    expect(foreign, `${method} ${path}`).toMatch(/^404\n/);
  }
});

test("a foreign id is one that does not exist", async ({ visitor, another }) => {
  const [acme, stranger] = [await visitor.found(), await another()];
  const globex = await stranger.found();
  const colleague = await another();
  const bo = await colleague.join(acme, visitor);
  await colleague.goto(`/o/${acme.slug}`);
  const made = async (what: string) => (await visitor.act(`/o/${acme.slug}/${what}`, { name: "X" })).split("/").at(-1)!;
  const [role, group] = [await made("roles"), await made("groups")];
  const member = (await visitor.memberPath(acme, bo)).split("/").at(-1)!;
  const bulk = `/o/${acme.slug}/members/bulk?act=resume&selected=${member}`;
  const job = (await visitor.act(bulk, { expected: "1" })).split("/").at(-1)!;
  await visitor.act(`/o/${acme.slug}/members/filters`, { name: "X", query: "role=member" });
  await visitor.act(`/o/${acme.slug}/audit/views`, { name: "X", query: "outcome=denied" });
  const except = { email: bo.email, rule: "networks", days: "3", reason: "X" };
  await visitor.act(`/o/${acme.slug}/policy/exceptions`, except);
  await visitor.act(`/o/${acme.slug}/audit/holds`, { query: "outcome=denied", reason: "X" });
  await visitor.post(`/o/${acme.slug}/keys`, { name: "X", scope: "members.view", expiry: "30" });
  const account = await made("keys/accounts");
  await visitor.post(`/o/${acme.slug}/webhooks`, { url: "https://hooks.example/", event: "alert.raised" });
  await needApproval(visitor, acme, "roles", "deletion");
  const approval = (await askToDelete(visitor, acme)).split("/").at(-1)!;
  await visitor.invite(acme, person().email);
  const invitation = /invitations\/([0-9a-f-]{36})\/revoke/.exec(
    await (await visitor.get(`/o/${acme.slug}/invitations`)).text(),
  )![1]!;
  const found = async (page: string, what: RegExp) => what.exec(await (await visitor.get(page)).text())![1]!;
  const filter = await found(`/o/${acme.slug}/members/filters`, /filters\/([0-9a-f-]{36})\/delete/);
  const view = await found(`/o/${acme.slug}/audit/views`, /views\/([0-9a-f-]{36})\/delete/);
  const session = await found(`/o/${acme.slug}/members/${member}`, /sessions\/([0-9a-f-]{36})\/end/);
  const exception = await found(`/o/${acme.slug}/policy/exceptions`, /exceptions\/([0-9a-f-]{36})\/end/);
  const alert = await raiseAlert(acme.slug);
  const key = await found(`/o/${acme.slug}/keys`, /keys\/([0-9a-f-]{36})/);
  const hold = await found(`/o/${acme.slug}/audit/holds`, /holds\/([0-9a-f-]{36})\/release/);
  const endpoint = await found(`/o/${acme.slug}/webhooks`, /webhooks\/([0-9a-f-]{36})"/);
  const delivery = await found(`/o/${acme.slug}/webhooks/${endpoint}/deliveries`, /deliveries\/([0-9a-f-]{36})"/);
  const with_id = ORGANIZATION_ROUTES.filter(({ path }) =>
    parameters(path).some((name) => !["slug", "index", "version", "template", "size", "metric"].includes(name)),
  );
  expect(with_id.length).toBeGreaterThan(6);
  for (const { method, path } of each(with_id)) {
    const answer = (id: Record<string, string>) =>
      ask(stranger, method, fill(path, { slug: globex.slug, ...id })).then(gist);
    const missing = await answer(NOTHING);
    expect(missing, `${method} ${path}`).toMatch(/^404\n/);
    expect(
      await answer({
        member,
        invitation,
        role,
        group,
        job,
        filter,
        session,
        exception,
        view,
        alert,
        hold,
        endpoint,
        delivery,
        ticket: "bm8",
        key,
        account,
        approval,
      }),
      `${method} ${path}, foreign`,
    ).toBe(missing);
    const odd = {
      member: "1 or 1=1",
      invitation: "'",
      role: "owner'",
      group: "%00",
      job: "'",
      filter: "0",
      session: "'",
      exception: "'",
      view: "'",
      alert: "'",
      hold: "'",
      endpoint: "'",
      delivery: "'",
      ticket: "'",
      key: "'",
      account: "x",
      approval: "'",
    };
    expect(await answer(odd), `${method} ${path}, not an id`).toBe(missing);
  }
  await nothingHappened(visitor, acme, bo.email);
});

test("sessions and invitations of others are not there", async ({ visitor, another }) => {
  const [acme, stranger, elsewhere] = [await visitor.found(), await another(), await another()];
  await stranger.found();
  await elsewhere.act("/sign-in", { email: acme.owner.email, password: acme.owner.password });
  const bo = await another();
  const { owner } = await bo.found();
  await visitor.invite(acme, owner.email);
  const session = /sessions\/([0-9a-f-]{36})\/end/.exec(await (await visitor.get("/account/sessions")).text())![1]!;
  const offer = /invitations\/([0-9a-f-]{36})\/([0-9a-f-]{36})\/accept/.exec(
    await (await bo.get("/invitations")).text(),
  )!;
  const paths = PEOPLE_ROUTES.filter(({ path }) => /^\/(account|invitations)\/.*\{/.test(path));
  expect(paths.length).toBe(7);
  const notification = /notifications\/([0-9a-f-]{36})\/open/.exec(
    await (await bo.get("/account/notifications")).text(),
  )![1]!;
  const begun = await visitor.act("/account/security/authenticators");
  const authenticator = /authenticators\/([0-9a-f-]{36})\/set-up/.exec(begun)![1]!;
  for (const { method, path } of each(paths)) {
    const answer = (id: Record<string, string>) => ask(stranger, method, fill(path, id)).then(gist);
    const missing = await answer({ ...PERSONAL, invitation: NOBODY });
    expect(missing, path).toMatch(/^404\n/);
    // Foreign passkeys are tried where there is a device that makes one.
    const foreign = { ...PERSONAL, session, tenant: offer[1]!, invitation: offer[2]!, authenticator, notification };
    expect(await answer(foreign), `${path}, foreign`).toBe(missing);
    expect(
      await answer({
        session: "'",
        tenant: "x",
        invitation: "%00",
        authenticator: "'",
        passkey: "'",
        notification: "x",
      }),
      `${path}, not an id`,
    ).toBe(missing);
  }
  expect((await elsewhere.get(`/o/${acme.slug}`)).status()).toBe(200);
  await bo.goto("/invitations");
  await expect(bo.page.getByRole("heading", { name: acme.name })).toBeVisible();
});

test("wrong methods are refused, and never by an error of the server's", async ({ visitor, another }) => {
  test.slow();
  const acme = await visitor.found();
  const anybody = await another();
  const headers = { origin: process.env.PORTCULLIS_BASE_URL! };
  const values = {
    slug: acme.slug,
    ...NOTHING,
    token: "x",
    ...PERSONAL,
  };
  for (const { path, methods } of PEOPLE_ROUTES) {
    const wrong = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].filter((method) => !methods.includes(method));
    for (const method of wrong) {
      const options = { method, headers, maxRedirects: 0 };
      const address = fill(path, values);
      const answer = await visitor.context.request.fetch(address, options);
      expect([404, 405], `${method} ${path}: ${answer.status()}`).toContain(answer.status());
      const anonymous = await anybody.context.request.fetch(address, options);
      expect([303, 404, 405], `${method} ${path} without a session: ${anonymous.status()}`).toContain(
        anonymous.status(),
      );
    }
  }
});

test("forms come from here, as forms", async ({ visitor }) => {
  const acme = await visitor.found();
  const base = process.env.PORTCULLIS_BASE_URL!;
  const values = { slug: acme.slug, ...NOTHING, token: "x", ...PERSONAL };
  const posts = PEOPLE_ROUTES.filter(({ methods }) => methods.includes("POST")).map(({ path }) => ({
    path,
    address: fill(path, values),
  }));
  const send = async (address: string, headers: Record<string, string>, data: string | Buffer = "email=x") =>
    (await visitor.context.request.post(address, { headers, data, maxRedirects: 0 })).status();
  const form = "application/x-www-form-urlencoded";
  for (const { path, address } of posts) {
    expect(await send(address, { "content-type": form }), `${path} without Origin`).toBe(403);
    expect(
      await send(address, { "content-type": form, origin: "https://evil.example" }),
      `${path} from elsewhere`,
    ).toBe(403);
    expect(await send(address, { "content-type": form, origin: "null" }), `${path} from nowhere`).toBe(403);
    // These ask for nothing that a form says. Some others are limited by the hour: they answer 429 by then.
    if (path === "/sign-out" || path.endsWith("/challenge")) continue;
    for (const [kind, data] of [
      ["application/json", '{"email":"x"}'],
      ["multipart/form-data; boundary=x", "--x--"],
      ["text/plain", "x"],
      [form, Buffer.from("name=%ff%fe&email=%00&=&&;%%%")],
      [form, Buffer.from([0xff, 0x00, 0x80])],
      [form, `email=${"x".repeat(100_000)}`],
    ] as const) {
      const status = await send(address, { "content-type": kind, origin: base }, data);
      // This one is asked by scripts, and answers them.
      const fine = path === "/password/strength" ? [200] : [303];
      expect([...fine, 400, 404, 409, 413, 415, 422, 429], `${path} with ${kind}: ${status}`).toContain(status);
    }
  }
  const json = await send(`/o/${acme.slug}/invitations`, { "content-type": "application/json", origin: base }, "{}");
  expect(json).toBe(415);
  const huge = await send("/sign-in", { "content-type": form, origin: base }, `email=${"x".repeat(100_000)}`);
  expect(huge).toBe(413);
});

test("addresses that are none are not found", async ({ visitor }) => {
  const acme = await visitor.found();
  const odd = [
    "%00",
    "%ff",
    "..%2f..",
    "%E2%80%AE",
    "<script>",
    "x".repeat(4000),
    "-1",
    "1e9",
    "99999999999999999999999",
    "'--",
  ];
  const places = [
    "/o/",
    `/o/${acme.slug}/`,
    `/o/${acme.slug}/members/`,
    `/o/${acme.slug}/audit/`,
    `/o/${acme.slug}/audit/checkpoints/`,
    "/operator/",
    "/operator/organizations/",
    "/invite/",
    "/verify/",
    "/verify-address/",
    "/reset/",
    "/not-me/",
    "/",
  ];
  for (const place of places) {
    for (const end of odd) {
      const answer = await visitor.get(`${place}${end}`);
      expect([400, 404], `${place}${end.slice(0, 40)}: ${answer.status()}`).toContain(answer.status());
    }
  }
});

test("questions that make no sense are answered", async ({ visitor }) => {
  test.slow();
  const acme = await visitor.found();
  const odd = ["%00", "%ff", "%E2%80%AE", "%3Cscript%3E", "x".repeat(4000), "%25_%5C", "'%3B--", ""];
  for (const list of ["members", "invitations", "audit", "security", "security/alerts", "keys"]) {
    const known = list === "audit" ? AUDIT : ["q", "role", "status", "sort", "page", "range", "state", "rule"];
    for (const name of [...known, "order", "dir", "unknown"]) {
      for (const value of odd) {
        const answer = await visitor.get(`/o/${acme.slug}/${list}?${name}=${value}`);
        expect([200, 400], `${list}?${name}=${value.slice(0, 20)}: ${answer.status()}`).toContain(answer.status());
      }
    }
  }
});

async function nothingHappened(owner: Visitor, at: Organization, email: string): Promise<void> {
  await owner.goto(`/o/${at.slug}/members`);
  await expect(owner.row(email)).toContainText("Member");
  await expect(owner.row(email)).toContainText("Active");
  await owner.goto(`/o/${at.slug}/audit`);
  await expect(owner.page.getByRole("row").nth(1)).toContainText("invited");
}
