/** The sentinel, a marked value, and the client's secrets: they show in no error, no log, and nothing inspected. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { AccessToken } from "../src/access-tokens.js";
import { ClientCredentials } from "../src/client-credentials.js";
import { Client, Sensitive } from "../src/index.js";
import { PLATFORM } from "../src/platform.js";
import { Retries } from "../src/retries.js";
import { type Answer, facts, HANG_UP, problem, SECRETS, type Service, serving } from "./service.js";

const SENTINEL = "5105105105105100";
const ITEM = { type: "text", value: SENTINEL, metadata: { order: "7" } };

/** Everything that a console, a logger or a serializer makes of a thing. */
function shown(thing: unknown): string {
  const inspected = inspect(thing, { depth: 20, showHidden: true, getters: true, maxArrayLength: null });
  const plain = inspect(thing, { depth: 20, showHidden: true, customInspect: false });
  const error = thing instanceof Error ? `${thing.stack} ${thing.message} ${thing.cause}` : "";
  return [inspected, plain, error, String(thing), json(thing), inspect(cloned(thing), { depth: 20 })].join(
    "\n",
  );
}

/** What a serializer makes of it, the refusal if it does not. */
function json(thing: unknown): string {
  try {
    return JSON.stringify(thing) ?? "";
  } catch (error) {
    return inspect(error);
  }
}

function cloned(thing: unknown): unknown {
  try {
    return structuredClone(thing);
  } catch (error) {
    return error;
  }
}

function showsNothing(thing: unknown, service: Service): void {
  const texts = shown(thing);
  const credentials = [...service.asked, ...service.seen].map((seen) => String(seen.headers.authorization));
  const tokens = credentials.map((credential) => credential.replace(/^(Basic|Bearer) /, ""));
  for (const secret of [SENTINEL, SECRETS.clientSecret, SECRETS.apiKey, ...tokens]) {
    assert(!texts.includes(secret), texts);
  }
}

test("a client shows nothing that it holds", async (t) => {
  const service = await serving(t);
  const client = service.client();
  await client.tokenize([ITEM]);
  showsNothing(client, service);
  const { url, apiKey } = service.settings();
  const page = new Client({ url, apiKey, accessToken: () => "the-access-token" }, service.patience());
  await page.detokenize([SENTINEL]);
  showsNothing(page, service);
});

test("neither does any part of it that holds a secret", async (t) => {
  const service = await serving(t);
  const retries = new Retries({}, PLATFORM);
  showsNothing(new ClientCredentials(service.settings(), retries, 30, PLATFORM), service);
  showsNothing(new AccessToken(SECRETS.clientSecret, [], 0), service);
});

test("a revealed value shows where it is asked for, and nowhere else", async (t) => {
  const service = await serving(t);
  service.usual = () => ({
    status: 200,
    body: { results: [{ token: "tok", type: "text", value: SENTINEL }] },
  });
  const [revealed] = await service.client().detokenize(["tok"]);
  assert(revealed && "value" in revealed);
  showsNothing(revealed, service);
  showsNothing([revealed.value, new Sensitive({ card: SENTINEL })], service);
  assert.equal(`${revealed.value}`, "Sensitive(***)");
  assert.equal(inspect(revealed.value), "Sensitive(***)");
  assert.throws(() => JSON.stringify(revealed), TypeError);
  assert.equal(revealed.value.reveal(), SENTINEL);
});

const HTML = { "Content-Type": "text/html" };

const FAILURES: readonly [string, Answer][] = [
  ["a problem", problem(400, "invalid_request")],
  ["an access token that is refused", problem(401, "unauthenticated")],
  ["a limit", problem(429, "throttled")],
  ["a connection that ends", HANG_UP],
  ["a page that repeats the request", { status: 502, body: SENTINEL, headers: HTML }],
  ["a problem of something else, in another type", { status: 400, body: { detail: SENTINEL } }],
  ["no JSON", { status: 200, body: SENTINEL }],
  ["another shape", { status: 200, body: { results: [SENTINEL] } }],
  ["too few results", { status: 200, body: { results: [] } }],
  ["a moment that is none", { status: 200, body: { results: [{ ...facts("t"), created: SENTINEL }] } }],
  ["a redirect", { status: 307, body: {}, headers: { Location: `/${SENTINEL}` } }],
];

for (const [name, answer] of FAILURES) {
  test(`no error shows a value or a secret: ${name}`, async (t) => {
    const service = await serving(t);
    service.usual = () => answer;
    const client = service.client();
    const calls = [
      client.tokenize([ITEM]),
      client.tokenize([{ type: "text", value: new Sensitive(SENTINEL) }]),
      client.search([ITEM]),
      client.detokenize([SENTINEL], { purpose: SENTINEL }),
      client.facts(SENTINEL),
      client.eraseSubject(SENTINEL),
    ];
    for (const call of await Promise.allSettled(calls)) {
      assert.equal(call.status, "rejected");
      showsNothing(call.reason, service);
    }
  });
}

test("no error of the token endpoint shows a secret that it repeats", async (t) => {
  const service = await serving(t);
  const repeated = { error: SECRETS.clientSecret, error_description: SECRETS.clientSecret };
  for (const answer of [
    { status: 400, body: repeated },
    { status: 500, body: repeated },
    { status: 200, body: { access_token: `${SECRETS.clientSecret}\n`, expires_in: 60 } },
  ]) {
    service.endpointScript.push(answer, answer, answer, answer);
    const [call] = await Promise.allSettled([service.client().types()]);
    assert.equal(call.status, "rejected");
    showsNothing(call.reason, service);
    service.endpointScript.length = 0;
  }
});

test("no value stands in a header or an address, except a token's own", async (t) => {
  const service = await serving(t);
  const client = service.client();
  await client.tokenize([ITEM]);
  await client.search([ITEM]);
  for (const { path, headers } of service.seen) {
    assert(!`${path} ${JSON.stringify(headers)}`.includes(SENTINEL));
  }
});

test("the client writes nothing to the console", async (t) => {
  const service = await serving(t);
  const methods = ["debug", "error", "info", "log", "trace", "warn"] as const;
  const spies = methods.map((method) => t.mock.method(console, method, () => undefined));
  service.script.push(HANG_UP, problem(503, "store_unavailable"));
  await service.client().tokenize([ITEM]);
  assert(spies.every((spy) => spy.mock.callCount() === 0));
});
