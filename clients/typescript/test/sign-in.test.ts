/** People who sign in from a page: the way to the sign-in and back, tokens in memory, renewed and given up. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { Client, ConfigurationError, SignIn, Unavailable } from "../src/index.js";
import { type Answer, HANG_UP, jwt, problem, type Service, serving } from "./service.js";

const HERE = "https://office.example/signed-in";
const REFRESH = "refresh-1";

/** A tab: where it is, where it was sent, and what it keeps. */
class Tab {
  at = HERE;
  sentTo: URL | undefined;
  readonly kept = new Map<string, string>();
  readonly address = () => this.at;
  readonly go = (url: string) => {
    this.sentTo = new URL(url);
  };
  readonly replace = (url: string) => {
    this.at = url;
  };
  readonly keep = (key: string, text: string) => void this.kept.set(key, text);
  readonly take = (key: string) => {
    const found = this.kept.get(key) ?? null;
    this.kept.delete(key);
    return found;
  };

  /** The answer to what it was sent for. */
  comesBack(answer: Record<string, string>): void {
    const state = this.sentTo?.searchParams.get("state") ?? "";
    this.at = `${HERE}?${new URLSearchParams({ state, ...answer })}`;
  }
}

let made = 0;

function granted(changes: object = {}): Answer {
  const scope = "vault/detokenize vault/erase";
  const body = { access_token: jwt({ scope, username: "anna", jti: ++made }), expires_in: 900 };
  return { status: 200, body: { ...body, refresh_token: REFRESH, ...changes } };
}

function settings(service: Service) {
  const actions = ["detokenize", "erase"] as const;
  return { tokenUrl: `${service.url}/oauth2/token`, clientId: "desk", redirectUri: HERE, actions };
}

/** Somebody who signed in, with a client, and a clock that the test sets. */
async function signedIn(t: TestContext) {
  const [service, tab] = [await serving(t), new Tab()];
  const clock = { time: 0 };
  const platform = { now: () => clock.time, sleep: async () => undefined };
  const signIn = new SignIn(settings(service), { page: tab, platform });
  await signIn.begin();
  tab.comesBack({ code: "a-code" });
  service.endpointScript.push(granted());
  assert(await signIn.complete());
  const vault = new Client({ url: `${service.url}/people`, signIn }, service.patience({ platform }));
  service.usual = () => ({ status: 200, body: { types: [] } });
  return { service, tab, signIn, vault, clock };
}

function form(service: Service, number = -1): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(service.asked.at(number)?.raw));
}

test("the browser is sent to the sign-in with a challenge, and comes back with a code for tokens", async (t) => {
  const { service, tab, signIn } = await signedIn(t);
  const asked = Object.fromEntries(tab.sentTo?.searchParams ?? []);
  const { state, code_challenge, ...rest } = asked;
  assert.equal(tab.sentTo?.pathname, "/oauth2/authorize");
  assert.deepEqual(rest, {
    response_type: "code",
    client_id: "desk",
    redirect_uri: HERE,
    scope: "vault/detokenize vault/erase",
    code_challenge_method: "S256",
  });
  const { code_verifier = "", ...sent } = form(service);
  assert.equal(createHash("sha256").update(code_verifier).digest("base64url"), code_challenge);
  assert.match(code_verifier, /^[\w-]{43}$/);
  assert.match(state ?? "", /^[\w-]{43}$/);
  assert.notEqual(state, code_verifier);
  const grant = "authorization_code";
  assert.deepEqual(sent, { grant_type: grant, client_id: "desk", redirect_uri: HERE, code: "a-code" });
  assert.deepEqual([signIn.signedIn, signIn.username], [true, "anna"]);
});

test("nothing of it stays in the tab: neither the code in its address, nor anything in its storage", async (t) => {
  const { tab, service } = await signedIn(t);
  assert.equal(tab.at, HERE);
  assert.equal(tab.kept.size, 0);
  assert.equal(service.asked[0]?.headers.authorization, undefined);
});

