/** Settings that cannot be used are refused: every problem at once, and no value of any. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, ConfigurationError, type SecretSettings, SignIn } from "../src/index.js";
import { serving } from "./service.js";

const GOOD: SecretSettings = {
  url: "https://vault.example",
  tokenUrl: "https://auth.example/oauth2/token",
  clientId: "an-id",
  clientSecret: "a-secret",
  apiKey: "an-api-key",
};

const REFUSED: readonly [Partial<SecretSettings>, string][] = [
  [{ url: "http://vault.example.com" }, "url (TOKENVAULT_URL) must begin with https://"],
  [{ tokenUrl: "http://10.0.0.1/oauth2/token" }, "tokenUrl (TOKENVAULT_TOKEN_URL) must begin with https://"],
  [{ url: "http://127.0.0.1.evil.example" }, "url (TOKENVAULT_URL) must begin with https://"],
  [{ url: "ftp://localhost" }, "url (TOKENVAULT_URL) must begin with https://"],
  [{ url: "https://user:secret@host" }, "url (TOKENVAULT_URL) must be a URL with a host, and without"],
  [{ url: "https://host?secret" }, "url (TOKENVAULT_URL) must be a URL with a host, and without"],
  [{ url: "https://" }, "url (TOKENVAULT_URL) is not a URL"],
  [{ url: "https://[::1" }, "url (TOKENVAULT_URL) is not a URL"],
  [{ apiKey: "secret\n" }, "apiKey (TOKENVAULT_API_KEY) holds spaces, line breaks"],
  [
    { clientId: "", clientSecret: "" },
    "clientId (TOKENVAULT_CLIENT_ID) is not set; clientSecret (TOKENVAULT_CLIENT_SECRET) is not set",
  ],
];

for (const [changes, said] of REFUSED) {
  test(`refused: ${JSON.stringify(changes)}`, () => {
    assert.throws(
      () => new Client({ ...GOOD, ...changes }),
      (error) => {
        assert(error instanceof ConfigurationError);
        assert(error.message.startsWith(said), error.message);
        assert(!/a-secret|secret@|\?secret|secret\n/.test(error.message));
        return true;
      },
    );
  });
}

for (const url of ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://localhost/base/"]) {
  test(`https is needed, except on this machine: ${url}`, () => {
    assert(new Client({ ...GOOD, url }));
  });
}

test("a function that gives access tokens takes the place of secret and token endpoint", () => {
  const { url, apiKey } = GOOD;
  assert(new Client({ url, apiKey, accessToken: () => "token" }));
  const wrong = { url, apiKey: "", accessToken: "token" } as unknown as SecretSettings;
  assert.throws(() => new Client(wrong), {
    problems: [
      "apiKey (TOKENVAULT_API_KEY) is not set",
      "accessToken must be a function that gives an access token",
    ],
  });
});

test("people have no API key, and an address of their own", () => {
  const url = "https://vault.example/people";
  const accessToken = () => "token";
  assert(new Client({ url, accessToken }));
  assert(new Client({ url: `${url}/`, accessToken }));
  assert.throws(() => new Client({ url, accessToken, apiKey: "a-key" }), {
    problems: ["apiKey is not for people: below /people there is none"],
  });
  const redirectUri = "https://office.example/";
  const { tokenUrl, clientId } = GOOD;
  const signIn = new SignIn({ tokenUrl, clientId, redirectUri, actions: ["detokenize"] });
  assert(new Client({ url, signIn }));
  assert.throws(() => new Client({ url: GOOD.url, signIn }), {
    problems: ["url of people who sign in must end with /people"],
  });
});

test("a page is not given a secret", (t) => {
  Object.assign(globalThis, { document: {} });
  t.after(() => Reflect.deleteProperty(globalThis, "document"));
  assert.throws(() => new Client(GOOD), /a page can keep no clientSecret/);
  const { url, apiKey } = GOOD;
  assert(new Client({ url, apiKey, accessToken: () => "token" }));
});

test("settings come from the environment, under the names that the command line tool has", async (t) => {
  const service = await serving(t);
  const settings = service.settings();
  const vault = Client.fromEnv(
    {},
    {
      TOKENVAULT_URL: settings.url,
      TOKENVAULT_TOKEN_URL: settings.tokenUrl,
      TOKENVAULT_CLIENT_ID: settings.clientId,
      TOKENVAULT_CLIENT_SECRET: settings.clientSecret,
      TOKENVAULT_API_KEY: settings.apiKey,
    },
  );
  assert.equal((await vault.types()).length, 1);
  assert.throws(() => Client.fromEnv({}, {}), /TOKENVAULT_URL\) is not set; tokenUrl/);
});

test("the path of the address stands before that of a route", async (t) => {
  const service = await serving(t);
  service.usual = () => ({ status: 200, body: { types: [] } });
  const url = `${service.url}/stage/`;
  await new Client(service.settings({ url }), service.patience()).types();
  assert.equal(service.seen[0]?.path, "/stage/v1/types");
});
