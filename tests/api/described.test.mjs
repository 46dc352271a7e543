// The JSON API does what its OpenAPI document says, also with input that nobody would think of: schemathesis makes requests from the
// document, good and bad ones, and holds each answer against it. No 5xx, no status, content type or body that is not described, good data
// taken and bad data refused. That a fault would be seen is tested too, by a proxy that makes one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { demo } from "../mcp/demo.mjs";

const SCHEMATHESIS = fileURLToPath(new URL("../../target/venv/bin/schemathesis", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));
// What it remembers is left where it disturbs nobody; nothing is read from there.
const STORAGE = fileURLToPath(new URL("../../target/hypothesis", import.meta.url));
const PATIENCE_MS = 120_000;

let running;
before(async () => {
  running = await demo();
});
after(() => running?.end());

test("the API answers as its document says, whatever is asked", async () => {
  const { code, said } = await exercise(running.origin, []);
  console.log(said.slice(said.indexOf("API Operations")));
  assert.equal(code, 0, said);
});

describe("a fault is seen", () => {
  const units = ["--include-operation-id=listUnits", "--phases=coverage"];
  const faults = {
    "a fault of the server": [500, "Server error", units],
    "a status that is not described": [418, "Undocumented status code", units],
    "a body that is not described": [200, "Response violates schema", units],
  };
  for (const [name, [status, words, args]] of Object.entries(faults)) {
    test(name, async () => {
      const proxy = await inFrontOf(running.origin, /\/units$/, status);
      const { code, said } = await exercise(proxy.origin, args);
      proxy.end();
      assert.equal(code, 1, said);
      assert.ok(said.includes(words), said);
    });
  }
});

// Runs it against the server at this origin, with the settings beside this file.
function exercise(origin, args) {
  const env = { ...process.env, HYPOTHESIS_STORAGE_DIRECTORY: STORAGE, PYTHONDONTWRITEBYTECODE: "1" };
  const all = ["--no-color", "run", `${origin}/api/v1/openapi.json`, ...args];
  const child = spawn(SCHEMATHESIS, all, { cwd: HERE, env, timeout: PATIENCE_MS });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error("schemathesis is missing: run sh tests/setup", { cause: error })));
    child.on("exit", (code) => resolve({ code, said }));
  });
}

// Hands everything on, but answers with this status where a path matches.
async function inFrontOf(origin, matches, status) {
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, origin);
    if (matches.test(pathname)) {
      answer.writeHead(status, { "content-type": "application/json" }).end('{"nothing": true}');
      return;
    }
    const options = { method: asked.method, headers: { ...asked.headers, host: new URL(origin).host } };
    asked.pipe(
      request(origin + asked.url, options, (given) => {
        answer.writeHead(given.statusCode, given.headers);
        given.pipe(answer);
      }),
    );
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, end };
}
