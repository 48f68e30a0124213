/** Against the real API of `make dev`, whose clients' variables stand in LIVE_CLIENTS as JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Client,
  type ClientOptions,
  Conflict,
  InvalidRequest,
  ItemError,
  NotFound,
  NotPermitted,
  Throttled,
  type TokenFacts,
  type TokenizeResult,
  tokensSha256,
  Unauthenticated,
} from "../../src/index.js";

const CLIENTS: Record<string, Record<string, string>> = JSON.parse(process.env.LIVE_CLIENTS ?? "{}");

function client(name: string, options: ClientOptions = {}, changes: Record<string, string> = {}): Client {
  return Client.fromEnv(options, { ...CLIENTS[name], ...changes });
}

/** The token that an item got. */
function made(result: TokenizeResult | undefined): TokenFacts {
  assert(result !== undefined && !(result instanceof ItemError), JSON.stringify(result));
  return result;
}

const card = { type: "card_number", value: "4111 1111 1111 1111" };

test("a value becomes a token and the token the value, in full and as a mask", async () => {
  const vault = client("app");
  const [result] = await vault.tokenize([{ ...card, metadata: { order: "7" }, ttlSeconds: 3600 }]);
  const { token, expiresAt, created } = made(result);
  assert.match(token, /^\d{12}1111$/);
  assert.equal(Number(expiresAt) - Number(created), 3_600_000);
  const [full] = await vault.detokenize([token], { purpose: "refund" });
  const [mask] = await vault.detokenize([token], { purpose: "refund", reveal: "masked" });
  assert(full && "value" in full && mask && "value" in mask);
  assert.deepEqual([full.value.reveal(), mask.value.reveal()], ["4111111111111111", "************1111"]);
  assert.deepEqual((await vault.facts(token)).metadata, { order: "7" });
});

test("250 values come back in order, each under its own token", async () => {
  const vault = client("app");
  const values = Array.from({ length: 250 }, (_, n) => `value ${n} äöü😀\u{fffd}`);
  const results = await vault.tokenize(values.map((value) => ({ type: "note", value })));
  const shown = await vault.detokenize(
    results.map((result) => made(result).token),
    { purpose: "refund" },
  );
  assert.deepEqual(
    shown.map((result) => ("value" in result ? result.value.reveal() : result)),
    values,
  );
});

test("values that no single request has room for are taken in", async () => {
  const vault = client("app");
  const items = Array.from({ length: 80 }, (_, n) => ({
    type: "document",
    value: `${n}${"ü".repeat(8000)}`,
  }));
  const tokens = (await vault.tokenize(items)).map((result) => made(result).token);
  assert.equal(new Set(tokens).size, 80);
});

test("an item that fails holds its error, and the others succeed", async () => {
  const vault = client("app");
  const results = await vault.tokenize([
    card,
    { type: "card_number", value: "4111 1111 1111 1112" },
    { type: "none", value: "a" },
    { type: "note", value: undefined },
  ]);
  made(results[0]);
  const codes = results.slice(1).map((result) => (result instanceof ItemError ? result.code : "made"));
  assert.deepEqual(codes, ["invalid_value", "unknown_type", "invalid_value"]);
  const [unknown] = await vault.detokenize(["9999999999999999"], { purpose: "refund" });
  assert(unknown instanceof ItemError && !unknown.retryable);
  assert.equal(unknown.code, "token_not_found");
});

test("the same key gives the same tokens, and is refused for other items", async () => {
  const vault = client("app");
  const idempotencyKey = `round-trip-${crypto.randomUUID()}`;
  const [first] = await vault.tokenize([card], { idempotencyKey });
  const [second] = await vault.tokenize([card], { idempotencyKey });
  assert.equal(made(first).token, made(second).token);
  const other = vault.tokenize([{ type: "note", value: "b" }], { idempotencyKey });
  await assert.rejects(other, Conflict);
});

test("a value is found, and what is erased is gone", async () => {
  const vault = client("app");
  const value = `to be found ${crypto.randomUUID()}`;
  const [result] = await vault.tokenize([{ type: "known", value }]);
  const { token } = made(result);
  const [found] = await vault.search([{ type: "known", value }]);
  assert.equal(made(found).token, token);
  await vault.eraseToken(token);
  await assert.rejects(vault.facts(token), NotFound);
});

test("a subject is erased, with a receipt", async () => {
  const vault = client("app");
  const subject = `customer-${crypto.randomUUID()}`;
  const [result] = await vault.tokenize([{ ...card, subject }]);
  const kept = await vault.subjectTokens(subject);
  assert.deepEqual(
    kept.tokens.map((facts) => facts.token),
    [made(result).token],
  );
  assert.equal((await vault.facts(made(result).token)).createdBy, "app");
  const { receipt, jws, claims } = await vault.eraseSubject(subject);
  assert.deepEqual([receipt.subject, receipt.tokensClosed], [subject, 1]);
  assert.equal(receipt.tokensSha256, await tokensSha256(kept));
  assert.deepEqual(JSON.parse(Buffer.from(String(jws.split(".")[1]), "base64url").toString()), claims);
  const [gone] = await vault.detokenize([made(result).token], { purpose: "refund" });
  assert(gone instanceof ItemError);
});

test("the types are those of the policy", async () => {
  const types = await client("app").types();
  assert.deepEqual(
    types.map(({ type, mode }) => `${type} ${mode}`),
    ["card_number random", "document random", "known deterministic", "moved random", "note random"],
  );
});

test("what the policy does not permit is refused, with a request id", async () => {
  const [result] = await client("app").tokenize([card]);
  const call = client("app").detokenize([made(result).token], { purpose: "curiosity" });
  await assert.rejects(call, (error) => error instanceof NotPermitted && Boolean(error.requestId));
  const nothing = client("limited").detokenize(["tok"], { purpose: "refund" });
  await assert.rejects(nothing, /no scope for detokenize, only for tokenize; nothing was sent/);
});

test("another secret gets no access token, and another client's API key is refused", async () => {
  const secret = client("app", {}, { TOKENVAULT_CLIENT_SECRET: "another" });
  await assert.rejects(secret.types(), Unauthenticated);
  const key = client("app", {}, { TOKENVAULT_API_KEY: String(CLIENTS.limited?.TOKENVAULT_API_KEY) });
  await assert.rejects(key.types(), NotPermitted);
});

test("a body that the API cannot read is refused with pointers at its fields", async () => {
  const vault = client("app");
  const calls = new Map<string, () => Promise<unknown>>([
    ["/purpose", () => vault.detokenize(["tok"], { purpose: "p".repeat(65) })],
    ["/items/0/value", () => vault.tokenize([{ type: "note", value: "half a pair: \ud800" }])],
  ]);
  for (const [pointer, call] of calls) {
    await assert.rejects(
      call(),
      (error) => error instanceof InvalidRequest && error.problem.errors[0]?.pointer === pointer,
    );
  }
});

test("a rate limit that does not pass is Throttled, after retries", async () => {
  const limited = client("limited", { retries: { attempts: 3 } });
  const calls = Array.from({ length: 6 }, () => limited.tokenize([{ type: "note", value: "a" }]));
  const reasons = (await Promise.allSettled(calls)).flatMap((call) =>
    call.status === "rejected" ? [call.reason] : [],
  );
  assert(reasons.length > 0 && reasons.length < 6, `${reasons.length}`);
  assert(reasons.every((reason) => reason instanceof Throttled && reason.retryable));
});
