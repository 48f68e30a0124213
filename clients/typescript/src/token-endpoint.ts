/** The token endpoint of OAuth 2.0, as Cognito has it: what it is asked, and what is believed of its answers. */

import { AccessToken, claims, usedFor } from "./access-tokens.js";
import { Deadline } from "./deadlines.js";
import { ownProblem, type ProblemError, Unauthenticated, Unavailable } from "./errors.js";
import { HEADER_TEXT } from "./given-texts.js";
import { type HttpResponse, HttpTransport } from "./http.js";
import { objectOrEmpty } from "./parsing.js";
import type { Platform } from "./platform.js";
import type { Retries } from "./retries.js";

/** What Cognito allows an access token to live, in seconds. What promises more is not believed. */
const LONGEST_SECONDS = 24 * 3600;

/** As all registered codes are. What an endpoint sends in the place of one may be anything, a secret too. */
const CODE = /^[a-z_]{1,64}$/;

/** What was granted; `refreshToken` is empty where there is none, as for a client that asks for itself. */
export interface Granted {
  readonly accessToken: AccessToken;
  readonly refreshToken: string;
}

/**
 * Asks for access tokens. Each request has `timeoutSeconds` for itself, since several calls may wait for it.
 *
 * The form is a simple request of the Fetch standard, so that a page's browser asks for no preflight: Cognito
 * promises the header that lets a page read an answer, and no preflight.
 */
export class TokenEndpoint {
  readonly #transport: HttpTransport;
  readonly #timeoutSeconds: number;
  readonly #platform: Platform;

  constructor(url: string, timeoutSeconds: number, platform: Platform) {
    this.#transport = new HttpTransport(url, platform);
    this.#timeoutSeconds = timeoutSeconds;
    this.#platform = platform;
  }

  /** What is granted for a form. Rejects with `Unauthenticated` or `Unavailable`. */
  async ask(
    form: Readonly<Record<string, string>>,
    retries: Retries,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Granted> {
    const askedAt = this.#platform.now();
    const answer = await this.post("", form, retries, headers);
    if (answer.status !== 200) {
      throw refusal(answer);
    }
    return granted(answer, askedAt);
  }

  /** The answer to a form. Rejects with `Unavailable` if there is none. */
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    retries: Retries,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpResponse> {
    const request = {
      method: "POST",
      path,
      headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    } as const;
    return retries.run(
      (seconds) => this.#transport.send(request, seconds),
      Deadline.after(this.#timeoutSeconds, this.#platform.now),
    );
  }
}

/** `vault/tokenize` allows `tokenize`. */
export function actionOf(scope: string): string {
  return scope.slice(scope.lastIndexOf("/") + 1);
}

/** What an address or a token endpoint names as its error (RFC 6749, 4.1.2.1 and 5.2); anything else is not repeated. */
export function knownCode(code: unknown): string | undefined {
  return typeof code === "string" && CODE.test(code) ? code : undefined;
}

/** The error of a token endpoint; only its code is repeated. */
function refusal(answer: HttpResponse): ProblemError {
  if (answer.status >= 500 || answer.status === 429) {
    const detail = `the token endpoint answered ${answer.status}`;
    return new Unavailable(ownProblem("token_endpoint_unavailable", detail));
  }
  const { error } = objectOrEmpty(answer.body);
  return noAccessToken(knownCode(error) ?? `status ${answer.status}`);
}

/** The tokens of an answer. Throws `Unauthenticated`. */
function granted(answer: HttpResponse, askedAt: number): Granted {
  const body = objectOrEmpty(answer.body);
  const { access_token: text, refresh_token: next = "", expires_in: lifetime, scope } = body;
  if (typeof text !== "string" || !HEADER_TEXT.test(text) || typeof lifetime !== "number") {
    throw noAccessToken("its answer holds none");
  }
  const scopes = String(scope || (claims(text).scope ?? "")).split(/\s+/);
  const useUntil = askedAt + usedFor(Math.min(lifetime, LONGEST_SECONDS));
  const accessToken = new AccessToken(text, scopes.filter(Boolean), useUntil);
  return { accessToken, refreshToken: typeof next === "string" ? next : "" };
}

function noAccessToken(why: string): Unauthenticated {
  return new Unauthenticated(
    ownProblem("no_access_token", `the token endpoint gave no access token: ${why}`),
  );
}
