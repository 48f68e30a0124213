/** What a caller in plain JavaScript hands in: nothing that the client does not know is dropped in silence. */

import { ConfigurationError } from "./errors.js";

/** The property names of a type, or of each type of a union; one too few or too many does not compile. */
export type Names<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>;

/**
 * An object that has none but known properties. Throws `ConfigurationError`.
 *
 * An error names those that are known: what stands in the place of another may be a value.
 */
export function known<T>(where: string, given: T, names: Names<T>): T {
  if (!isObject(given) || Object.keys(given).some((name) => !Object.hasOwn(names, name))) {
    const listed = enumerated(Object.keys(names));
    throw new ConfigurationError(`${where} must be an object with no other properties than ${listed}`);
  }
  return given;
}

/** Each of a list; a string is none, though it can be iterated. Throws `ConfigurationError`. */
export function listed<T>(where: string, given: Iterable<T>): readonly T[] {
  if (typeof given === "string") {
    throw new ConfigurationError(`${where} must be a list: each character of a string would be one of them`);
  }
  if (typeof (given as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new ConfigurationError(`${where} must be a list`);
  }
  return Array.from(given);
}

/** Throws `ConfigurationError`. */
export function aString(where: string, given: string): string {
  if (typeof given !== "string") {
    throw new ConfigurationError(`${where} must be a string`);
  }
  return given;
}

/** Whether this is a number of at least so many; text is none, which would be joined where it is to be added. */
export function isAtLeast(least: number, given: number): boolean {
  return typeof given === "number" && given >= least;
}

function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** `a, b and c` */
function enumerated(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
