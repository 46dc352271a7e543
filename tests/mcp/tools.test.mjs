// Every tool, listed and called by a client of the official TypeScript SDK, both ways: over HTTP on the running server, and over stdio
// through `flyball mcp`. The SDK holds each answer against the tool's own output schema.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { demo, freePort, program } from "./demo.mjs";

const SHOP = "acme/shop";
const TOOLS = ["my_next_step", "plan", "what_would_collide", "where_does_it_stand", "why_does_it_not_land"];

// What #2 of the demo changes, written otherwise.
const DIFF = `diff --git a/src/tax.rs b/src/tax.rs
--- a/src/tax.rs
+++ b/src/tax.rs
@@ -1,3 +1,3 @@
 pub fn tax(net: u64) -> u64 {
-    net * 19 / 100
+    net * 7 / 100
 }
`;

let running;
before(async () => {
  running = await demo();
});
after(() => running?.end());

const ways = {
  "over HTTP": () => new StreamableHTTPClientTransport(new URL("/mcp", running.origin)),
  "over stdio, server by environment": () => stdio(["mcp"], { FLYBALL_SERVER: running.origin }),
  "over stdio, server by flag": () => stdio(["mcp", "--server", running.origin], {}),
};

function stdio(args, env) {
  return new StdioClientTransport({ command: program, args, env: { PATH: process.env.PATH, ...env }, stderr: "pipe" });
}

