/** Answers that are no success, as errors. */

import {
  type Code,
  Conflict,
  type FieldError,
  InvalidRequest,
  NotFound,
  NotPermitted,
  neverFits,
  type Problem,
  type ProblemError,
  RETRYABLE,
  Refused,
  Throttled,
  Unauthenticated,
  Unavailable,
} from "./errors.js";
import type { HttpResponse } from "./http.js";
import type { components } from "./openapi.js";
import { objectOrEmpty, textIfAny, type Unread } from "./parsing.js";

type ProblemBody = components["schemas"]["Problem"];
type FieldBody = components["schemas"]["FieldProblem"];

/** Statuses of failures that pass by themselves, of the service or of something on the way to it. */
export const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** API Gateway's quota of a day: it passes, and not within seconds. */
const DAILY: Code = "quota_exceeded";

const KINDS: ReadonlyMap<number, new (problem: Problem) => ProblemError> = new Map([
  [400, InvalidRequest],
  [401, Unauthenticated],
  [403, NotPermitted],
  [404, NotFound],
  [409, Conflict],
  [413, InvalidRequest],
  [415, InvalidRequest],
  [422, InvalidRequest],
  [429, Throttled],
]);

/** The error that an answer stands for. */
export function problemError(response: HttpResponse): ProblemError {
  const Kind = response.status >= 500 ? Unavailable : (KINDS.get(response.status) ?? Refused);
  return new Kind(problemOf(response));
}

/** The problem document of an answer. Any other answer, such as a page of a proxy, is not repeated. */
export function problemOf(response: HttpResponse): Problem {
  const document = documentOf(response);
  const requestId = textIfAny(document.request_id) ?? response.headers.get("x-amzn-requestid");
  const retryAfter = seconds(document.retry_after ?? response.headers.get("retry-after"));
  return {
    code: textIfAny(document.code) ?? codeOf(response.status),
    detail: textIfAny(document.detail) ?? `HTTP status ${response.status} without a problem document`,
    status: response.status,
    ...(requestId ? { requestId } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    errors: fieldErrors(document.errors),
  };
}

/**
 * Whether the same request may succeed within seconds.
 *
 * The code decides: a failure that somebody has to mend does not pass, whatever its status.
 */
export function passes(response: HttpResponse): boolean {
  const found = problemOf(response);
  const passing = PASSING.has(response.status) && RETRYABLE.has(found.code);
  return passing && found.code !== DAILY && !neverFits(found);
}

/** Our own code of an answer that has none, since it came from something on the way to the service. */
function codeOf(status: number): Code {
  return PASSING.has(status) ? "unreachable" : "unexpected_answer";
}

function documentOf(response: HttpResponse): Unread<ProblemBody> {
  const [type] = (response.headers.get("content-type") ?? "").split(";");
  return type?.trim() === "application/problem+json" ? objectOrEmpty<ProblemBody>(response.body) : {};
}

function fieldErrors(entries: unknown): readonly FieldError[] {
  const listed: readonly unknown[] = Array.isArray(entries) ? entries : [];
  return listed.filter(isObject).map((entry) => ({
    pointer: textIfAny(entry.pointer) ?? "",
    code: textIfAny(entry.code) ?? "",
    detail: textIfAny(entry.detail) ?? "",
  }));
}

function isObject(value: unknown): value is Unread<FieldBody> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number of seconds; the other form that RFC 9110 (10.2.3) allows, a date, this service never sends. */
function seconds(value: unknown): number | undefined {
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) && read >= 0 ? read : undefined;
}
