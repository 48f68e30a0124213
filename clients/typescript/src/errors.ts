/**
 * Everything that can go wrong with a call, as one tree.
 *
 * Messages carry codes, field names and rules, never a value.
 */

import type { components } from "./openapi.js";

/** A stable code of the API, or one of this package's own: part of the contract, unlike the texts. */
export type Code =
  | components["schemas"]["Problem"]["code"]
  | "no_access_token"
  | "not_signed_in"
  | "token_endpoint_unavailable"
  | "unexpected_answer"
  | "unreachable";

/** A code that this package knows, or one that a later service adds. */
export type AnyCode = Code | (string & {});

/**
 * Codes of errors that pass by themselves; items of a request that failed as a whole have its code.
 *
 * Others do not: a lacking permission (`store_refused`) or a disabled key (`key_refused`) stays until somebody
 * mends it.
 */
export const RETRYABLE: ReadonlySet<AnyCode> = new Set<Code>([
  "authorizer_unavailable",
  "budget_exceeded",
  "function_failed",
  "function_timeout",
  "key_unavailable",
  "quota_exceeded",
  "restoring",
  "store_unavailable",
  "throttled",
  "token_endpoint_unavailable",
  "unreachable",
]);

/** Root of all errors of this package. */
export class TokenvaultError extends Error {
  static {
    // On the prototypes: an instance's own name would come too late for the first line of its stack.
    TokenvaultError.prototype.name = "TokenvaultError";
  }
}

/** The client cannot be used as it is set up. Carries every problem found, none of the values. */
export class ConfigurationError extends TokenvaultError {
  static {
    ConfigurationError.prototype.name = "ConfigurationError";
  }

  readonly problems: readonly string[];

  constructor(...problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}

/** A field of the request at fault. `pointer` is an RFC 6901 JSON pointer into the body that was sent. */
export interface FieldError {
  readonly pointer: string;
  readonly code: AnyCode;
  readonly detail: string;
}

/**
 * A problem document of the API (RFC 9457).
 *
 * `status` is missing if no HTTP answer came; `retryAfter` is in seconds, missing if the service did not say.
 */
export interface Problem {
  readonly code: AnyCode;
  readonly detail: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly retryAfter?: number;
  readonly errors: readonly FieldError[];
}

/** Whether this is more than a whole hour's budget has: of that alone the service says no time. */
export function neverFits(problem: Problem): boolean {
  return problem.code === "budget_exceeded" && problem.retryAfter === undefined;
}

/** What is wrong, where in the body, and under which request id the service knows it. */
export function explanation(problem: Problem): string {
  const pointers = problem.errors.map((error) => error.pointer).filter(Boolean);
  const where = pointers.length > 0 ? `at ${pointers.join(", ")}` : "";
  const known = problem.requestId ? `request id ${problem.requestId}` : "";
  return [problem.detail, where, known].filter(Boolean).join("; ");
}

/** The service, or something on the way to it, did not do what was asked. */
export class ProblemError extends TokenvaultError {
  static {
    ProblemError.prototype.name = "ProblemError";
  }

  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${explanation(problem)}`);
    this.problem = problem;
  }

  /** The stable code of the problem, part of the API. */
  get code(): AnyCode {
    return this.problem.code;
  }

  /** The id under which the service knows the request, if there was an answer with one. */
  get requestId(): string | undefined {
    return this.problem.requestId;
  }

  /** Whether the same call may succeed later, with nothing changed about it or about the service. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code) && !neverFits(this.problem);
  }
}

/** The service refused the request; sent again as it is, it will be refused again. */
export class Refused extends ProblemError {
  static {
    Refused.prototype.name = "Refused";
  }
}

/** The request cannot be understood (400, 413, 415, 422); `problem.errors` points at the fields. */
export class InvalidRequest extends Refused {
  static {
    InvalidRequest.prototype.name = "InvalidRequest";
  }
}

/** There was no access token, or a fresh one was refused (401). */
export class Unauthenticated extends Refused {
  static {
    Unauthenticated.prototype.name = "Unauthenticated";
  }
}

/** The policy does not let this client do this (403), or its access token lacks the scope for it. */
export class NotPermitted extends Refused {
  static {
    NotPermitted.prototype.name = "NotPermitted";
  }
}

/** No such token: unknown, expired, erased or another tenant's (404). */
export class NotFound extends Refused {
  static {
    NotFound.prototype.name = "NotFound";
  }
}

/** An idempotency key of another body, or a subject that was erased (409). */
export class Conflict extends Refused {
  static {
    Conflict.prototype.name = "Conflict";
  }
}

/**
 * A limit of this client is used up (429), and still was when the time for retries was over.
 *
 * `problem.retryAfter` says when to come back, if the service said so. Where `retryable` is false it was asked
 * once: that is more than a whole hour's budget has, and only a smaller request gets past it.
 */
export class Throttled extends Refused {
  static {
    Throttled.prototype.name = "Throttled";
  }
}

/**
 * The service could not be reached or failed (5xx), and still did when the time for retries was over.
 *
 * Where `retryable` is false it was asked once: the failure stays until an operator of the service mends it.
 */
export class Unavailable extends ProblemError {
  static {
    Unavailable.prototype.name = "Unavailable";
  }
}

/** The problem of an error of this package's own, without an answer of the service. */
export function ownProblem(code: Code, detail: string, errors: readonly FieldError[] = []): Problem {
  return { code, detail, errors };
}

/** The error for an answer that is not shaped as the API's are; it quotes nothing. */
export function unexpectedAnswer(): Unavailable {
  return new Unavailable(
    ownProblem("unexpected_answer", "the answer is not one of this API; is the address right?"),
  );
}
