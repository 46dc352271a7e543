// Measures the pages, for docs/PERFORMANCE.md: opened by nobody before, with 200 and with 1,000 pull requests open. Nothing is judged here.
// Usage: node speed.mjs <path of an optimised flyball program> [units]...
//
//   cargo build --locked --profile simulate --bin flyball && node tests/browser/speed.mjs target/simulate/flyball
//
// For each page: the server's time until the whole page is there, its bytes with style and script, and the first paint of a browser that
// saw nothing of it before: of the first that asked, for whom the server works all out, and the median of those after it. For the repository's page also how even it is to scroll and to narrow: the longest gap between two
// frames, and tasks of more than 50 ms, which a reader would feel.
import { withDemos } from "./demo.mjs";

const LOADS = 9;
// What the server keeps of a page for others it has forgotten after this.
const FORGOTTEN_MS = 2500;
const SCREEN = { width: 1280, height: 860 };
// What the browser itself takes for a page of one word.
const BARE = "data:text/html,word";
const PAGES = { "no page": BARE, front: "/", repository: "/acme/crowd", narrowed: "/acme/crowd?standing=blocked", unit: "/acme/crowd/6", lessons: "/acme/crowd/lessons", flow: "/acme/crowd/flow" };

const [program = "target/simulate/flyball", ...sizes] = process.argv.slice(2);
for (const units of sizes.length > 0 ? sizes : ["200", "1000"]) {
  await withDemos(program, [["--crowd", units]], async (browser, [ready]) => {
    const origin = await ready;
    console.log(`\n${units} open pull requests\n\n| page | server: first, then | bytes | first paint: first, then |\n| --- | ---: | ---: | ---: |`);
    for (const [name, path] of Object.entries(PAGES)) {
      await new Promise((next) => setTimeout(next, FORGOTTEN_MS));
      const { server, bytes, paint } = await opened(browser, path === BARE ? path : origin + path);
      console.log(`| ${name} | ${server} ms | ${bytes} | ${paint} ms |`);
    }
    const { scrolled, narrowed } = await used(browser, `${origin}/acme/crowd`);
    console.log(`\nscrolling: ${told(scrolled)}\nnarrowing: ${told(narrowed)}`);
  });
}

// A page, by browsers that know nothing of it.
async function opened(browser, address) {
  const loads = [];
  for (let at = 0; at < LOADS; at++) {
    const context = await browser.newContext({ viewport: SCREEN });
    const page = await context.newPage();
    await page.goto(address, { waitUntil: "load" });
    loads.push(
      await page.evaluate(async () => {
        const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
        while (!painted()) await new Promise((next) => requestAnimationFrame(next));
        const [visit, ...others] = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
        const bytes = others.reduce((sum, one) => sum + one.decodedBodySize, visit.decodedBodySize);
        return { server: visit.responseEnd - visit.requestStart, bytes, paint: painted().startTime };
      }),
    );
    await context.close();
  }
  const [first, ...then] = loads;
  const both = (name) => `${Math.round(first[name])}, ${Math.round(median(then.map((load) => load[name])))}`;
  return { server: both("server"), bytes: first.bytes, paint: both("paint") };
}

// The page of a repository from top to bottom by the wheel, then narrowed by a click.
async function used(browser, address) {
  const context = await browser.newContext({ viewport: SCREEN });
  await context.addInitScript(() => {
    window.seen = { frames: [], long: [] };
    let last = performance.now();
    const frame = (now) => {
      window.seen.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => window.seen.long.push(...list.getEntries().map((task) => task.duration))).observe({ type: "longtask", buffered: true });
  });
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "load" });
  await page.waitForTimeout(500);
  await page.evaluate(() => (window.seen = { frames: [], long: [] }));
  await page.mouse.move(600, 400);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let top = 0; top < height; top += 200) {
    await page.mouse.wheel(0, 200);
    await page.waitForTimeout(16);
  }
  await page.waitForTimeout(300);
  const scrolled = await page.evaluate(() => window.seen);
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator("nav.filters a", { hasText: "Blocked" }).click();
  await page.waitForLoadState("load");
  await page.waitForTimeout(500);
  const narrowed = await page.evaluate(() => window.seen);
  await context.close();
  return { scrolled, narrowed };
}

function told({ frames, long }) {
  const longest = long.length > 0 ? `, the longest ${Math.round(Math.max(...long))} ms` : "";
  return `frame ${median(frames).toFixed(1)} ms at the median, ${Math.max(...frames).toFixed(0)} ms at most; ${long.length} tasks over 50 ms${longest}`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
