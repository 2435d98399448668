// Owner approval: having it needed, and asking for something.

import { expect } from "@playwright/test";
import type { Organization, Visitor } from "./pages.ts";

/** Has an organization, whose policy nobody has touched, need approval for these: for roles among them, or for nothing. */
export async function needApproval(owner: Visitor, of: Organization, ...acts: string[]): Promise<void> {
  const policy = `/o/${of.slug}/policy`;
  const yaml = `version: 1\napprovals:\n  approval_needed: [${acts.join(", ")}]\n`;
  await owner.act(`${policy}/text`, { base: "0", yaml });
  expect(await owner.act(`${policy}/enforce`, { version: "1" })).toBe(policy);
}

/** Asks that an organization be deleted: the request's page. */
export async function askToDelete(owner: Visitor, of: Organization): Promise<string> {
  return owner.act(`/o/${of.slug}/delete/ask`, { confirmation: of.name, reason: "We merge" });
}
