// How fast quotas are reserved and settled with durable commits, and the page of a quota with a year of data.

import { percentile } from "./figures.mjs";
import { connect, statements } from "./database.mjs";
import { get, signIn } from "./http.mjs";
import { fill } from "./members.mjs";
import { Server, clean, run } from "./portal.mjs";

/** How often the page is asked for. */
const TRIES = 50;
/** So many organizations reserve by turns. */
const TENANTS = 100;
/** How long it is reserved and settled, in seconds. */
const SECONDS = 5;
/** How many wait for an answer at a time, in one organization and in all of them. */
const CALLERS = 512;
const CROWD = 2048;

/** Measures it on a Postgres of its own. */
export async function measureQuotas() {
  await clean();
  console.error("Reserving and settling …");
  const { slug, path, person } = await fill(TENANTS, 60);
  const organization = path.replace(/\/members$/, "");
  const rates = /** @type {{ one: number, many: number }} */ (
    await run(
      "bench-quotas",
      ...["--seconds", String(SECONDS), "--tenants", String(TENANTS)],
      ...["--callers", String(CALLERS), "--crowd", String(CROWD)],
    )
  );
  const server = await Server.start();
  try {
    const database = await connect(slug);
    try {
      const { cookie } = await signIn(server, person);
      const pages = [];
      for (const [what, page] of Object.entries({
        "overview of quotas": `${organization}/quotas`,
        "a quota over 12 months": `${organization}/quotas/requests_per_day?range=12m`,
      })) {
        const answers = [];
        for (let time = 0; time < TRIES; time++) {
          const answer = await get(server.port, page, cookie);
          if (answer.status !== 200) throw new Error(`${page} was answered with ${answer.status}`);
          answers.push(answer.milliseconds);
        }
        const queries = await statements(database, server, page, cookie);
        pages.push({ what, p50: percentile(answers, 0.5), queries });
      }
      return { rates, pages };
    } finally {
      await database.end();
    }
  } finally {
    await server.stop();
  }
}

/**
 * The lines about it.
 * @param {Awaited<ReturnType<typeof measureQuotas>>} measured
 * @returns {import("./figures.mjs").Figure[]}
 */
export function quotaFigures({ rates, pages }) {
  return [
    {
      what: `reserved and settled a second, one hot metric, ${CALLERS} callers`,
      value: rates.one,
      unit: "",
      least: 2_000,
    },
    {
      what: `the same, over ${TENANTS} organizations, ${CROWD} callers`,
      value: rates.many,
      unit: "",
      least: 5_000,
    },
    ...pages.flatMap(({ what, p50, queries }) => [
      { what: `${what}, a year of data, p50`, value: p50, unit: "ms", most: 20 },
      { what: "of it, SQL statements", value: queries, unit: "" },
    ]),
  ];
}
