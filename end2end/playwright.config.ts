import { defineConfig, devices } from "@playwright/test";

// Everything people can do works without scripts; only what islands add (`*.hydrate.spec.ts`) needs them.
const needsScripts = /.*\.hydrate\.spec\.ts/;
// What scripts have no part in is looked at once.
const once = /.*\.once\.spec\.ts/;

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  forbidOnly: !!process.env.CI,
  fullyParallel: true,
  workers: 2,
  retries: 0,
  // What hangs is found; how fast anything is, the benchmark says, on a machine that does nothing else.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"], ["html", { open: "never", outputFolder: "playwright-report" }]],
  use: {
    ...devices["Desktop Chrome"],
    // Passkeys need the name `localhost`; an address will not do.
    baseURL: process.env.PORTCULLIS_BASE_URL ?? "http://localhost:3000",
    // What was done, asked and logged: to keep each state of each page as well takes as much time as the tests.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false, sources: false },
    // Pages that fade into each other are waited for.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "with scripts" },
    { name: "without scripts", testIgnore: [needsScripts, once], use: { javaScriptEnabled: false } },
  ],
});
