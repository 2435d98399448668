// The portal's own table of addresses, so that a new one is under test from its first day.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Route {
  path: string;
  methods: string[];
}

const source = readFileSync(join(import.meta.dirname, "../../app/src/routes.rs"), "utf8");

function read(): Route[] {
  const table = /^table! \{$(.*?)^\}$/ms.exec(source)?.[1] ?? "";
  const lines = table.matchAll(/"(\/[^"]*)" \[([^\]]*)\]/g);
  return Array.from(lines, ([, path, methods]) => ({ path: path!, methods: methods!.match(/[A-Z]+/g) ?? [] }));
}

/** Every address that the portal answers. */
export const ROUTES = read();

/** Those inside of an organization. */
export const ORGANIZATION_ROUTES = ROUTES.filter(({ path }) => path.startsWith("/o/{slug}"));

/** An address with its parameters filled in. */
export function fill(path: string, values: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `missing-${name}`);
}
