/** The time that a call may take, whatever it is spent on. */

/** A moment by a clock that only goes forward. Times are in seconds. */
export class Deadline {
  readonly #at: number;
  readonly #now: () => number;

  private constructor(at: number, now: () => number) {
    this.#at = at;
    this.#now = now;
  }

  /** The deadline so many seconds from now. */
  static after(seconds: number, now: () => number): Deadline {
    return new Deadline(now() + seconds, now);
  }

  /** The seconds until then; never negative. */
  left(): number {
    return Math.max(0, this.#at - this.#now());
  }
}
