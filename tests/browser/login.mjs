// Signs in to the demo in a real browser and decides from the page of a unit.
// Usage: node login.mjs <path of the flyball program>
//
// What is held: the way through GitHub's own page and back; a decision on a page reaches the simulated GitHub; somebody else does not see
// a private repository; a forged cookie, a form without its token, and a form of another site are refused.
//
// SHOTS names a directory for pictures. Without it none are taken.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withDemo } from "./demo.mjs";

const UNIT = "/acme/shop/2";
const PRIVATE = "/acme/vault";
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

await withDemo(process.argv[2] ?? "target/debug/flyball", ["--login"], async (browser, origin) => {
  const carol = await signsIn(browser, origin, "carol", "/");
  const unit = await waiting(carol, origin);
  await isAccessible(carol, browser, origin + unit);
  await forgedCookie(browser, origin, unit);
  await foreignForms(browser, origin, carol, unit);
  await decides(carol, origin, unit);
  await seesOnlyTheirs(browser, origin, carol);
  await signsOut(carol, origin);
  console.log(`signed in as carol, decided on ${unit}, and nobody else did.`);
});

// By the page that was asked for, the login, GitHub's page, and back.
async function signsIn(browser, origin, login, path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.goto(origin + path);
  assert.match(page.url(), /\/login(\?|$)/, "who is not signed in is asked to");
  await shoot(page, "sign-in");
  await page.getByRole("link", { name: "Sign in with GitHub" }).click();
  assert.ok(!page.url().startsWith(origin), "GitHub asks");
  await page.getByRole("button", { name: `Continue as ${login}`, exact: true }).click();
  assert.equal(page.url(), origin + path, "back where they wanted to go");
  return page;
}

// The first unit that waits for a person, and that carol may confirm.
async function waiting(page, origin) {
  for (const path of [UNIT, ...(await links(page, origin, "/"))]) {
    await page.goto(origin + path);
    if (await page.getByRole("button", { name: "Confirm", exact: true }).count()) return path;
  }
  throw new Error("no unit of the demo waits for a confirm");
}

async function links(page, origin, path) {
  await page.goto(origin + path);
  const all = await page.evaluate(() => [...document.links].map((link) => new URL(link.href).pathname));
  return all.filter((path) => /^\/[^/]+\/[^/]+\/\d+$/.test(path));
}

// The pages forbid scripts of others, so that they are looked at in a browser that does not mind.
async function isAccessible(signedIn, browser, address) {
  for (const [colorScheme, width] of [["light", 1280], ["dark", 375]]) {
    const storageState = await signedIn.context().storageState();
    const context = await browser.newContext({ bypassCSP: true, storageState, colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await page.goto(address);
    await page.evaluate(() => (document.querySelector("#more").open = true));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${wide} px too wide at ${width}`);
    await page.addScriptTag({ path: axe });
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`), []);
    await shoot(page, `decide-${colorScheme}-${width}`);
    await context.close();
  }
}

async function forgedCookie(browser, origin, unit) {
  const context = await browser.newContext();
  await context.addCookies([{ name: "flyball", value: "Zm9yZ2Vk".repeat(20), url: origin }]);
  const page = await context.newPage();
  await page.goto(origin + unit);
  assert.match(page.url(), /\/login\?next=/, "a forged cookie is no session");
  await context.close();
}

async function foreignForms(browser, origin, page, unit) {
  await page.goto(origin + unit);
  const confirm = page.locator("form", { has: page.locator('input[value="confirm"]') });
  await confirm.locator('input[name="form"]').evaluate((field) => (field.value = "0".repeat(64)));
  const [answer] = await Promise.all([page.waitForResponse((one) => one.request().method() === "POST"), confirm.getByRole("button").click()]);
  assert.equal(answer.status(), 403, "a form without the session's token is refused");
  await page.goto(origin + unit);
  const fields = await confirm.locator("input[type=hidden]").evaluateAll((all) => all.map((one) => [one.name, one.value]));
  // Another site, with everything that the form holds, in carol's own browser.
  const inputs = fields.map(([name, value]) => `<input type=hidden name="${name}" value="${value}">`).join("");
  const site = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<form method=post action="${origin}${unit}/decide">${inputs}<button>You have won</button></form>`);
  });
  await new Promise((ready) => site.listen(0, "127.0.0.1", ready));
  const evil = await page.context().newPage();
  await evil.goto(`http://127.0.0.1:${site.address().port}/`);
  const [refused] = await Promise.all([evil.waitForResponse((one) => one.request().method() === "POST"), evil.getByRole("button").click()]);
  assert.equal(refused.status(), 403, "what another site sends is refused");
  // The page stays open: closing it right after such an answer now and then waits for ever. It ends with the browser.
  site.closeAllConnections();
  site.close();
  await page.goto(origin + unit);
  assert.equal(await page.getByRole("button", { name: "Confirm", exact: true }).count(), 1, "nothing was decided");
}

async function decides(page, origin, unit) {
  await page.goto(origin + unit);
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  assert.match(page.url(), /\?said=[0-9a-f]+#decide$/, "the page answers");
  await page.getByText("granted").first().waitFor();
  assert.equal(await page.getByText("not granted").count(), 0);
  // The simulated GitHub merged it: the page learns it by its webhook.
  await page.locator(".standing.landed").first().waitFor({ timeout: 30_000 });
  await page.getByText("on Flyball's page").first().waitFor();
  await shoot(page, "decided");
}

async function seesOnlyTheirs(browser, origin, carol) {
  const dana = await signsIn(browser, origin, "dana", "/");
  const mine = await dana.goto(origin + PRIVATE);
  assert.equal(mine.status(), 200, "dana may read the private repository");
  for (const path of [PRIVATE, `${PRIVATE}/1`, `/api/v1/repos${PRIVATE}/units`]) {
    const answer = await carol.goto(origin + path);
    assert.equal(answer.status(), 404, `${path} is nothing to carol`);
  }
  await carol.goto(`${origin}/`);
  assert.equal(await carol.getByText("vault").count(), 0, "nor is it listed");
  await dana.context().close();
}

async function signsOut(page, origin) {
  await page.goto(`${origin}/login`);
  await shoot(page, "account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(origin + UNIT);
  assert.match(page.url(), /\/login\?next=/, "signed out");
}

async function shoot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `login-${name}.png`), fullPage: true });
}
