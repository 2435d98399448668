// People and organizations that nobody else has, so that tests never meet.

import { randomBytes, randomInt } from "node:crypto";

export interface Person {
  name: string;
  email: string;
  password: string;
}

const GIVEN = ["Ada", "Bo", "Chidi", "Dana", "Emre", "Farah", "Goran", "Hana", "Ines", "Joss"];

const code = () => randomBytes(5).toString("hex");

/** Somebody whom the portal has never seen. */
export function person(given = GIVEN[randomInt(GIVEN.length)]!, domain = "people.example"): Person {
  const unique = code();
  return {
    name: `${given} ${unique}`,
    email: `${given.toLowerCase()}.${unique}@${domain}`,
    password: `open sesame ${unique}`,
  };
}

/** A name whose slug is its lower-case form with hyphens. */
export function organizationName(word = "Works"): string {
  return `${word} ${code()}`;
}

/** An address from the block that documentation uses for nobody's. */
export function networkAddress(): string {
  return `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;
}

/** An organization with many members, made by the command line; tests only look at it. */
export interface Demo {
  slug: string;
  email: string;
  password: string;
}

export function demo(): Demo {
  return JSON.parse(process.env.END2END_DEMO ?? "{}") as Demo;
}
