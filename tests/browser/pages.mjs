// Opens the demo's pages in a real browser, as a reviewer would: from the list of repositories to each unit.
// Usage: node pages.mjs <path of the flyball program>
//
// The browser is the machine's own Chromium (CHROMIUM names another); nothing is downloaded. What is held: every page has its language,
// its title, one first heading; nothing fails, nothing comes from elsewhere, no script is needed, and a small screen need not be
// scrolled sideways.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { chromium } from "playwright-core";

const PATIENCE_MS = 120_000;
const WHOLE_RUN_MS = 300_000;
const SCREENS = [
  { width: 1280, height: 800 },
  { width: 375, height: 667 },
];

const program = process.argv[2] ?? "target/debug/flyball";
const listen = `127.0.0.1:${await freePort()}`;
const demo = spawn(program, ["demo"], { env: { ...process.env, FLYBALL_LISTEN: listen }, stdio: ["ignore", "pipe", "inherit"] });
let browser;
// A browser that hangs can hang its own closing too.
setTimeout(() => {
  console.error("the browser test did not come to its end");
  demo.kill("SIGKILL");
  process.exit(1);
}, WHOLE_RUN_MS).unref();
try {
  await dayIsOver(demo);
  browser = await chromium.launch({
    executablePath: chromiumPath(),
    // A container has no sandbox of its own to offer, and the pages are ours.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const pages = await walk(browser, `http://${listen}`);
  console.log(`${pages.size} pages seen: ${[...pages].join(" ")}`);
} finally {
  await browser?.close();
  await end(demo);
}

// Follows every link from the start page once, on every screen.
async function walk(browser, origin) {
  const seen = new Set();
  const waiting = ["/"];
  while (waiting.length > 0) {
    const path = waiting.shift();
    if (seen.has(path)) continue;
    seen.add(path);
    for (const screen of SCREENS) waiting.push(...(await visit(browser, origin, path, screen)));
  }
  const units = [...seen].filter((path) => /^\/[^/]+\/[^/]+\/\d+$/.test(path));
  assert.ok(units.length >= 5, `the day leaves at least five units to look at, found ${units.length}`);
  return seen;
}

async function visit(browser, origin, path, viewport) {
  const where = `${path} at ${viewport.width} px`;
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(`script: ${error}`));
  page.on("console", (message) => {
    const { url } = message.location();
    // The browser asks for an icon by itself; a site without one is fine.
    if (message.type() === "error" && !url.endsWith("/favicon.ico")) trouble.push(`console: ${message.text()} (${url})`);
  });
  page.on("requestfailed", (request) => trouble.push(`failed: ${request.url()}`));
  page.on("request", (request) => request.url().startsWith(origin) || trouble.push(`from elsewhere: ${request.url()}`));
  page.on("dialog", (dialog) => trouble.push(`dialog: ${dialog.message()}`));
  try {
    const response = await page.goto(origin + path, { waitUntil: "load" });
    assert.equal(response.status(), 200, where);
    assert.match(response.headers()["content-type"], /^text\/html/, where);
    assert.ok(response.headers()["content-security-policy"], `${where}: has a content security policy`);
    const found = await page.evaluate(() => ({
      language: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll("h1").length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      links: [...document.links].map((link) => link.href),
    }));
    assert.ok(found.language, `${where}: says its language`);
    assert.ok(found.title, `${where}: has a title`);
    assert.equal(found.headings, 1, `${where}: one first heading`);
    assert.ok(found.wide <= 0, `${where}: ${found.wide} px too wide`);
    assert.deepEqual(trouble, [], where);
    const own = found.links.map((link) => new URL(link)).filter((link) => link.origin === origin);
    return own.map((link) => link.pathname).filter((path) => !path.startsWith("/api/"));
  } finally {
    await context.close();
  }
}

// The demo plays first and then says that its pages stay up.
function dayIsOver(demo) {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`the demo did not come to its end:\n${said.slice(-2000)}`)), PATIENCE_MS);
    demo.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("stay up")) {
        clearTimeout(late);
        resolve();
      }
    });
    demo.on("error", reject);
    demo.on("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${said.slice(-2000)}`)));
  });
}

// Asks it to end as Ctrl-C does, and does not wait for ever.
async function end(demo) {
  if (demo.exitCode !== null || demo.signalCode !== null) return;
  const ended = new Promise((resolve) => demo.once("exit", resolve));
  demo.kill("SIGINT");
  const late = setTimeout(() => demo.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(late);
}

function chromiumPath() {
  const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean);
  for (const name of names) {
    const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error("no Chromium: run tests/setup, or name one in CHROMIUM");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
