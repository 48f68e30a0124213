/**
 * A client of tokenvault: values in, tokens out, and back for those who may.
 *
 *     const vault = Client.fromEnv();
 *     const [made] = await vault.tokenize([{ type: "card_number", value: "4111 1111 1111 1111" }]);
 */

export type { AccessTokenFunction, Action } from "./access-tokens.js";
export type { Actor, Approval, Approvals, ExportTerms } from "./approvals.js";
export {
  type Captured,
  type CaptureItem,
  type CaptureOptions,
  type CaptureResult,
  capture,
} from "./capture.js";
export type { CaptureSession, CaptureSessionOptions } from "./capture-sessions.js";
export {
  Client,
  type ClientOptions,
  type DetokenizeOptions,
  type Field,
  type TokenizeOptions,
} from "./client.js";
export {
  type AnyCode,
  type Code,
  ConfigurationError,
  Conflict,
  type FieldError,
  InvalidRequest,
  NotFound,
  NotPermitted,
  type Problem,
  ProblemError,
  Refused,
  Throttled,
  TokenvaultError,
  Unauthenticated,
  Unavailable,
} from "./errors.js";
export type { BeginOptions, BegunExport, ExportPage, ExportRequest, Exports } from "./exports.js";
export type { ImportItem, SearchItem, TokenizeItem } from "./items.js";
export type { Page } from "./page.js";
export type { Platform } from "./platform.js";
export {
  type CardFacts,
  type DetokenizeResult,
  type FailedToken,
  type InfoType,
  ItemError,
  type Receipt,
  type Revealed,
  type SignedReceipt,
  type SubjectTokens,
  type TokenFacts,
  type TokenizeResult,
  tokensSha256,
} from "./results.js";
export type { RetryOptions } from "./retries.js";
export { Sensitive } from "./sensitive.js";
export type { FunctionSettings, PersonSettings, SecretSettings, Settings } from "./settings.js";
export { SignIn, type SignInOptions, type SignInSettings } from "./sign-in.js";
export { VERSION } from "./version.js";
