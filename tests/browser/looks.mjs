// Looks closer at each kind of page, with many pull requests open: weight, contrast and structure in light and dark, the keyboard, life
// without JavaScript, and that a page renews itself.
// Usage: node looks.mjs <path of the flyball program>
//
// SHOTS names a directory: then pictures of each page are taken for it, and nothing else is done.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withDemos } from "./demo.mjs";

const UNITS = 200;
// Enough for something to lie in every chart; pictures show weeks.
const DAYS = process.env.SHOTS ? 19 : 8;
const HEAVIEST_BYTES = 100_000;
// Of a demo with some days of work.
const WORKED = {
  shop: "/acme/shop",
  shopNarrowed: "/acme/shop?standing=blocked&author=human",
  unit: "/acme/shop/2",
  then: "/acme/shop/2/then?from=4",
  flow: "/acme/till/flow",
  flowNarrowed: "/acme/till/flow?days=7&author=agent",
  noFlow: "/acme/shop/flow?from=2020-01-01&to=2020-01-02",
  reasons: "/reasons",
  doctor: "/doctor",
  nowhere: "/acme/shop/999",
};
// Of a demo with many pull requests open.
const CROWDED = {
  front: "/",
  crowd: "/acme/crowd",
  crowdNarrowed: "/acme/crowd?standing=blocked&author=agent",
  ruled: "/acme/crowd/6",
  lessons: "/acme/crowd/lessons",
};
// A narrowed page is a kind of its own and examined on the small repository: on the great one it takes seconds.
const { crowdNarrowed: _, ...others } = CROWDED;
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 375, height: 700 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const program = process.argv[2] ?? "target/debug/flyball";
const days = ["--days", String(DAYS)];
const crowd = ["--crowd", String(UNITS)];
if (process.env.SHOTS) {
  await withDemos(program, [[...crowd, ...days]], async (browser, [origin]) => {
    await shoot(browser, await origin, { ...WORKED, ...CROWDED }, process.env.SHOTS);
  });
} else {
  // The crowd takes longest to come together: what the other demo shows is looked at meanwhile.
  await withDemos(program, [crowd, days], async (browser, [crowded, worked]) => {
    await timed("some days of work", async () => worked);
    await timed("their weight", async () => isLight(browser, await worked, WORKED));
    await timed("their accessibility", async () => isAccessible(browser, await worked, WORKED));
    await timed("without script", async () => worksWithoutScript(browser, await worked));
    await timed("the keyboard", async () => isUsedByKeyboard(browser, await worked));
    await timed("a crowd", async () => crowded);
    await timed("its weight", async () => isLight(browser, await crowded, CROWDED));
    await timed("the whole crowd", async () => showsTheCrowd(browser, await crowded));
    await timed("its accessibility", async () => isAccessible(browser, await crowded, others));
    await timed("the crowd without script", async () => narrowsWithoutScript(browser, await crowded));
    await timed("renewal", async () => renewsItself(browser, await crowded));
  });
}

