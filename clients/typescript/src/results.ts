/** What comes back. Fields that a later service adds are ignored. */

import { type AnyCode, RETRYABLE } from "./errors.js";
import type { components } from "./openapi.js";
import { integer, list, moment, object, orNull, present, text } from "./parsing.js";
import { Sensitive } from "./sensitive.js";

type Bodies = components["schemas"];

/** Why an item of a batch failed, while others may have succeeded. A value, never thrown. */
export class ItemError {
  readonly code: AnyCode;
  readonly detail: string;

  constructor(code: AnyCode, detail: string) {
    this.code = code;
    this.detail = detail;
  }

  /** Whether the same item may succeed later, with nothing changed about it or about the service. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/**
 * What the policy tells of a card besides its token; null where it does not, or where it is not known.
 *
 * Two tokens of a tenant whose cards have the same `fingerprint` stand for the same number.
 */
export interface CardFacts {
  readonly brand: string | null;
  /** The first 6 or 8 digits. */
  readonly bin: string | null;
  readonly fingerprint: string | null;
}

/** A token and facts about it. Only `Client.facts` fills in `metadata` and `createdBy`. */
export interface TokenFacts {
  readonly token: string;
  readonly type: string;
  readonly created: Date;
  /** Null if the token does not expire. */
  readonly expiresAt: Date | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly card: CardFacts;
  /** The client that first asked for the token; null if the release that made the token did not keep it. */
  readonly createdBy: string | null;
}

/** A token turned back: its value, or the mask of it. */
export interface Revealed {
  readonly token: string;
  readonly type: string;
  readonly value: Sensitive<unknown>;
}

/** An information type that the client may use, and how. Times are in seconds, null without a limit. */
export interface InfoType {
  readonly type: string;
  readonly format: string;
  readonly mode: string;
  readonly defaultTtlSeconds: number | null;
  readonly maxTtlSeconds: number | null;
}

/** A token of a subject whose facts are not told, and why. */
export interface FailedToken {
  readonly token: string;
  readonly error: ItemError;
}

/**
 * What is kept of a subject: `tokens` and `failed` are all that erasing it would close.
 *
 * An unknown subject has neither: is the id right?
 */
export interface SubjectTokens {
  readonly tokens: readonly TokenFacts[];
  readonly failed: readonly FailedToken[];
  /** Null unless the subject was erased. */
  readonly erasedAt: Date | null;
}

/** A page of what is kept of a subject, and where the next one begins; null after the last. */
export interface SubjectPage extends SubjectTokens {
  readonly nextCursor: string | null;
}

/** What of a subject was erased, when, and how much of it. */
export interface Receipt {
  readonly version: number;
  readonly vaultId: string;
  readonly tenant: string;
  readonly subject: string;
  readonly erasedAt: Date;
  readonly secretsDestroyed: number;
  readonly tokensClosed: number;
  /** What is still there, and the day (`2026-02-06`) on which the last copy in a backup goes. */
  readonly remains: { readonly what: readonly string[]; readonly inBackupsUntil: string };
  /** The digest of the tokens, as `tokensSha256` computes it; null if an earlier release erased the subject. */
  readonly tokensSha256: string | null;
}

/**
 * A receipt, and the same signed: a JWS in compact form, which `tokenvault verify-receipt` checks.
 *
 * Keep `jws`: it is the proof. `claims` is the receipt as JSON, as it stood in the answer.
 */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly jws: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export type TokenizeResult = TokenFacts | ItemError;
export type DetokenizeResult = Revealed | ItemError;

/** Facts about a token. Throws `UnexpectedShape`. */
export function tokenFacts(value: unknown): TokenFacts {
  const body = object<Bodies["TokenBody"] & Partial<Bodies["FactsBody"]>>(value);
  return {
    token: text(body.token),
    type: text(body.type),
    created: moment(body.created),
    expiresAt: orNull(body.expires_at, moment),
    metadata: metadata(body.metadata ?? {}),
    card: cardFacts(body.card ?? {}),
    createdBy: orNull(body.created_by ?? null, text),
  };
}

/** What is told of a card. Throws `UnexpectedShape`. */
export function cardFacts(value: unknown): CardFacts {
  const { brand = null, bin = null, fingerprint = null } = object<Bodies["CardBody"]>(value);
  return { brand: orNull(brand, text), bin: orNull(bin, text), fingerprint: orNull(fingerprint, text) };
}

/** A token turned back. Throws `UnexpectedShape`. */
export function revealed(value: unknown): Revealed {
  const body = object<Bodies["RevealedBody"]>(value);
  return { token: text(body.token), type: text(body.type), value: new Sensitive(present(body.value)) };
}

/** The types of an answer. Throws `UnexpectedShape`. */
export function infoTypes(value: unknown): InfoType[] {
  return list(object<Bodies["TypesBody"]>(value).types).map(infoType);
}

/** A page of what is kept of a subject. Throws `UnexpectedShape`. */
export function subjectPage(value: unknown): SubjectPage {
  const body = object<Bodies["SubjectBody"]>(value);
  return {
    tokens: list(body.tokens).map(tokenFacts),
    failed: list(body.failed).map(failedToken),
    erasedAt: orNull(body.erased_at, moment),
    nextCursor: orNull(body.next_cursor, text),
  };
}

/** All pages, of which there is at least one, as one. */
export function joined(pages: readonly SubjectPage[]): SubjectTokens {
  return {
    tokens: pages.flatMap((page) => page.tokens),
    failed: pages.flatMap((page) => page.failed),
    erasedAt: pages.at(-1)?.erasedAt ?? null,
  };
}

/**
 * The digest, in hex, that a receipt has if exactly these tokens were closed.
 *
 * SHA-256 of the tokens in the order of their bytes, each with a line feed behind it. Needs WebCrypto: in a browser a
 * page that was loaded over https.
 */
export async function tokensSha256(kept: SubjectTokens): Promise<string> {
  const tokens = [...kept.tokens, ...kept.failed].map((each) => each.token).sort();
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(tokens.map((token) => `${token}\n`).join("")),
  );
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function failedToken(value: unknown): FailedToken {
  const { token, error } = object<Bodies["FailedTokenBody"]>(value);
  return { token: text(token), error: failure(error) };
}

/** The error of an item that failed, undefined for any other. Throws `UnexpectedShape`. */
export function itemError(value: unknown): ItemError | undefined {
  const { error } = object<Bodies["FailedBody"]>(value);
  return error === undefined ? undefined : failure(error);
}

function failure(value: unknown): ItemError {
  const body = object<Bodies["ItemErrorBody"]>(value);
  return new ItemError(text(body.code), text(body.detail));
}

/** An erasure receipt with its signature. Throws `UnexpectedShape`. */
export function signedReceipt(value: unknown): SignedReceipt {
  const body = object<Bodies["SignedReceipt"]>(value);
  const claims = object<Record<string, unknown>>(body.receipt);
  return { receipt: receipt(claims), jws: text(body.jws), claims };
}

function receipt(value: unknown): Receipt {
  const body = object<Bodies["Receipt"]>(value);
  const remains = object<Bodies["Remains"]>(body.remains);
  return {
    version: integer(body.version),
    vaultId: text(body.vault_id),
    tenant: text(body.tenant),
    subject: text(body.subject),
    erasedAt: moment(body.erased_at),
    secretsDestroyed: integer(body.secrets_destroyed),
    tokensClosed: integer(body.tokens_closed),
    remains: { what: list(remains.what).map(text), inBackupsUntil: text(remains.in_backups_until) },
    tokensSha256: orNull(body.tokens_sha256 ?? null, text),
  };
}

function infoType(value: unknown): InfoType {
  const body = object<Bodies["TypeBody"]>(value);
  return {
    type: text(body.type),
    format: text(body.format),
    mode: text(body.mode),
    defaultTtlSeconds: orNull(body.default_ttl_seconds, integer),
    maxTtlSeconds: orNull(body.max_ttl_seconds, integer),
  };
}

function metadata(value: unknown): Record<string, string> {
  const entries = Object.entries(object<Record<string, string>>(value));
  return Object.fromEntries(entries.map(([name, fact]) => [name, text(fact)]));
}
