/** Exports, and values that bring their tokens along. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type BegunExport, ConfigurationError, ItemError } from "../src/index.js";
import { CREATED, facts, problem, type Service, serving } from "./service.js";

const PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
const ID = "0b".repeat(16);
const BEGUN = {
  export_id: ID,
  opening: "e30.e30.c2ln",
  cursor: "e30.b25l",
  cursors: ["e30.b25l", "e30.dHdv"],
  types: ["text"],
  recipient_sha256: "ab".repeat(32),
  begun_at: CREATED,
  expires_at: CREATED,
};
const PAGE = {
  number: 1,
  sealed: "c2VhbGVk",
  tokens: 3,
  failed: 1,
  walked: 0.5,
  cursor: "e30.bmV4dA",
  receipt: null,
};
const LAST = { ...PAGE, number: 2, walked: 1, cursor: null, receipt: "e30.e30.cmVj" };
const PENDING = {
  approval: ID,
  state: "pending",
  asked_by: { client: "mover", user_sub: null, username: null },
  purpose: "moving",
  types: {},
  asked_at: CREATED,
  expires_at: CREATED,
  decided_by: null,
  decided_at: null,
  export: { types: ["text"], recipient_sha256: "ab".repeat(32) },
};

function answering(service: Service, ...bodies: object[]): void {
  service.scopes = "vault/export";
  service.script.push(...bodies.map((body) => ({ status: 200, body })));
}

test("an export is asked for, begun, and given page by page", async (t) => {
  const service = await serving(t);
  answering(service, PENDING, BEGUN, PAGE);
  const { exports } = service.client();
  const asked = await exports.ask({ recipient: PEM, purpose: "moving", types: ["text"] });
  assert.deepEqual(asked.exportTerms, { types: ["text"], recipientSha256: "ab".repeat(32) });
  const begun = await exports.begin({ recipient: PEM, purpose: "moving" }, { approval: ID, parts: 2 });
  assert.deepEqual([begun.exportId, begun.cursors, begun.expiresAt], [ID, BEGUN.cursors, new Date(CREATED)]);
  const page = await exports.page(begun.opening, String(begun.cursors[1]));
  assert.deepEqual(
    [page.number, page.sealed, page.tokens, page.failed, page.walked],
    [1, "c2VhbGVk", 3, 1, 0.5],
  );
  assert.deepEqual(
    service.seen.map(({ method, path, body }) => [method, path, body]),
    [
      ["POST", "/v1/exports/approvals", { recipient: PEM, purpose: "moving", types: ["text"] }],
      ["POST", "/v1/exports", { recipient: PEM, purpose: "moving", approval: ID, parts: 2 }],
      ["POST", "/v1/exports/pages", { opening: BEGUN.opening, cursor: BEGUN.cursors[1] }],
    ],
  );
});

async function lines(service: Service, begun: Partial<BegunExport>, part?: number): Promise<unknown[]> {
  const whole = { opening: BEGUN.opening, cursors: BEGUN.cursors, ...begun } as BegunExport;
  const found: unknown[] = [];
  for await (const line of service.client().exports.lines(whole, part)) {
    assert(line.endsWith("\n"));
    found.push(JSON.parse(line));
  }
  return found;
}

test("the lines are those of the file that docs/exports.md describes", async (t) => {
  const service = await serving(t);
  answering(service, PAGE, LAST, PAGE, LAST);
  const chunks = [
    { chunk: 1, sealed: "c2VhbGVk" },
    { chunk: 2, sealed: "c2VhbGVk", last: true },
    { receipt: LAST.receipt },
  ];
  assert.deepEqual(await lines(service, { cursors: ["e30.b25l"] }), [
    { tokenvault_export: 1, opening: BEGUN.opening },
    ...chunks,
  ]);
  assert.deepEqual(await lines(service, {}, 2), [
    { tokenvault_export: 2, opening: BEGUN.opening, part: 2 },
    ...chunks,
  ]);
  const asked = service.seen.map(({ raw }) => JSON.parse(raw).cursor);
  assert.deepEqual(asked, ["e30.b25l", PAGE.cursor, "e30.dHdv", PAGE.cursor]);
});

test("a part that the export does not have is refused before anything is asked", async (t) => {
  const service = await serving(t);
  await assert.rejects(lines(service, {}, 3), ConfigurationError);
  assert.equal(service.seen.length, 0);
});

test("an approval that is used up is a conflict, and a page of another shape is refused", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/export";
  service.script.push(problem(409, "approval_not_usable"));
  const { exports } = service.client();
  await assert.rejects(exports.begin({ recipient: PEM, purpose: "moving" }), { name: "Conflict" });
  for (const changed of [{ sealed: null }, { walked: 2 }, { cursor: 7 }]) {
    answering(service, { ...PAGE, ...changed });
    await assert.rejects(exports.page("a", "b"), { code: "unexpected_answer" });
  }
});

test("values are stored under the tokens that they bring, under a key", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/import";
  const taken = { error: { code: "token_taken", detail: "the vault has this token" } };
  service.script.push({ status: 200, body: { results: [facts("old_1"), taken] } });
  const items = [
    { type: "text", value: "5105105105105100", token: "old_1", subject: "customer-1", ttlSeconds: 60 },
    { type: "text", value: "another", token: "old_2" },
  ];
  const [stored, refused] = await service.client().importTokens(items);
  assert(stored && !(stored instanceof ItemError) && stored.token === "old_1");
  assert(refused instanceof ItemError && refused.code === "token_taken");
  const [seen] = service.seen;
  assert.equal(seen?.path, "/v1/import");
  assert.match(String(seen?.headers["idempotency-key"]), /^[A-Za-z0-9_-]{32}$/);
  assert.deepEqual(seen?.body.items, [
    { type: "text", value: "5105105105105100", subject: "customer-1", ttl_seconds: 60, token: "old_1" },
    { type: "text", value: "another", token: "old_2" },
  ]);
  assert(!inspect([stored, refused], { depth: 9 }).includes("5105105105105100"));
});
