// Letters that the portal has sent, as they arrived at a real mail server.

import { expect } from "@playwright/test";

export interface Letter {
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** The first address in the text: what the letter is about. */
  link: string;
}

const desk = process.env.END2END_DESK ?? "";

/** Everything that has arrived for somebody, the oldest first. */
export async function letters(to: string): Promise<Letter[]> {
  const answer = await fetch(`${desk}/mails?to=${encodeURIComponent(to)}`);
  return (await answer.json()) as Letter[];
}

/** Waits for the letter that somebody gets as their `nth`. */
export async function letter(to: string, nth = 1): Promise<Letter> {
  let found: Letter[] = [];
  const arrived = async () => (found = await letters(to)).length;
  await expect.poll(arrived, { message: `letter ${nth} to ${to}`, timeout: 20_000 }).toBeGreaterThanOrEqual(nth);
  return found[nth - 1]!;
}

/** While something is done, no mail can be sent to somebody. It is told how to wait until that was tried in vain. */
export async function duringStrike(to: string, act: (refused: () => Promise<void>) => Promise<void>): Promise<void> {
  const strike = `${desk}/strike?to=${encodeURIComponent(to)}`;
  const attempts = async () => Number(await (await fetch(strike)).text());
  await fetch(strike, { method: "PUT" });
  try {
    await act(() => expect.poll(attempts, { message: `attempts to reach ${to}`, timeout: 20_000 }).toBeGreaterThan(0));
  } finally {
    await fetch(strike, { method: "DELETE" });
  }
}

/** What the portal has written to its log so far. */
export async function log(): Promise<string> {
  return (await fetch(`${desk}/log`)).text();
}
