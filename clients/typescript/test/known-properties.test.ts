/** Plain JavaScript has no types: what the client does not know is refused, and nothing is sent. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, ConfigurationError, capture, InvalidRequest, SignIn } from "../src/index.js";
import { type Service, serving } from "./service.js";

const ITEM = { type: "text", value: "a-value" };
const MORE = "must be an object with no other properties than";
const TOKENIZED = `${MORE} type, value, subject, ttlSeconds and metadata`;
const SESSION = { types: ["text"], origin: "https://shop.example" };
const SESSION_NAMES = "types, origin, maxValues, ttlSeconds, singleUse and subject";
const REVEAL_NAMES = "purpose, onBehalfOf, assertion, approval, reveal and fields";
const REQUEST = { recipient: "pem", purpose: "moving" };

/** A client as plain JavaScript sees it. */
// biome-ignore lint/suspicious/noExplicitAny: it takes anything, which is what these tests are about.
type Untyped = any;

/** What is called, and what is said of it. */
const REFUSED: readonly [string, (vault: Untyped, service: Service) => unknown, string][] = [
  [
    "a limit by its name on the wire",
    (v) => v.tokenize([{ ...ITEM, ttl_seconds: 4 }]),
    `items[0] ${TOKENIZED}`,
  ],
  [
    "a subject by another name",
    (v) => v.tokenize([ITEM, { ...ITEM, subjectId: "x" }]),
    `items[1] ${TOKENIZED}`,
  ],
  ["a token to tokenize under", (v) => v.tokenize([{ ...ITEM, token: "x" }]), `items[0] ${TOKENIZED}`],
  ["an item that is a string", (v) => v.tokenize(["a-value"]), `items[0] ${TOKENIZED}`],
  ["an item that is a list", (v) => v.tokenize([[]]), `items[0] ${TOKENIZED}`],
  ["an item in place of a list", (v) => v.tokenize(ITEM), "items must be a list"],
  ["no items", (v) => v.tokenize(), "items must be a list"],
  [
    "a string of items",
    (v) => v.tokenize("ab"),
    "items must be a list: each character of a string would be one of them",
  ],
  [
    "a key by another name",
    (v) => v.tokenize([ITEM], { idempotency_key: "zzz" }),
    `options ${MORE} idempotencyKey`,
  ],
  ["a key in place of options", (v) => v.tokenize([ITEM], "zzz"), `options ${MORE} idempotencyKey`],
  ["options that are null", (v) => v.tokenize([ITEM], null), `options ${MORE} idempotencyKey`],
  [
    "a key that is null",
    (v) => v.tokenize([ITEM], { idempotencyKey: null }),
    "the idempotency key must be 22 to 112 of A-Z a-z 0-9 _ and -",
  ],
  [
    "an import",
    (v) => v.importTokens([{ ...ITEM, token: "t", ttl: 4 }]),
    `items[0] ${MORE} type, value, subject, ttlSeconds, metadata and token`,
  ],
  ["a search with a token", (v) => v.search([{ ...ITEM, token: "x" }]), `items[0] ${TOKENIZED}`],
  ["a search of an item", (v) => v.search(ITEM), "items must be a list"],
  [
    "a reveal for another word",
    (v) => v.detokenize(["t"], { purposes: "x" }),
    `options ${MORE} ${REVEAL_NAMES}`,
  ],
  ["a token that is none", (v) => v.detokenize(["t", undefined]), "tokens[1] must be a string"],
  ["no tokens", (v) => v.detokenize(), "tokens must be a list"],
  ["facts of nothing", (v) => v.facts(), "token must be a string"],
  ["a token that is a number", (v) => v.eraseToken(5), "token must be a string"],
  ["a list of subjects", (v) => v.eraseSubject(["a"]), "subject must be a string"],
  ["tokens of no subject", (v) => v.subjectTokens(null), "subject must be a string"],
  [
    "a session",
    (v) => v.captureSession({ ...SESSION, single_use: false }),
    `options ${MORE} ${SESSION_NAMES}`,
  ],
  ["no session", (v) => v.captureSession(), `options ${MORE} ${SESSION_NAMES}`],
  ["a session of a type", (v) => v.captureSession({ ...SESSION, types: 5 }), "types must be a list"],
  [
    "an approval of a token",
    (v) => v.approvals.ask("t", "x"),
    "tokens must be a list: each character of a string would be one of them",
  ],
  ["an approval for nothing", (v) => v.approvals.ask(["t"]), "purpose must be a string"],
  ["an approval by its object", (v) => v.approvals.get({}), "approval must be a string"],
  ["a decision on nothing", (v) => v.approvals.approve(), "approval must be a string"],
  [
    "an export of more",
    (v) => v.exports.ask({ ...REQUEST, type: [] }),
    `request ${MORE} recipient, purpose and types`,
  ],
  [
    "an export of a type",
    (v) => v.exports.begin({ ...REQUEST, types: "text" }),
    "types must be a list: each character of a string would be one of them",
  ],
  ["a part of an export", (v) => v.exports.begin(REQUEST, { part: 2 }), `options ${MORE} approval and parts`],
  ["a page of nothing", (v) => v.exports.page("opening"), "cursor must be a string"],
  ["the lines of nothing", (v) => v.exports.lines().next(), "opening must be a string"],
  [
    "a time that is text",
    (_, s) => capture(s.url, "session", [ITEM], { timeoutSeconds: "4" as Untyped }),
    "timeoutSeconds must be more than 0",
  ],
  [
    "a captured item",
    (_, s) => capture(s.url, "session", [{ ...ITEM, subject: "x" } as Untyped]),
    `items[0] ${MORE} type and value`,
  ],
  ["a capture of an item", (_, s) => capture(s.url, "session", ITEM as Untyped), "items must be a list"],
  [
    "a capture with more",
    (_, s) => capture(s.url, "session", [ITEM], { timeout: 4 } as Untyped),
    `options ${MORE} timeoutSeconds, retries and platform`,
  ],
];