for (const [way, transport] of Object.entries(ways)) {
  describe(way, () => {
    let client;
    before(async () => {
      client = new Client({ name: "flyball-test", version: "1.0.0" });
      await client.connect(transport());
    });
    after(() => client?.close());

    const call = (name, args) => client.callTool({ name, arguments: { repository: SHOP, ...args } });

    // A good answer: as data, and as a text that an agent reads.
    async function told(name, args) {
      const result = await call(name, args);
      assert.ok(!result.isError, JSON.stringify(result.content));
      assert.equal(result.content.length, 1);
      assert.equal(result.content[0].type, "text");
      assert.ok(!result.content[0].text.startsWith("{"), "the text is for reading, not the data again");
      return { data: result.structuredContent, text: result.content[0].text };
    }

    // An error of the tool that says what to do.
    async function refused(name, args, expected) {
      const result = await call(name, args);
      assert.equal(result.isError, true, JSON.stringify(result));
      assert.match(result.content[0].text, expected);
    }

    test("it says who it is and how its tools are meant", () => {
      assert.equal(client.getServerVersion().name, "flyball");
      assert.match(client.getInstructions(), /what_would_collide/);
    });

    test("each tool has a title, a description, and schemas for what goes in and out", async () => {
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);
      for (const tool of tools) {
        assert.ok(tool.title && tool.description.length > 60, tool.name);
        assert.ok(tool.inputSchema.required.includes("repository"), tool.name);
        for (const [field, schema] of Object.entries(tool.inputSchema.properties)) {
          assert.ok(schema.description.length > 10, `${tool.name}: ${field} is described`);
        }
        assert.equal(tool.outputSchema.type, "object", tool.name);
        assert.equal(tool.annotations.readOnlyHint, true, `${tool.name} changes nothing`);
      }
    });

    test("where does it stand: the brief", async () => {
      const { data, text } = await told("where_does_it_stand", { number: 2 });
      assert.equal(data.number, 2);
      assert.equal(data.standing, "blocked");
      assert.ok(data.reason_codes.includes("refused"));
      assert.match(text, /^acme\/shop#2 is blocked\./);
      assert.match(text, /refused: carol refused it/);
    });

    test("my next step: of one unit, of a person", async () => {
      const one = await told("my_next_step", { number: 2, login: "carol" });
      assert.equal(one.data.steps.length, 1);
      assert.equal(one.data.steps[0].yours, true);
      assert.match(one.text, /your move: `\/lift` it/);
      const all = await told("my_next_step", { login: "@carol" });
      assert.ok(all.data.steps.length >= 2 && all.data.steps[0].yours, all.text);
      const bob = await told("my_next_step", { login: "bob" });
      assert.match(bob.text, /your move: make the failing check pass/);
      const nobody = await told("my_next_step", { login: "nobody-of-that-name" });
      assert.deepEqual(nobody.data.steps, []);
      assert.match(nobody.text, /no next step/);
    });

    test("what would collide: by paths before it is written, by diff before it is pushed", async () => {
      const free = await told("what_would_collide", { base: "main", paths: ["src/nobody_has_this.rs"] });
      assert.deepEqual(free.data.collisions, []);
      assert.match(free.text, /^Nothing that is open on main/);
      const plan = await told("plan", { base: "main" });
      for (const { a, b, paths } of plan.data.collisions) {
        const met = await told("what_would_collide", { base: "main", paths });
        const numbers = met.data.collisions.map((collision) => collision.with);
        assert.ok(numbers.includes(a) && numbers.includes(b), `${paths}: ${met.text}`);
        assert.match(met.text, new RegExp(`#${a} \\(`));
      }
      const number = await told("what_would_collide", { base: "main", paths: ["migrations/0007_coupons.sql"] });
      assert.ok(number.data.collisions.some((collision) => collision.kind === "sequence"), number.text);
      const diff = await told("what_would_collide", { base: "main", diff: DIFF });
      assert.ok(Array.isArray(diff.data.collisions));
    });

    test("the plan of a base: order, waves, reasons", async () => {
      const { data, text } = await told("plan", { base: "main" });
      assert.equal(data.base, "main");
      assert.ok(data.order.length >= 5 && data.waves.length >= 2 && data.collisions.length >= 1);
      assert.match(text, /Order, first to land first:\n- wave 1: #\d+: /);
      const empty = await told("plan", { base: "no-such-branch" });
      assert.match(empty.text, /^No unit is open on no-such-branch/);
    });

    test("why it does not land: who refused it, when and why", async () => {
      const { data, text } = await told("why_does_it_not_land", { number: 2 });
      assert.equal(data.stops[0].by, "carol");
      assert.match(data.stops[0].reason, /halve the tax/);
      assert.match(text, /refuse by carol at .*: we halve the tax instead/);
      assert.match(text, /Must still become true:/);
    });

    test("what is not there is an error of the tool that says what to do", async () => {
      for (const name of ["where_does_it_stand", "why_does_it_not_land", "my_next_step"]) {
        await refused(name, { number: 999 }, /acme\/shop#999 is not known here: look at the spelling/);
      }
      const elsewhere = { repository: "acme/nothing" };
      await refused("where_does_it_stand", { ...elsewhere, number: 1 }, /acme\/nothing is not known here/);
      await refused("plan", { ...elsewhere, base: "main" }, /not known here/);
      await refused("what_would_collide", { ...elsewhere, base: "main", paths: ["a"] }, /not known here/);
    });

    test("what cannot be meant is an error of the tool that says what is expected", async () => {
      for (const repository of ["", "shop", "https://github.com/acme/shop", "acme/../shop", "a/b/c"]) {
        await refused("plan", { repository, base: "main" }, /owner\/repo, as in acme\/shop/);
      }
      await refused("my_next_step", {}, /give `number`.*or `login`/);
      await refused("my_next_step", { login: " " }, /`login` is empty/);
      await refused("plan", { base: " " }, /name the base branch/);
      await refused("what_would_collide", { base: "main" }, /either `diff`.*or `paths`/);
      await refused("what_would_collide", { base: "main", paths: [] }, /at least one path/);
      await refused("what_would_collide", { base: "main", paths: ["/etc/passwd"] }, /relative to the root/);
      await refused("what_would_collide", { base: "main", diff: "no diff" }, /git diff/);
    });

    test("arguments of the wrong form are refused by name, and the client goes on", async () => {
      await refused("where_does_it_stand", {}, /missing field `number`/);
      await refused("where_does_it_stand", { number: "two" }, /"two", expected u64/);
      await refused("plan", { base: "main", branch: "x" }, /unknown field `branch`, expected `repository` or `base`/);
      await assert.rejects(client.callTool({ name: "merge_it", arguments: {} }), /tool not found|not found/i);
      assert.equal((await told("where_does_it_stand", { number: 2 })).data.number, 2);
    });
  });
}

test("a server that is away is an error of the tool that says how to start one", async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const client = new Client({ name: "flyball-test", version: "1.0.0" });
  await client.connect(stdio(["mcp"], { FLYBALL_SERVER: nowhere }));
  try {
    const result = await client.callTool({ name: "plan", arguments: { repository: SHOP, base: "main" } });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /no Flyball server answers at .*flyball serve.*FLYBALL_SERVER/);
  } finally {
    await client.close();
  }
});

test("an address that is none ends the program with what to give", async () => {
  const child = spawn(program, ["mcp", "--server", "nowhere"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.equal(code, 2);
  assert.match(said, /no address of a server.*http:\/\/127\.0\.0\.1:3000/);
});

test("the tools stand behind the guard of the pages", async () => {
  const ask = (headers) =>
    fetch(`${running.origin}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
  assert.equal((await ask({})).status, 200);
  assert.equal((await ask({ "x-forwarded-for": "203.0.113.7" })).status, 403);
  assert.equal((await ask({ origin: "https://evil.example" })).status, 403);
});
