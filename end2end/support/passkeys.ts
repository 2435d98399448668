// A device that keeps passkeys, as the browser's own tools imitate it, and recognizes its owner at once.

import type { CDPSession } from "@playwright/test";
import type { Visitor } from "./pages.ts";

export class Passkeys {
  private constructor(
    private readonly tools: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  /**
   * Gives a person's browser such a device. What it keeps is chosen in the menu of a field as soon as that is there:
   * where that is not wanted, the page is told that menus offer nothing.
   */
  static async plugIn({ context, page }: Visitor, { menus = false } = {}): Promise<Passkeys> {
    if (!menus) {
      await page.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
      });
    }
    const tools = await context.newCDPSession(page);
    await tools.send("WebAuthn.enable");
    const { authenticatorId } = await tools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Passkeys(tools, authenticatorId);
  }

  /** How many passkeys the device keeps, all of which it lists by itself. */
  async count(): Promise<number> {
    const { credentials } = await this.tools.send("WebAuthn.getCredentials", { authenticatorId: this.authenticatorId });
    return credentials.filter(({ isResidentCredential }) => isResidentCredential).length;
  }

  /** From now on the device does not recognize who holds it. */
  async forgetOwner(): Promise<void> {
    await this.tools.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticatorId, isUserVerified: false });
  }
}
