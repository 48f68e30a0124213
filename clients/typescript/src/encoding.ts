/** JSON as it goes out: the same items always make the same text, and nothing is changed in silence. */

import { InvalidRequest, ownProblem } from "./errors.js";
import { aString } from "./known-properties.js";

/**
 * A part of a body as JSON. `pointer` says where in the body it stands (RFC 6901).
 *
 * U+FFFD goes out escaped: raw, the service takes it for what API Gateway makes of bytes that are no UTF-8. Half of
 * a surrogate pair goes out escaped too, for the service to refuse. Throws `InvalidRequest` for what
 * `JSON.stringify` would change (infinity into null, a `Map` into an empty object) or refuse: its own errors may quote.
 */
export function encoded(part: unknown, pointer: string): string {
  let text: string;
  try {
    text = JSON.stringify(part, refuseChanged);
  } catch {
    const detail = "holds what JSON has no form for; nothing was sent";
    throw new InvalidRequest(
      ownProblem("invalid_request", detail, [{ pointer, code: "invalid_value", detail }]),
    );
  }
  return text.replaceAll("\u{fffd}", "\\ufffd");
}

/** How many bytes a text has in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Bytes in the alphabet of addresses, without padding (RFC 4648, 5). */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * A part of a path, percent-encoded in UTF-8 (RFC 3986, 2.1). Half of a surrogate pair is for the service to refuse.
 *
 * Throws `InvalidRequest` for what would not arrive as a part of its own: URLs resolve dots (WHATWG URL, 4.4); and
 * `ConfigurationError` for what is no string: the parts of a list would be joined, and a number is nothing.
 */
export function segment(text: string, name: string): string {
  if (["", ".", ".."].includes(aString(name, text))) {
    throw new InvalidRequest(ownProblem("invalid_request", `the ${name} cannot be empty or dots`));
  }
  return Array.from(text, (character) =>
    /^\p{Surrogate}$/u.test(character)
      ? loneSurrogate(character.charCodeAt(0))
      : encodeURIComponent(character),
  ).join("");
}

/** Three bytes, as UTF-8 would have them if it could (RFC 3629, 3, forbids it). */
function loneSurrogate(unit: number): string {
  const bytes = [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join("");
}

/** For `JSON.stringify`: throws for a value that would come out as another. */
function refuseChanged(this: unknown, _name: string, value: unknown): unknown {
  const becomesNull = value === undefined && Array.isArray(this);
  if (becomesNull || !isJson(value)) {
    throw new TypeError("no form in JSON");
  }
  return value;
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || /^\[object (Object|Array)\]$/.test(Object.prototype.toString.call(value));
    default:
      return ["string", "boolean", "undefined"].includes(typeof value);
  }
}
