/** Values that a page hands to the vault by itself, in a session that its back end asked for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { capture, ItemError, Sensitive } from "../src/index.js";
import { type Answer, CREATED, HANG_UP, problem, type Service, serving } from "./service.js";

const CARD = { type: "card_number", value: "5105105105105100" };
const SESSION = "a-session.of-the-vault";
const TAKEN = {
  ...{ token: "9490532698215100", type: "card_number", masked: "************5100" },
  ...{ created: CREATED, expires_at: null, card: { brand: "mastercard", bin: "510510" } },
};

async function captures(service: Service, items: readonly object[] = [CARD], session: unknown = SESSION) {
  return capture(service.url, session as string, items as never, service.patience());
}

function answering(service: Service, ...results: object[]): void {
  service.usual = () => ({ status: 200, body: { results } });
}

test("a value goes to the vault with the session alone, and its token and mask come back", async (t) => {
  const service = await serving(t);
  answering(service, TAKEN);
  const [taken] = await captures(service, [{ ...CARD, value: new Sensitive(CARD.value) }]);
  const card = { brand: "mastercard", bin: "510510", fingerprint: null };
  const { token, type, masked } = TAKEN;
  assert.deepEqual(taken, { token, type, masked, created: new Date(CREATED), expiresAt: null, card });
  const [seen] = service.seen;
  assert.deepEqual([seen?.method, seen?.path, seen?.body], ["POST", "/v1/capture", { items: [CARD] }]);
  assert.equal(seen?.headers.authorization, `Capture ${SESSION}`);
  assert.equal(seen?.headers["x-api-key"], undefined);
  assert.equal(seen?.headers["user-agent"], "node"); // What a browser names itself is its own business.
});

test("an item that is refused stands in its place", async (t) => {
  const service = await serving(t);
  answering(service, { error: { code: "invalid_value", detail: "fails the Luhn check" } }, TAKEN);
  const [wrong, taken] = await captures(service, [CARD, CARD]);
  assert(wrong instanceof ItemError && wrong.code === "invalid_value");
  assert(taken && "token" in taken && taken.card.bin === "510510");
});

const PROBLEMS = [
  [401, "capture_session_expired", "Unauthenticated"],
  [401, "capture_session_invalid", "Unauthenticated"],
  [403, "wrong_origin", "NotPermitted"],
  [409, "capture_session_used", "Conflict"],
  [422, "invalid_request", "InvalidRequest"],
] as const;

for (const [status, code, name] of PROBLEMS) {
  test(`the page reads ${code}, after one request`, async (t) => {
    const service = await serving(t);
    service.usual = () => problem(status, code);
    await assert.rejects(captures(service), { name, code });
    assert.equal(service.seen.length, 1);
  });
}

test("a limit and a failure that pass are waited for", async (t) => {
  const service = await serving(t);
  answering(service, TAKEN);
  service.script.push(
    problem(429, "throttled", { retry_after: 2 }),
    HANG_UP,
    problem(503, "store_unavailable"),
  );
  const [taken] = await captures(service);
  assert(taken && "token" in taken);
  assert.equal(service.seen.length, 4);
  assert.equal(service.waits[0], 2);
});

const FAILURES: readonly [string, Answer][] = [
  ["a problem", problem(401, "capture_session_invalid")],
  ["a connection that ends", HANG_UP],
  [
    "a page that repeats the request",
    { status: 502, body: CARD.value, headers: { "Content-Type": "text/html" } },
  ],
  ["no JSON", { status: 200, body: CARD.value }],
  ["too few results", { status: 200, body: { results: [] } }],
  ["another shape", { status: 200, body: { results: [{ token: CARD.value }] } }],
];

for (const [name, answer] of FAILURES) {
  test(`no error shows the value or the session: ${name}`, async (t) => {
    const service = await serving(t);
    service.usual = () => answer;
    await assert.rejects(captures(service), (error: Error) => {
      const shown = `${inspect(error, { depth: 20, showHidden: true })} ${error.stack}`;
      return !shown.includes(CARD.value) && !shown.includes(SESSION);
    });
  });
}

for (const session of ["", "two words", "ein Schlüßel", null, 7]) {
  test(`what is no session is not sent: ${session}`, async (t) => {
    const service = await serving(t);
    await assert.rejects(captures(service, [CARD], session), {
      name: "ConfigurationError",
      message: "session is not one of the vault's",
    });
    assert.deepEqual(service.seen, []);
  });
}

test("nothing is sent in the clear", async () => {
  await assert.rejects(capture("http://vault.example", SESSION, [CARD]), /url must begin with https/);
});

test("a back end asks for a session, and it shows where it is asked for", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/capture";
  service.usual = () => ({
    status: 201,
    body: { session: SESSION, expires: 1_790_000_000, session_id: "an-id" },
  });
  const asked = { types: ["card_number"], origin: "https://shop.example", maxValues: 1, singleUse: true };
  const made = await service.client().captureSession({ ...asked, ttlSeconds: 600, subject: "customer-17" });
  assert.equal(made.session.reveal(), SESSION);
  assert.equal(made.expires.getTime(), 1_790_000_000_000);
  assert.equal(made.sessionId, "an-id");
  assert(!inspect(made, { depth: 9 }).includes(SESSION));
  assert.equal(service.seen[0]?.path, "/v1/capture-sessions");
  assert.deepEqual(service.seen[0]?.body, {
    types: ["card_number"],
    origin: "https://shop.example",
    max_values: 1,
    ttl_seconds: 600,
    single_use: true,
    subject: "customer-17",
  });
});
