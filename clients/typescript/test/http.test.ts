/** How a request goes out: nothing goes along that was not given, and nothing goes elsewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Refused } from "../src/index.js";

const SETTINGS = { url: "https://vault.example", apiKey: "an-api-key", accessToken: () => "token" };

test("no cookie, no cache, no address of the page, and no redirect", async () => {
  const sent: [unknown, RequestInit | undefined][] = [];
  const platform = {
    fetch: async (address: unknown, init?: RequestInit) => {
      sent.push([address, init]);
      return Response.json({ types: [] });
    },
  };
  await new Client(SETTINGS, { platform }).types();
  const [[address, init] = []] = sent;
  assert.equal(address, "https://vault.example/v1/types");
  const { credentials, cache, redirect, referrerPolicy } = init ?? {};
  assert.deepEqual(
    { credentials, cache, redirect, referrerPolicy },
    { credentials: "omit", cache: "no-store", redirect: "manual", referrerPolicy: "no-referrer" },
  );
});

test("a redirect that a browser hides is refused like any other", async () => {
  const hidden = { type: "opaqueredirect", status: 0, headers: new Headers(), text: async () => "" };
  const platform = { fetch: async () => hidden as unknown as Response };
  await assert.rejects(
    new Client(SETTINGS, { platform }).types(),
    (error) => error instanceof Refused && error.code === "unexpected_answer" && error.problem.status === 302,
  );
});

test("a page's requests name no program: its browser does, and CORS allows no such header", async (t) => {
  Object.assign(globalThis, { document: {} });
  t.after(() => Reflect.deleteProperty(globalThis, "document"));
  let headers: Record<string, string> = {};
  const platform = {
    fetch: async (_: unknown, init?: RequestInit) => {
      headers = init?.headers as Record<string, string>;
      return Response.json({
        results: [{ token: "t", type: "text", created: "2026-01-02", expires_at: null }],
      });
    },
  };
  await new Client(SETTINGS, { platform }).tokenize([{ type: "text", value: "a" }]);
  const allowed = ["Accept", "Authorization", "Content-Type", "Idempotency-Key", "x-api-key"];
  assert.deepEqual(Object.keys(headers).sort(), allowed);
});
