// API keys, and programs that have one.

import { expect } from "@playwright/test";
import type { Organization, Visitor } from "./pages.ts";

/** Makes a key with these scopes, and gives its secret. */
export async function issueKey(by: Visitor, of: Organization, scopes: string[], name = "Test key"): Promise<string> {
  const form = new URLSearchParams({ name, expiry: "30" });
  for (const scope of scopes) form.append("scope", scope);
  const answer = await by.context.request.post(`/o/${of.slug}/keys`, {
    headers: { origin: process.env.PORTCULLIS_BASE_URL!, "content-type": "application/x-www-form-urlencoded" },
    data: form.toString(),
  });
  const secret = /\bptc_[0-9A-Za-z]{20,}/.exec(await answer.text())?.[0];
  expect(secret, `a key, in an answer with ${answer.status()}`).toBeDefined();
  return secret!;
}

/** What answers hold that tests look at. */
export interface Body {
  code?: string;
  items: { id: string; index: number }[];
  next?: string;
  settings: Record<string, unknown>;
  [name: string]: unknown;
}

/** What a program is answered. */
export interface Told {
  status: number;
  headers: Headers;
  body: Body;
}

/** A program with a key. */
export class Program {
  constructor(readonly key: string) {}

  async send(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Told> {
    const kind: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await fetch(`${process.env.PORTCULLIS_BASE_URL!}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...kind, ...headers },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
    });
    const text = await answer.text();
    const told = (text === "" ? {} : JSON.parse(text)) as Body;
    return { status: answer.status, headers: answer.headers, body: told };
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Told> {
    return this.send("GET", path, undefined, headers);
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Told> {
    return this.send("POST", path, JSON.stringify(body), headers);
  }
}
