/** What goes in, and how the API wants it. */

import { encoded } from "./encoding.js";
import { aString, known, type Names } from "./known-properties.js";
import type { components } from "./openapi.js";
import { Sensitive } from "./sensitive.js";

type ImportItemBody = components["schemas"]["ImportItemBody"];
type SearchItemBody = components["schemas"]["SearchItemBody"];
type TokenizeItemBody = components["schemas"]["TokenizeItemBody"];
type DetokenizeItemBody = components["schemas"]["DetokenizeItemBody"];

/** A value whose token is looked for, that of a subject if `subject` is given. */
export interface SearchItem {
  readonly type: string;
  /** A value of the type, for most types a string, as it is or wrapped in `Sensitive`. */
  readonly value: unknown;
  readonly subject?: string;
}

/**
 * A value to take in, with a limit in seconds (random types) and facts that are not sensitive. Facts are those of a
 * token's making: where a deterministic type has it already, new ones are not kept.
 */
export interface TokenizeItem extends SearchItem {
  readonly ttlSeconds?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A value to take in under the token that it has from elsewhere. */
export interface ImportItem extends TokenizeItem {
  readonly token: string;
}

const TOKENIZE_ITEM: Names<TokenizeItem> = {
  type: true,
  value: true,
  subject: true,
  ttlSeconds: true,
  metadata: true,
};
const IMPORT_ITEM: Names<ImportItem> = { ...TOKENIZE_ITEM, token: true };

/** The item as JSON. Throws `ConfigurationError` or `InvalidRequest`. */
export function tokenizeItem(item: TokenizeItem, number: number): string {
  return encoded(tokenizeBody(known(`items[${number}]`, item, TOKENIZE_ITEM)), `/items/${number}`);
}

/** The item as JSON. Throws `ConfigurationError` or `InvalidRequest`. */
export function importItem(item: ImportItem, number: number): string {
  known(`items[${number}]`, item, IMPORT_ITEM);
  const body: ImportItemBody = { ...tokenizeBody(item), token: item.token };
  return encoded(body, `/items/${number}`);
}

/**
 * The item as JSON. What was tokenized may be looked for as it is: no search depends on a limit or on facts.
 *
 * Throws `ConfigurationError` or `InvalidRequest`.
 */
export function searchItem(item: SearchItem, number: number): string {
  return encoded(searchBody(known(`items[${number}]`, item, TOKENIZE_ITEM)), `/items/${number}`);
}

/** The item as JSON. Throws `ConfigurationError`. */
export function detokenizeItem(token: string, number: number): string {
  const body: DetokenizeItemBody = { token: aString(`tokens[${number}]`, token) };
  return encoded(body, `/items/${number}`);
}

/** What was not given is left out. */
function tokenizeBody(item: TokenizeItem): TokenizeItemBody {
  return {
    ...searchBody(item),
    ...(item.ttlSeconds === undefined ? {} : { ttl_seconds: item.ttlSeconds }),
    ...(item.metadata === undefined ? {} : { metadata: item.metadata }),
  };
}

/** What was not given is left out. */
function searchBody(item: SearchItem): SearchItemBody {
  const value = item.value instanceof Sensitive ? item.value.reveal() : item.value;
  return { type: item.type, value, ...(item.subject === undefined ? {} : { subject: item.subject }) };
}
