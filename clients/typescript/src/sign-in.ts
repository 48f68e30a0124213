/** Somebody signs in from a page: the authorization code flow with PKCE (RFC 6749, 4.1; RFC 7636). */

import { type AccessToken, type AccessTokens, type Action, REVEALING, tooLate } from "./access-tokens.js";
import type { Deadline } from "./deadlines.js";
import { base64url } from "./encoding.js";
import { ConfigurationError, NotPermitted, ownProblem, Unauthenticated } from "./errors.js";
import { HEADER_TEXT, ofUrl } from "./given-texts.js";
import { known, listed, type Names } from "./known-properties.js";
import { PAGE, type Page } from "./page.js";
import { textIfAny } from "./parsing.js";
import { type Platform, platformWith, within } from "./platform.js";
import { Retries } from "./retries.js";
import { type Attempt, attemptOf, codeOf, isAnswer } from "./sign-in-attempts.js";
import { actionOf, type Granted, TokenEndpoint } from "./token-endpoint.js";

/** Which client people sign in to, and for what. */
export interface SignInSettings {
  /** Terraform's output `people.token_url`, which ends with `/oauth2/token`. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** One of the client's `callback_urls`, to the letter: the page where `complete` is called. */
  readonly redirectUri: string;
  /**
   * What the page will do, all of one side: the tokenizing function refuses an access token that reveals. A page of
   * both sides has two of these, with a `redirectUri` each.
   */
  readonly actions: readonly Action[];
}

/** Another `fetch`, clock, source of chance or page, as tests have them. */
export interface SignInOptions {
  readonly platform?: Partial<Platform>;
  readonly page?: Page;
}

const SETTINGS: Names<SignInSettings> = {
  tokenUrl: true,
  clientId: true,
  redirectUri: true,
  actions: true,
};
const OPTIONS: Names<SignInOptions> = { platform: true, page: true };

const TOKEN_PATH = "/oauth2/token";

/** A refresh token that was used is good for ten seconds more, for whom its answer was lost: no longer is it sent. */
const REFRESH_SECONDS = 9;

/** 256 random bits. */
const RANDOM_BYTES = 32;

/**
 * Whoever signed in, for as long as the page is there: both tokens lie in its memory and nowhere else.
 *
 *     const signIn = new SignIn({ tokenUrl, clientId, redirectUri, actions: ["detokenize"] });
 *     if (!(await signIn.complete())) await signIn.begin();   // the browser leaves, and comes back
 *     const vault = new Client({ url, signIn });
 *
 * A reload forgets them, and `begin` is one more redirect, without a password as long as Cognito's own session
 * lasts. What waits in the browser's session storage meanwhile is `state` and the verifier of one attempt, which
 * are of no use without the code, and are taken out before that is sent.
 */
export class SignIn implements AccessTokens {
  readonly #settings: SignInSettings;
  readonly #endpoint: TokenEndpoint;
  readonly #revocation: TokenEndpoint;
  readonly #platform: Platform;
  readonly #page: Page;
  #accessToken: AccessToken | undefined;
  #refreshToken = "";
  #username: string | undefined;
  #renewing: Promise<AccessToken> | undefined;

  /** Throws `ConfigurationError`. */
  constructor(settings: SignInSettings, options: SignInOptions = {}) {
    check(settings);
    const { platform, page } = known("options", options, OPTIONS);
    this.#settings = { ...settings };
    this.#platform = platformWith(platform);
    this.#page = page ?? PAGE;
    this.#endpoint = new TokenEndpoint(settings.tokenUrl, REFRESH_SECONDS, this.#platform);
    this.#revocation = new TokenEndpoint(this.#beside("/revoke"), REFRESH_SECONDS, this.#platform);
  }

  /** Whether there is somebody; whether the sign-in still lasts, the next call shows. */
  get signedIn(): boolean {
    return this.#refreshToken !== "";
  }

  /** The user's name, as the access token has it; to show it, not to decide by it. */
  get username(): string | undefined {
    return this.#username;
  }

