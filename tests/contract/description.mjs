// GitHub's published OpenAPI description, and what is wrong with a call when held against it.
//
// The description comes from the npm package @octokit/openapi, pinned in the lock file. It is OpenAPI 3.0; before use it becomes plain
// JSON Schema (`nullable` is written out), because that is what the validator reads.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const ROOT = "github";

// Statuses that any operation may meet, listed with it or not: limits, rights, proxies, conditional requests, renamed repositories.
const ANYWHERE = new Set([301, 302, 304, 307, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504]);

// Operations whose published answer GitHub itself does not keep to. Only the body of the answer is left unchecked; the request and the
// status are held as everywhere.
export const UNSOUND = new Map([
  ["GET /app/installations 200", "`account` must be a user and an enterprise at once; elsewhere the description says any of the two"],
  ["GET /user/installations 200", "the same `account`"],
  ["PUT /repos/{owner}/{repo}/contents/{path} 409", "`exactly one of` two schemas that every plain error satisfies both"],
]);

export class Description {
  static load() {
    const path = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.json");
    return new Description(JSON.parse(readFileSync(path, "utf8")));
  }

  constructor(document) {
    this.document = document;
    plain(document);
    this.ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateSchema: false });
    addFormats(this.ajv);
    this.ajv.addSchema(document, ROOT);
    this.validators = new Map();
    this.templates = Object.keys(document.paths).map((template) => this.#compileTemplate(template));
  }

  // The operation that a path is, with its path parameters; undefined where GitHub has none. Of several that fit, the most literal.
  find(method, path) {
    const fitting = this.templates
      .map((candidate) => ({ ...candidate, match: candidate.pattern.exec(path) }))
      .filter(({ match, methods }) => match && methods[method.toLowerCase()])
      .sort((a, b) => b.literal - a.literal);
    if (fitting.length === 0) return undefined;
    const { template, names, match, methods } = fitting[0];
    const values = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1])]));
    return { template, values, operation: methods[method.toLowerCase()] };
  }

  // What is wrong with a recorded call, in words; empty where nothing is.
  check(call) {
    const found = this.find(call.method, call.path);
    if (!found) return [`${call.method} ${call.path} is no operation of GitHub`];
    const name = `${call.method} ${found.template}`;
    const wrong = [
      ...this.#parameters(found, call.query ?? ""),
      ...this.#requestBody(found.operation, call.body),
      ...beyondTheSchema(name, call.body),
      ...this.#answer(name, found.operation, call),
    ];
    return wrong.map((words) => `${name}: ${words}`);
  }

  #compileTemplate(template) {
    const methods = this.document.paths[template];
    const all = Object.values(methods).flatMap((operation) => operation.parameters ?? []);
    const long = new Set(all.map((one) => this.#resolve(one)).filter((one) => one["x-multi-segment"]).map((one) => one.name));
    const names = [];
    const source = template
      .split(/(\{[^}]+\})/)
      .map((part) => {
        if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        const name = part.slice(1, -1);
        names.push(name);
        return long.has(name) ? "(.+)" : "([^/]+)";
      })
      .join("");
    const literal = template.replace(/\{[^}]+\}/g, "").length;
    return { template, methods, names, literal, pattern: new RegExp(`^${source}$`) };
  }

  #parameters({ operation, values }, query) {
    const known = (operation.parameters ?? []).map((one) => this.#resolve(one));
    const given = new URLSearchParams(query);
    const wrong = [];
    for (const [name, text] of Object.entries(values)) {
      const parameter = known.find((one) => one.in === "path" && one.name === name);
      if (parameter) wrong.push(...this.#violations(parameter.schema, typed(parameter.schema, text), `path {${name}}`));
    }
    for (const [name, text] of given) {
      const parameter = known.find((one) => one.in === "query" && one.name === name);
      if (!parameter) wrong.push(`unknown query parameter \`${name}\``);
      else wrong.push(...this.#violations(parameter.schema, typed(parameter.schema, text), `query ${name}`));
    }
    for (const one of known) {
      if (one.in === "query" && one.required && !given.has(one.name)) wrong.push(`query parameter \`${one.name}\` is missing`);
    }
    return wrong;
  }

  #requestBody(operation, body) {
    const request = this.#resolve(operation.requestBody);
    const schema = request?.content?.["application/json"]?.schema;
    const empty = body === null || body === undefined;
    if (empty) return request?.required && schema ? ["a body is required"] : [];
    if (!schema) return ["it takes no body"];
    return [...this.#violations(schema, body, "request"), ...this.#unknownKeys(schema, body, "request")];
  }

  #answer(name, operation, call) {
    // An injected fault is not GitHub's answer; status 0 is a connection that was cut.
    if (call.fault || call.status === 0) return [];
    const response = this.#resolve(operation.responses[String(call.status)]);
    if (!response) return ANYWHERE.has(call.status) ? [] : [`it never answers ${call.status}`];
    const schema = response.content?.["application/json"]?.schema;
    if (!schema || UNSOUND.has(`${name} ${call.status}`) || typeof call.response === "string") return [];
    return this.#violations(schema, call.response, `answer ${call.status}`);
  }

  // Keys that the description does not know: GitHub drops them without a word, so one of ours there is a mistake.
  #unknownKeys(schema, value, at) {
    const shape = this.#resolve(schema);
    if (Array.isArray(value)) return shape.items ? value.flatMap((one, i) => this.#unknownKeys(shape.items, one, `${at}/${i}`)) : [];
    if (value === null || typeof value !== "object") return [];
    if (shape.additionalProperties) return [];
    const parts = [shape, ...["oneOf", "anyOf", "allOf"].flatMap((key) => shape[key] ?? []).map((one) => this.#resolve(one))];
    const known = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
    if (Object.keys(known).length === 0) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      known[key] ? this.#unknownKeys(known[key], inner, `${at}/${key}`) : [`${at}: unknown key \`${key}\``],
    );
  }

  #violations(schema, value, at) {
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(schema);
      this.validators.set(schema, validate);
    }
    if (validate(value)) return [];
    return validate.errors.map((error) => `${at}${error.instancePath} ${error.message} ${detail(error)}`.trim());
  }

  #resolve(value) {
    if (!value?.$ref) return value;
    const keys = value.$ref.slice(`${ROOT}#/`.length).split("/");
    return this.#resolve(keys.reduce((inner, key) => inner[key.replaceAll("~1", "/").replaceAll("~0", "~")], this.document));
  }
}

