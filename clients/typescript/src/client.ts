/** The client: a method for each route that it calls. */

import type { AccessToken, AccessTokens, Action } from "./access-tokens.js";
import { run } from "./batches.js";
import { ClientCredentials } from "./client-credentials.js";
import { Deadline } from "./deadlines.js";
import { encoded, segment } from "./encoding.js";
import { ConfigurationError, unexpectedAnswer } from "./errors.js";
import { FunctionTokens } from "./function-tokens.js";
import { type HttpRequest, type HttpResponse, HttpTransport } from "./http.js";
import { detokenizeItem, type SearchItem, searchItem, type TokenizeItem, tokenizeItem } from "./items.js";
import { list, object, parseJson } from "./parsing.js";
import { environment, PLATFORM, type Platform } from "./platform.js";
import { problemError } from "./problems.js";
import {
  type DetokenizeResult,
  type InfoType,
  type ItemError,
  infoTypes,
  itemError,
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
import { never, Retries, type RetryOptions } from "./retries.js";
import { check, fromEnvironment, type Settings } from "./settings.js";
import { userAgent } from "./version.js";

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
  /** The value itself (the default), or its mask. */
  readonly reveal?: "full" | "masked";
  /** Of values that are objects, as cards are: these fields alone, and no others. */
  readonly fields?: readonly Field[];
}

/** What a value that is an object may have, and a reveal may show alone. */
export type Field = "number" | "expiry" | "holder";

/** One request to the API. `actions` are those of which its access token must allow one. */
interface Call {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly actions: readonly Action[];
  readonly body?: string;
  readonly idempotencyKey?: string;
  /** Where the page that is asked for begins. */
  readonly cursor?: string;
}

