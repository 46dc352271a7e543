// Sets a fresh server up in a real browser: from the link that it prints, over a page that stands for GitHub's, to a server that governs.
// Usage: node setup.mjs <path of the flyball program> [folder for screenshots]
//
// What only a browser can tell: that the content policy lets the form go to GitHub and back, that no script is needed, that a small
// screen need not be scrolled sideways. GitHub is a few lines here: its registration page agrees at once and sends the browser back.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "./demo.mjs";

const WHOLE_RUN_MS = 120_000;
const SCREENS = [
  { width: 1280, height: 800 },
  { width: 375, height: 667 },
];
const KEY = readFileSync(new URL("../../src/sim/keys/simulation-only.pem", import.meta.url), "utf8");

const program = process.argv[2] ?? "target/debug/flyball";
const shots = process.argv[3];
const room = mkdtempSync(join(tmpdir(), "flyball-setup-"));
const posted = [];
const github = await standIn();
const origin = `http://127.0.0.1:${github.address().port}`;
const server = spawn(program, ["serve"], {
  env: {
    PATH: process.env.PATH,
    FLYBALL_LISTEN: "127.0.0.1:0",
    FLYBALL_DATA_DIR: room,
    FLYBALL_GITHUB_API_URL: origin,
    FLYBALL_GITHUB_WEB_URL: origin,
    FLYBALL_RETRY_BASE: "1ms",
    NO_COLOR: "1",
  },
  stdio: ["ignore", "ignore", "pipe"],
});
let browser;
setTimeout(() => {
  console.error("the browser test did not come to its end");
  server.kill("SIGKILL");
  process.exit(1);
}, WHOLE_RUN_MS).unref();
try {
  const link = await printed(server, /Set this server up: (\S+)/);
  browser = await open();
  await walk(link);
  console.log("a fresh server was set up in the browser, and asks for a login from then on");
} finally {
  await browser?.close();
  server.kill("SIGKILL");
  github.closeAllConnections();
  github.close();
  rmSync(room, { recursive: true, force: true });
}

async function walk(link) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => message.type() === "error" && trouble.push(`${message.text()} (${message.location().url})`));
  const start = new URL("/setup", link).href;
  await page.goto(start);
  await looks(page, "token");
  await page.fill("input[name=token]", "a wrong token of some length");
  await page.click("button");
  await looks(page, "refused");
  assert.match(await page.textContent("[role=alert]"), /not the token/);
  trouble.length = 0; // Chromium logs the 403.
  await page.goto(link);
  await looks(page, "wish");
  await page.fill("input[name=address]", new URL(link).origin);
  await page.fill("input[name=organization]", "acme");
  await page.click("button");
  await looks(page, "begun");
  await page.click("button");
  await page.waitForURL(/setup\/done/);
  await looks(page, "finished");
  assert.match(await page.textContent("main"), /nothing has to be restarted/);
  assert.equal(posted.length, 1);
  assert.match(posted[0].path, /^\/organizations\/acme\/settings\/apps\/new\?state=[0-9a-f]{64}$/);
  assert.equal(JSON.parse(posted[0].manifest).hook_attributes.active, true);
  assert.equal(statSync(join(room, "credentials", "app.json")).mode & 0o777, 0o600);
  await page.goto(start);
  await looks(page, "closed");
  assert.match(await page.textContent("main"), /Already set up/);
  await page.goto(new URL("/doctor", link).href);
  await looks(page, "login");
  assert.match(page.url(), /\/login\?next=%2Fdoctor$/, "with the App's client people sign in from now on");
  assert.equal(await page.getByRole("link", { name: "Sign in with GitHub" }).count(), 1);
  assert.deepEqual(trouble, []);
  await context.close();
}

// One first heading, nothing too wide, on every screen.
async function looks(page, name) {
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    const box = await page.locator("html").evaluate((html) => ({ wide: html.scrollWidth - html.clientWidth, lang: html.lang }));
    assert.ok(box.lang, `${name}: says its language`);
    assert.ok(box.wide <= 0, `${name} at ${screen.width} px: ${box.wide} px too wide`);
    assert.equal(await page.locator("h1").count(), 1, `${name}: one first heading`);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${screen.width}.png`), fullPage: true });
  }
}

// GitHub's registration page and the three calls that follow; everything else is missing.
function standIn() {
  const app = { id: 7, slug: "flyball", html_url: "https://github.example/apps/flyball", client_id: "Iv1", permissions: {}, events: [] };
  const answers = {
    "POST /app-manifests/the-code/conversions": [201, { ...app, client_secret: "c", webhook_secret: "w", pem: KEY }],
    "GET /app": [200, app],
    "GET /app/installations": [200, []],
  };
  const listening = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url, "http://github.example");
      if (request.method === "POST" && url.pathname.endsWith("/settings/apps/new")) {
        const manifest = new URLSearchParams(Buffer.concat(chunks).toString()).get("manifest");
        posted.push({ path: request.url, manifest });
        const back = `${JSON.parse(manifest).redirect_url}?code=the-code&state=${url.searchParams.get("state")}`;
        response.writeHead(302, { location: back }).end();
        return;
      }
      const [status, body] = answers[`${request.method} ${url.pathname}`] ?? [404, { message: "Not Found" }];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  return new Promise((resolve) => listening.listen(0, "127.0.0.1", () => resolve(listening)));
}

// What the program says on its standard error, until it matches.
function printed(child, pattern) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = pattern.exec(said);
      if (found) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said.slice(-2000)}`)));
  });
}
