/** A tiny service on loopback that speaks the API as far as the client can tell: a fake, over real HTTP. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Client, type ClientOptions, type SecretSettings } from "../src/index.js";

export const ALL = "vault/tokenize vault/search vault/read vault/detokenize vault/subjects.read vault/erase";
export const CREATED = "2026-01-02T03:04:05Z";
export const SECRETS = { clientSecret: "a-secret", apiKey: "an-api-key" };

const RECEIPT = {
  version: 1,
  vault_id: "a-vault",
  tenant: "shop",
  subject: "customer-1",
  erased_at: CREATED,
  secrets_destroyed: 1,
  tokens_closed: 3,
  tokens_sha256: "ab".repeat(32),
  remains: { what: ["nothing much"], in_backups_until: "2026-02-06" },
};

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly raw: string;
  /** The body, which the test knows to be one of many items. */
  readonly body: {
    items: { type: string; value: unknown; token: string }[];
    purpose?: string;
    reveal?: string;
  };
}

/** An answer to give in place of the usual one; text goes out as it is. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The connection ends before any answer. */
export const HANG_UP: Answer = { status: 0 };

/** No answer comes, and the connection stays. */
export const SILENCE: Answer = { status: -1 };

/** A problem document. */
export function problem(status: number, code: string, more: object = {}, headers: object = {}): Answer {
  const body = { status, code, detail: `about ${code}`, request_id: "r-1", ...more };
  return { status, body, headers: { "Content-Type": "application/problem+json", ...headers } };
}

/** Answers as scripted, then as usual: every value has a token, every token a value. */
export class Service {
  scopes = ALL;
  lifetime = 3600;
  readonly script: Answer[] = [];
  readonly endpointScript: Answer[] = [];
  readonly seen: Seen[] = [];
  readonly asked: Seen[] = [];
  usual: (seen: Seen) => Answer = usual;
  /** Called, and waited for, before each answer of the API. */
  onRequest: (seen: Seen) => unknown = () => undefined;
  /** The waits between attempts that clients of `client()` asked for, in seconds. */
  readonly waits: number[] = [];
  url = "";

  settings(changes: Partial<SecretSettings> = {}): SecretSettings {
    return { url: this.url, tokenUrl: `${this.url}/oauth2/token`, clientId: "an-id", ...SECRETS, ...changes };
  }

  /** A client that does not wait between its attempts, of which there are four. */
  client(options: ClientOptions = {}): Client {
    return new Client(this.settings(), this.patience(options));
  }

  /** The same of a client whose application gives the access tokens. */
  patience(options: ClientOptions = {}): ClientOptions {
    const sleep = async (seconds: number) => void this.waits.push(seconds);
    return {
      ...options,
      retries: { attempts: 4, ...options.retries },
      platform: { sleep, draw: () => 0, ...options.platform },
    };
  }

  async answer(seen: Seen): Promise<Answer> {
    if (seen.path.startsWith("/oauth2/")) {
      this.asked.push(seen);
      return this.endpointScript.shift() ?? this.#accessToken(seen);
    }
    this.seen.push(seen);
    const scripted = this.script.shift();
    await this.onRequest(seen);
    return scripted ?? this.usual(seen);
  }

  #accessToken(seen: Seen): Answer {
    const scope = new URLSearchParams(seen.raw).get("scope") ?? this.scopes;
    return {
      status: 200,
      body: { access_token: jwt({ scope, jti: this.asked.length }), expires_in: this.lifetime },
    };
  }
}

/** An access token that makes these claims, with nobody's signature. */
export function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

/** The service on a free port, until the test has ended. */
export async function serving(test: TestContext): Promise<Service> {
  const service = new Service();
  const server = createServer((request, response) => void serve(service, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return service;
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece);
  }
  const raw = Buffer.concat(pieces).toString();
  const { method = "", url: path = "", headers } = request;
  const body = headers["content-type"] === "application/json" ? JSON.parse(raw) : undefined;
  const answer = await service.answer({ method, path, headers, raw, body });
  if (answer === HANG_UP) {
    response.destroy();
  } else if (answer !== SILENCE) {
    response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }
}

function usual(seen: Seen): Answer {
  switch (seen.path) {
    case "/v1/tokenize":
    case "/v1/search":
      return {
        status: 200,
        body: { results: seen.body.items.map((item) => facts(reversed(String(item.value)))) },
      };
    case "/v1/detokenize":
      return { status: 200, body: { results: seen.body.items.map((item) => revealed(item.token)) } };
    case "/v1/types": {
      const type = { type: "text", format: "text", mode: "random" };
      return { status: 200, body: { types: [{ ...type, default_ttl_seconds: null, max_ttl_seconds: 60 }] } };
    }
    default:
      return seen.path.startsWith("/v1/subjects/")
        ? { status: 200, body: { receipt: RECEIPT, jws: "a.b.c" } }
        : ofToken(seen);
  }
}

function ofToken(seen: Seen): Answer {
  const token = seen.path.slice(seen.path.lastIndexOf("/") + 1);
  return seen.method === "DELETE"
    ? { status: 204 }
    : { status: 200, body: { ...facts(token), metadata: { order: "7" } } };
}

export function facts(token: string): object {
  return { token, type: "text", created: CREATED, expires_at: null };
}

function revealed(token: string): object {
  return token === "gone"
    ? { error: { code: "token_not_found", detail: "there is no such token, or no longer" } }
    : { token, type: "text", value: reversed(token) };
}

export function reversed(text: string): string {
  return Array.from(text).reverse().join("");
}
