"""A trace is JSON lines, each an entry; OpenAPI 3.1 can only describe one of them. Every line must be JSON here; the first is held against
the schema, tests/faces/described.rs does so with all."""

import json

import schemathesis


@schemathesis.deserializer("application/x-ndjson")
def first_line(ctx, response):
    lines = [json.loads(line) for line in response.content.decode().splitlines()]
    return lines[0]
