/** Approvals of full reveals, and of exports, by a second person: asking for one, looking at one, and deciding on one. */

import { type Call, type Caller, parsed } from "./calling.js";
import { encoded, segment } from "./encoding.js";
import { detokenizeItem } from "./items.js";
import { aString, listed } from "./known-properties.js";
import type { components } from "./openapi.js";
import { integer, list, moment, object, orNull, text } from "./parsing.js";

type Bodies = components["schemas"];

/** Who asked or decided: a client, and the user who signed in to it; null where nobody did. */
export interface Actor {
  readonly client: string;
  readonly userSub: string | null;
  readonly username: string | null;
}

/** What an export gives to whom: all tokens of these types, sealed to the key of this fingerprint (SHA-256). */
export interface ExportTerms {
  readonly types: readonly string[];
  readonly recipientSha256: string;
}

/**
 * An approval as it stood when the service answered. Of a reveal, `types` has the number of tokens of each type; of an
 * export, `exportTerms` says what is exported, and it is null of a reveal.
 *
 * It has to be decided on and used before `expiresAt`, and is used once.
 */
export interface Approval {
  readonly approval: string;
  /** `pending`, `approved`, `refused`, `used` or `expired`. */
  readonly state: string;
  readonly askedBy: Actor;
  readonly purpose: string;
  readonly types: Readonly<Record<string, number>>;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: Actor | null;
  readonly decidedAt: Date | null;
  readonly exportTerms: ExportTerms | null;
}

/**
 * What `approvals` of a client offers. All methods reject as those of the client do.
 *
 * A reveal under an approval is `detokenize` with its id, of the same tokens for the same purpose.
 */
export class Approvals {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Asks for the full reveal of at most a hundred tokens. Asked again, there is another one. */
  async ask(tokens: Iterable<string>, purpose: string): Promise<Approval> {
    const items = listed("tokens", tokens).map(detokenizeItem).join(",");
    const body = `{"items":[${items}],"purpose":${encoded(aString("purpose", purpose), "/purpose")}}`;
    return this.#sent({ method: "POST", path: "/v1/approvals", actions: ["detokenize"], body });
  }

  /** An approval that this client asked for, or may decide on. Rejects with `NotFound`. */
  async get(approval: string): Promise<Approval> {
    const path = `/v1/approvals/${segment(approval, "approval")}`;
    return this.#sent({ method: "GET", path, actions: ["approve", "detokenize", "export"] });
  }

  /**
   * Approves what somebody else asked for. Rejects with `Conflict` if it is late, or decided otherwise.
   *
   * Of an export, compare `exportTerms.recipientSha256` with the recipient, by another way, before this.
   */
  approve(approval: string): Promise<Approval> {
    return this.#decide(approval, "approve");
  }

  /** Refuses what somebody else asked for. Rejects as `approve` does. */
  refuse(approval: string): Promise<Approval> {
    return this.#decide(approval, "refuse");
  }

  async #decide(approval: string, decision: Bodies["DecisionBody"]["decision"]): Promise<Approval> {
    const path = `/v1/approvals/${segment(approval, "approval")}/decision`;
    const body = encoded({ decision }, "/decision");
    return this.#sent({ method: "POST", path, actions: ["approve"], body });
  }

  async #sent(call: Call): Promise<Approval> {
    return parsed(await this.#caller.send(call), readApproval);
  }
}

/** An approval of an answer. Throws `UnexpectedShape`. */
export function readApproval(value: unknown): Approval {
  const body = object<Bodies["ApprovalBody"]>(value);
  const types = Object.entries(object<Record<string, number>>(body.types));
  return {
    approval: text(body.approval),
    state: text(body.state),
    askedBy: actor(body.asked_by),
    purpose: text(body.purpose),
    types: Object.fromEntries(types.map(([type, count]) => [type, integer(count)])),
    askedAt: moment(body.asked_at),
    expiresAt: moment(body.expires_at),
    decidedBy: orNull(body.decided_by, actor),
    decidedAt: orNull(body.decided_at, moment),
    // A service of an earlier release does not say.
    exportTerms: orNull(body.export ?? null, exportTerms),
  };
}

function exportTerms(value: unknown): ExportTerms {
  const { types, recipient_sha256 } = object<Bodies["ExportTermsBody"]>(value);
  return { types: list(types).map(text), recipientSha256: text(recipient_sha256) };
}

function actor(value: unknown): Actor {
  const { client, user_sub, username } = object<Bodies["ActorBody"]>(value);
  return { client: text(client), userSub: orNull(user_sub, text), username: orNull(username, text) };
}
