/** Access tokens from a function of the application, as a page has them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type AccessTokenFunction, Client, type ClientOptions, Unauthenticated } from "../src/index.js";
import { jwt, problem, type Service, serving } from "./service.js";

const ITEM = { type: "text", value: "ab" };

function client(service: Service, accessToken: AccessTokenFunction, options: ClientOptions = {}): Client {
  const { url, apiKey } = service.settings();
  return new Client({ url, apiKey, accessToken }, service.patience(options));
}

test("the function is told what the access token is for, and is asked once by all", async (t) => {
  const service = await serving(t);
  const asked: (readonly string[])[] = [];
  const vault = client(service, async (actions) => {
    asked.push(actions);
    return "from-the-back-end";
  });
  await Promise.all(Array.from({ length: 5 }, () => vault.tokenize([ITEM])));
  await vault.tokenize([ITEM]);
  assert.deepEqual(asked, [["tokenize"]]);
  assert(service.seen.every((seen) => seen.headers.authorization === "Bearer from-the-back-end"));
  assert.deepEqual(service.asked, []);
});

test("it is asked again before its access token expires, and no sooner", async (t) => {
  const service = await serving(t);
  let time = 0;
  let asked = 0;
  const platform = { now: () => time, epoch: () => 1_800_000_000 + time };
  const vault = client(
    service,
    () => {
      asked += 1;
      return jwt({ exp: 1_800_000_000 + time + 600 });
    },
    { platform },
  );
  await vault.types();
  time = 539;
  await vault.types();
  assert.equal(asked, 1);
  time = 541;
  await vault.types();
  assert.equal(asked, 2);
});

test("one whose access token the API refuses is asked once more, and then the call fails", async (t) => {
  const service = await serving(t);
  let asked = 0;
  const vault = client(service, () => `token-${++asked}`);
  service.script.push(problem(401, "unauthenticated"));
  await vault.types();
  assert.equal(asked, 2);
  service.usual = () => problem(401, "unauthenticated");
  await assert.rejects(vault.types(), Unauthenticated);
  assert.equal(asked, 3);
});

test("an error of the function comes out as it is, and the next call asks again", async (t) => {
  const service = await serving(t);
  const own = new Error("signed out");
  let isIn = false;
  const vault = client(service, () => {
    if (!isIn) {
      throw own;
    }
    return "token";
  });
  await assert.rejects(vault.tokenize([ITEM]), own);
  isIn = true;
  assert.equal((await vault.tokenize([ITEM])).length, 1);
});

for (const wrong of ["", "4111 1111", "4111\r\nX-Other: 1", undefined, { token: "4111" }]) {
  test(`what is no access token is refused, and not repeated: ${JSON.stringify(wrong)}`, async (t) => {
    const service = await serving(t);
    const call = client(service, () => wrong as string).types();
    await assert.rejects(
      call,
      (error) => error instanceof Unauthenticated && !error.message.includes("4111"),
    );
    assert.deepEqual(service.seen, []);
  });
}

test("a function that never answers ends with the call's time", async (t) => {
  const service = await serving(t);
  const vault = client(service, () => new Promise<string>(() => undefined), { timeoutSeconds: 0.1 });
  await assert.rejects(vault.types(), { message: /no access token was to be had in time/ });
});

test("one that never answers does not hold up the calls after it", async (t) => {
  const service = await serving(t);
  let asked = 0;
  const never = new Promise<string>(() => undefined);
  const vault = client(service, () => (++asked === 1 ? never : "a-token"), { timeoutSeconds: 0.05 });
  await assert.rejects(vault.types(), { name: "Unavailable", code: "token_endpoint_unavailable" });
  await vault.types();
  assert.equal(asked, 2);
});

test("what fails too late leaves the question after it alone", async (t) => {
  const service = await serving(t);
  const asked: { resolve: (token: string) => void; reject: (error: Error) => void }[] = [];
  const accessToken = () => new Promise<string>((resolve, reject) => void asked.push({ resolve, reject }));
  const vault = client(service, accessToken, { timeoutSeconds: 0.3 });
  await assert.rejects(vault.types(), { name: "Unavailable" });
  const second = vault.types();
  asked[0]?.reject(new Error("signed out"));
  await pause(10);
  const third = vault.types();
  asked[1]?.resolve("a-token");
  await Promise.all([second, third]);
  assert.equal(asked.length, 2);
});
