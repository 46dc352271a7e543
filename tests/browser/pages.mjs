// Opens the demo's pages in a real browser, as a reviewer would: from the list of repositories to each unit.
// Usage: node pages.mjs <path of the flyball program>
//
// The browser is the machine's own Chromium (CHROMIUM names another); nothing is downloaded. What is held: every page has its language,
// its title, one first heading; nothing fails, nothing comes from elsewhere, and a small screen need not be scrolled sideways.
import assert from "node:assert/strict";
import { withDemo } from "./demo.mjs";

const SCREENS = [
  { width: 1280, height: 800 },
  { width: 375, height: 667 },
];

await withDemo(process.argv[2] ?? "target/debug/flyball", [], async (browser, origin) => {
  const pages = await walk(browser, origin);
  console.log(`${pages.size} pages seen: ${[...pages].join(" ")}`);
});

// Follows every link from the start page once, and looks at it on every screen.
async function walk(browser, origin) {
  const context = await browser.newContext();
  const seen = new Set();
  const waiting = ["/"];
  while (waiting.length > 0) {
    const path = waiting.shift();
    if (seen.has(path)) continue;
    seen.add(path);
    waiting.push(...(await visit(context, origin, path)));
  }
  const units = [...seen].filter((path) => /^\/[^/]+\/[^/]+\/\d+$/.test(path));
  assert.ok(units.length >= 5, `the day leaves at least five units to look at, found ${units.length}`);
  return seen;
}

async function visit(context, origin, path) {
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(`script: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("requestfailed", (request) => trouble.push(`failed: ${request.url()}`));
  page.on("request", (request) => request.url().startsWith(origin) || trouble.push(`from elsewhere: ${request.url()}`));
  page.on("dialog", (dialog) => trouble.push(`dialog: ${dialog.message()}`));
  try {
    await page.setViewportSize(SCREENS[0]);
    const response = await page.goto(origin + path, { waitUntil: "load" });
    assert.equal(response.status(), 200, path);
    assert.match(response.headers()["content-type"], /^text\/html/, path);
    assert.ok(response.headers()["content-security-policy"], `${path}: has a content security policy`);
    const found = await page.evaluate(() => ({
      language: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll("h1").length,
      links: [...document.links].map((link) => link.href),
    }));
    assert.ok(found.language, `${path}: says its language`);
    assert.ok(found.title, `${path}: has a title`);
    assert.equal(found.headings, 1, `${path}: one first heading`);
    for (const screen of SCREENS) {
      await page.setViewportSize(screen);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} at ${screen.width} px: ${wide} px too wide`);
    }
    assert.deepEqual(trouble, [], path);
    const own = found.links.map((link) => new URL(link)).filter((link) => link.origin === origin);
    return own.map((link) => link.pathname).filter((path) => !path.startsWith("/api/"));
  } finally {
    await page.close();
  }
}
