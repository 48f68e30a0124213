/** Access tokens: kept, renewed in time, and one for all calls that need it at the same moment. */

import type { Deadline } from "./deadlines.js";
import { ownProblem, Unavailable } from "./errors.js";
import { objectOrEmpty } from "./parsing.js";
import { within } from "./platform.js";

/** What a client may be allowed to do: the parts of scopes behind `vault/`. */
export const ACTIONS = [
  "tokenize",
  "import",
  "search",
  "read",
  "capture",
  "detokenize",
  "detokenize.masked",
  "subjects.read",
  "erase",
  "approve",
  "export",
] as const;

export type Action = (typeof ACTIONS)[number];

/**
 * Actions of the revealing side. The tokenizing function refuses an access token with a scope for any of them: an
 * attacker in that function could replay it against the revealing one.
 */
export const REVEALING: ReadonlySet<string> = new Set<Action>([
  "detokenize",
  "detokenize.masked",
  "subjects.read",
  "erase",
  "approve",
  "export",
]);

/** Gives an access token that allows one of these actions, for the application knows where it comes from. */
export type AccessTokenFunction = (actions: readonly Action[]) => string | Promise<string>;

/** An access token is renewed so long before it expires, so that none expires on the way. */
const EARLY_SECONDS = 60;

/** An access token, and until when (by a clock that only goes forward) it is used. */
export class AccessToken {
  readonly #text: string;
  readonly scopes: readonly string[];
  readonly useUntil: number;

  constructor(text: string, scopes: readonly string[], useUntil: number) {
    this.#text = text;
    this.scopes = scopes;
    this.useUntil = useUntil;
  }

  /** The header that carries it (RFC 6750, 2.1). */
  authorization(): string {
    return `Bearer ${this.#text}`;
  }

  /** What it says of itself. Not verified: only the API needs to trust it. */
  claims(): Claims {
    return claims(this.#text);
  }
}

/** Where a client has its access tokens from. */
export interface AccessTokens {
  /**
   * An access token that allows any of these actions.
   *
   * Rejects with `NotPermitted` if the client has no scope for any, `Unauthenticated`, or `Unavailable` if there
   * was none before the deadline.
   */
  get(actions: readonly Action[], deadline: Deadline): Promise<AccessToken>;

  /** Drops an access token that the API refused, unless it was renewed already. */
  forget(refused: AccessToken): void;
}

/** Access tokens by name. Calls that need one at the same time wait for one request, each until its deadline. */
export class HeldTokens {
  readonly #now: () => number;
  readonly #held = new Map<string, AccessToken>();
  readonly #asked = new Map<string, Promise<AccessToken>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The access token of this name; `ask` is called if there is none that still holds. */
  async get(name: string, ask: () => Promise<AccessToken>, deadline: Deadline): Promise<AccessToken> {
    const held = this.#held.get(name);
    if (held !== undefined && held.useUntil > this.#now()) {
      return held;
    }
    const asked = this.#asked.get(name) ?? this.#ask(name, ask);
    const late = () => {
      // What was asked may never answer: the next call asks anew.
      this.#settle(name, asked);
      return tooLate();
    };
    return within(deadline.left(), late, () => asked);
  }

  /** Drops all if this is one of them: what made one invalid did so to its siblings. */
  forget(refused: AccessToken): void {
    if ([...this.#held.values()].includes(refused)) {
      this.#held.clear();
    }
  }

  #ask(name: string, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const asked = this.#kept(name, ask).finally(() => this.#settle(name, asked));
    this.#asked.set(name, asked);
    return asked;
  }

  /** Nobody waits for this any more; what was asked after it goes on. */
  #settle(name: string, asked: Promise<AccessToken>): void {
    if (this.#asked.get(name) === asked) {
      this.#asked.delete(name);
    }
  }

  async #kept(name: string, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const token = await ask();
    this.#held.set(name, token);
    return token;
  }
}

/** For how many seconds to use an access token that lives so long: a short one for at least half of its life. */
export function usedFor(lifetime: number): number {
  return Math.max(lifetime - EARLY_SECONDS, lifetime / 2, 0);
}

/** What an access token says, by the names of RFC 7519 and Cognito's own. */
export type Claims = { readonly [name: string]: unknown };

/** What a Cognito access token says of itself. Not verified: only the API needs to trust it. */
export function claims(token: string): Claims {
  const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  try {
    return objectOrEmpty(atob(payload));
  } catch {
    return {};
  }
}

/** The error of a call that waited for an access token in vain. */
export function tooLate(): Unavailable {
  return new Unavailable(ownProblem("token_endpoint_unavailable", "no access token was to be had in time"));
}
