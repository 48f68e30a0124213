/** Approvals of full reveals by a second person. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CREATED, problem, serving } from "./service.js";

const ID = "5d0c2f9be1a84d67a3f81c06b7e2945d";

const PENDING = {
  approval: ID,
  state: "pending",
  asked_by: { client: "desk", user_sub: "u-1", username: "anna" },
  purpose: "refund",
  types: { card_number: 2 },
  asked_at: CREATED,
  expires_at: CREATED,
  decided_by: null,
  decided_at: null,
};

const DECIDED = {
  ...PENDING,
  state: "approved",
  decided_by: { client: "officer", user_sub: null, username: null },
  decided_at: CREATED,
};

test("who decides on an export sees what is exported to whom", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/approve";
  const recipient = "0123456789abcdef".repeat(4);
  const body = { ...PENDING, types: {}, export: { types: ["card_number"], recipient_sha256: recipient } };
  service.script.push({ status: 200, body });
  const seen = await service.client().approvals.get(ID);
  assert.deepEqual(seen.exportTerms, { types: ["card_number"], recipientSha256: recipient });
});

test("one is asked for, looked at, decided on, and used", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/detokenize vault/approve";
  service.script.push(...[PENDING, PENDING, DECIDED, DECIDED].map((body) => ({ status: 200, body })));
  const client = service.client();
  const asked = await client.approvals.ask(["a", "b"], "refund");
  assert.deepEqual(asked, {
    approval: ID,
    state: "pending",
    askedBy: { client: "desk", userSub: "u-1", username: "anna" },
    purpose: "refund",
    types: { card_number: 2 },
    askedAt: new Date(CREATED),
    expiresAt: new Date(CREATED),
    decidedBy: null,
    decidedAt: null,
    exportTerms: null,
  });
  await client.approvals.get(ID);
  const approved = await client.approvals.approve(ID);
  assert.deepEqual(approved.decidedBy, { client: "officer", userSub: null, username: null });
  assert.deepEqual(approved.decidedAt, new Date(CREATED));
  await client.approvals.refuse(ID);
  await client.detokenize(["a", "b"], { purpose: "refund", approval: ID });
  const items = [{ token: "a" }, { token: "b" }];
  assert.deepEqual(
    service.seen.map(({ method, path, body }) => [method, path, body]),
    [
      ["POST", "/v1/approvals", { items, purpose: "refund" }],
      ["GET", `/v1/approvals/${ID}`, undefined],
      ["POST", `/v1/approvals/${ID}/decision`, { decision: "approve" }],
      ["POST", `/v1/approvals/${ID}/decision`, { decision: "refuse" }],
      ["POST", "/v1/detokenize", { items, purpose: "refund", approval: ID, reveal: "full" }],
    ],
  );
});

test("one that is late, used or one's own is a conflict; an unknown one is not found", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/approve";
  service.script.push(problem(409, "approval_not_usable"), problem(404, "approval_not_found"));
  const client = service.client();
  await assert.rejects(client.approvals.approve(ID), { name: "Conflict", code: "approval_not_usable" });
  await assert.rejects(client.approvals.get(ID), { name: "NotFound", code: "approval_not_found" });
});

test("an answer of another shape is refused and not repeated", async (t) => {
  const service = await serving(t);
  service.scopes = "vault/approve";
  service.script.push({ status: 200, body: { ...PENDING, types: { card_number: "4111111111111111" } } });
  await assert.rejects(service.client().approvals.get(ID), (error: Error) => !error.message.includes("4111"));
});