// Says how long each look takes: this is what most of the browser tests' time goes to.
async function timed(name, look) {
  const begun = performance.now();
  await look();
  console.log(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

// Everything that a first visit loads, uncompressed.
async function isLight(browser, origin, pages) {
  const page = await browser.newPage({ viewport: DESKTOP });
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(origin + path, { waitUntil: "load" });
    const { bytes, ms } = await page.evaluate(() => {
      const [visit, ...others] = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
      const bytes = others.reduce((sum, one) => sum + one.decodedBodySize, visit.decodedBodySize);
      return { bytes, ms: Math.round(visit.responseEnd) };
    });
    console.log(`${name}: ${bytes} bytes, ${ms} ms`);
    assert.ok(bytes > 1_000 && bytes < HEAVIEST_BYTES, `${path} weighs ${bytes} bytes`);
  }
  await page.close();
}

async function showsTheCrowd(browser, origin) {
  const page = await browser.newPage({ viewport: DESKTOP });
  await page.goto(origin + CROWDED.crowd);
  const drawn = await page.locator("svg a.unit").count();
  const listed = await page.locator("#open ~ table.units").first().locator("tbody tr").count();
  assert.ok(drawn > 30 && listed === 40, `the crowd is shown: ${drawn} drawn, ${listed} listed`);
  await page.close();
}

// Wide and narrow side by side. What differs between light and dark is colour, so that in dark only colour is asked for again.
async function isAccessible(browser, origin, pages) {
  await Promise.all([DESKTOP, PHONE].map((viewport) => isAccessibleAt(browser, origin, pages, viewport)));
}

async function isAccessibleAt(browser, origin, pages, viewport) {
  const context = await browser.newContext({ viewport, colorScheme: "light", bypassCSP: true });
  const page = await context.newPage();
  // A page that renews itself meanwhile would change under the eyes of the examiner.
  await page.route("**/-/live**", (route) => route.abort());
  for (const path of Object.values(pages)) {
    await page.goto(origin + path);
    await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
    await page.addScriptTag({ path: axe });
    const where = `${path} at ${viewport.width} px`;
    await examine(page, RULES, `${where} in light`);
    await page.emulateMedia({ colorScheme: "dark" });
    await examine(page, { type: "rule", values: ["color-contrast", "link-in-text-block"] }, `${where} in dark`);
    await page.emulateMedia({ colorScheme: "light" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${where}: ${wide} px too wide`);
  }
  await context.close();
}

async function examine(page, runOnly, where) {
  // Only what is wrong is worked out in full.
  const { violations, passes } = await page.evaluate((runOnly) => window.axe.run({ runOnly, resultTypes: ["violations"] }), runOnly);
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.slice(0, 3).map((node) => `${node.html} ${node.any[0]?.message ?? ""}`).join("\n  ")}`);
  assert.deepEqual(told, [], `${where}:\n${told.join("\n")}`);
  assert.ok(passes.some((rule) => rule.id === "color-contrast"), `${where}: colours were looked at`);
}

async function narrowsWithoutScript(browser, origin) {
  const context = await browser.newContext({ viewport: DESKTOP, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${origin}/acme/crowd`);
  await page.locator("nav.filters a", { hasText: "Blocked" }).click();
  assert.match(page.url(), /standing=blocked/);
  const standings = await page.locator("#open ~ table.units").first().locator("td:nth-child(2)").allInnerTexts();
  assert.ok(standings.length > 0 && standings.every((words) => words.includes("Blocked")), standings.slice(0, 3).join());
  await page.locator("svg a.unit").first().click();
  assert.match(page.url(), /\/acme\/crowd\/\d+$/);
  await page.locator("#others > summary").click();
  assert.ok(await page.locator("#others li").first().isVisible(), "the tree unfolds");
  await context.close();
}

async function worksWithoutScript(browser, origin) {
  const context = await browser.newContext({ viewport: DESKTOP, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${origin}/acme/shop`);
  await page.locator(".title a", { hasText: "Flow" }).click();
  assert.match(page.url(), /\/acme\/shop\/flow$/);
  await page.goto(`${origin}/acme/till/flow`);
  assert.ok((await page.locator("svg.chart").count()) >= 4, "the charts are drawn");
  await page.locator("#table-waiting > summary").click();
  assert.ok((await page.locator("#table-waiting tbody tr").count()) >= 5, "each has its numbers in a table");
  await page.locator("select[name=rule]").selectOption("Documentation lands by itself");
  await page.locator("form.window button").click();
  assert.match(page.url(), /from=2026-\d\d-\d\d&to=2026-\d\d-\d\d&rule=Documentation\+lands/);
  assert.equal(await page.locator("table.numbers").last().locator("tbody tr").count(), 1, "only that rule is left");
  await page.goto(`${origin}/acme/shop/2`);
  await page.locator("input[name=from]").fill("4");
  await page.locator("form.inline button").click();
  assert.match(page.url(), /\/then\?from=4&to=\d+$/);
  assert.ok((await page.locator("tr.changed").count()) > 0, "the two moments differ");
  await context.close();
}

async function isUsedByKeyboard(browser, origin) {
  const page = await browser.newPage({ viewport: DESKTOP });
  await page.goto(`${origin}/acme/shop`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  const reached = [];
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const { activeElement } = document;
        const style = getComputedStyle(activeElement);
        const frame = activeElement.querySelector("rect");
        const shown = style.outlineStyle !== "none" || (frame && getComputedStyle(frame).strokeWidth === "2px");
        return `${activeElement.getAttribute("class") ?? activeElement.localName}${shown ? "" : " without a sign of focus"}`;
      }),
    );
  }
  assert.ok(reached.some((name) => name.startsWith("unit")), `the picture is reached: ${reached}`);
  assert.ok(!reached.some((name) => name.includes("without")), `focus is seen: ${reached}`);
  await page.locator("svg a.unit").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/acme\/shop\/\d+$/);
  await page.close();
}

// In the demo somebody holds and lifts the first unit of the crowd, over and over.
async function renewsItself(browser, origin) {
  const page = await browser.newPage({ viewport: DESKTOP });
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  await page.goto(`${origin}/acme/crowd/1`);
  await page.locator("#requirements > summary").click();
  await page.locator("#requirements > summary").focus();
  const standing = () => page.locator("main .card .standing").innerText();
  const first = await standing();
  await page.waitForFunction((first) => document.querySelector("main .card .standing").innerText !== first, first, { timeout: 40_000 });
  assert.match(await page.locator("#live").innerText(), /^Renewed at/);
  assert.equal(await page.locator("#requirements").evaluate((fold) => fold.open), false, "what was folded stays folded");
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), "requirements", "focus stays");
  assert.deepEqual(trouble, []);
  await page.close();
}

async function shoot(browser, origin, pages, directory) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      const page = await browser.newPage({ viewport, colorScheme });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(origin + path);
        await page.screenshot({ path: join(directory, `${name}-${size}-${colorScheme}.png`), fullPage: name !== "crowd" });
      }
      await page.close();
    }
  }
}