// What GitHub says in prose only (REST reference, "Create a check run").
function beyondTheSchema(name, body) {
  if (!/^(POST|PATCH) .*\/check-runs(\/|$)/.test(name) || !body) return [];
  const wrong = [];
  if (body.status === "completed" && !body.conclusion) wrong.push("request: a completed run needs a conclusion");
  if (body.conclusion === "stale") wrong.push("request: only GitHub may conclude `stale`");
  if (body.output && (body.output.title === undefined || body.output.summary === undefined)) {
    wrong.push("request: an output needs title and summary");
  }
  return wrong;
}

function detail({ keyword, params }) {
  return ["enum", "additionalProperties"].includes(keyword) ? JSON.stringify(params) : "";
}

function typed(schema, text) {
  const kinds = [schema?.type].flat();
  if (kinds.includes("integer") || kinds.includes("number")) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (kinds.includes("boolean")) return { true: true, false: false }[text] ?? text;
  return text;
}

// OpenAPI 3.0 to JSON Schema, in place: `nullable` becomes a type, references become absolute.
function plain(value) {
  if (Array.isArray(value)) return value.forEach(plain);
  if (value === null || typeof value !== "object") return;
  Object.entries(value).forEach(([key, inner]) => {
    // Examples are data, not schemas.
    if (key !== "example" && key !== "examples") plain(inner);
  });
  if (typeof value.$ref === "string" && value.$ref.startsWith("#/")) value.$ref = ROOT + value.$ref;
  if (value.nullable !== true) return;
  delete value.nullable;
  if (Array.isArray(value.enum) && !value.enum.includes(null)) value.enum.push(null);
  if (typeof value.type === "string") {
    value.type = [value.type, "null"];
  } else if (["$ref", "allOf", "anyOf", "oneOf"].some((key) => key in value)) {
    const whole = { ...value };
    Object.keys(value).forEach((key) => delete value[key]);
    value.anyOf = [{ type: "null" }, whole];
  }
}
