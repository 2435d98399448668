// Requests that are timed, without a browser around them.

import { request } from "node:http";

/** @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: string, milliseconds: number }} Answer */

/**
 * @param {number} port
 * @param {import("node:http").RequestOptions} options
 * @param {string | Buffer} [body]
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
  const answer = await submit(server, page, cookies(page), 'name="password"', person);
  const cookie = cookies(answer);
  const place = answer.headers.location ?? "";
  if (answer.status !== 303 || !cookie || place.startsWith("/sign-in")) {
    throw new Error(`signing in was answered with ${answer.status} to ${place || "nowhere"}`);
  }
  return { cookie, milliseconds: answer.milliseconds };
}

/**
 * Submits the form of a page in which something stands: with its hidden fields and these, or with these alone as files
 * are sent.
 * @param {import("./portal.mjs").Server} server
 * @param {Answer} page
 * @param {string} cookie
 * @param {string} mark
 * @param {Record<string, string> | FormData} fields
 */
export async function submit(server, page, cookie, mark, fields) {
  const form = page.body.split("<form").find((part) => part.split("</form>")[0]?.includes(mark));
  if (!form) throw new Error(`the answer with ${page.status} has no form with ${mark}`);
  const body = fields instanceof FormData ? fields : new URLSearchParams({ ...hidden(form), ...fields });
  // Writes it down as a browser does.
  const encoded = new Request(server.origin, { method: "POST", body });
  const headers = {
    origin: server.origin,
    "sec-fetch-site": "same-origin",
    "content-type": encoded.headers.get("content-type") ?? "",
    ...(cookie ? { cookie } : {}),
  };
  const path = attribute(form, "action")?.replaceAll("&amp;", "&");
  return ask(server.port, { method: "POST", path, headers }, Buffer.from(await encoded.arrayBuffer()));
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