  /**
   * Sends the browser to the page where people sign in. It comes back to `redirectUri`.
   *
   * Rejects with `ConfigurationError` where an answer stands in the page's address: it came to another address than
   * `redirectUri`, or nobody called `complete`. Cognito would send the browser back here, and so on without end.
   */
  async begin(): Promise<void> {
    const { clientId, redirectUri, actions } = this.#settings;
    const here = new URL(this.#page.address()).searchParams;
    if (isAnswer(here) && here.has("state")) {
      throw new ConfigurationError(
        "an answer of a sign-in stands in the page's address: call complete first, at redirectUri itself",
      );
    }
    const attempt = { state: this.#random(), verifier: this.#random() };
    const asked = new URLSearchParams({
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: actions.map((action) => `vault/${action}`).join(" "),
      state: attempt.state,
      code_challenge: await challenge(attempt.verifier),
      code_challenge_method: "S256",
    });
    this.#page.keep(this.#key(), JSON.stringify(attempt));
    this.#page.go(`${this.#beside("/authorize")}?${asked}`);
  }

  /**
   * Takes the answer out of the page's address, if there is one, and asks for the tokens. Whether somebody is
   * signed in afterwards.
   *
   * Rejects with `Unauthenticated` if the answer is a refusal, or none to a sign-in that this tab began, and with
   * `Unavailable`. A code is sent once: one that comes twice ends the sign-in.
   */
  async complete(): Promise<boolean> {
    const address = new URL(this.#page.address());
    const { redirectUri, clientId } = this.#settings;
    const here = `${address.origin}${address.pathname}`;
    if (!isAnswer(address.searchParams) || here !== new URL(redirectUri).href) {
      return this.signedIn;
    }
    this.#page.replace(here);
    const attempt: Attempt = attemptOf(this.#page.take(this.#key()));
    const form = {
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code: codeOf(address.searchParams, attempt),
      code_verifier: attempt.verifier,
    };
    this.#hold(await this.#endpoint.ask(form, new Retries({ attempts: 1 }, this.#platform)));
    return this.signedIn;
  }

  async get(actions: readonly Action[], deadline: Deadline): Promise<AccessToken> {
    const found = await within(deadline.left(), tooLate, () => this.#current());
    const wanted: ReadonlySet<string> = new Set(actions);
    if (!found.scopes.some((scope) => wanted.has(actionOf(scope)))) {
      const names = [...actions].sort().join(" or ");
      throw new NotPermitted(
        ownProblem("not_permitted", `nobody signed in for ${names} here; nothing was sent`),
      );
    }
    return found;
  }

  forget(refused: AccessToken): void {
    if (this.#accessToken === refused) {
      this.#accessToken = undefined;
    }
  }

  /**
   * Forgets both tokens at once, and has Cognito end what was renewed by them.
   *
   * Whether it did, a page cannot see: the answers of that endpoint name no origin. An access token that is out
   * lasts until it expires. Cognito's own session stays, so that `begin` may need no password.
   */
  async signOut(): Promise<void> {
    const token = this.#refreshToken;
    this.#forgetAll();
    await this.#revoke(token);
  }

  async #revoke(token: string): Promise<void> {
    if (token === "") {
      return;
    }
    const once = new Retries({ attempts: 1 }, this.#platform);
    await this.#revocation
      .post("", { token, client_id: this.#settings.clientId }, once)
      .catch(() => undefined);
  }

  async #current(): Promise<AccessToken> {
    if (!this.signedIn) {
      throw signedOut();
    }
    const held = this.#accessToken;
    if (held !== undefined && held.useUntil > this.#platform.now()) {
      return held;
    }
    this.#renewing ??= this.#renewed().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** The next tokens, for all calls that wait for them. */
  async #renewed(): Promise<AccessToken> {
    const before = this.#refreshToken;
    const form = {
      grant_type: "refresh_token",
      client_id: this.#settings.clientId,
      refresh_token: before,
    };
    try {
      const granted = await this.#endpoint.ask(
        form,
        new Retries({ attempts: 3, attemptSeconds: 4 }, this.#platform),
      );
      if (this.#refreshToken !== before) {
        // Meanwhile somebody signed out, and stays so.
        await this.#revoke(granted.refreshToken);
        throw signedOut();
      }
      // Without rotation the one before stays good, and none comes along.
      return this.#hold({ ...granted, refreshToken: granted.refreshToken || before });
    } catch (error) {
      if (!(error instanceof Unauthenticated)) {
        throw error;
      }
      if (this.#refreshToken === before) {
        this.#forgetAll();
      }
      throw signedOut();
    }
  }

  /** Keeps what was granted. Throws `Unauthenticated` if it cannot be renewed. */
  #hold(granted: Granted): AccessToken {
    if (!HEADER_TEXT.test(granted.refreshToken)) {
      const detail = "the token endpoint gave no refresh token: no client that people sign in to";
      throw new Unauthenticated(ownProblem("no_access_token", detail));
    }
    this.#accessToken = granted.accessToken;
    this.#refreshToken = granted.refreshToken;
    this.#username = textIfAny(granted.accessToken.claims().username);
    return granted.accessToken;
  }

  #forgetAll(): void {
    this.#accessToken = undefined;
    this.#refreshToken = "";
    this.#username = undefined;
  }

  #random(): string {
    return base64url(this.#platform.randomBytes(RANDOM_BYTES));
  }

  #key(): string {
    return `tokenvault sign-in ${this.#settings.redirectUri}`;
  }

  /** An address of the folder that the token endpoint is in. */
  #beside(path: string): string {
    return this.#settings.tokenUrl.replace(/\/token$/, path);
  }
}

/** The verifier's SHA-256, which may be seen (RFC 7636, 4.2). */
async function challenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

function signedOut(): Unauthenticated {
  return new Unauthenticated(ownProblem("not_signed_in", "nobody is signed in, or the sign-in has ended"));
}

/** Throws `ConfigurationError` with every problem at once. */
function check(settings: SignInSettings): void {
  const { tokenUrl, clientId, redirectUri } = known("settings", settings, SETTINGS);
  const actions = listed("actions", settings.actions);
  const ofToken =
    ofUrl(tokenUrl) ?? (tokenUrl.endsWith(TOKEN_PATH) ? undefined : `must end with ${TOKEN_PATH}`);
  const ofRedirect = ofUrl(redirectUri);
  const reveals = actions.filter((action) => REVEALING.has(action)).length;
  const problems = [
    ...(ofToken === undefined ? [] : [`tokenUrl ${ofToken}`]),
    ...(ofRedirect === undefined ? [] : [`redirectUri ${ofRedirect}`]),
    ...(HEADER_TEXT.test(clientId ?? "") ? [] : ["clientId is not set, or holds spaces"]),
    ...(actions.length > 0 ? [] : ["actions names none"]),
    ...(reveals === 0 || reveals === actions.length
      ? []
      : ["actions are of both sides: one that reveals and one that does not need a sign-in each"]),
  ];
  if (problems.length > 0) {
    throw new ConfigurationError(...problems);
  }
}
