// What docs/api.md tells people to type is typed, and works.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "../support/browser.ts";
import { issueKey } from "../support/keys.ts";
import { person } from "../support/people.ts";

test.use({ islands: false });

const guide = readFileSync(join(import.meta.dirname, "../../docs/api.md"), "utf8");
const examples = Array.from(guide.matchAll(/^```sh\n(.*?)^```$/gms), ([, text]) => text!);

test("every example of the guide works as it stands there", async ({ visitor }) => {
  const acme = await visitor.found();
  const scopes = Array.from(guide.matchAll(/^\| `([a-z]+\.[a-z]+)` \|/gm), ([, scope]) => scope!);
  expect(scopes.length).toBeGreaterThan(5);
  expect(examples.length).toBeGreaterThan(8);
  const environment = {
    ...process.env,
    BASE: process.env.PORTCULLIS_BASE_URL!,
    KEY: await issueKey(visitor, acme, scopes),
    MEMBER: acme.owner.email,
    INVITED: person().email,
  };
  for (const example of examples) {
    // One shell for each: an example stands for itself.
    const run = promisify(execFile)("bash", ["-euo", "pipefail", "-c", example], { env: environment });
    const done = await run.catch((error: { stdout: string; stderr: string }) => error);
    expect(done, `${example}\n${done.stdout}\n${done.stderr}`).not.toBeInstanceOf(Error);
    expect(done.stdout, example).not.toBe("");
  }
});
