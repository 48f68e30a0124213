/** A wrapper that keeps a plaintext out of everything that prints, logs or serializes. */

const SHOWN = "Sensitive(***)";

/**
 * Holds a value that must not leak by accident.
 *
 * Consoles, template strings and `util.inspect` show a placeholder; `JSON.stringify` refuses it, and a structured
 * clone is empty. The only way to the value is `reveal()`, so that a search for that word finds every use.
 */
export class Sensitive<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): never {
    throw new TypeError("a sensitive value is not serialized");
  }

  /** What `console.log` of Node.js shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }
}
