/** A method for each route: what goes out, what comes back. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  type Client,
  ConfigurationError,
  Conflict,
  InvalidRequest,
  ItemError,
  NotFound,
  NotPermitted,
  ProblemError,
  Refused,
  Sensitive,
  Throttled,
  tokensSha256,
  Unauthenticated,
  Unavailable,
} from "../src/index.js";
import { CREATED, facts, problem, serving } from "./service.js";

const VALUE = "4111111111111111";

test("tokenize sends what was given and nothing else", async (t) => {
  const service = await serving(t);
  const made = await service.client().tokenize([
    { type: "text", value: "a" },
    {
      type: "text",
      value: new Sensitive("b"),
      subject: "customer-1",
      ttlSeconds: 60,
      metadata: { order: "7" },
    },
  ]);
  const expected = {
    token: "b",
    type: "text",
    created: new Date(CREATED),
    expiresAt: null,
    metadata: {},
    card: { brand: null, bin: null, fingerprint: null },
    createdBy: null,
  };
  assert.deepEqual(made[1], expected);
  const more = { subject: "customer-1", ttl_seconds: 60, metadata: { order: "7" } };
  assert.deepEqual(service.seen[0]?.body, {
    items: [
      { type: "text", value: "a" },
      { type: "text", value: "b", ...more },
    ],
  });
  const headers = service.seen[0]?.headers;
  assert.equal(headers?.["x-api-key"], "an-api-key");
  assert.match(String(headers?.["idempotency-key"]), /^[\w-]{32}$/);
  assert.match(String(headers?.["user-agent"]), /^tokenvault-client-js\/\d.* node\/\d/);
});

test("detokenize gives wrapped values, and errors in place", async (t) => {
  const service = await serving(t);
  const [first, gone, last] = await service
    .client()
    .detokenize(["ab", "gone", "cd"], { purpose: "refund", reveal: "masked" });
  assert.deepEqual(gone, new ItemError("token_not_found", "there is no such token, or no longer"));
  assert(first && !(first instanceof ItemError) && last && !(last instanceof ItemError));
  assert.deepEqual([first.token, first.value.reveal(), last.value.reveal()], ["ab", "ba", "dc"]);
  const items = [{ token: "ab" }, { token: "gone" }, { token: "cd" }];
  assert.deepEqual(service.seen[0]?.body, { items, purpose: "refund", reveal: "masked" });
  assert.equal(service.seen[0]?.headers["idempotency-key"], undefined);
});

test("a single token is not taken for a list of its characters", async (t) => {
  const service = await serving(t);
  await assert.rejects(service.client().detokenize("tok"), ConfigurationError);
  assert.deepEqual(service.seen, []);
});

test("the other routes have each its own path and method", async (t) => {
  const service = await serving(t);
  const client = service.client();
  const [found] = await client.search([{ type: "text", value: "ab", subject: "p" }]);
  assert(found && !(found instanceof ItemError));
  assert.equal(found.token, "ba");
  assert.deepEqual((await client.facts("a/b@c")).metadata, { order: "7" });
  await client.eraseToken("tok");
  const erased = await client.eraseSubject("customer:1");
  assert.equal(erased.jws, "a.b.c");
  assert.equal(erased.receipt.tokensClosed, 3);
  assert.equal(erased.receipt.tokensSha256, "ab".repeat(32));
  assert.equal(erased.receipt.remains.inBackupsUntil, "2026-02-06");
  assert.equal(erased.claims.tokens_closed, 3);
  assert.deepEqual(
    (await client.types()).map((type) => type.maxTtlSeconds),
    [60],
  );
  assert.deepEqual(
    service.seen.map((seen) => `${seen.method} ${seen.path}`),
    [
      "POST /v1/search",
      "GET /v1/tokens/a%2Fb%40c",
      "DELETE /v1/tokens/tok",
      "DELETE /v1/subjects/customer%3A1",
      "GET /v1/types",
    ],
  );
});

test("facts say who made a token, and what the policy tells of a card", async (t) => {
  const service = await serving(t);
  const card = { brand: "visa", bin: "411111" };
  service.script.push({ status: 200, body: { ...facts("tok"), created_by: "checkout", metadata: {}, card } });
  const found = await service.client().facts("tok");
  assert.equal(found.createdBy, "checkout");
  assert.deepEqual(found.card, { brand: "visa", bin: "411111", fingerprint: null });
});

test("the tokens of a subject come from all pages, with the digest that a receipt has", async (t) => {
  const service = await serving(t);
  const error = { code: "record_corrupt", detail: "changed" };
  const failed = [{ token: "a", error }];
  const page = { failed: [], erased_at: null, next_cursor: null };
  service.script.push(
    { status: 200, body: { ...page, tokens: [facts("c")], next_cursor: "further" } },
    { status: 200, body: { ...page, tokens: [facts("b")], failed } },
  );
  const kept = await service.client().subjectTokens("customer:1");
  assert.deepEqual(
    kept.tokens.map((each) => each.token),
    ["c", "b"],
  );
  assert.deepEqual(kept.failed, [{ token: "a", error: new ItemError("record_corrupt", "changed") }]);
  assert.equal(kept.erasedAt, null);
  assert.equal(await tokensSha256(kept), createHash("sha256").update("a\nb\nc\n").digest("hex"));
  assert.deepEqual(
    service.seen.map((seen) => [seen.method, seen.path, seen.headers["page-cursor"]]),
    [
      ["GET", "/v1/subjects/customer%3A1", undefined],
      ["GET", "/v1/subjects/customer%3A1", "further"],
    ],
  );
});

test("a page that is none is an unexpected answer, and is not asked for again and again", async (t) => {
  const service = await serving(t);
  service.script.push({ status: 200, body: { tokens: [], failed: [], erased_at: null } });
  await assert.rejects(service.client().subjectTokens("customer-1"), Unavailable);
  assert.equal(service.seen.length, 1);
});

const KINDS = new Map<typeof ProblemError, number[]>([
  [InvalidRequest, [400, 413, 415, 422]],
  [Unauthenticated, [401]],
  [NotPermitted, [403]],
  [NotFound, [404]],
  [Conflict, [409]],
  [Throttled, [429]],
  [Refused, [307, 418]],
  [Unavailable, [500, 507]],
]);

for (const [kind, statuses] of KINDS) {
  for (const status of statuses) {
    test(`a problem document of status ${status} becomes ${kind.name}, with all it says`, async (t) => {
      const service = await serving(t);
      const errors = [{ pointer: "/items/0/type", code: "unknown_type", detail: "no such type" }];
      const answer = problem(status, "some_code", { errors, retry_after: 7 });
      service.script.push(answer, ...(status === 401 ? [answer] : []));
      const error = await thrown(service.client().tokenize([{ type: "text", value: VALUE }]));
      assert.equal(error.constructor, kind);
      assert.equal(error.name, kind.name);
      assert.deepEqual(error.problem, {
        code: "some_code",
        detail: "about some_code",
        status,
        requestId: "r-1",
        retryAfter: 7,
        errors,
      });
      assert.equal(error.message, "some_code: about some_code; at /items/0/type; request id r-1");
      assert.deepEqual([error.code, error.requestId, error.retryable], ["some_code", "r-1", false]);
      assert.equal(service.seen.length, status === 401 ? 2 : 1);
    });
  }
}

test("a redirect is not followed: access token and values stay where they were meant to go", async (t) => {
  const service = await serving(t);
  service.script.push({ status: 307, body: {}, headers: { Location: `${service.url}/elsewhere` } });
  const error = await thrown(service.client().types());
  assert(error instanceof Refused);
  assert.equal(error.code, "unexpected_answer");
  assert.equal(service.seen.length, 1);
});

const OTHERS = [
  `<html>${VALUE}</html>`,
  "[]",
  {},
  { results: null },
  { results: [] },
  { results: [{ value: VALUE }] },
  { results: [{ token: VALUE, type: "text" }] },
  { results: [{ error: VALUE }] },
  { results: [{ error: { code: 4111111111111111, detail: VALUE } }] },
  { results: [VALUE] },
];

for (const body of OTHERS) {
  test(`an answer of another shape is not repeated: ${JSON.stringify(body)}`, async (t) => {
    const service = await serving(t);
    const calls = [
      (client: Client) => client.detokenize(["tok"]),
      (client: Client) => client.tokenize([{ type: "text", value: VALUE }]),
    ];
    for (const call of calls) {
      service.script.push({ status: 200, body });
      const error = await thrown(call(service.client()));
      assert(error instanceof Unavailable);
      assert.equal(error.code, "unexpected_answer");
      assert.equal(error.cause, undefined);
      assert(!error.message.includes(VALUE));
    }
  });
}

test("fields that a later service adds are passed over", async (t) => {
  const service = await serving(t);
  const error = { code: "invalid_value", detail: "no", more: 1 };
  const made = { ...facts("t"), expires_at: CREATED, more: 1 };
  service.script.push({ status: 200, body: { results: [{ error }, made], more: 1 } });
  const [wrong, right] = await service.client().tokenize([
    { type: "text", value: "a" },
    { type: "text", value: "b" },
  ]);
  assert.deepEqual(wrong, new ItemError("invalid_value", "no"));
  assert(right && !(right instanceof ItemError));
  assert.deepEqual(right.expiresAt, right.created);
});

test("what cannot be a part of a path is refused, and nothing is sent", async (t) => {
  const service = await serving(t);
  for (const token of ["", ".", ".."]) {
    await assert.rejects(service.client().eraseToken(token), InvalidRequest);
    await assert.rejects(service.client().eraseSubject(token), InvalidRequest);
  }
  assert.deepEqual([service.seen, service.asked], [[], []]);
});

test("a client that cannot work is refused", async (t) => {
  const service = await serving(t);
  const wrong = [
    { timeoutSeconds: 0 },
    { timeoutSeconds: Number.NaN },
    { parallel: 0 },
    { retries: { attempts: 0 } },
    { retries: { attemptSeconds: 0 } },
  ];
  for (const options of wrong) {
    assert.throws(() => service.client(options), ConfigurationError, JSON.stringify(options));
  }
});

/** The error of a call that has to fail. */
async function thrown(call: Promise<unknown>): Promise<ProblemError> {
  const error = await call.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert(error instanceof ProblemError);
  return error;
}

test("detokenize says for whom it asks, and only if it was told", async (t) => {
  const service = await serving(t);
  await service.client().detokenize(["tok"], { onBehalfOf: "anna" });
  await service.client().detokenize(["tok"]);
  const items = [{ token: "tok" }];
  assert.deepEqual(
    service.seen.map((seen) => seen.body),
    [
      { items, on_behalf_of: "anna", reveal: "full" },
      { items, reveal: "full" },
    ],
  );
});

test("detokenize names the fields that it wants, and none for whole values", async (t) => {
  const service = await serving(t);
  await service.client().detokenize(["tok"], { purpose: "refund", fields: ["expiry"] });
  await service.client().detokenize(["tok"], { purpose: "refund" });
  const items = [{ token: "tok" }];
  assert.deepEqual(
    service.seen.map((seen) => seen.body),
    [
      { items, purpose: "refund", fields: ["expiry"], reveal: "full" },
      { items, purpose: "refund", reveal: "full" },
    ],
  );
});
