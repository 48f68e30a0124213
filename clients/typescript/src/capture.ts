/** A page hands values to the vault by itself, in a session that its back end asked for. */

import { ACCEPT, aligned } from "./calling.js";
import { Deadline } from "./deadlines.js";
import { encoded } from "./encoding.js";
import { ConfigurationError } from "./errors.js";
import { HEADER_TEXT, ofUrl } from "./given-texts.js";
import { HttpTransport } from "./http.js";
import { isAtLeast, known, listed, type Names } from "./known-properties.js";
import type { components } from "./openapi.js";
import { moment, object, orNull, present, text } from "./parsing.js";
import { type Platform, platformWith } from "./platform.js";
import { problemError } from "./problems.js";
import { type CardFacts, cardFacts, type ItemError } from "./results.js";
import { Retries, type RetryOptions } from "./retries.js";
import { Sensitive } from "./sensitive.js";

/** A value to hand in, as it is or wrapped in `Sensitive`. */
export interface CaptureItem {
  readonly type: string;
  readonly value: unknown;
}

/** What a page learns of a value that was taken in: its token for the back end, its mask for the user. */
export interface Captured {
  readonly token: string;
  readonly type: string;
  /** What a masked reveal shows: for most types a string. */
  readonly masked: unknown;
  readonly created: Date;
  /** Null if the token does not expire. */
  readonly expiresAt: Date | null;
  readonly card: CardFacts;
}

export type CaptureResult = Captured | ItemError;

/** Times are in seconds; `timeoutSeconds` is 30 by default. */
export interface CaptureOptions {
  readonly timeoutSeconds?: number;
  readonly retries?: RetryOptions;
  readonly platform?: Partial<Platform>;
}

const ITEM: Names<CaptureItem> = { type: true, value: true };
const OPTIONS: Names<CaptureOptions> = { timeoutSeconds: true, retries: true, platform: true };

/**
 * A token for each value, in order; the values go to the vault and nowhere else.
 *
 * `url` is the address of the API, `session` what `Client.captureSession` gave to the back end. Rejects with
 * `Unauthenticated` (`capture_session_invalid`, `capture_session_expired`: ask the back end for another session),
 * `Conflict` (`capture_session_used`), `NotPermitted` (`wrong_origin`), `Throttled` or `Unavailable`. An item that
 * the vault did not take is an `ItemError` in its place.
 *
 * Sent again after a lost answer, the same values have the same tokens by a session for a single use; by another
 * they count anew. A request of which the vault took nothing uses nothing up: what was mistyped may be corrected.
 */
export async function capture(
  url: string,
  session: string | Sensitive<string>,
  items: Iterable<CaptureItem>,
  options: CaptureOptions = {},
): Promise<CaptureResult[]> {
  const { timeoutSeconds = 30, ...more } = known("options", options, OPTIONS);
  const platform = platformWith(more.platform);
  const bodies = listed("items", items).map(captureItem);
  const request = {
    method: "POST",
    path: "/v1/capture",
    headers: {
      Authorization: `Capture ${checked(url, session, timeoutSeconds)}`,
      Accept: ACCEPT,
      "Content-Type": "application/json",
    },
    body: `{"items":[${bodies.join(",")}]}`,
  } as const;
  const api = new HttpTransport(url, platform);
  const answer = await new Retries(more.retries ?? {}, platform).run(
    (seconds) => api.send(request, seconds),
    Deadline.after(timeoutSeconds, platform.now),
  );
  if (answer.status !== 200) {
    throw problemError(answer);
  }
  return aligned(answer, captured, bodies.length);
}

/** The session, if it can stand in a header and the address is safe. Throws `ConfigurationError`, quoting neither. */
function checked(url: string, session: string | Sensitive<string>, timeoutSeconds: number): string {
  const found = session instanceof Sensitive ? session.reveal() : session;
  const wrong = ofUrl(url);
  const problems = [
    ...(wrong === undefined ? [] : [`url ${wrong}`]),
    ...(typeof found === "string" && HEADER_TEXT.test(found) ? [] : ["session is not one of the vault's"]),
    ...(isAtLeast(Number.MIN_VALUE, timeoutSeconds) ? [] : ["timeoutSeconds must be more than 0"]),
  ];
  if (problems.length > 0) {
    throw new ConfigurationError(...problems);
  }
  return found;
}

/** The item as JSON. Throws `ConfigurationError` or `InvalidRequest`. */
function captureItem(item: CaptureItem, number: number): string {
  return encoded(plain(known(`items[${number}]`, item, ITEM)), `/items/${number}`);
}

function plain(item: CaptureItem): components["schemas"]["CaptureItemBody"] {
  return { type: item.type, value: item.value instanceof Sensitive ? item.value.reveal() : item.value };
}

/** Throws `UnexpectedShape`. */
function captured(value: unknown): Captured {
  const body = object<components["schemas"]["CapturedBody"]>(value);
  return {
    token: text(body.token),
    type: text(body.type),
    masked: present(body.masked),
    created: moment(body.created),
    expiresAt: orNull(body.expires_at, moment),
    card: cardFacts(body.card ?? {}),
  };
}
