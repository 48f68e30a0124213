/** JSON from outside, read field by field: what has another shape is an error that quotes nothing. */

/** An answer is not shaped as it should be. */
export class UnexpectedShape extends Error {}

/** An object out of an answer, whose fields are still to be read; `Body` is what the API describes. */
export type Unread<Body> = { readonly [Name in keyof Body]?: unknown };

/** The content of a JSON document. Throws `UnexpectedShape`; the engine's own error quotes the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedShape("not JSON");
  }
}

/** The content of a JSON document that is an object; an empty object for anything else. */
export function objectOrEmpty<Body = Record<string, unknown>>(text: string): Unread<Body> {
  try {
    return object<Body>(parseJson(text));
  } catch {
    return {};
  }
}

/** An object. Throws `UnexpectedShape`. */
export function object<Body>(value: unknown): Unread<Body> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UnexpectedShape("not an object");
  }
  return value;
}

/** Anything at all. Throws `UnexpectedShape` if it is missing. */
export function present(value: unknown): unknown {
  if (value === undefined) {
    throw new UnexpectedShape("missing");
  }
  return value;
}

/** An array. Throws `UnexpectedShape`. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new UnexpectedShape("not an array");
  }
  return value;
}

/** A string. Throws `UnexpectedShape`. */
export function text(value: unknown): string {
  if (typeof value !== "string") {
    throw new UnexpectedShape("not a string");
  }
  return value;
}

/** A string that says something, undefined for anything else. */
export function textIfAny(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A whole number. Throws `UnexpectedShape`. */
export function integer(value: unknown): number {
  if (!Number.isInteger(value)) {
    throw new UnexpectedShape("not a whole number");
  }
  return value as number;
}

/** A number from 0 to 1. Throws `UnexpectedShape`. */
export function share(value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
    throw new UnexpectedShape("not a share");
  }
  return value;
}

/** A moment, as RFC 3339 writes it. Throws `UnexpectedShape`. */
export function moment(value: unknown): Date {
  const made = new Date(text(value));
  if (Number.isNaN(made.getTime())) {
    throw new UnexpectedShape("not a moment");
  }
  return made;
}

/** What `read` makes of a value, or null for null. */
export function orNull<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}
