// The demo and a browser, for tests that look at its pages.
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { chromium } from "playwright-core";

const PATIENCE_MS = 240_000;
const WHOLE_RUN_MS = 480_000;

// Plays the demo with these arguments and opens a browser: `use` gets both. Everything is ended after it, whatever happens.
export function withDemo(program, args, use) {
  return withDemos(program, [args], async (browser, [origin]) => use(browser, await origin));
}

// Plays several demos side by side, one for each list of arguments: `use` gets the browser at once, and of each demo a promise of its origin.
export async function withDemos(program, all, use) {
  const demos = [];
  // A browser that hangs can hang its own closing too.
  setTimeout(() => {
    console.error("the browser test did not come to its end");
    for (const { child } of demos) child.kill("SIGKILL");
    process.exit(1);
  }, WHOLE_RUN_MS).unref();
  let browser;
  try {
    for (const args of all) demos.push(await play(program, args));
    browser = await open();
    await use(browser, demos.map(({ origin }) => origin));
  } finally {
    await browser?.close();
    await Promise.all(demos.map(({ child }) => end(child)));
  }
}

// Starts a demo; its origin comes when the day was played.
async function play(program, args) {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, ["demo", ...args], {
    env: { ...process.env, FLYBALL_LISTEN: listen },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const origin = dayIsOver(child).then(() => `http://${listen}`);
  // Whoever waits for it hears of a failure; until then it is nobody's.
  origin.catch(() => {});
  return { child, origin };
}

// The machine's own Chromium; CHROMIUM names another.
export function open() {
  return chromium.launch({
    executablePath: chromiumPath(),
    // A container has no sandbox of its own to offer, and the pages are ours.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
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
