/** One attempt to sign in: what waits in the tab until the answer comes, and what is taken from that. */

import { ownProblem, Unauthenticated } from "./errors.js";
import { objectOrEmpty } from "./parsing.js";
import { knownCode } from "./token-endpoint.js";

/** `verifier` goes to the token endpoint alone. */
export interface Attempt {
  readonly state: string;
  readonly verifier: string;
}

const CODE = /^[!-~]{1,2048}$/;

/** The attempt that waited. Throws `Unauthenticated` if there was none. */
export function attemptOf(kept: string | null): Attempt {
  const { state, verifier } = objectOrEmpty<Attempt>(kept ?? "");
  if (typeof state !== "string" || typeof verifier !== "string" || state === "") {
    throw refused("the answer is to no sign-in that was begun in this tab; begin again");
  }
  return { state, verifier };
}

/** Whether a page's address holds an answer, to whatever sign-in. */
export function isAnswer(address: URLSearchParams): boolean {
  return address.has("code") || address.has("error");
}

/**
 * The code of an answer. Throws `Unauthenticated`, quoting nothing but a code of RFC 6749 (4.1.2.1).
 *
 * The state comes first: what was begun elsewhere (RFC 6749, 10.12) is not looked at further.
 */
export function codeOf(answer: URLSearchParams, attempt: Attempt): string {
  if (only(answer, "state") !== attempt.state) {
    throw refused("the answer is not one to this sign-in; begin again");
  }
  if (answer.has("error")) {
    throw refused(
      `the sign-in was refused: ${knownCode(only(answer, "error")) ?? "no reason of a known name"}`,
    );
  }
  const code = only(answer, "code");
  if (!CODE.test(code)) {
    throw refused("the answer holds no code; begin again");
  }
  return code;
}

/** A parameter that is there once; empty otherwise (RFC 6749, 3.1: none more than once). */
function only(answer: URLSearchParams, name: string): string {
  const [found = "", ...more] = answer.getAll(name);
  return more.length === 0 ? found : "";
}

function refused(detail: string): Unauthenticated {
  return new Unauthenticated(ownProblem("no_access_token", detail));
}