for (const [name, call, said] of REFUSED) {
  test(`refused, and nothing is sent: ${name}`, async (t) => {
    const service = await serving(t);
    const message = (error: unknown) => error instanceof ConfigurationError && error.message === said;
    await assert.rejects(async () => call(service.client(), service), message);
    assert.deepEqual([service.seen, service.asked], [[], []]);
  });
}

const SETTINGS = {
  url: "https://vault.example",
  tokenUrl: "https://auth.example/oauth2/token",
  clientId: "an-id",
  clientSecret: "a-secret",
  apiKey: "an-api-key",
};
const SIGN_IN = { tokenUrl: SETTINGS.tokenUrl, clientId: "an-id", redirectUri: "https://office.example/" };
const SIGN_IN_NAMES = "tokenUrl, clientId, redirectUri and actions";
const RETRY_NAMES = "attempts, firstWait, longestWait and attemptSeconds";
const PLATFORM_NAMES = "fetch, now, epoch, sleep, draw and randomBytes";
const SETTING_NAMES = "url, apiKey, tokenUrl, clientId, clientSecret, accessToken and signIn";
const OPTION_NAMES = "retries, parallel, timeoutSeconds and platform";

const MADE: readonly [string, (client: Untyped, signIn: Untyped) => unknown, string][] = [
  ["no settings", (C) => new C(), `settings ${MORE} ${SETTING_NAMES}`],
  ["a setting", (C) => new C({ ...SETTINGS, token_url: "x" }), `settings ${MORE} ${SETTING_NAMES}`],
  ["an option", (C) => new C(SETTINGS, { timeout: 4 }), `options ${MORE} ${OPTION_NAMES}`],
  [
    "a time that is text",
    (C) => new C(SETTINGS, { timeoutSeconds: "4" }),
    "timeoutSeconds must be more than 0, and parallel at least 1",
  ],
  ["the environment as options", (C) => C.fromEnv({ HOME: "/" }, {}), `options ${MORE} ${OPTION_NAMES}`],
  ["retries", (C) => new C(SETTINGS, { retries: { retries: 4 } }), `retries ${MORE} ${RETRY_NAMES}`],
  ["how many retries", (C) => new C(SETTINGS, { retries: 4 }), `retries ${MORE} ${RETRY_NAMES}`],
  ["a platform", (C) => new C(SETTINGS, { platform: { agent: 4 } }), `platform ${MORE} ${PLATFORM_NAMES}`],
  [
    "no sign-in",
    (C) => new C({ url: "https://vault.example/people", signIn: "x" }),
    "signIn must be a SignIn",
  ],
  ["no settings of a sign-in", (_, S) => new S(), `settings ${MORE} ${SIGN_IN_NAMES}`],
  [
    "a setting of a sign-in",
    (_, S) => new S({ ...SIGN_IN, actions: ["read"], scope: "" }),
    `settings ${MORE} ${SIGN_IN_NAMES}`,
  ],
  ["actions that are none", (_, S) => new S({ ...SIGN_IN }), "actions must be a list"],
  [
    "an option of a sign-in",
    (_, S) => new S({ ...SIGN_IN, actions: ["read"] }, { fetch }),
    `options ${MORE} platform and page`,
  ],
];

for (const [name, make, said] of MADE) {
  test(`refused where something is made: ${name}`, () => {
    const message = (error: unknown) => error instanceof ConfigurationError && error.message === said;
    assert.throws(() => make(Client, SignIn), message);
  });
}

test("what is known may be undefined, inherited, or without a prototype, and lists may be of any kind", async (t) => {
  const service = await serving(t);
  const client = service.client({ parallel: 4 });
  const bare = Object.assign(Object.create(null), ITEM);
  const undefinedOnes = { ...ITEM, subject: undefined, ttlSeconds: undefined, metadata: undefined };
  const given: Untyped = new Set([bare, undefinedOnes, Object.create(ITEM)]);
  assert.equal((await client.tokenize(given, { idempotencyKey: undefined } as Untyped)).length, 3);
  assert.deepEqual(service.seen[0]?.body.items, [ITEM, ITEM, ITEM]);
});

test("metadata is sent as it is, not as what a copy would make of it", async (t) => {
  const service = await serving(t);
  const withIt = (metadata: Untyped) => service.client().tokenize([{ ...ITEM, metadata }]);
  await assert.rejects(withIt(new Map([["order", "7"]])), InvalidRequest);
  await withIt("order-7");
  assert.equal(service.seen.length, 1);
  assert.deepEqual(service.seen[0]?.body.items, [{ ...ITEM, metadata: "order-7" }]);
});
