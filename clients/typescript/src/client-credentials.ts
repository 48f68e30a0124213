/** Access tokens by client credentials (RFC 6749, 4.4): one a side, kept, and renewed in time. */

import { AccessToken, type AccessTokens, type Action, claims, HeldTokens, usedFor } from "./access-tokens.js";
import { Deadline } from "./deadlines.js";
import { NotPermitted, ownProblem, type ProblemError, Unauthenticated, Unavailable } from "./errors.js";
import { type HttpResponse, HttpTransport } from "./http.js";
import { objectOrEmpty } from "./parsing.js";
import type { Platform } from "./platform.js";
import type { Retries } from "./retries.js";
import { HEADER_TEXT, type SecretSettings } from "./settings.js";

/**
 * Actions of the revealing side. The tokenizing function refuses an access token with a scope for any of them: an
 * attacker in that function could replay it against the revealing one.
 */
const REVEALING: ReadonlySet<string> = new Set<Action>([
  "detokenize",
  "detokenize.masked",
  "subjects.read",
  "erase",
  "approve",
]);

/** What Cognito allows an access token to live, in seconds. What promises more is not believed. */
const LONGEST_SECONDS = 24 * 3600;

/** As all registered codes are. What an endpoint sends in the place of one may be anything, a secret too. */
const CODE = /^[a-z_]{1,64}$/;

/**
 * Has the access token for an action.
 *
 * What the client may do it learns from an access token with all its scopes. If these lie on one side only, as they
 * do for most clients, that is the one to use. If they lie on both, it is never sent to the API, and each side gets
 * one of its own. Each request for an access token has `timeoutSeconds` for itself, since several calls may wait.
 */
export class ClientCredentials implements AccessTokens {
  readonly #clientId: string;
  readonly #clientSecret: string;
  readonly #endpoint: HttpTransport;
  readonly #retries: Retries;
  readonly #timeoutSeconds: number;
  readonly #platform: Platform;
  readonly #held: HeldTokens;

  constructor(settings: SecretSettings, retries: Retries, timeoutSeconds: number, platform: Platform) {
    this.#clientId = settings.clientId;
    this.#clientSecret = settings.clientSecret;
    this.#endpoint = new HttpTransport(settings.tokenUrl, platform);
    this.#retries = retries;
    this.#timeoutSeconds = timeoutSeconds;
    this.#platform = platform;
    this.#held = new HeldTokens(platform.now);
  }

  async get(actions: readonly Action[], deadline: Deadline): Promise<AccessToken> {
    const everything = await this.#of([], deadline);
    const wanted: ReadonlySet<string> = new Set(actions);
    const allowed = everything.scopes.map(actionOf).filter((action) => wanted.has(action));
    if (allowed.length === 0) {
      const names = [...actions].sort().join(" or ");
      throw new NotPermitted(
        ownProblem("not_permitted", `this client has no scope for ${names}; nothing was sent`),
      );
    }
    const reveals = allowed.some((action) => REVEALING.has(action));
    const scopes = everything.scopes.filter((scope) => REVEALING.has(actionOf(scope)) === reveals);
    return scopes.length === everything.scopes.length ? everything : this.#of(scopes, deadline);
  }

  forget(refused: AccessToken): void {
    this.#held.forget(refused);
  }

  /** The access token with these scopes; with all that the client has if none is named. */
  #of(scopes: readonly string[], deadline: Deadline): Promise<AccessToken> {
    const scope = [...scopes].sort().join(" ");
    return this.#held.get(scope, () => this.#ask(scope), deadline);
  }

  async #ask(scope: string): Promise<AccessToken> {
    const askedAt = this.#platform.now();
    const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope ? { scope } : {}) });
    const request = {
      method: "POST",
      path: "",
      headers: { Authorization: this.#basic(), "Content-Type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    } as const;
    const answer = await this.#retries.run(
      (seconds) => this.#endpoint.send(request, seconds),
      Deadline.after(this.#timeoutSeconds, this.#platform.now),
    );
    if (answer.status !== 200) {
      throw refusal(answer);
    }
    return granted(answer, askedAt);
  }

  /**
   * The client's credentials as Cognito takes them: unlike RFC 6749 (2.3.1) not percent-encoded.
   *
   * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
   */
  #basic(): string {
    return `Basic ${btoa(`${this.#clientId}:${this.#clientSecret}`)}`;
  }
}

/** `vault/tokenize` allows `tokenize`. */
function actionOf(scope: string): string {
  return scope.slice(scope.lastIndexOf("/") + 1);
}

/** The error of a token endpoint; only its code is repeated (RFC 6749, 5.2). */
function refusal(answer: HttpResponse): ProblemError {
  if (answer.status >= 500 || answer.status === 429) {
    const detail = `the token endpoint answered ${answer.status}`;
    return new Unavailable(ownProblem("token_endpoint_unavailable", detail));
  }
  const { error: code } = objectOrEmpty(answer.body);
  return noAccessToken(typeof code === "string" && CODE.test(code) ? code : `status ${answer.status}`);
}

/** The access token of an answer. Throws `Unauthenticated`. */
function granted(answer: HttpResponse, askedAt: number): AccessToken {
  const { access_token: text, expires_in: lifetime, scope } = objectOrEmpty(answer.body);
  if (typeof text !== "string" || !HEADER_TEXT.test(text) || typeof lifetime !== "number") {
    throw noAccessToken("its answer holds none");
  }
  const scopes = String(scope || (claims(text).scope ?? "")).split(/\s+/);
  const useUntil = askedAt + usedFor(Math.min(lifetime, LONGEST_SECONDS));
  return new AccessToken(text, scopes.filter(Boolean), useUntil);
}

function noAccessToken(why: string): Unauthenticated {
  return new Unauthenticated(
    ownProblem("no_access_token", `the token endpoint gave no access token: ${why}`),
  );
}
