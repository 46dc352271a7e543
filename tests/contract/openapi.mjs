// Validates recorded traffic: every request that Flyball sent, and every answer of the simulated GitHub, against GitHub's own
// description. Usage: node openapi.mjs <directory with *.jsonl>
//
// A call that permissions.json does not list is a violation too: by that list, tests/manifest.rs knows what the App must be allowed.
//
// Scenario tests leave the files there: one call a line, as the simulated GitHub's log writes it
// ({method, path, query, body, status, response, fault}). GraphQL is one operation to this description; its queries are validated
// against the published schema by the Rust tests.
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Description, UNSOUND } from "./description.mjs";

const SHOWN = 40;

const directory = process.argv[2] ?? "target/traffic";
const files = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".jsonl")).sort() : [];
const description = Description.load();
const { calls: listed } = JSON.parse(readFileSync(new URL("permissions.json", import.meta.url), "utf8"));
const seen = new Map();
const wrong = new Map();
let graphql = 0;

for (const file of files) {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(join(directory, file)), crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === "") continue;
    const call = JSON.parse(text);
    if (call.path === "/graphql" || call.path === "/api/graphql") {
      graphql += 1;
      continue;
    }
    const found = description.find(call.method, call.path);
    const name = found ? `${call.method} ${found.template}` : `${call.method} ${call.path}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    // One mistake made a thousand times is told once.
    const unlisted = found && !(name in listed) ? [`${name}: not in permissions.json`] : [];
    for (const words of [...description.check(call), ...unlisted]) {
      const known = wrong.get(words) ?? { times: 0, first: `${file}:${line}` };
      wrong.set(words, { ...known, times: known.times + 1 });
    }
  }
}

const calls = [...seen.values()].reduce((sum, count) => sum + count, 0);
for (const [name, count] of [...seen].sort()) console.log(`${String(count).padStart(7)}  ${name}`);
for (const [name, reason] of UNSOUND) console.log(`  answer not checked: ${name}: ${reason}`);
if (calls === 0) {
  console.error(`NO TRAFFIC in ${directory}: nothing was checked. Run the Rust tests first (make unit): they record it.`);
  process.exit(1);
}
if (wrong.size > 0) {
  console.error(`\n${wrong.size} violations of GitHub's description:`);
  for (const [words, { times, first }] of [...wrong].slice(0, SHOWN)) console.error(`- ${words}\n    ${times}x, first at ${first}`);
  if (wrong.size > SHOWN) console.error(`... and ${wrong.size - SHOWN} more`);
  process.exit(1);
}
console.log(`${calls} calls of ${seen.size} operations in ${files.length} files keep to GitHub's description (${graphql} of GraphQL aside).`);
