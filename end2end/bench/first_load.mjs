// What a browser with an empty cache fetches for a page.

import { chromium } from "playwright-core";

/**
 * @typedef {object} FirstLoad
 * @property {number} bytes Everything but fonts, as it was transferred, without headers.
 * @property {number} fonts Bytes of fonts.
 * @property {{ path: string, type: string, encoding: string, bytes: number }[]} files The largest first.
 */

/**
 * Opens the sign-in page, signs in, and opens another page with the cache emptied before each.
 * @param {import("./portal.mjs").Server} server
 * @param {{ email: string, password: string }} person
 * @param {string} path
 */
export async function firstLoads(server, person, path) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    const context = await browser.newContext({ baseURL: server.origin });
    const page = await context.newPage();
    const signIn = await fetched(page, "/sign-in");
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    // Until all of the first page is there, or the rest of it would count for the next.
    await page.waitForURL(/\/o\//, { waitUntil: "networkidle" });
    return { signIn, members: await fetched(page, path) };
  } finally {
    await browser.close();
  }
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} path
 * @returns {Promise<FirstLoad>}
 */
async function fetched(page, path) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.clearBrowserCache");
  /** @type {Promise<FirstLoad["files"][number]>[]} */
  const files = [];
  const note = (/** @type {import("playwright-core").Request} */ request) => void files.push(measure(request));
  page.on("requestfinished", note);
  await page.goto(path, { waitUntil: "networkidle" });
  page.off("requestfinished", note);
  await devtools.detach();
  const all = (await Promise.all(files)).sort((a, b) => b.bytes - a.bytes);
  const sum = (/** @type {boolean} */ isFont) =>
    all.filter(({ type }) => (type === "font") === isFont).reduce((bytes, file) => bytes + file.bytes, 0);
  return { bytes: sum(false), fonts: sum(true), files: all };
}

/** @param {import("playwright-core").Request} request */
async function measure(request) {
  const [sizes, answer] = await Promise.all([request.sizes(), request.response()]);
  if (!answer?.ok()) throw new Error(`${request.url()} was answered with ${answer?.status()}`);
  return {
    path: new URL(request.url()).pathname,
    type: request.resourceType(),
    encoding: (await answer.headerValue("content-encoding")) ?? "none",
    bytes: sizes.responseBodySize,
  };
}
