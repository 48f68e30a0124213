/** JSON as it goes out: nothing is changed in silence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, segment } from "../src/encoding.js";
import { InvalidRequest, Sensitive } from "../src/index.js";
import { serving } from "./service.js";

const circle: { me?: unknown } = {};
circle.me = circle;

const REFUSED: readonly [string, unknown][] = [
  ["infinity", Number.POSITIVE_INFINITY],
  ["what is no number", { deep: [Number.NaN] }],
  ["a bigint", 4111111111111111n],
  ["a function", () => "4111"],
  ["a symbol", Symbol("4111")],
  ["nothing in an array", [undefined]],
  ["a map", new Map([["4111", 1]])],
  ["a circle", circle],
  ["a wrapped value inside of another", { card: new Sensitive("4111") }],
];

for (const [name, value] of REFUSED) {
  test(`refused, with a pointer and without the value: ${name}`, async (t) => {
    const service = await serving(t);
    const items = [
      { type: "json", value: 1 },
      { type: "json", value },
    ];
    await assert.rejects(service.client().tokenize(items), (error) => {
      assert(error instanceof InvalidRequest);
      assert.deepEqual(
        error.problem.errors.map((field) => field.pointer),
        ["/items/1"],
      );
      assert(!error.message.includes("4111"));
      assert.equal(error.cause, undefined);
      return true;
    });
    assert.deepEqual(service.seen, []);
  });
}

test("values that JSON has a form for go out as JSON.stringify writes them", () => {
  const day = new Date("2026-01-02T03:04:05Z");
  for (const value of [null, true, 0.1, "ü€😀", [1, [2]], { a: { b: null } }, { left: undefined }, day]) {
    assert.equal(encoded(value, ""), JSON.stringify(value));
  }
});

test("a replacement character goes out escaped: raw, a gateway makes it of what is no UTF-8", async (t) => {
  const service = await serving(t);
  await service.client().tokenize([{ type: "text", value: "M\u{fffd}ller" }]);
  assert.match(String(service.seen[0]?.raw), /M\\ufffdller/);
  assert.equal(service.seen[0]?.body.items[0]?.value, "M\u{fffd}ller");
});

test("half of a surrogate pair is for the service to refuse", async (t) => {
  const service = await serving(t);
  await service.client().tokenize([{ type: "text", value: "secret \ud800" }]);
  assert.match(String(service.seen[0]?.raw), /secret \\ud800/);
  assert.equal(segment("secret \ud800", "token"), "secret%20%ED%A0%80");
});

test("a part of a path is percent-encoded in UTF-8", () => {
  assert.equal(segment("a/b?c#d%e ü😀", "token"), "a%2Fb%3Fc%23d%25e%20%C3%BC%F0%9F%98%80");
});
