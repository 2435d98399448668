// The way into the operator's console.

import { expect } from "@playwright/test";
import { Authenticator } from "./authenticator.ts";
import type { Organization, Visitor } from "./pages.ts";
import { command } from "./portal.mjs";

/** Somebody who runs the platform, and their authenticator app. */
export interface Operator extends Organization {
  app: Authenticator;
}

/** Makes a person an operator who has set up the second factor that the console asks for, and opens it. */
export async function operate(visitor: Visitor): Promise<Operator> {
  const own = await visitor.found();
  await command("operator", "add", own.owner.email);
  await visitor.goto("/operator");
  await expect(visitor.page).toHaveURL("/account/security");
  await expect(visitor.page.getByRole("alert")).toContainText("Where you want to go asks for one.");
  await visitor.press("Set up authenticator");
  const app = await Authenticator.scan(visitor.page);
  await visitor.fill({ "Authentication code": app.code() });
  await visitor.press("Confirm");
  await visitor.goto("/operator");
  await expect(visitor.title).toHaveText("Organizations");
  return { ...own, app };
}
