// A long list of members: what is searched, filtered and sorted stands in the address.

import { expect, test } from "../support/browser.ts";
import { demo } from "../support/people.ts";

test.describe.configure({ mode: "default" });

test.beforeEach(async ({ visitor }) => {
  const { email, password } = demo();
  await visitor.act("/sign-in", { email, password });
  await visitor.goto(`/o/${demo().slug}/members`);
});

const LIST = `/o/${demo().slug}/members`;

test("a page shows 25, and the rest is a step away", async ({ visitor }) => {
  const { page } = visitor;
  const rows = page.getByRole("table", { name: "Members" }).getByRole("row");
  const pages = page.getByRole("navigation", { name: "Pages" });
  await expect(rows).toHaveCount(26);
  await expect(pages).toContainText("1–25 of 60");
  const seen = new Set(await page.getByRole("table").getByRole("rowheader").getByRole("link").allTextContents());
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/[?&]page=/);
  await expect(rows).toHaveCount(26);
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(rows).toHaveCount(11);
  await expect(pages.getByRole("link", { name: "Next" })).toHaveCount(0);
  for (const name of await page.getByRole("table").getByRole("rowheader").getByRole("link").allTextContents())
    expect(seen).not.toContain(name);
  await pages.getByRole("link", { name: "Previous" }).click();
  await pages.getByRole("link", { name: "Previous" }).click();
  await expect(pages).toContainText("25 of 60");
  expect(new Set(await page.getByRole("table").getByRole("rowheader").getByRole("link").allTextContents())).toEqual(
    seen,
  );
});

test("search by name and by address, in any case", async ({ visitor }) => {
  const { page } = visitor;
  const { email } = demo();
  const search = page.getByRole("searchbox", { name: "Search members" });
  await search.fill(email.slice(0, -4).toUpperCase());
  await search.press("Enter");
  await expect(page).toHaveURL(`${LIST}?q=${encodeURIComponent(email.slice(0, -4).toUpperCase())}`);
  await expect(visitor.row(email)).toHaveCount(1);
  await expect(search).toHaveValue(email.slice(0, -4).toUpperCase());
  await search.fill("nobody is called this");
  await search.press("Enter");
  await expect(page.getByRole("heading", { name: "Nobody matches" })).toBeVisible();
  await visitor.follow("Show all members");
  await expect(page).toHaveURL(LIST);
});

test("a search is text: its signs stand for nothing else", async ({ visitor }) => {
  for (const text of ["%", "_", "\\", "'; DROP TABLE members;--"]) {
    await visitor.goto(`${LIST}?q=${encodeURIComponent(text)}`);
    await expect(visitor.page.getByRole("heading", { name: "Nobody matches" }), text).toBeVisible();
  }
});

test("filters add up, and each can be taken off", async ({ visitor }) => {
  const { page } = visitor;
  const range = page.getByRole("navigation", { name: "Pages" }).locator("span").first();
  const count = async () =>
    (await range.count()) ? Number(/(\d+)( members?)?$/.exec(await range.innerText())?.[1]) : 0;
  await page.getByRole("button", { name: "Role", exact: true }).click();
  await visitor.follow("Member");
  await expect(page).toHaveURL(`${LIST}?role=member`);
  const members = await count();
  await page.getByRole("button", { name: "Status", exact: true }).click();
  await visitor.follow("Suspended");
  await expect(page).toHaveURL(`${LIST}?role=member&status=suspended`);
  expect(await count()).toBeLessThan(members);
  await page.getByRole("link", { name: "Remove filter Status: Suspended" }).click();
  await expect(page).toHaveURL(`${LIST}?role=member`);
  const search = page.getByRole("searchbox", { name: "Search members" });
  await search.fill("a");
  await search.press("Enter");
  await expect(page).toHaveURL(/role=member/);
  await expect(page).toHaveURL(/q=a/);
  await visitor.follow("Clear");
  await expect(page).toHaveURL(LIST);
});

