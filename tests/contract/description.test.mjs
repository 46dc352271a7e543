// The checker bites: what GitHub would refuse, or drop without a word, is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Description } from "./description.mjs";

const github = Description.load();
const RUNS = "/repos/acme/site/check-runs";
const run = { name: "flyball", head_sha: "0".repeat(40) };
const post = (body, path = RUNS) => github.check({ method: "POST", path, query: "", body, status: 0, response: null });
const get = (path, query = "") => github.check({ method: "GET", path, query, body: null, status: 0, response: null });

test("what GitHub takes is taken", () => {
  assert.deepEqual(post(run), []);
  assert.deepEqual(get("/repos/acme/site/pulls", "state=open&per_page=100&page=2"), []);
  assert.deepEqual(get("/repos/acme/site/branches/release%2F1/protection"), []);
  assert.deepEqual(get("/repos/acme/site/contents/.github/flyball.yml"), []);
});

const refused = [
  ["a path that GitHub does not have", () => get("/repos/acme/site/made-up")],
  ["a method that it does not have there", () => post(run, "/repos/acme/site/pulls/1/files")],
  ["an unknown query parameter", () => get("/repos/acme/site/pulls", "made_up=1")],
  ["a query value out of its list", () => get("/repos/acme/site/pulls", "state=merged")],
  ["a number that is none", () => get("/repos/acme/site/pulls/one")],
  ["a missing body", () => post(null)],
  ["a body where none is taken", () => github.check({ method: "GET", path: "/repos/acme/site", query: "", body: {}, status: 0 })],
  ["a wrong type", () => post({ ...run, name: 1 })],
  ["a missing field", () => post({ name: "flyball" })],
  ["an unknown key", () => post({ ...run, made_up: true })],
  ["an unknown key further in", () => post({ ...run, output: { title: "t", summary: "s", made_up: true } })],
  ["a button's label that is too long", () => post({ ...run, actions: [{ label: "x".repeat(21), description: "d", identifier: "i" }] })],
  ["a fourth button", () => post({ ...run, actions: Array(4).fill({ label: "l", description: "d", identifier: "i" }) })],
  ["a completed run without a conclusion", () => post({ ...run, status: "completed" })],
  ["a conclusion that only GitHub may give", () => post({ ...run, status: "completed", conclusion: "stale" })],
  ["an output without a title", () => post({ ...run, output: { summary: "s" } })],
];
for (const [what, call] of refused) test(`found: ${what}`, () => assert.equal(call().length > 0, true));

test("found: an answer that GitHub would not give", () => {
  const call = (status, response) => github.check({ method: "GET", path: "/repos/acme/site", query: "", body: null, status, response });
  assert.equal(call(200, { id: "text" }).length > 0, true);
  assert.equal(call(418, {}).length > 0, true);
  assert.deepEqual(call(502, "<html>"), []);
});

test("an injected fault is not held against the description", () => {
  const fault = { method: "GET", path: "/repos/acme/site", query: "", body: null, status: 418, response: "?", fault: "garbage" };
  assert.deepEqual(github.check(fault), []);
});
