/** The client: a method for each route that it calls. */

import { ACTIONS, type AccessTokens, type Action } from "./access-tokens.js";
import { Approvals } from "./approvals.js";
import { run } from "./batches.js";
import { aligned, type Call, Caller, parsed } from "./calling.js";
import {
  type CaptureSession,
  type CaptureSessionOptions,
  captureSession,
  captureSessionBody,
} from "./capture-sessions.js";
import { ClientCredentials } from "./client-credentials.js";
import { base64url, encoded, segment } from "./encoding.js";
import { ConfigurationError } from "./errors.js";
import { Exports } from "./exports.js";
import { FunctionTokens } from "./function-tokens.js";
import { HttpTransport } from "./http.js";
import {
  detokenizeItem,
  type ImportItem,
  importItem,
  type SearchItem,
  searchItem,
  type TokenizeItem,
  tokenizeItem,
} from "./items.js";
import { isAtLeast, known, listed, type Names } from "./known-properties.js";
import { environment, type Platform, platformWith } from "./platform.js";
import {
  type DetokenizeResult,
  type InfoType,
  type ItemError,
  infoTypes,
  joined,
  revealed,
  type SignedReceipt,
  type SubjectPage,
  type SubjectTokens,
  signedReceipt,
  subjectPage,
  type TokenFacts,
  type TokenizeResult,
  tokenFacts,
} from "./results.js";
import { Retries, type RetryOptions } from "./retries.js";
import { check, fromEnvironment, type Settings } from "./settings.js";

/** How a client goes about its calls. */
export interface ClientOptions {
  readonly retries?: RetryOptions;
  /** How many requests of a call with many items go out at the same time; 4 by default. */
  readonly parallel?: number;
  /** How long a call takes at most, in seconds; 30 by default, about as long as API Gateway waits for a function. */
  readonly timeoutSeconds?: number;
  /** Another `fetch`, clock or source of chance, as tests have them. */
  readonly platform?: Partial<Platform>;
}

export interface TokenizeOptions {
  /** 22 to 112 of A-Z a-z 0-9 _ -, at least 128 bits of it random; the same for the same items in the same order. */
  readonly idempotencyKey?: string;
}

export interface DetokenizeOptions {
  /** What for, as the policy lists it. */
  readonly purpose?: string;
  /** For whom this client asks, where the policy takes its word; it is on record too. */
  readonly onBehalfOf?: string;
  /** The same as a signed JWT of this service's identity provider, which is verified. */
  readonly assertion?: string;
  /** The id of an approval of exactly these tokens for this purpose; it is used once. */
  readonly approval?: string;
  /** The value itself (the default), or its mask. */
  readonly reveal?: "full" | "masked";
  /** Of values that are objects, as cards are: these fields alone, and no others. */
  readonly fields?: readonly Field[];
}

/** What a value that is an object may have, and a reveal may show alone. */
export type Field = "number" | "expiry" | "holder";

const OPTIONS: Names<ClientOptions> = {
  retries: true,
  parallel: true,
  timeoutSeconds: true,
  platform: true,
};

const TOKENIZE_OPTIONS: Names<TokenizeOptions> = { idempotencyKey: true };

const DETOKENIZE_OPTIONS: Names<DetokenizeOptions> = {
  purpose: true,
  onBehalfOf: true,
  assertion: true,
  approval: true,
  reveal: true,
  fields: true,
};

const KEY_BYTES = 24;

/** What the service takes, less the room that the number of a batch needs. */
const KEY = /^[A-Za-z0-9_-]{22,112}$/;

/**
 * A client of a tokenvault service.
 *
 * Every call may be sent more than once, and none does harm by it: tokenizing goes under an `Idempotency-Key`, the
 * others change nothing or the same once more.
 *
 * All methods reject with `Refused` (and what is under it) if the service refused the request as a whole, and with
 * `Unavailable` if it did not answer, retries included. Methods that take many items report the failure of a single
 * item as an `ItemError` in its place. A method with more than a hundred items makes several requests; each has the
 * time of a call for itself, and none is begun after one has failed.
 */
