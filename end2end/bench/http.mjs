// Requests that are timed, without a browser around them.

import { request } from "node:http";

/** @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: string, milliseconds: number }} Answer */

/**
 * @param {number} port
 * @param {import("node:http").RequestOptions} options
 * @param {string} [body]
 * @returns {Promise<Answer>}
 */
function ask(port, options, body) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const call = request({ host: "127.0.0.1", port, agent: false, ...options }, (answer) => {
      /** @type {Buffer[]} */
      const parts = [];
      answer.on("data", (/** @type {Buffer} */ part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts).toString(),
          milliseconds: performance.now() - began,
        });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

/**
 * @param {number} port
 * @param {string} path
 * @param {string} [cookie]
 */
export function get(port, path, cookie) {
  return ask(port, { path, headers: cookie ? { cookie } : {} });
}

/**
 * Signs in as the form does, and gives the cookie and how long the post took.
 * @param {import("./portal.mjs").Server} server
 * @param {{ email: string, password: string }} person
 */
export async function signIn(server, person) {
  const page = await get(server.port, "/sign-in");
  const form = page.body.split("<form").find((part) => part.includes('name="password"'));
  if (!form) throw new Error("there is no form to sign in with");
  const fields = new URLSearchParams({ ...hidden(form), ...person });
  const answer = await ask(
    server.port,
    {
      method: "POST",
      path: attribute(form, "action") ?? "/sign-in",
      headers: {
        origin: server.origin,
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded",
        ...(cookies(page) ? { cookie: cookies(page) } : {}),
      },
    },
    fields.toString(),
  );
  const cookie = cookies(answer);
  const place = answer.headers.location ?? "";
  if (answer.status !== 303 || !cookie || place.startsWith("/sign-in")) {
    throw new Error(`signing in was answered with ${answer.status} to ${place || "nowhere"}`);
  }
  return { cookie, milliseconds: answer.milliseconds };
}

/** @param {Answer} answer */
function cookies({ headers }) {
  return (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]).join("; ");
}

/**
 * The hidden fields of a form.
 * @param {string} form
 */
function hidden(form) {
  const inputs = form.split("</form>")[0]?.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return Object.fromEntries(inputs.map((input) => [attribute(input, "name") ?? "", attribute(input, "value") ?? ""]));
}

/**
 * @param {string} tag
 * @param {string} name
 */
function attribute(tag, name) {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}
