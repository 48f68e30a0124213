/** More than a hundred items are several requests, with results in the items' order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { cut, MAX_BODY_BYTES } from "../src/batches.js";
import {
  ConfigurationError,
  ItemError,
  NotPermitted,
  type TokenizeItem,
  type TokenizeResult,
  Unavailable,
} from "../src/index.js";
import { problem, reversed, type Service, serving } from "./service.js";

const KEY = "k".repeat(22);

function items(number: number): TokenizeItem[] {
  return Array.from({ length: number }, (_, n) => ({ type: "text", value: `value-${n}` }));
}

function tokens(results: readonly TokenizeResult[]): (string | undefined)[] {
  return results.map((result) => (result instanceof ItemError ? undefined : result.token));
}

function expectedTokens(number: number): string[] {
  return items(number).map((item) => reversed(String(item.value)));
}

function sizes(service: Service): number[] {
  return service.seen.map((seen) => seen.body.items.length).sort((a, b) => a - b);
}

for (const parallel of [1, 4]) {
  for (const number of [0, 1, 100, 101, 1234]) {
    test(`results stand in the items' order: ${number} items, ${parallel} at a time`, async (t) => {
      const service = await serving(t);
      const made = await service.client({ parallel }).tokenize(items(number).values());
      assert.deepEqual(tokens(made), expectedTokens(number));
      const whole = Array<number>(Math.floor(number / 100)).fill(100);
      assert.deepEqual(sizes(service), number % 100 ? [number % 100, ...whole] : whole);
    });
  }
}

test("a body never has more bytes than the service takes", async (t) => {
  const service = await serving(t);
  const large = Array.from({ length: 150 }, (_, n) => ({ type: "json", value: `${n}-${"ü".repeat(8000)}` }));
  const made = await service.client().tokenize(large);
  assert.deepEqual(
    tokens(made),
    large.map((item) => reversed(item.value)),
  );
  assert(service.seen.every((seen) => Buffer.byteLength(seen.raw) <= MAX_BODY_BYTES));
  assert.equal(service.seen.length, 3);
});

test("an item that no request has room for is alone, for the service to refuse", () => {
  const [small, large] = ["1", "x".repeat(MAX_BODY_BYTES)];
  assert.deepEqual(cut([small, large, small, small]), [[small], [large], [small, small]]);
});

test("each request has a key of its own that follows from the caller's", async (t) => {
  const service = await serving(t);
  for (const _ of [1, 2]) {
    await service.client({ parallel: 1 }).tokenize(items(250), { idempotencyKey: KEY });
  }
  const sent = service.seen.map((seen) => [seen.headers["idempotency-key"], seen.raw]);
  assert.deepEqual(sent.slice(0, 3), sent.slice(3));
  assert.deepEqual(
    sent.slice(0, 3).map(([key]) => key),
    [KEY, `${KEY}-1`, `${KEY}-2`],
  );
});

test("no two calls have the same key", async (t) => {
  const service = await serving(t);
  await service.client().tokenize(items(1));
  await service.client().tokenize(items(1));
  const [first, second] = service.seen.map((seen) => seen.headers["idempotency-key"]);
  assert.notEqual(first, second);
});

for (const key of ["short", "k".repeat(113), `${"k".repeat(21)} `, `${KEY}\n`]) {
  test(`a key that the service would refuse is refused here: ${JSON.stringify(key)}`, async (t) => {
    const service = await serving(t);
    const call = service.client().tokenize(items(1), { idempotencyKey: key });
    await assert.rejects(call, { name: "ConfigurationError", message: /idempotency key must be/ });
    await assert.rejects(service.client().tokenize(items(1), { idempotencyKey: key }), ConfigurationError);
    assert.deepEqual(service.seen, []);
  });
}

test("as many requests go out at once as asked for", async (t) => {
  const service = await serving(t);
  let underWay = 0;
  let most = 0;
  service.onRequest = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await pause(10);
    underWay -= 1;
  };
  assert.equal((await service.client({ parallel: 3 }).tokenize(items(900))).length, 900);
  assert.equal(most, 3);
});

test("a request that fails does not lose the others, and nothing is begun after it", async (t) => {
  const service = await serving(t);
  service.onRequest = () => service.script.push(problem(503, "store_unavailable"));
  const made = await service.client({ parallel: 1, retries: { attempts: 1 } }).tokenize(items(300));
  assert.deepEqual(tokens(made.slice(0, 100)), expectedTokens(100));
  const failed = new ItemError("store_unavailable", "about store_unavailable; request id r-1");
  assert.deepEqual(made.slice(100), Array(200).fill(failed));
  assert(failed.retryable);
  assert.equal(service.seen.length, 2);
});

for (const parallel of [1, 4]) {
  test(`where nothing succeeded the error is thrown: ${parallel} at a time`, async (t) => {
    const service = await serving(t);
    const asked = items(500).map((item) => String(item.value));
    service.usual = () => problem(403, "not_permitted");
    await assert.rejects(service.client({ parallel }).detokenize(asked), NotPermitted);
    service.usual = () => problem(503, "store_unavailable");
    const impatient = service.client({ parallel, retries: { attempts: 1 } });
    await assert.rejects(impatient.detokenize(asked), Unavailable);
    assert(service.seen.length <= 2 * parallel);
  });
}
