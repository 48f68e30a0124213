/** Where the service is, and who calls it. */

import type { AccessTokenFunction } from "./access-tokens.js";
import { ConfigurationError } from "./errors.js";
import { HEADER_TEXT, ofUrl } from "./given-texts.js";
import { known, type Names } from "./known-properties.js";
import { isPage } from "./platform.js";
import type { SignIn } from "./sign-in.js";

/** A client with a secret of its own: a program on a server, never a page. */
export interface SecretSettings {
  /** The address of the API; Terraform's output `url`. */
  readonly url: string;
  readonly apiKey: string;
  /** The token endpoint; Terraform's output `token_url`. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A client whose application gets the access tokens, as a page does from its back end. */
export interface FunctionSettings {
  /** The address of the API; Terraform's output `url`, with `/people` behind it for access tokens of people. */
  readonly url: string;
  /** Not for people, who have none. */
  readonly apiKey?: string;
  /** Gives an access token whenever one is needed. */
  readonly accessToken: AccessTokenFunction;
}

/** A page whose user signs in. */
export interface PersonSettings {
  /** The address of the API for people: Terraform's output `url` with `/people` behind it. */
  readonly url: string;
  readonly apiKey?: never;
  readonly signIn: SignIn;
}

export type Settings = SecretSettings | FunctionSettings | PersonSettings;

const NAMES: Names<Settings> = {
  url: true,
  apiKey: true,
  tokenUrl: true,
  clientId: true,
  clientSecret: true,
  accessToken: true,
  signIn: true,
};

/** The environment variable of each setting. */
export const VARIABLES = {
  url: "TOKENVAULT_URL",
  tokenUrl: "TOKENVAULT_TOKEN_URL",
  clientId: "TOKENVAULT_CLIENT_ID",
  clientSecret: "TOKENVAULT_CLIENT_SECRET",
  apiKey: "TOKENVAULT_API_KEY",
} as const;

const URLS: ReadonlySet<string> = new Set(["url", "tokenUrl"]);

/** The settings from `TOKENVAULT_…` variables. What is not set is for `check` to find. */
export function fromEnvironment(variables: Readonly<Record<string, string | undefined>>): SecretSettings {
  const entries = Object.entries(VARIABLES).map(([name, variable]) => [name, variables[variable] ?? ""]);
  return Object.fromEntries(entries) as Record<keyof typeof VARIABLES, string>;
}

/** Throws `ConfigurationError` with every problem at once, and with no setting's value. */
export function check(settings: Settings): void {
  const given = known("settings", settings, NAMES) as unknown as Readonly<Record<string, unknown>>;
  const problems = names(settings).flatMap((name) => problem(name, given[name]));
  const ofPeople = isOfPeople(settings.url);
  if (ofPeople && given.apiKey !== undefined) {
    problems.push("apiKey is not for people: below /people there is none");
  }
  if ("signIn" in settings && !ofPeople) {
    problems.push("url of people who sign in must end with /people");
  }
  if ("accessToken" in settings && typeof settings.accessToken !== "function") {
    problems.push("accessToken must be a function that gives an access token");
  }
  if ("signIn" in settings && typeof settings.signIn?.get !== "function") {
    problems.push("signIn must be a SignIn");
  }
  if (isOfSecret(settings) && isPage()) {
    problems.push(
      "a page can keep no clientSecret: whoever opens it could read it; give accessToken instead",
    );
  }
  if (problems.length > 0) {
    throw new ConfigurationError(...problems);
  }
}

/** The texts that these settings need. */
function names(settings: Settings): readonly string[] {
  if (isOfSecret(settings)) {
    return Object.keys(VARIABLES);
  }
  return "signIn" in settings || isOfPeople(settings.url) ? ["url"] : ["url", "apiKey"];
}

function isOfSecret(settings: Settings): settings is SecretSettings {
  return !("accessToken" in settings || "signIn" in settings);
}

/** Whether an address is the one for people, who have no API key (ADR 15). */
function isOfPeople(url: unknown): boolean {
  return typeof url === "string" && /\/people\/*$/.test(url);
}

function problem(name: string, value: unknown): string[] {
  const found = ofSetting(name, value);
  return found === undefined ? [] : [`${name} (${VARIABLES[name as keyof typeof VARIABLES]}) ${found}`];
}

/** What is wrong with a setting, never quoting it. */
function ofSetting(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") {
    return "is not set";
  }
  if (typeof value !== "string") {
    return "is not a string";
  }
  if (URLS.has(name)) {
    return ofUrl(value);
  }
  return HEADER_TEXT.test(value) ? undefined : "holds spaces, line breaks or letters outside ASCII";
}
