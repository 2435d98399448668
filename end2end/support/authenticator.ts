// An authenticator app, as people have it on their phones.

import type { Page } from "@playwright/test";
import jsqr from "jsqr";
import { type TOTP, URI } from "otpauth";
import { PNG } from "pngjs";

/** The seconds for which a code is shown. */
const PERIOD = 30;

export class Authenticator {
  private spent = "";

  private constructor(private readonly totp: TOTP) {}

  /** Learns the secret from the picture on the page, as a camera sees it. */
  static async scan(page: Page): Promise<Authenticator> {
    const picture = PNG.sync.read(await page.getByRole("img", { name: /picture for the camera/ }).screenshot());
    const seen = jsqr.default(new Uint8ClampedArray(picture.data), picture.width, picture.height);
    if (!seen) throw new Error("the camera finds no code on the page");
    return new Authenticator(URI.parse(seen.data) as TOTP);
  }

  /** The secret in Base32. */
  get secret(): string {
    return this.totp.secret.base32;
  }

  /** What it shows now. */
  code(): string {
    return (this.spent = this.totp.generate());
  }

  /** A code that was not used: the one of the step after, which the portal takes when it is not far. */
  nextCode(): string {
    const now = Date.now();
    const later = [0, PERIOD].map((seconds) => this.totp.generate({ timestamp: now + seconds * 1000 }));
    return (this.spent = later.find((code) => code !== this.spent)!);
  }

  /** A code that it does not show around now. */
  wrongCode(): string {
    const now = Date.now();
    const near = [-2, -1, 0, 1, 2].map((steps) => this.totp.generate({ timestamp: now + steps * PERIOD * 1000 }));
    return ["000000", "000001", "000002", "000003", "000004", "000005"].find((code) => !near.includes(code))!;
  }
}
