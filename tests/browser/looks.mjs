// Looks closer at each kind of page, with many pull requests open: weight, contrast and structure in light and dark, the keyboard, life
// without JavaScript, and that a page renews itself.
// Usage: node looks.mjs <path of the flyball program>
//
// SHOTS names a directory for pictures of each page. Without it none are taken.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withDemo } from "./demo.mjs";

const UNITS = 200;
const DAYS = 19;
const HEAVIEST_BYTES = 100_000;
const PAGES = {
  front: "/",
  shop: "/acme/shop",
  crowd: "/acme/crowd",
  narrowed: "/acme/crowd?standing=blocked&author=agent",
  unit: "/acme/shop/2",
  ruled: "/acme/crowd/6",
  then: "/acme/shop/2/then?from=4",
  lessons: "/acme/crowd/lessons",
  flow: "/acme/till/flow",
  flowNarrowed: "/acme/till/flow?days=7&author=agent",
  noFlow: "/acme/shop/flow?from=2020-01-01&to=2020-01-02",
  reasons: "/reasons",
  doctor: "/doctor",
  nowhere: "/acme/shop/999",
};
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 375, height: 700 };
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

await withDemo(process.argv[2] ?? "target/debug/flyball", ["--crowd", String(UNITS), "--days", String(DAYS)], async (browser, origin) => {
  await isLight(browser, origin);
  for (const colorScheme of ["light", "dark"]) await isAccessible(browser, origin, colorScheme);
  await worksWithoutScript(browser, origin);
  await isUsedByKeyboard(browser, origin);
  await renewsItself(browser, origin);
  if (process.env.SHOTS) await shoot(browser, origin, process.env.SHOTS);
});

// Everything that a first visit loads, uncompressed.
async function isLight(browser, origin) {
  const page = await browser.newPage({ viewport: DESKTOP });
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(origin + path, { waitUntil: "load" });
    const { bytes, ms } = await page.evaluate(() => {
      const [visit, ...others] = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
      const bytes = others.reduce((sum, one) => sum + one.decodedBodySize, visit.decodedBodySize);
      return { bytes, ms: Math.round(visit.responseEnd) };
    });
    console.log(`${name}: ${bytes} bytes, ${ms} ms`);
    assert.ok(bytes > 1_000 && bytes < HEAVIEST_BYTES, `${path} weighs ${bytes} bytes`);
  }
  await page.goto(origin + PAGES.crowd);
  const drawn = await page.locator("svg a.unit").count();
  const listed = await page.locator("#open ~ table.units").first().locator("tbody tr").count();
  assert.ok(drawn > 30 && listed === 40, `the crowd is shown: ${drawn} drawn, ${listed} listed`);
  await page.close();
}

async function isAccessible(browser, origin, colorScheme) {
  for (const viewport of [DESKTOP, PHONE]) {
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    // A page that renews itself meanwhile would change under the eyes of the examiner.
    await page.route("**/-/live**", (route) => route.abort());
    for (const path of Object.values(PAGES)) {
      await page.goto(origin + path);
      await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
      await page.addScriptTag({ path: axe });
      const { violations } = await page.evaluate(() =>
        window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
      );
      const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.slice(0, 3).map((node) => `${node.html} ${node.any[0]?.message ?? ""}`).join("\n  ")}`);
      assert.deepEqual(told, [], `${path} in ${colorScheme} at ${viewport.width} px:\n${told.join("\n")}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide at ${viewport.width} px`);
    }
    await context.close();
  }
}

async function worksWithoutScript(browser, origin) {
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

async function shoot(browser, origin, directory) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      const page = await browser.newPage({ viewport, colorScheme });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(origin + path);
        await page.screenshot({ path: join(directory, `${name}-${size}-${colorScheme}.png`), fullPage: name !== "crowd" });
      }
      await page.close();
    }
  }
}
