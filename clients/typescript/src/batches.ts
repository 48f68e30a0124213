/** Many items as requests of at most a hundred, a few at a time, with results in the items' order. */

import { byteLength } from "./encoding.js";
import { explanation, ProblemError } from "./errors.js";
import { ItemError } from "./results.js";

/** Most items of one request. */
export const MAX_ITEMS = 100;

/** Most bytes of one body. */
export const MAX_BODY_BYTES = 960 * 1024;

/** What the rest of a body may take beside its items: a purpose, the names of fields. */
const ENVELOPE_BYTES = 1024;

/** Sends a batch of items, each in JSON. Rejects with `ProblemError` if it fails as a whole. */
export type Send<Result> = (number: number, items: readonly string[]) => Promise<Result[]>;

type Outcome<Result> = Result[] | ProblemError;

/**
 * The items, each in JSON, in batches that the service takes. The same items make the same batches each time.
 *
 * An item that is too large for any request is a batch of its own, for the service to refuse.
 */
export function cut(items: readonly string[]): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let left = 0;
  for (const item of items) {
    const bytes = byteLength(item) + 1; // The comma before the next.
    if (batch.length === 0 || batch.length === MAX_ITEMS || bytes > left) {
      batch = [];
      left = MAX_BODY_BYTES - ENVELOPE_BYTES;
      batches.push(batch);
    }
    batch.push(item);
    left -= bytes;
  }
  return batches;
}

/**
 * The results of all items, in order.
 *
 * After a request that failed as a whole no other is begun. What others had done is not lost: the items of requests
 * that failed or were not sent hold the error. If none succeeded, it is thrown.
 */
export async function run<Result>(
  items: readonly string[],
  send: Send<Result>,
  parallel: number,
): Promise<(Result | ItemError)[]> {
  const batches = cut(items);
  const outcomes = await sideBySide(batches, send, parallel);
  const failure = outcomes.find((outcome) => outcome instanceof ProblemError);
  if (failure !== undefined && !outcomes.some(Array.isArray)) {
    throw failure;
  }
  return batches.flatMap((batch, number) => aligned<Result>(batch, outcomes[number] ?? failure));
}

function aligned<Result>(
  batch: readonly string[],
  outcome: Outcome<Result> | undefined,
): (Result | ItemError)[] {
  if (outcome instanceof ProblemError) {
    const { code, problem } = outcome;
    return batch.map(() => new ItemError(code, explanation(problem)));
  }
  return outcome ?? [];
}

/**
 * What became of each batch that was begun, so many at a time.
 *
 * An error that is none of the service's (of the application's function for access tokens) is thrown once the
 * batches that were begun have ended.
 */
async function sideBySide<Result>(
  batches: readonly string[][],
  send: Send<Result>,
  parallel: number,
): Promise<Outcome<Result>[]> {
  const outcomes: Outcome<Result>[] = [];
  const left = batches.entries();
  const broken: unknown[] = [];
  let hasFailed = false;
  const work = async () => {
    for (const [number, batch] of left) {
      try {
        outcomes[number] = await send(number, batch);
      } catch (error) {
        hasFailed = true;
        if (!(error instanceof ProblemError)) {
          broken.push(error);
          return;
        }
        outcomes[number] = error;
      }
      if (hasFailed) {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, batches.length) }, work));
  if (broken.length > 0) {
    throw broken[0];
  }
  return outcomes;
}