test("a call has the access token, and no API key", async (t) => {
  const { service, vault } = await signedIn(t);
  await vault.types();
  assert.equal(service.seen[0]?.path, "/people/v1/types");
  assert.match(service.seen[0]?.headers.authorization ?? "", /^Bearer e30\./);
  assert.equal(service.seen[0]?.headers["x-api-key"], undefined);
});

test("without an answer in the address nobody signs in", async (t) => {
  const service = await serving(t);
  const tab = new Tab();
  const signIn = new SignIn(settings(service), { page: tab });
  assert.equal(await signIn.complete(), false);
  tab.at = "https://office.example/another?code=a";
  assert.equal(await signIn.complete(), false);
  assert.equal(tab.at, "https://office.example/another?code=a");
  await assert.rejects(new Client({ url: `${service.url}/people`, signIn }).types(), {
    code: "not_signed_in",
  });
  assert.deepEqual([...service.asked, ...service.seen], []);
});

const WRONG: readonly [string, string, string][] = [
  ["another state", "?state=x&code=a", "not one to this sign-in"],
  ["no state", "?code=a", "not one to this sign-in"],
  ["the state twice", "?state=STATE&state=STATE&code=a", "not one to this sign-in"],
  ["a refusal", "?state=STATE&error=access_denied", "the sign-in was refused: access_denied"],
  ["a refusal that quotes", "?state=STATE&error=4111%201111", "no reason of a known name"],
  ["two codes", "?state=STATE&code=a&code=b", "holds no code"],
  ["a code that is none", "?state=STATE&code=%20", "holds no code"],
];

for (const [name, answer, said] of WRONG) {
  test(`an answer with ${name} signs nobody in, and is not tried twice`, async (t) => {
    const [service, tab] = [await serving(t), new Tab()];
    const signIn = new SignIn(settings(service), { page: tab });
    await signIn.begin();
    tab.at = HERE + answer.replaceAll("STATE", tab.sentTo?.searchParams.get("state") ?? "");
    await assert.rejects(signIn.complete(), (error: Error) => {
      assert.equal(error.name, "Unauthenticated");
      return error.message.includes(said) && !error.message.includes("4111");
    });
    assert.deepEqual([service.asked, tab.at, tab.kept.size, signIn.signedIn], [[], HERE, 0, false]);
  });
}

/** What stands in `redirectUri`, and where a browser then is. */
const SPELLED: readonly [string, string][] = [
  ["https://office.example", "https://office.example/"],
  ["https://Office.example:443/signed-in", "https://office.example/signed-in"],
  ["https://office.example/b\u00fcro", "https://office.example/b%C3%BCro"],
];

for (const [redirectUri, at] of SPELLED) {
  test(`a browser that writes the address in its own way came back all the same: ${redirectUri}`, async (t) => {
    const [service, tab] = [await serving(t), new Tab()];
    const signIn = new SignIn({ ...settings(service), redirectUri }, { page: tab });
    await signIn.begin();
    tab.at = `${at}?code=a-code&state=${tab.sentTo?.searchParams.get("state")}`;
    service.endpointScript.push(granted());
    assert(await signIn.complete());
    assert.equal(tab.at, at);
    assert.equal(form(service).redirect_uri, redirectUri); // As Cognito compares it: whole.
  });
}

test("who came back to another address is not sent to the sign-in again and again", async (t) => {
  const [service, tab] = [await serving(t), new Tab()];
  const signIn = new SignIn(settings(service), { page: tab });
  await signIn.begin();
  const state = tab.sentTo?.searchParams.get("state");
  tab.sentTo = undefined;
  for (const answer of [
    `code=a-code&state=${state}`,
    `error=access_denied&state=${state}`,
    "code=a&state=b",
  ]) {
    tab.at = `${HERE}/?${answer}`;
    assert.equal(await signIn.complete(), false);
    await assert.rejects(signIn.begin(), (error: Error) => {
      return (
        error instanceof ConfigurationError &&
        /redirectUri/.test(error.message) &&
        !/a-code/.test(error.message)
      );
    });
  }
  assert.equal(tab.sentTo, undefined);
  tab.at = `${HERE}/?code=voucher`;
  await signIn.begin();
  assert(tab.sentTo);
});

