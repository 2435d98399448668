// What people do without a mouse: the focus gets everywhere by keys, and every act is a key.

import { expect, type Locator, type Page } from "@playwright/test";

/** More places than any page has for the focus. */
const PLACES_MAX = 200;

export class Keyboard {
  constructor(private readonly page: Page) {}

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Goes on until something has the focus, where it can be seen; past everything else by the link for that. */
  async reach(target: Locator): Promise<void> {
    // Found once: to look for it by its role after each key takes longer than the key. A script may put another in its place.
    let found = await target.elementHandle();
    const look = () =>
      found?.evaluate((element) => {
        const focused = document.activeElement;
        if (!element.isConnected) return "gone";
        if (element === focused) return undefined;
        return focused?.textContent === "Skip to content" && element.closest("main") ? "Enter" : "Tab";
      });
    const next = async () => {
      let key = await look();
      while (key === "gone") {
        found = await target.elementHandle();
        key = await look();
      }
      return key;
    };
    let key = await next();
    for (let place = 0; key && place < PLACES_MAX; place += 1) {
      await this.press(key);
      key = await next();
    }
    await expect(target).toBeFocused();
    await expect(target).toBeInViewport();
  }

  /** Follows a link, or presses a button. */
  async enter(target: Locator): Promise<void> {
    await this.reach(target);
    await this.press("Enter");
  }

  async tick(box: Locator): Promise<void> {
    await this.reach(box);
    await this.press("Space");
    await expect(box).toBeChecked();
  }

  /** Types in place of what a field holds. */
  async type(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.press("Control+a");
    await this.page.keyboard.type(text);
    await expect(field).toHaveValue(text);
  }

  /** Types a moment of UTC part by part, as a browser in American English asks for it. */
  async typeMoment(field: Locator, moment: Date): Promise<void> {
    const local = moment.toISOString().slice(0, 19);
    const [year, month, day, hour, minute, second] = local.split(/\D/);
    const half = Number(hour) < 12 ? "AM" : "PM";
    await this.reach(field);
    await this.page.keyboard.type(`${month}${day}${year}`);
    // Years may have more digits: the field waits for them.
    await this.press("ArrowRight");
    await this.page.keyboard.type(`${String(Number(hour) % 12 || 12).padStart(2, "0")}${minute}${second}${half}`);
    // A full minute is said without seconds.
    await expect(field).toHaveValue(local.replace(/:00$/, ""));
  }
}
