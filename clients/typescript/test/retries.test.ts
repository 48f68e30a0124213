/** What passes by itself is sent again, in time, and not sooner than asked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, type ClientOptions, ItemError, Refused, Throttled, Unavailable } from "../src/index.js";
import { type Answer, facts, HANG_UP, problem, type Service, SILENCE, serving } from "./service.js";

const PASSING: readonly [string, Answer][] = [
  ["429 throttled", problem(429, "throttled")],
  ["502 function_failed", problem(502, "function_failed")],
  ["503 store_unavailable", problem(503, "store_unavailable")],
  ["504 function_timeout", problem(504, "function_timeout")],
  ["503 of something on the way", { status: 503, body: "<html>", headers: { "Content-Type": "text/html" } }],
  ["a connection that ends", HANG_UP],
];

for (const [name, answer] of PASSING) {
  test(`sent again, under the same key and with the same body: ${name}`, async (t) => {
    const service = await serving(t);
    service.script.push(answer, answer);
    const [made] = await service.client().tokenize([{ type: "text", value: "ab" }]);
    assert(made && !(made instanceof ItemError));
    const sent = service.seen.map((seen) => `${seen.headers["idempotency-key"]} ${seen.raw}`);
    assert.equal(sent.length, 3);
    assert.equal(new Set(sent).size, 1);
  });
}

const LASTING: readonly [string, Answer][] = [
  ["400", problem(400, "invalid_request")],
  ["500 internal_error", problem(500, "internal_error")],
  ["500 store_refused", problem(500, "store_refused")],
  ["500 key_refused", problem(500, "key_refused")],
  ["503 with a code that somebody has to mend", problem(503, "misconfigured")],
  ["429 of a day", problem(429, "quota_exceeded")],
];

for (const [name, answer] of LASTING) {
  test(`not sent again: ${name}`, async (t) => {
    const service = await serving(t);
    service.script.push(answer);
    await assert.rejects(service.client().types());
    assert.deepEqual([service.seen.length, service.waits], [1, []]);
  });
}

test("a limit of a day is retryable, though not within a call", async (t) => {
  const service = await serving(t);
  service.script.push(problem(429, "quota_exceeded"));
  await assert.rejects(service.client().types(), (error) => error instanceof Throttled && error.retryable);
});

test("items that met a failure that passes go out whole again, under the same key", async (t) => {
  const service = await serving(t);
  const failed = { error: { code: "store_unavailable", detail: "later" } };
  service.script.push({ status: 200, body: { results: [facts("t"), failed] } });
  const made = await service.client().tokenize([
    { type: "text", value: "a" },
    { type: "text", value: "b" },
  ]);
  assert(made.every((result) => !(result instanceof ItemError)));
  const [first, second] = service.seen;
  assert.equal(first?.headers["idempotency-key"], second?.headers["idempotency-key"]);
  assert.equal(first?.raw, second?.raw);
});

test("an item that is refused is not sent again, and says that it is not retryable", async (t) => {
  const service = await serving(t);
  const failed = { error: { code: "invalid_value", detail: "fails the Luhn check" } };
  service.script.push({ status: 200, body: { results: [facts("t"), failed] } });
  const [, wrong] = await service.client().tokenize([
    { type: "text", value: "a" },
    { type: "text", value: "b" },
  ]);
  assert(wrong instanceof ItemError);
  assert.deepEqual([wrong.code, wrong.retryable], ["invalid_value", false]);
  assert.equal(service.seen.length, 1);
});

test("without a key a partial failure is not sent again: each reveal is on record", async (t) => {
  const service = await serving(t);
  const failed = { error: { code: "store_unavailable", detail: "later" } };
  service.script.push({ status: 200, body: { results: [failed] } });
  const [result] = await service.client().detokenize(["tok"]);
  assert(result instanceof ItemError);
  assert(result.retryable);
  assert.equal(service.seen.length, 1);
});

test("attempts are bounded where they are", async (t) => {
  const service = await serving(t);
  service.usual = () => problem(503, "store_unavailable");
  await assert.rejects(service.client({ retries: { attempts: 3 } }).types(), Unavailable);
  assert.equal(service.seen.length, 3);
});

/** A client with a clock that only its own waits move forward. */
function timed(service: Service, options: ClientOptions = {}): Client {
  let time = 1000;
  const sleep = async (seconds: number) => {
    service.waits.push(seconds);
    time += seconds;
  };
  const platform = { now: () => time, sleep, draw: () => 1, ...options.platform };
  return new Client(service.settings(), { ...options, platform });
}

test("waits double up to a limit, and end with the call's time", async (t) => {
  const service = await serving(t);
  service.usual = () => problem(503, "store_unavailable");
  await assert.rejects(timed(service).types(), Unavailable);
  assert.deepEqual(service.waits.slice(0, 6), [0.2, 0.4, 0.8, 1.6, 3.2, 6.4]);
  let left = 30;
  for (const wait of service.waits) {
    assert(0 < wait && wait <= left / 2 + 1e-9, `${wait} of ${left}`);
    left -= wait;
  }
  assert(0 < left && left < 1, String(left));
});

