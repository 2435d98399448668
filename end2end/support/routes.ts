// The portal's own table of addresses, so that a new one is under test from its first day.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Route {
  path: string;
  methods: string[];
  /** Whom it is for, as `Audience` has it. */
  audience: string;
}

const source = readFileSync(join(import.meta.dirname, "../../app/src/routes.rs"), "utf8");

function read(): Route[] {
  const table = /^table! \{$(.*?)^\}$/ms.exec(source)?.[1] ?? "";
  return Array.from(table.matchAll(/^ {4}(\w+) \{$(.*?)^ {4}\}$/gms)).flatMap(([, audience, group]) =>
    Array.from(group!.matchAll(/"(\/[^"]*)" \[([^\]]*)\]/g), ([, path, methods]) => ({
      path: path!,
      methods: methods!.match(/[A-Z]+/g) ?? [],
      audience: audience!,
    })),
  );
}

/** Every address that the portal answers. */
export const ROUTES = read();

/** Those for programs with a key. */
export const KEY_ROUTES = ROUTES.filter(({ audience }) => audience === "Keys");

/** Those for people. */
export const PEOPLE_ROUTES = ROUTES.filter(({ audience }) => audience !== "Keys");

/** Those for whoever runs the platform. */
export const OPERATOR_ROUTES = ROUTES.filter(({ audience }) => audience === "Operators");

/** Those inside of an organization. */
export const ORGANIZATION_ROUTES = ROUTES.filter(({ path }) => path.startsWith("/o/{slug}"));

/** The page that a form stands on: its address, or the nearest one above it that shows something. */
export function pageOf(path: string): string {
  const isPage = ROUTES.some((route) => route.path === path && route.methods.includes("GET"));
  return isPage ? path : pageOf(path.slice(0, path.lastIndexOf("/")));
}

/** The parameters of an address. */
export function parameters(path: string): string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name!);
}

/** An address with its parameters filled in. A new kind of parameter has to be known to the test that asks. */
export function fill(path: string, values: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path}: this test knows no value for {${name}}`);
    return value;
  });
}
