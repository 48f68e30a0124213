/** One request to the API with the access token that it needs, and its answer as a type of ours. */

import type { AccessToken, AccessTokens, Action } from "./access-tokens.js";
import { Deadline } from "./deadlines.js";
import { unexpectedAnswer } from "./errors.js";
import type { HttpRequest, HttpResponse, HttpTransport } from "./http.js";
import { list, object, parseJson } from "./parsing.js";
import type { Platform } from "./platform.js";
import { problemError } from "./problems.js";
import { type ItemError, itemError } from "./results.js";
import { never, type Retries } from "./retries.js";
import { userAgent } from "./version.js";

/** One request to the API. `actions` are those of which its access token must allow one. */
export interface Call {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly actions: readonly Action[];
  readonly body?: string;
  readonly idempotencyKey?: string;
  /** Where the page that is asked for begins. */
  readonly cursor?: string;
}

export const ACCEPT = "application/json, application/problem+json";

/** Makes the requests of one client; `apiKey` is undefined for people, who have none. */
export class Caller {
  readonly #api: HttpTransport;
  readonly #apiKey: string | undefined;
  readonly #accessTokens: AccessTokens;
  readonly #retries: Retries;
  readonly #timeoutSeconds: number;
  readonly #platform: Platform;

  constructor(
    api: HttpTransport,
    apiKey: string | undefined,
    accessTokens: AccessTokens,
    retries: Retries,
    timeoutSeconds: number,
    platform: Platform,
  ) {
    this.#api = api;
    this.#apiKey = apiKey;
    this.#accessTokens = accessTokens;
    this.#retries = retries;
    this.#timeoutSeconds = timeoutSeconds;
    this.#platform = platform;
  }

  /** The answer to a call, a success; once more with a new access token if the first is refused. */
  async send(call: Call): Promise<HttpResponse> {
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
      ...(this.#apiKey === undefined ? {} : { "x-api-key": this.#apiKey }),
      Accept: ACCEPT,
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
export function parsed<Result>(answer: HttpResponse, read: (whole: unknown) => Result): Result {
  try {
    return read(parseJson(answer.body));
  } catch {
    throw unexpectedAnswer();
  }
}

/** The results of an answer, one for each of so many items. Throws `Unavailable`. */
export function aligned<Result>(
  answer: HttpResponse,
  read: (entry: unknown) => Result,
  count: number,
): (Result | ItemError)[] {
  const found = parsed(answer, (whole) => entries(whole).map((entry) => itemError(entry) ?? read(entry)));
  if (found.length !== count) {
    throw unexpectedAnswer();
  }
  return found;
}

function entries(whole: unknown): readonly unknown[] {
  return list(object<{ results: unknown }>(whole).results);
}

/** Whether an item met a failure that passes. */
function hasRetryable(answer: HttpResponse): boolean {
  if (answer.status !== 200) {
    return false;
  }
  return parsed(answer, (whole) => entries(whole).some((entry) => itemError(entry)?.retryable ?? false));
}
