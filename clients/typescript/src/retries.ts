/** Trying again: what passes by itself is sent anew, a little later each time, until the call's time is up. */

import type { Deadline } from "./deadlines.js";
import { ConfigurationError, ownProblem, Unavailable } from "./errors.js";
import { ConnectionFailed, type HttpResponse } from "./http.js";
import { known, type Names } from "./known-properties.js";
import type { Platform } from "./platform.js";
import { passes, problemOf } from "./problems.js";

/**
 * How patiently a request is sent again within the time of its call. Times are in seconds.
 *
 * A wait is drawn between nothing and a limit that doubles each time ("full jitter",
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), on top of what the service
 * asked for. If it asks for more than `longestWait`, or for more than is left of the call's time, its answer is
 * final: the caller knows better what to do meanwhile.
 */
export interface RetryOptions {
  /** Most attempts; without it the time alone decides. */
  readonly attempts?: number;
  /** The limit of the first wait; 0.2 by default. */
  readonly firstWait?: number;
  /** The longest wait; 20 by default. */
  readonly longestWait?: number;
  /** When a single attempt without an answer is given up, so that a lost connection does not use up the call; 12. */
  readonly attemptSeconds?: number;
}

/** Sends a request, and waits so many seconds for its answer at most. */
export type Send = (seconds: number) => Promise<HttpResponse>;

/** Whether a success is worth another try. */
export type Again = (answer: HttpResponse) => boolean;

/** No success is worth another try. */
export const never: Again = () => false;

const OPTIONS: Names<RetryOptions> = {
  attempts: true,
  firstWait: true,
  longestWait: true,
  attemptSeconds: true,
};

/** Sends requests again as `RetryOptions` say. Throws `ConfigurationError`. */
export class Retries {
  readonly #options: Required<RetryOptions>;
  readonly #platform: Platform;

  constructor(options: RetryOptions, platform: Platform) {
    known("retries", options, OPTIONS);
    this.#options = {
      attempts: options.attempts ?? Number.POSITIVE_INFINITY,
      firstWait: options.firstWait ?? 0.2,
      longestWait: options.longestWait ?? 20,
      attemptSeconds: options.attemptSeconds ?? 12,
    };
    this.#platform = platform;
    if (!(this.#options.attempts >= 1)) {
      throw new ConfigurationError("attempts must be at least 1");
    }
    if (!(this.#options.attemptSeconds > 0)) {
      throw new ConfigurationError("attemptSeconds must be more than 0");
    }
  }

  /**
   * The first answer that is not worth another try, or the last one before the deadline.
   *
   * Any answer is returned, also one that is no success. Throws `Unavailable` if no answer came.
   */
  async run(send: Send, deadline: Deadline, again: Again = never): Promise<HttpResponse> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#sent(send, deadline);
      const wait = mayPass(answer, again) ? this.#wait(answer, tries, deadline) : undefined;
      if (wait !== undefined) {
        await this.#platform.sleep(wait);
      } else if (answer instanceof ConnectionFailed) {
        const detail = `no answer came (${answer.message}); whether it was carried out is unknown`;
        throw new Unavailable(ownProblem("unreachable", detail));
      } else {
        return answer;
      }
    }
  }

  async #sent(send: Send, deadline: Deadline): Promise<HttpResponse | ConnectionFailed> {
    const seconds = Math.min(this.#options.attemptSeconds, deadline.left());
    if (seconds <= 0) {
      return new ConnectionFailed("TimeoutError", false);
    }
    try {
      return await send(seconds);
    } catch (error) {
      if (error instanceof ConnectionFailed) {
        return error;
      }
      throw error;
    }
  }

  /** How long to wait before the next attempt; undefined if none is worth it. */
  #wait(answer: HttpResponse | ConnectionFailed, tries: number, deadline: Deadline): number | undefined {
    const { attempts, firstWait, longestWait } = this.#options;
    const asked = askedSeconds(answer);
    const left = deadline.left() - asked;
    if (tries >= attempts || asked > longestWait || left < firstWait) {
      return undefined;
    }
    const limit = Math.min(longestWait, firstWait * 2 ** (tries - 1));
    // At most half of what is left, so that the last part of the time is tried as well.
    return asked + this.#platform.draw() * Math.min(limit, left / 2);
  }
}

/** Whether the same request may succeed a little later. */
function mayPass(answer: HttpResponse | ConnectionFailed, again: Again): boolean {
  return answer instanceof ConnectionFailed ? answer.retryable : passes(answer) || again(answer);
}

/** How long the service wants to be left alone. */
function askedSeconds(answer: HttpResponse | ConnectionFailed): number {
  return answer instanceof ConnectionFailed || answer.status < 400 ? 0 : (problemOf(answer).retryAfter ?? 0);
}
