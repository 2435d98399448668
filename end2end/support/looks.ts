// What every page has to be for everybody: axe finds nothing, in both themes, on wide and narrow screens; and nothing
// scrolls sideways.

import { expect, type Page } from "@playwright/test";
import axe from "axe-core";
import type { Visitor } from "./pages.ts";

export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** What depends on the theme. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/**
 * What axe finds on a page as it is now, by all of its rules unless some are named: a line for each rule that is broken.
 * The page stays what it is: axe is put into it once, and asked as often as one likes.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const options: axe.RunOptions = {
    resultTypes: ["violations"],
    ...(rules && { runOnly: { type: "rule", values: [...rules] } }),
  };
  const found = await page.evaluate(async (options) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, options);
    return violations.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html.slice(0, 160)) }));
  }, options);
  return found.map(({ id, html }) => `${id}: ${html.join(" | ")}`);
}

/** Looks at a page as it is now: wide in both themes, and as a phone shows it. */
export async function look(visitor: Visitor, what: string): Promise<void> {
  const { page } = visitor;
  for (const [size, colorScheme, rules] of [
    [WIDE, "light", undefined],
    [WIDE, "dark", COLOURS],
    [PHONE, "dark", undefined],
  ] as const) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    const found = await violations(page, rules);
    expect.soft(found, `${what}, ${colorScheme}, ${size.width} px`).toEqual([]);
    expect.soft(await sideways(page), `${what} scrolls sideways at ${size.width} px`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(WIDE);
}

/** How far a page can be scrolled sideways, in pixels. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
