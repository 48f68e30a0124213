/** Exports: asking for approval of one, beginning it, and its pages, all sealed to the recipient. */

import { type Approval, readApproval } from "./approvals.js";
import { type Call, type Caller, parsed } from "./calling.js";
import { encoded } from "./encoding.js";
import { ConfigurationError } from "./errors.js";
import { aString, known, listed, type Names } from "./known-properties.js";
import type { components } from "./openapi.js";
import { integer, list, moment, object, orNull, share, text } from "./parsing.js";

type Bodies = components["schemas"];

/** What is exported to whom. `types` left out are all that the client may use and that may be kept. */
export interface ExportRequest {
  /** The recipient's P-256 public key in PEM. */
  readonly recipient: string;
  readonly purpose: string;
  readonly types?: readonly string[];
}

export interface BeginOptions {
  /** The id of an approval of exactly this export. It is used up, also where the answer is lost. */
  readonly approval?: string;
  /** In how many parts, each with pages and a file of its own: 1 by default. */
  readonly parts?: NonNullable<Bodies["ExportBody"]["parts"]>;
}

const REQUEST: Names<ExportRequest> = { recipient: true, purpose: true, types: true };
const BEGIN_OPTIONS: Names<BeginOptions> = { approval: true, parts: true };

/** An export that was begun. Its pages can be had until `expiresAt`. */
export interface BegunExport {
  readonly exportId: string;
  /** What each file begins with. */
  readonly opening: string;
  /** What the first page of each part is asked for with. */
  readonly cursors: readonly string[];
  readonly types: readonly string[];
  readonly recipientSha256: string;
  readonly expiresAt: Date;
}

/** A page, sealed to the recipient. `tokens` and `failed` count what is in the file with it. */
export interface ExportPage {
  readonly number: number;
  /** In base64, as it stands in the file. */
  readonly sealed: string;
  readonly tokens: number;
  readonly failed: number;
  /** How much of its part of the vault was walked, from 0 to 1. */
  readonly walked: number;
  /** What the next page is asked for with; null after the last. */
  readonly cursor: string | null;
  /** What the file ends with; null until then. */
  readonly receipt: string | null;
}

/**
 * What `exports` of a client offers. All methods reject as those of the client do.
 *
 * Nobody but the recipient opens what comes of it, this client neither.
 */
export class Exports {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Asks for the approval of exactly this export. Asked again, there is another one. */
  async ask(request: ExportRequest): Promise<Approval> {
    return parsed(await this.#sent("/approvals", terms(request)), readApproval);
  }

  /** Begins an export. Rejects with `Conflict` for an approval that is used, late or of something else. */
  async begin(request: ExportRequest, options: BeginOptions = {}): Promise<BegunExport> {
    const { approval, parts } = known("options", options, BEGIN_OPTIONS);
    const body: Bodies["ExportBody"] = {
      ...terms(request),
      ...(approval === undefined ? {} : { approval }),
      ...(parts === undefined ? {} : { parts }),
    };
    return parsed(await this.#sent("", body), begun);
  }

  /**
   * The page that a cursor stands before, on record. Sent again, there is another copy of it: a file goes on with the
   * cursor of the copy that it holds.
   */
  async page(opening: string, cursor: string): Promise<ExportPage> {
    const body = { opening: aString("opening", opening), cursor: aString("cursor", cursor) };
    return parsed(await this.#sent("/pages", body), page);
  }

  /**
   * The lines of the file of a part (1 by default), each with its end, as the pages come: write each before the next is
   * asked for. A file is whole once all of them were written; where that ended before, it is begun anew, or gone on with
   * by `page`.
   */
  async *lines(export_: BegunExport, part = 1): AsyncGenerator<string, void, undefined> {
    const opening = aString("opening", export_?.opening);
    const cursors = listed("cursors", export_?.cursors);
    let cursor: string | null = cursors[part - 1] ?? null;
    if (cursor === null) {
      throw new ConfigurationError(`the export has parts 1 to ${cursors.length}, and no other`);
    }
    const first = cursors.length === 1 ? { tokenvault_export: 1 } : { tokenvault_export: 2, part };
    yield line({ ...first, opening });
    while (cursor !== null) {
      const { number, sealed, receipt, cursor: next } = await this.page(opening, cursor);
      yield line({ chunk: number, sealed, ...(receipt === null ? {} : { last: true }) });
      if (receipt !== null) {
        yield line({ receipt });
      }
      cursor = next;
    }
  }

  #sent(path: string, body: object) {
    const call: Call = {
      method: "POST",
      path: `/v1/exports${path}`,
      actions: ["export"],
      body: encoded(body, ""),
    };
    return this.#caller.send(call);
  }
}

function terms(request: ExportRequest): Bodies["AskExportBody"] {
  const { recipient, purpose, types } = known("request", request, REQUEST);
  return { recipient, purpose, ...(types === undefined ? {} : { types: [...listed("types", types)] }) };
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

/** Throws `UnexpectedShape`. */
function begun(value: unknown): BegunExport {
  const body = object<Bodies["BegunExportBody"]>(value);
  return {
    exportId: text(body.export_id),
    opening: text(body.opening),
    cursors: list(body.cursors).map(text),
    types: list(body.types).map(text),
    recipientSha256: text(body.recipient_sha256),
    expiresAt: moment(body.expires_at),
  };
}

/** Throws `UnexpectedShape`. */
function page(value: unknown): ExportPage {
  const body = object<Bodies["ExportedPageBody"]>(value);
  return {
    number: integer(body.number),
    sealed: text(body.sealed),
    tokens: integer(body.tokens),
    failed: integer(body.failed),
    walked: share(body.walked),
    cursor: orNull(body.cursor, text),
    receipt: orNull(body.receipt, text),
  };
}
