/** Access tokens by client credentials (RFC 6749, 4.4): one a side, kept, and renewed in time. */

import { type AccessToken, type AccessTokens, type Action, HeldTokens, REVEALING } from "./access-tokens.js";
import type { Deadline } from "./deadlines.js";
import { NotPermitted, ownProblem } from "./errors.js";
import type { Platform } from "./platform.js";
import type { Retries } from "./retries.js";
import type { SecretSettings } from "./settings.js";
import { actionOf, TokenEndpoint } from "./token-endpoint.js";

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
  readonly #endpoint: TokenEndpoint;
  readonly #retries: Retries;
  readonly #held: HeldTokens;

  constructor(settings: SecretSettings, retries: Retries, timeoutSeconds: number, platform: Platform) {
    this.#clientId = settings.clientId;
    this.#clientSecret = settings.clientSecret;
    this.#endpoint = new TokenEndpoint(settings.tokenUrl, timeoutSeconds, platform);
    this.#retries = retries;
    this.#held = new HeldTokens(platform.now);
  }

  async get(actions: readonly Action[], deadline: Deadline): Promise<AccessToken> {
    const everything = await this.#of([], deadline);
    const wanted: ReadonlySet<string> = new Set(actions);
    const allowed = everything.scopes.map(actionOf).filter((action) => wanted.has(action));
    if (allowed.length === 0) {
      const names = [...actions].sort().join(" or ");
      const has = everything.scopes.map(actionOf).sort().join(", ");
      const said = `this client has no scope for ${names}${has && `, only for ${has}`}; nothing was sent`;
      throw new NotPermitted(ownProblem("not_permitted", said));
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
    const form = { grant_type: "client_credentials", ...(scope ? { scope } : {}) };
    const granted = await this.#endpoint.ask(form, this.#retries, { Authorization: this.#basic() });
    return granted.accessToken;
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