const ANY: readonly Action[] = [
  "tokenize",
  "import",
  "capture",
  "search",
  "read",
  "detokenize",
  "detokenize.masked",
  "subjects.read",
  "erase",
  "approve",
];

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
  readonly #apiKey: string;
  readonly #api: HttpTransport;
  readonly #accessTokens: AccessTokens;
  readonly #retries: Retries;
  readonly #parallel: number;
  readonly #timeoutSeconds: number;
  readonly #platform: Platform;

  /** Throws `ConfigurationError`. */
  constructor(settings: Settings, options: ClientOptions = {}) {
    check(settings);
    const { parallel = 4, timeoutSeconds = 30 } = options;
    if (!(timeoutSeconds > 0) || !(parallel >= 1)) {
      throw new ConfigurationError("timeoutSeconds must be more than 0, and parallel at least 1");
    }
    this.#platform = { ...PLATFORM, ...options.platform };
    this.#retries = new Retries(options.retries ?? {}, this.#platform);
    this.#parallel = Math.floor(parallel);
    this.#timeoutSeconds = timeoutSeconds;
    this.#apiKey = settings.apiKey;
    this.#api = new HttpTransport(settings.url, this.#platform);
    this.#accessTokens =
      "accessToken" in settings
        ? new FunctionTokens(settings.accessToken, this.#platform)
        : new ClientCredentials(settings, this.#retries, timeoutSeconds, this.#platform);
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
    const key = options.idempotencyKey ?? base64url(this.#platform.randomBytes(KEY_BYTES));
    if (!KEY.test(key)) {
      throw new ConfigurationError("the idempotency key must be 22 to 112 of A-Z a-z 0-9 _ and -");
    }
    const send = (number: number, batch: readonly string[]) => {
      const idempotencyKey = number === 0 ? key : `${key}-${number}`;
      return this.#batch("/v1/tokenize", ["tokenize"], batch, "", tokenFacts, idempotencyKey);
    };
    return run(Array.from(items, tokenizeItem), send, this.#parallel);
  }

  /** The value of each token, or its mask, in order. Each is on record, also when asked for again. */
  async detokenize(tokens: Iterable<string>, options: DetokenizeOptions = {}): Promise<DetokenizeResult[]> {
    if (typeof tokens === "string") {
      throw new ConfigurationError("tokens must be a list: each character of a string would be a token");
    }
    const { purpose, onBehalfOf, assertion, fields, reveal = "full" } = options;
    const actions: readonly Action[] =
      reveal === "full" ? ["detokenize"] : ["detokenize", "detokenize.masked"];
    const stated = purpose === undefined ? "" : `"purpose":${encoded(purpose, "/purpose")},`;
    const person = onBehalfOf === undefined ? "" : `"on_behalf_of":${encoded(onBehalfOf, "/on_behalf_of")},`;
    const proof = assertion === undefined ? "" : `"assertion":${encoded(assertion, "/assertion")},`;
    const only = fields === undefined ? "" : `"fields":${encoded(fields, "/fields")},`;
    const more = `,${stated}${person}${proof}${only}"reveal":${encoded(reveal, "/reveal")}`;
    const send = (_: number, batch: readonly string[]) =>
      this.#batch("/v1/detokenize", actions, batch, more, revealed);
    return run(Array.from(tokens, detokenizeItem), send, this.#parallel);
  }

  /** The token that each value has, in order. Deterministic types only; creates nothing. */
  async search(items: Iterable<SearchItem>): Promise<TokenizeResult[]> {
    const send = (_: number, batch: readonly string[]) =>
      this.#batch("/v1/search", ["search"], batch, "", tokenFacts);
    return run(Array.from(items, searchItem), send, this.#parallel);
  }

  /** Type, times, creator and metadata of a token, never its value. Rejects with `NotFound`. */
  async facts(token: string): Promise<TokenFacts> {
    const path = `/v1/tokens/${segment(token, "token")}`;
    return parsed(await this.#send({ method: "GET", path, actions: ["read"] }), tokenFacts);
  }

  /** Erases a token for good. One that is unknown or erased already is no error. */
  async eraseToken(token: string): Promise<void> {
    const path = `/v1/tokens/${segment(token, "token")}`;
    await this.#send({ method: "DELETE", path, actions: ["erase"] });
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
    const pages: SubjectPage[] = [parsed(await this.#send(call), subjectPage)];
    for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor) {
      pages.push(parsed(await this.#send({ ...call, cursor }), subjectPage));
    }
    return joined(pages);
  }

  /** Erases everything of a subject. Asked again, the receipt says the same. */
  async eraseSubject(subject: string): Promise<SignedReceipt> {
    const path = `/v1/subjects/${segment(subject, "subject")}`;
    return parsed(await this.#send({ method: "DELETE", path, actions: ["erase"] }), signedReceipt);
  }

  /** The information types that this client may use. */
  async types(): Promise<InfoType[]> {
    return parsed(await this.#send({ method: "GET", path: "/v1/types", actions: ANY }), infoTypes);
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
    const answer = await this.#send({ method: "POST", path, actions, body, ...keyed });
    const aligned = parsed(answer, (whole) => results(whole, read));
    if (aligned.length !== items.length) {
      throw unexpectedAnswer();
    }
    return aligned;
  }

  /** The answer to a call, a success; once more with a new access token if the first is refused. */
  async #send(call: Call): Promise<HttpResponse> {
    const deadline = Deadline.after(this.#timeoutSeconds, this.#platform.now);
    let accessToken = await this.#accessTokens.get(call.actions, deadline);
    let answer = await this.#sent(call, accessToken, deadline);
    if (answer.status === 401) {
      this.#accessTokens.forget(accessToken);
      accessToken = await this.#accessTokens.get(call.actions, deadline);
      answer = await this.#sent(call, accessToken, deadline);
    }
    if (answer.status < 200 || answer.status >= 300) {
      throw problemError(answer);
    }
    return answer;
  }

  #sent(call: Call, accessToken: AccessToken, deadline: Deadline): Promise<HttpResponse> {
    const headers = {
      Authorization: accessToken.authorization(),
      "x-api-key": this.#apiKey,
      Accept: "application/json, application/problem+json",
      ...userAgent(),
      ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(call.idempotencyKey === undefined ? {} : { "Idempotency-Key": call.idempotencyKey }),
      ...(call.cursor === undefined ? {} : { "Page-Cursor": call.cursor }),
    };
    const { method, path, body } = call;
    const request = { method, path, headers, ...(body === undefined ? {} : { body }) };
    return this.#retries.run(
      (seconds) => this.#api.send(request, seconds),
      deadline,
      // Under its key a request may go out whole once more, although some of its items succeeded.
      call.idempotencyKey === undefined ? never : hasRetryable,
    );
  }
}

/** The answer as a type of ours. Throws `Unavailable`; the errors of what is not shaped like one may quote a value. */
function parsed<Result>(answer: HttpResponse, read: (whole: unknown) => Result): Result {
  try {
    return read(parseJson(answer.body));
  } catch {
    throw unexpectedAnswer();
  }
}

function results<Result>(whole: unknown, read: (entry: unknown) => Result): (Result | ItemError)[] {
  const entries = list(object<{ results: unknown }>(whole).results);
  return entries.map((entry) => itemError(entry) ?? read(entry));
}

/** Whether an item met a failure that passes. */
function hasRetryable(answer: HttpResponse): boolean {
  if (answer.status !== 200) {
    return false;
  }
  return parsed(answer, (whole) =>
    list(object<{ results: unknown }>(whole).results).some((entry) => itemError(entry)?.retryable ?? false),
  );
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
