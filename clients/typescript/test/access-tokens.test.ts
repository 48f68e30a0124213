/** Access tokens by client credentials: one a side, shared, and renewed in time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { NotPermitted, Unauthenticated, Unavailable } from "../src/index.js";
import { jwt, problem, type Service, serving } from "./service.js";

const ITEM = { type: "text", value: "ab" };

/** The scopes that were asked for, in order; "" for all that the client has. */
function askedScopes(service: Service): string[] {
  return service.asked.map((seen) => new URLSearchParams(seen.raw).get("scope") ?? "");
}

/** The scopes of the access tokens that came to the API, in order. */
function sentScopes(service: Service): string[] {
  return service.seen.map((seen) => {
    const [, payload = ""] = String(seen.headers.authorization).split(".");
    return JSON.parse(Buffer.from(payload, "base64url").toString()).scope;
  });
}

test("each side gets an access token of its own, and the one with all scopes goes nowhere", async (t) => {
  const service = await serving(t);
  const client = service.client();
  await client.tokenize([ITEM]);
  await client.detokenize(["tok"]);
  await client.eraseToken("tok");
  await client.facts("tok");
  const tokenizing = "vault/read vault/search vault/tokenize";
  const revealing = "vault/detokenize vault/erase vault/subjects.read";
  assert.deepEqual(askedScopes(service), ["", tokenizing, revealing]);
  assert.deepEqual(sentScopes(service), [tokenizing, revealing, revealing, tokenizing]);
});

test("a client of one side needs one access token", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/tokenize";
  const client = service.client();
  await client.tokenize([ITEM]);
  await client.types();
  assert.deepEqual(askedScopes(service), [""]);
});

test("masks go with either scope of the revealing side", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/detokenize.masked";
  await service.client().detokenize(["tok"], { reveal: "masked" });
  await assert.rejects(service.client().detokenize(["tok"]), NotPermitted);
});

test("what the client has no scope for is not sent", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/read";
  await assert.rejects(service.client().tokenize([ITEM]), {
    name: "NotPermitted",
    message: "not_permitted: this client has no scope for tokenize, only for read; nothing was sent",
  });
  assert.deepEqual(service.seen, []);
});

test("calls at the same time share one access token", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/tokenize";
  const client = service.client();
  await Promise.all(Array.from({ length: 20 }, () => client.tokenize([ITEM])));
  assert.deepEqual([service.asked.length, service.seen.length], [1, 20]);
});

test("where asking failed, all who waited fail, and the next call asks again", async (t) => {
  const service = await serving(t);
  service.endpointScript.push({ status: 400, body: { error: "invalid_client" } });
  const client = service.client();
  const calls = await Promise.allSettled([client.types(), client.types(), client.types()]);
  assert.deepEqual(
    calls.map((call) => call.status),
    ["rejected", "rejected", "rejected"],
  );
  assert.equal(service.asked.length, 1);
  await client.types();
});

test("the client's credentials go to the token endpoint as Cognito takes them", async (t) => {
  const service = await serving(t);
  await service.client().types();
  const [asked] = service.asked;
  assert.equal(asked?.headers.authorization, `Basic ${Buffer.from("an-id:a-secret").toString("base64")}`);
  assert.equal(asked?.headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(asked?.raw, "grant_type=client_credentials");
});

for (const [lifetime, used] of [
  [3600, 3540],
  [90, 45],
  [1_000_000, 86_340],
] as const) {
  test(`an access token of ${lifetime} seconds is used for ${used}`, async (t) => {
    const service = await serving(t);
    service.scopes = "vault/tokenize";
    service.lifetime = lifetime;
    let time = 5;
    const client = service.client({ platform: { now: () => time } });
    await client.types();
    time += used - 0.1;
    await client.types();
    assert.equal(service.asked.length, 1);
    time += 0.2;
    await client.types();
    assert.equal(service.asked.length, 2);
  });
}

test("a refused access token is replaced once, for all calls", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/tokenize";
  const client = service.client();
  service.script.push(problem(401, "unauthenticated"));
  await client.types();
  await client.types();
  const sent = service.seen.map((seen) => seen.headers.authorization);
  assert.equal(service.asked.length, 2);
  assert.notEqual(sent[0], sent[1]);
  assert.equal(sent[1], sent[2]);
});

test("a renewed access token is not dropped for the refusal of the one before", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/tokenize";
  const client = service.client();
  await client.types();
  const [first] = service.seen;
  service.usual = (seen) => {
    const isOld = seen.headers.authorization === first?.headers.authorization;
    return isOld ? problem(401, "unauthenticated") : { status: 200, body: { types: [] } };
  };
  service.onRequest = (seen) => pause(seen.headers.authorization === first?.headers.authorization ? 20 : 0);
  await Promise.all(Array.from({ length: 10 }, () => client.types()));
  assert.equal(service.asked.length, 2);
});

test("the scopes of an access token that is no JWT come from the answer", async (t) => {
  const service = await serving(t);
  service.endpointScript.push({
    status: 200,
    body: { access_token: "opaque", expires_in: 60, scope: "vault/tokenize" },
  });
  await service.client().tokenize([ITEM]);
  assert.equal(service.seen[0]?.headers.authorization, "Bearer opaque");
});

const NONE: readonly [string, object | string][] = [
  ["no JSON", "<html>4111111111111111</html>"],
  ["none", { expires_in: 60 }],
  ["one that no header holds", { access_token: "4111\n1111", expires_in: 60 }],
  ["no lifetime", { access_token: jwt({}) }],
];

for (const [name, body] of NONE) {
  test(`an answer with ${name} is refused and not repeated`, async (t) => {
    const service = await serving(t);
    service.endpointScript.push({ status: 200, body });
    await assert.rejects(
      service.client().types(),
      (error) => error instanceof Unauthenticated && !error.message.includes("4111"),
    );
  });
}

for (const [code, shown] of [
  ["invalid_client", "invalid_client"],
  ["a-secret: wrong", "status 400"],
] as const) {
  test(`of a refusal only a code is repeated: ${code}`, async (t) => {
    const service = await serving(t);
    service.endpointScript.push({ status: 400, body: { error: code, error_description: "a-secret" } });
    await assert.rejects(service.client().types(), {
      name: "Unauthenticated",
      message: `no_access_token: the token endpoint gave no access token: ${shown}`,
    });
  });
}

test("a token endpoint that fails is asked again, and then the service is unavailable", async (t) => {
  const service = await serving(t);
  service.endpointScript.push({ status: 503 }, { status: 429 });
  await service.client().types();
  service.endpointScript.push(...Array(4).fill({ status: 503 }));
  await assert.rejects(
    service.client().types(),
    (error) => error instanceof Unavailable && error.retryable && error.code === "token_endpoint_unavailable",
  );
});

test("a call that has less time than the asking does not wait for it", async (t) => {
  const service = await serving(t);
  const platform = { fetch: () => new Promise<Response>(() => undefined) };
  const client = service.client({ platform, timeoutSeconds: 0.1 });
  await assert.rejects(client.types(), (error) => error instanceof Unavailable && error.retryable);
});