test("an answer to a sign-in that this tab did not begin is refused", async (t) => {
  const [service, tab] = [await serving(t), new Tab()];
  tab.at = `${HERE}?state=&code=a`;
  await assert.rejects(new SignIn(settings(service), { page: tab }).complete(), /begun in this tab/);
  assert.deepEqual(service.asked, []);
});

test("a code is sent once, whatever becomes of it: sent twice it would end the sign-in", async (t) => {
  const [service, tab] = [await serving(t), new Tab()];
  const signIn = new SignIn(settings(service), { page: tab });
  await signIn.begin();
  tab.comesBack({ code: "a-code" });
  service.endpointScript.push({ status: 503 }, granted());
  await assert.rejects(signIn.complete(), (error) => error instanceof Unavailable);
  assert.equal(service.asked.length, 1);
});

test("an access token that is old is renewed once for all calls, and the next refresh token takes over", async (t) => {
  const { service, vault, clock } = await signedIn(t);
  clock.time += 841;
  service.endpointScript.push(granted({ refresh_token: "refresh-2" }));
  await Promise.all(Array.from({ length: 10 }, () => vault.types()));
  assert.equal(service.asked.length, 2);
  assert.deepEqual(form(service), { grant_type: "refresh_token", client_id: "desk", refresh_token: REFRESH });
  clock.time += 841;
  service.endpointScript.push(granted({ refresh_token: undefined }), granted());
  await vault.types();
  assert.equal(form(service).refresh_token, "refresh-2");
  clock.time += 841;
  await vault.types();
  assert.equal(form(service).refresh_token, "refresh-2");
});

test("one that the API refuses before its time is renewed, as after a machine's sleep", async (t) => {
  const { service, vault } = await signedIn(t);
  service.script.push(problem(401, "unauthenticated"));
  service.endpointScript.push(granted());
  await vault.types();
  assert.equal(service.asked.length, 2);
});

test("a refresh whose answer was lost is tried again with the same refresh token", async (t) => {
  const { service, vault, clock } = await signedIn(t);
  clock.time += 841;
  service.endpointScript.push(HANG_UP, { status: 503 }, granted());
  await vault.types();
  assert.deepEqual([form(service, 2).refresh_token, form(service, 3).refresh_token], [REFRESH, REFRESH]);
});

test("a sign-in that has ended says so, and holds nothing any more", async (t) => {
  const { service, vault, signIn, clock } = await signedIn(t);
  clock.time += 841;
  service.endpointScript.push({ status: 400, body: { error: "invalid_grant" } });
  await assert.rejects(vault.types(), { name: "Unauthenticated", code: "not_signed_in" });
  assert.deepEqual([signIn.signedIn, signIn.username, service.seen], [false, undefined, []]);
});

test("a token endpoint that is away ends no sign-in", async (t) => {
  const { service, vault, signIn, clock } = await signedIn(t);
  clock.time += 841;
  service.endpointScript.push(...Array(3).fill({ status: 500 }));
  await assert.rejects(vault.types(), (error) => error instanceof Unavailable && error.retryable);
  assert(signIn.signedIn);
});

test("what nobody signed in for is not sent", async (t) => {
  const { service, vault } = await signedIn(t);
  await assert.rejects(vault.facts("a"), /not_permitted: nobody signed in for read here; nothing was sent/);
  assert.deepEqual(service.seen, []);
});

