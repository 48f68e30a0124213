/** Access tokens from a function of the application, as a page has them from its back end. */

import {
  AccessToken,
  type AccessTokenFunction,
  type AccessTokens,
  type Action,
  claims,
  HeldTokens,
  usedFor,
} from "./access-tokens.js";
import type { Deadline } from "./deadlines.js";
import { ownProblem, Unauthenticated } from "./errors.js";
import { HEADER_TEXT } from "./given-texts.js";
import type { Platform } from "./platform.js";

/**
 * Asks the function once for each kind of call, and again shortly before the access token expires.
 *
 * When that is the access token says itself, in its claim `exp`; without one it is used until the API refuses it.
 * An error of the function comes out of the call as it is.
 */
export class FunctionTokens implements AccessTokens {
  readonly #function: AccessTokenFunction;
  readonly #platform: Platform;
  readonly #held: HeldTokens;

  constructor(accessToken: AccessTokenFunction, platform: Platform) {
    this.#function = accessToken;
    this.#platform = platform;
    this.#held = new HeldTokens(platform.now);
  }

  get(actions: readonly Action[], deadline: Deadline): Promise<AccessToken> {
    return this.#held.get(actions.join(" "), () => this.#ask(actions), deadline);
  }

  forget(refused: AccessToken): void {
    this.#held.forget(refused);
  }

  async #ask(actions: readonly Action[]): Promise<AccessToken> {
    const text: unknown = await this.#function(actions);
    if (typeof text !== "string" || !HEADER_TEXT.test(text)) {
      const detail = "the application's function gave something that is no access token";
      throw new Unauthenticated(ownProblem("no_access_token", detail));
    }
    return new AccessToken(text, [], this.#useUntil(text));
  }

  #useUntil(text: string): number {
    const { exp } = claims(text);
    if (typeof exp !== "number") {
      return Number.POSITIVE_INFINITY;
    }
    return this.#platform.now() + usedFor(exp - this.#platform.epoch());
  }
}
