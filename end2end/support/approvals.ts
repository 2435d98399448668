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

/** Asks for the audit trail as a table: the request's page. */
export async function askForExport(asker: Visitor, of: Organization): Promise<string> {
  const form = { format: "csv", query: "", reason: "The auditors ask for it" };
  return asker.act(`/o/${of.slug}/audit/export/ask`, form);
}

/** Asks for a key that may manage members: the request's page. */
export async function askForKey(asker: Visitor, of: Organization): Promise<string> {
  const form = { name: "Sync", scope: "members.manage", expiry: "30", reason: "To sync members" };
  return asker.act(`/o/${of.slug}/keys/new/ask`, form);
}