test("signing out forgets both tokens, also if Cognito cannot be heard, and tells it", async (t) => {
  const { service, vault, signIn } = await signedIn(t);
  service.endpointScript.push(HANG_UP);
  await signIn.signOut();
  assert.equal(service.asked.at(-1)?.path, "/oauth2/revoke");
  assert.deepEqual(form(service), { token: REFRESH, client_id: "desk" });
  await assert.rejects(vault.types(), { code: "not_signed_in" });
  await signIn.signOut();
  assert.equal(service.asked.length, 2);
});

test("who signs out while a token is renewed stays signed out, and what comes then is given up too", async (t) => {
  const { service, vault, signIn, clock } = await signedIn(t);
  clock.time += 841;
  service.endpointScript.push(granted({ refresh_token: "refresh-2" }), ...Array(2).fill({ status: 200 }));
  const refused = assert.rejects(vault.types(), { code: "not_signed_in" });
  await signIn.signOut();
  await refused;
  assert.equal(signIn.signedIn, false);
  const revoked = service.asked.filter(({ path }) => path === "/oauth2/revoke");
  const tokens = revoked.map(({ raw }) => new URLSearchParams(raw).get("token"));
  assert.deepEqual(tokens.sort(), [REFRESH, "refresh-2"]);
});

test("tabs know nothing of each other: neither is an answer taken in another, nor a refresh token shared", async (t) => {
  const service = await serving(t);
  const clock = { time: 0 };
  const platform = { now: () => clock.time, sleep: async () => undefined };
  const tabs = [1, 2].map((number) => {
    const tab = new Tab();
    return { number, tab, signIn: new SignIn(settings(service), { page: tab, platform }) };
  });
  for (const { signIn } of tabs) {
    await signIn.begin();
  }
  const states = new Set(tabs.map(({ tab }) => tab.sentTo?.searchParams.get("state")));
  assert.equal(states.size, 2);
  for (const { number, tab, signIn } of tabs) {
    tab.comesBack({ code: `code-${number}` });
    service.endpointScript.push(granted({ refresh_token: `refresh-of-${number}` }));
    assert(await signIn.complete());
  }
  clock.time += 841;
  service.usual = () => ({ status: 200, body: { types: [] } });
  service.endpointScript.push(...tabs.map(() => granted()));
  const clients = tabs.map(({ signIn }) => new Client({ url: `${service.url}/people`, signIn }));
  await Promise.all(clients.map((vault) => vault.types()));
  const sent = [-2, -1].map((number) => form(service, number).refresh_token);
  assert.deepEqual(sent.sort(), ["refresh-of-1", "refresh-of-2"]);
  assert.equal(service.asked.length, 4);
});

test("an answer without a refresh token is one of another kind of client", async (t) => {
  const [service, tab] = [await serving(t), new Tab()];
  const signIn = new SignIn(settings(service), { page: tab });
  await signIn.begin();
  tab.comesBack({ code: "a-code" });
  service.endpointScript.push(granted({ refresh_token: "" }));
  await assert.rejects(signIn.complete(), /no client that people sign in to/);
});

test("settings that cannot work are refused, all at once and unquoted", async (t) => {
  const wrong = { tokenUrl: "http://evil.example", clientId: " ", redirectUri: "4111", actions: [] };
  assert.throws(
    () => new SignIn(wrong),
    (error) =>
      error instanceof ConfigurationError && error.problems.length === 4 && !/4111|evil/.test(error.message),
  );
  const both = { ...settings(await serving(t)), actions: ["tokenize", "detokenize"] as const };
  assert.throws(() => new SignIn(both), /both sides/);
});

test("it shows nothing that it holds", async (t) => {
  const { service, signIn } = await signedIn(t);
  const { code_verifier = "" } = form(service);
  const shown = inspect(signIn, { depth: 20, showHidden: true }) + JSON.stringify(signIn);
  for (const secret of [REFRESH, "e30.", "a-code", code_verifier]) {
    assert(!shown.includes(secret), shown);
  }
});