test("who was not seen for a while is found, with the other filters", async ({ visitor }) => {
  const { page } = visitor;
  await page.getByRole("button", { name: "Activity", exact: true }).click();
  await visitor.follow("None for 30 days");
  await expect(page).toHaveURL(`${LIST}?inactive=30`);
  await expect(page.getByRole("link", { name: "Remove filter Activity: none for 30 days" })).toBeVisible();
  const rows = page.getByRole("table", { name: "Members" }).getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  // Whoever looks is here.
  await expect(visitor.row(demo().email)).toHaveCount(0);
  const seen = await rows.locator("td:nth-child(6)").allInnerTexts();
  for (const text of seen) expect(text).toMatch(/never|year|([3-9]\d|\d{3}) days/);
  await visitor.goto(`${LIST}?status=suspended&inactive=45`);
  await expect(page.getByRole("link", { name: "Remove filter Status: Suspended" })).toBeVisible();
  await page.getByRole("link", { name: "Remove filter Activity: none for 45 days" }).click();
  await expect(page).toHaveURL(`${LIST}?status=suspended`);
  await visitor.goto(`${LIST}?inactive=3650`);
  await expect(page.getByRole("heading", { name: "Nobody matches" })).toBeVisible();
  await visitor.follow("Clear");
  await expect(page).toHaveURL(LIST);
});

test("columns sort both ways, and the back button keeps the state", async ({ visitor }) => {
  const { page } = visitor;
  const header = (name: string) => page.getByRole("columnheader", { name, exact: true });
  await expect(header("Name")).toHaveAttribute("aria-sort", "ascending");
  await expect(header("Status")).not.toHaveAttribute("aria-sort");
  await header("Name").getByRole("link").click();
  await expect(header("Name")).toHaveAttribute("aria-sort", "descending");
  const names = await page.getByRole("table").getByRole("rowheader").getByRole("link").allTextContents();
  const collator = new Intl.Collator("en");
  expect(names).toHaveLength(25);
  expect(collator.compare(names.at(0)!, names.at(-1)!)).toBeGreaterThan(0);
  const descending = page.url();
  await header("Joined").getByRole("link").click();
  await expect(header("Joined")).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/sort=joined.*page=|page=.*sort=joined/);
  await page.goBack();
  await expect(header("Joined")).toHaveAttribute("aria-sort", "ascending");
  await page.goBack();
  await expect(page).toHaveURL(descending);
  await expect(header("Name")).toHaveAttribute("aria-sort", "descending");
});

test("on a phone a card shows name, role and status; the rest is behind a tap", async ({ visitor }) => {
  const { page } = visitor;
  await page.setViewportSize({ width: 390, height: 844 });
  const card = page.getByRole("table", { name: "Members" }).getByRole("row").nth(1);
  const shown = card.getByRole("cell").filter({ visible: true });
  await expect(shown.nth(1)).toHaveText(/^(Owner|Admin|Security officer|Auditor|Member)/);
  await expect(shown.nth(2)).toHaveText(/^(Active|Suspended)$/);
  await expect(card.getByRole("time").filter({ visible: true })).toHaveCount(0);
  await expect(page.getByRole("columnheader")).toHaveText(["Name", "Role"]);
  await card.getByRole("rowheader").getByRole("link").click();
  await expect(
    page
      .getByRole("definition")
      .filter({ has: page.locator("time") })
      .first(),
  ).toBeVisible();
});

test("a member's own page", async ({ visitor }) => {
  const { page } = visitor;
  const first = page.getByRole("table").getByRole("rowheader").getByRole("link").first();
  const name = (await first.textContent())!;
  await first.click();
  await expect(visitor.title).toHaveText(name);
  await expect(page.getByRole("heading", { name: "Membership" })).toBeVisible();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Members" }).click();
  await expect(page).toHaveURL(LIST);
});
