// What every page has to be for everybody: axe finds nothing, in both themes, on wide and narrow screens; and nothing
// scrolls sideways.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import type { Visitor } from "./pages.ts";

export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** What depends on the theme. */
const COLOURS = ["color-contrast", "link-in-text-block"];

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
    const builder = new AxeBuilder({ page });
    if (rules) builder.withRules([...rules]);
    const { violations } = await builder.analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
    );
    expect.soft(found, `${what}, ${colorScheme}, ${size.width} px`).toEqual([]);
    expect.soft(await sideways(page), `${what} scrolls sideways at ${size.width} px`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(WIDE);
}

/** How far a page can be scrolled sideways, in pixels. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