export class Client {
  /** Approvals of full reveals by a second person. */
  readonly approvals: Approvals;
  /** All tokens with their values out, sealed to a recipient. */
  readonly exports: Exports;
  readonly #caller: Caller;
  readonly #parallel: number;
  readonly #platform: Platform;

  /** Throws `ConfigurationError`. */
  constructor(settings: Settings, options: ClientOptions = {}) {
    const { parallel = 4, timeoutSeconds = 30 } = known("options", options, OPTIONS);
    check(settings);
    if (!isAtLeast(Number.MIN_VALUE, timeoutSeconds) || !isAtLeast(1, parallel)) {
      throw new ConfigurationError("timeoutSeconds must be more than 0, and parallel at least 1");
    }
    this.#platform = platformWith(options.platform);
    this.#parallel = Math.floor(parallel);
    const retries = new Retries(options.retries ?? {}, this.#platform);
    const api = new HttpTransport(settings.url, this.#platform);
    const accessTokens = tokensOf(settings, retries, timeoutSeconds, this.#platform);
    const { apiKey } = settings;
    this.#caller = new Caller(api, apiKey, accessTokens, retries, timeoutSeconds, this.#platform);
    this.approvals = new Approvals(this.#caller);
    this.exports = new Exports(this.#caller);
  }

  /**
   * A client from the `TOKENVAULT_…` variables of an environment, by default the process's own.
   *
   * Throws `ConfigurationError`.
   */
  static fromEnv(
    options: ClientOptions = {},
    variables: Readonly<Record<string, string | undefined>> = environment(),
  ): Client {
    return new Client(fromEnvironment(variables), options);
  }

  /**
   * A token for each value, in order.
   *
   * A request is sent again, whole and under the same key, also if only some of its items met a failure that passes:
   * the others keep their tokens. To have the same random tokens after a crash of your process, give a key that was
   * stored before.
   */
  async tokenize(items: Iterable<TokenizeItem>, options: TokenizeOptions = {}): Promise<TokenizeResult[]> {
    return this.#underAKey("tokenize", listed("items", items).map(tokenizeItem), options);
  }

  /**
   * Each value stored under the token that it has from elsewhere, in order; on record.
   *
   * A token that the vault has, or had, is `token_taken`. Sent again under its key, it is answered again.
   */
  async importTokens(items: Iterable<ImportItem>, options: TokenizeOptions = {}): Promise<TokenizeResult[]> {
    return this.#underAKey("import", listed("items", items).map(importItem), options);
  }

  /** The value of each token, or its mask, in order. Each is on record, also when asked for again. */
  async detokenize(tokens: Iterable<string>, options: DetokenizeOptions = {}): Promise<DetokenizeResult[]> {
    const {
      purpose,
      onBehalfOf,
      assertion,
      approval,
      fields,
      reveal = "full",
    } = known("options", options, DETOKENIZE_OPTIONS);
    const actions: readonly Action[] =
      reveal === "full" ? ["detokenize"] : ["detokenize", "detokenize.masked"];
    const given = { purpose, on_behalf_of: onBehalfOf, assertion, approval, fields, reveal };
    const more = Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `,"${name}":${encoded(value, `/${name}`)}`)
      .join("");
    const send = (_: number, batch: readonly string[]) =>
      this.#batch("/v1/detokenize", actions, batch, more, revealed);
    return run(listed("tokens", tokens).map(detokenizeItem), send, this.#parallel);
  }

  /** The token that each value has, in order. Deterministic types only; creates nothing. */
  async search(items: Iterable<SearchItem>): Promise<TokenizeResult[]> {
    const send = (_: number, batch: readonly string[]) =>
      this.#batch("/v1/search", ["search"], batch, "", tokenFacts);
    return run(listed("items", items).map(searchItem), send, this.#parallel);
  }

  /** Type, times, creator and metadata of a token, never its value. Rejects with `NotFound`. */
  async facts(token: string): Promise<TokenFacts> {
    const path = `/v1/tokens/${segment(token, "token")}`;
    return parsed(await this.#caller.send({ method: "GET", path, actions: ["read"] }), tokenFacts);
  }

  /** Erases a token for good. One that is unknown or erased already is no error. */
  async eraseToken(token: string): Promise<void> {
    const path = `/v1/tokens/${segment(token, "token")}`;
    await this.#caller.send({ method: "DELETE", path, actions: ["erase"] });
  }

  /**
   * Tokens, types and times of a subject, never values; on record. Changes nothing.
   *
   * A request for each hundred tokens, each with the time of a call for itself. What came in or went while they were
   * read may be missing.
   */
  async subjectTokens(subject: string): Promise<SubjectTokens> {
    const call: Call = {
      method: "GET",
      path: `/v1/subjects/${segment(subject, "subject")}`,
      actions: ["subjects.read"],
    };
    const pages: SubjectPage[] = [parsed(await this.#caller.send(call), subjectPage)];
    for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor) {
      pages.push(parsed(await this.#caller.send({ ...call, cursor }), subjectPage));
    }
    return joined(pages);
  }

  /** Erases everything of a subject. Asked again, the receipt says the same. */
  async eraseSubject(subject: string): Promise<SignedReceipt> {
    const path = `/v1/subjects/${segment(subject, "subject")}`;
    return parsed(await this.#caller.send({ method: "DELETE", path, actions: ["erase"] }), signedReceipt);
  }

  /** The information types that this client may use. */
  async types(): Promise<InfoType[]> {
    return parsed(await this.#caller.send({ method: "GET", path: "/v1/types", actions: ACTIONS }), infoTypes);
  }

  /**
   * A session in which a page hands values to the vault by itself (`capture`), for a back end to give to it.
   *
   * The page then needs no credentials of its own, and the back end sees no value.
   */
  async captureSession(options: CaptureSessionOptions): Promise<CaptureSession> {
    const body = captureSessionBody(options);
    const call: Call = { method: "POST", path: "/v1/capture-sessions", actions: ["capture"], body };
    return parsed(await this.#caller.send(call), captureSession);
  }

  /** What takes values in: each request under a key of its own, that follows from the call's. */
  async #underAKey(
    action: "tokenize" | "import",
    items: readonly string[],
    options: TokenizeOptions,
  ): Promise<TokenizeResult[]> {
    const key = this.#key(options);
    const send = (number: number, batch: readonly string[]) => {
      const idempotencyKey = number === 0 ? key : `${key}-${number}`;
      return this.#batch(`/v1/${action}`, [action], batch, "", tokenFacts, idempotencyKey);
    };
    return run(items, send, this.#parallel);
  }

  /** The key that was given, or a random one. */
  #key(options: TokenizeOptions): string {
    const { idempotencyKey: given } = known("options", options, TOKENIZE_OPTIONS);
    const key = given === undefined ? base64url(this.#platform.randomBytes(KEY_BYTES)) : given;
    if (typeof key !== "string" || !KEY.test(key)) {
      throw new ConfigurationError("the idempotency key must be 22 to 112 of A-Z a-z 0-9 _ and -");
    }
    return key;
  }

  /** The results of one request, one for each item. */
  async #batch<Result>(
    path: string,
    actions: readonly Action[],
    items: readonly string[],
    more: string,
    read: (entry: unknown) => Result,
    idempotencyKey?: string,
  ): Promise<(Result | ItemError)[]> {
    const body = `{"items":[${items.join(",")}]${more}}`;
    const keyed = idempotencyKey === undefined ? {} : { idempotencyKey };
    const answer = await this.#caller.send({ method: "POST", path, actions, body, ...keyed });
    return aligned(answer, read, items.length);
  }
}

/** Where the access tokens of a client come from. */
function tokensOf(
  settings: Settings,
  retries: Retries,
  timeoutSeconds: number,
  platform: Platform,
): AccessTokens {
  if ("signIn" in settings) {
    return settings.signIn;
  }
  return "accessToken" in settings
    ? new FunctionTokens(settings.accessToken, platform)
    : new ClientCredentials(settings, retries, timeoutSeconds, platform);
}