test("a wait is drawn between nothing and its limit", async (t) => {
  const service = await serving(t);
  service.script.push(problem(503, "store_unavailable"), problem(503, "store_unavailable"));
  await timed(service, { platform: { draw: () => 0.25 } }).types();
  assert.deepEqual(service.waits, [0.05, 0.1]);
});

test("more than an hour's budget has is sent once: only a smaller request gets past it", async (t) => {
  const service = await serving(t);
  service.script.push(problem(429, "budget_exceeded"));
  await assert.rejects(
    timed(service).types(),
    (error) => error instanceof Throttled && !error.retryable && error.problem.retryAfter === undefined,
  );
  assert.equal(service.seen.length, 1);
  service.script.push(problem(429, "budget_exceeded", { retry_after: 1800 }));
  await assert.rejects(timed(service).types(), (error) => error instanceof Throttled && error.retryable);
});

test("Retry-After is waited for, and the jitter comes on top", async (t) => {
  const service = await serving(t);
  service.script.push(problem(429, "throttled", {}, { "Retry-After": "3" }));
  service.script.push(problem(503, "store_unavailable", { retry_after: 5 }, { "Retry-After": "3" }));
  await timed(service).types();
  assert.deepEqual(service.waits, [3.2, 5.4]);
});

for (const [name, asked] of [
  ["longer than the longest wait", 21],
  ["longer than is left of the call", 31],
] as const) {
  test(`an answer that asks for more is final: ${name}`, async (t) => {
    const service = await serving(t);
    service.script.push(problem(429, "throttled", { retry_after: asked }));
    const longestWait = asked === 31 ? 60 : 20;
    await assert.rejects(
      timed(service, { retries: { longestWait } }).types(),
      (error) => error instanceof Throttled && error.problem.retryAfter === asked,
    );
    assert.deepEqual(service.waits, []);
  });
}

for (const asked of ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", ""]) {
  test(`a Retry-After that is no number of seconds counts for nothing: ${asked}`, async (t) => {
    const service = await serving(t);
    service.script.push(problem(429, "throttled", {}, { "Retry-After": asked }));
    await timed(service).types();
    assert.deepEqual(service.waits, [0.2]);
  });
}

test("one deadline holds for the access token, the attempts and the waits", async (t) => {
  const service = await serving(t);
  service.endpointScript.push(problem(503, "store_unavailable", { retry_after: 10 }));
  service.usual = () => problem(503, "store_unavailable", { retry_after: 10 });
  await assert.rejects(timed(service).types(), Unavailable);
  assert.deepEqual([service.asked.length, service.seen.length, service.waits], [3, 2, [10.2, 10.2]]);
});

test("an attempt without an answer is given up, and the next one succeeds", async (t) => {
  const service = await serving(t);
  service.script.push(SILENCE);
  const client = service.client({ retries: { attemptSeconds: 1 } });
  assert.equal((await client.types()).length, 1);
  assert.equal(service.seen.length, 2);
});

test("a call ends with its time, and says that it does not know what was done", async (t) => {
  const service = await serving(t);
  await service.client().types();
  service.usual = () => SILENCE;
  const began = performance.now();
  await assert.rejects(service.client({ timeoutSeconds: 0.3 }).types(), {
    name: "Unavailable",
    message: "unreachable: no answer came (TimeoutError); whether it was carried out is unknown",
  });
  const took = performance.now() - began;
  assert(250 < took && took < 2000, String(took));
});

test("an answer that never ends is given up as well", async (t) => {
  const service = await serving(t);
  const platform = {
    fetch: async (address: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
      return String(address).endsWith("/types") ? new Response(endless) : fetch(address, init);
    },
  };
  const call = service.client({ platform, timeoutSeconds: 0.2 }).types();
  await assert.rejects(call, /TimeoutError/);
});

test("a fetch that does not heed its signal holds nobody up", async (t) => {
  const service = await serving(t);
  const platform = { fetch: () => new Promise<Response>(() => undefined) };
  await assert.rejects(service.client({ platform, timeoutSeconds: 0.1 }).types(), Unavailable);
});

for (const [code, attempts] of [
  ["ENOTFOUND", 1],
  ["CERT_HAS_EXPIRED", 1],
  ["ERR_TLS_CERT_ALTNAME_INVALID", 1],
  ["ECONNREFUSED", 4],
  ["UND_ERR_SOCKET", 4],
  ["4111 1111 1111 1111", 4],
] as const) {
  test(`tried ${attempts} times where fetch fails with ${code}`, async (t) => {
    const service = await serving(t);
    let tries = 0;
    const platform = {
      fetch: async () => {
        tries += 1;
        throw Object.assign(new TypeError("fetch failed"), { cause: { code } });
      },
    };
    const call = service.client({ platform }).types();
    await assert.rejects(call, (error) => error instanceof Unavailable && !error.message.includes("4111"));
    assert.equal(tries, attempts);
  });
}

test("a refusal of the access token is no reason to try forever", async (t) => {
  const service = await serving(t);
  service.usual = () => problem(401, "unauthenticated");
  await assert.rejects(service.client().types(), Refused);
  assert.equal(service.seen.length, 2);
});
