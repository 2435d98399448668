// What every test stands on: browsers that fail the test when a page misbehaves.

import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import { Visitor } from "./pages.ts";
import { networkAddress } from "./people.ts";

interface Options {
  /** Whether the portal's own scripts come along; where they do not matter, pages are there sooner without. */
  islands: boolean;
}

interface Fixtures {
  /** The first person's browser. */
  visitor: Visitor;
  /** Opens a browser for one more person. */
  another: () => Promise<Visitor>;
  /** What pages have done that no page should. */
  trouble: string[];
}

export const test = base.extend<Options & Fixtures>({
  islands: [true, { option: true }],

  // The portal's limits are per network: each test comes from one of its own.
  // eslint-disable-next-line no-empty-pattern
  extraHTTPHeaders: async ({}, use) => use({ "x-forwarded-for": networkAddress() }),

  trouble: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const trouble: string[] = [];
      await use(trouble);
      expect(trouble, "what pages did that no page should").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, islands, trouble }, use) => {
    watch(context, trouble);
    if (!islands) await leaveOutIslands(context);
    await use(context);
  },

  visitor: async ({ page }, use) => use(new Visitor(page)),

  another: async ({ browser, islands, trouble }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      watch(context, trouble);
      if (!islands) await leaveOutIslands(context);
      return new Visitor(await context.newPage());
    });
    for (const context of contexts) await context.close();
  },
});

/** Scripts within pages go on; those of the portal do nothing. */
async function leaveOutIslands(context: BrowserContext): Promise<void> {
  const body = "export default async () => {}; export const hydrate = () => {};";
  await context.route("**/pkg/*.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
}

/** Notes dialogs, uncaught errors, broken policies, and answers that say the server failed. */
function watch(context: BrowserContext, trouble: string[]): void {
  context.on("page", (page: Page) => {
    page.on("dialog", (dialog) => {
      trouble.push(`a dialog said: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => {
      // The browser's own remark on a page that was left before it had faded in.
      if (!error.message.includes("ViewTransition")) trouble.push(`${page.url()}: ${error.message}`);
    });
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) trouble.push(`${page.url()}: ${message.text()}`);
    });
  });
  context.on("response", (response) => {
    if (response.status() >= 500)
      trouble.push(`${response.status()} from ${response.request().method()} ${response.url()}`);
  });
}

export { expect };
export { Visitor } from "./pages.ts";
