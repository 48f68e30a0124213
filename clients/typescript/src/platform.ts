/** What the client needs of the machine that it runs on; tests hand in their own. */

import { known, type Names } from "./known-properties.js";

/** `fetch`, clocks and chance. Times are in seconds. */
export interface Platform {
  /** As in the Fetch standard. */
  readonly fetch: typeof globalThis.fetch;
  /** A clock that only goes forward. */
  readonly now: () => number;
  /** The time since 1970 in UTC, as access tokens have it. */
  readonly epoch: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
  /** A number from 0 up to, and without, 1. Not for secrets. */
  readonly draw: () => number;
  /** So many bytes that nobody can foretell. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Longer delays a timer takes for none at all (HTML standard, 8.7: a signed 32-bit number of milliseconds). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The platform that every browser and Node.js offers. */
export const PLATFORM: Platform = {
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => performance.now() / 1000,
  epoch: () => Date.now() / 1000,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, milliseconds(seconds))),
  draw: () => Math.random(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

const NAMES: Names<Platform> = {
  fetch: true,
  now: true,
  epoch: true,
  sleep: true,
  draw: true,
  randomBytes: true,
};

/** The platform, with these in place of its own. Throws `ConfigurationError`. */
export function platformWith(others: Partial<Platform> = {}): Platform {
  return { ...PLATFORM, ...known<Partial<Platform>>("platform", others, NAMES) };
}

/** Whether this is a page: whoever opens it can read all that it holds. */
export function isPage(): boolean {
  return "document" in globalThis;
}

/** The version of Node.js, undefined elsewhere, also in a page that brings its own `process`. */
export function nodeVersion(): string | undefined {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return isPage() ? undefined : process?.versions?.node;
}

/** The variables of the process; none in a page. */
export function environment(): Readonly<Record<string, string | undefined>> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env ?? {};
}

/**
 * What `run` gives, if it does so in time; else rejects with `late`, and aborts the signal that `run` was given.
 */
export async function within<T>(
  seconds: number,
  late: () => Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late());
      controller.abort();
    }, milliseconds(seconds));
  });
  try {
    return await Promise.race([run(controller.signal), alarm]);
  } finally {
    clearTimeout(timer);
  }
}

function milliseconds(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_TIMER_MS);
}
