/** Sessions in which pages hand values to the vault by themselves: what a back end asks for one, and gets. */

import { encoded } from "./encoding.js";
import { known, listed, type Names } from "./known-properties.js";
import type { components } from "./openapi.js";
import { integer, object, text } from "./parsing.js";
import { Sensitive } from "./sensitive.js";

type Bodies = components["schemas"];

/** What a page may do in a session. */
export interface CaptureSessionOptions {
  /** The information types that it may hand in. */
  readonly types: readonly string[];
  /** The origin of the page, as its browser writes it: `https://shop.example`. */
  readonly origin: string;
  /** How many values at most, all together; 1 by default. */
  readonly maxValues?: number;
  /** From 30 to 3600; 600 by default. */
  readonly ttlSeconds?: number;
  /** Whether it takes in one request only, as it does by default. */
  readonly singleUse?: boolean;
  /** Your own id of the person whose values they are. */
  readonly subject?: string;
}

/** A session: whoever holds it may hand in what was asked for, and read nothing. */
export interface CaptureSession {
  /** For the page alone, in the body of an answer: never in an address or a log. */
  readonly session: Sensitive<string>;
  readonly expires: Date;
  /** No secret: `capture_session` in the metadata of each token that a page made by this capture session (`Client.facts`). */
  readonly sessionId: string;
}

const OPTIONS: Names<CaptureSessionOptions> = {
  types: true,
  origin: true,
  maxValues: true,
  ttlSeconds: true,
  singleUse: true,
  subject: true,
};

/** The body of a request. Throws `ConfigurationError` or `InvalidRequest`. */
export function captureSessionBody(options: CaptureSessionOptions): string {
  const { types, origin, maxValues, ttlSeconds, singleUse, subject } = known("options", options, OPTIONS);
  const body: Bodies["CaptureSessionBody"] = {
    types: [...listed("types", types)],
    origin,
    ...(maxValues === undefined ? {} : { max_values: maxValues }),
    ...(ttlSeconds === undefined ? {} : { ttl_seconds: ttlSeconds }),
    ...(singleUse === undefined ? {} : { single_use: singleUse }),
    ...(subject === undefined ? {} : { subject }),
  };
  return encoded(body, "");
}

/** A session of an answer, whose `expires` is in seconds since 1970. Throws `UnexpectedShape`. */
export function captureSession(value: unknown): CaptureSession {
  const body = object<Bodies["OpenedSessionBody"]>(value);
  return {
    session: new Sensitive(text(body.session)),
    expires: new Date(integer(body.expires) * 1000),
    sessionId: text(body.session_id),
  };
}
