// The signature, verified with GitHub's own library. The same vectors hold against our code in tests/webhook/signatures.rs, which both
// signs and verifies: so each side accepts what the other signs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { sign, verify } from "@octokit/webhooks-methods";

const vectors = JSON.parse(await readFile(new URL("../../fixtures/signatures.json", import.meta.url), "utf8"));
// The library takes no empty body; GitHub sends none.
const bodies = vectors.filter(({ body }) => body !== "");

test("there are vectors", () => assert.ok(bodies.length >= 5));

for (const { secret, body, signature } of bodies) {
  test(`it verifies and makes our signature of ${JSON.stringify(body)}`, async () => {
    assert.equal(await verify(secret, body, signature), true);
    assert.equal(await sign(secret, body), signature);
  });

  test(`it refuses our signature of ${JSON.stringify(body)} for anything else`, async () => {
    assert.equal(await verify(secret, `${body} `, signature), false);
    assert.equal(await verify(`${secret} `, body, signature), false);
  });
}
