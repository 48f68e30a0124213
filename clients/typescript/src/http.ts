/** HTTP over `fetch`: time limits, no redirects, no cookies, no cache. */

import { type Platform, within } from "./platform.js";

/** One request; `path` begins below the address of the transport. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One whole answer. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * No answer came. Whether the request was carried out is not known.
 *
 * `retryable` says whether another try may help: it does not if a name or a certificate is at fault.
 */
export class ConnectionFailed extends Error {
  readonly retryable: boolean;

  constructor(kind: string, retryable = true) {
    super(kind);
    this.retryable = retryable;
  }
}

/** A status that stands for any redirect where a browser does not say which it was. */
const REDIRECT = 302;

/** How Node.js names failures; anything else could be a text that quotes what was sent. */
const KIND = /^[A-Z][A-Z0-9_]{1,63}$/;

/** Failures that stay until somebody mends them: an unknown name, a certificate. */
const LASTING = /^ENOTFOUND$|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS/;

/**
 * Sends requests below one URL.
 *
 * A redirect is an answer like any other and never followed: it would carry credentials elsewhere.
 */
export class HttpTransport {
  readonly #base: string;
  readonly #platform: Platform;

  constructor(url: string, platform: Platform) {
    this.#base = url.replace(/\/+$/, "");
    this.#platform = platform;
  }

  /** One request, one answer, within so many seconds. Throws `ConnectionFailed`. */
  async send(request: HttpRequest, seconds: number): Promise<HttpResponse> {
    try {
      return await within(
        seconds,
        () => new ConnectionFailed("TimeoutError"),
        (signal) => this.#sent(request, signal),
      );
    } catch (error) {
      throw failure(error);
    }
  }

  async #sent(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { path, ...sent } = request;
    const answer = await this.#platform.fetch(`${this.#base}${path}`, {
      ...sent,
      signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
      referrerPolicy: "no-referrer",
    });
    const status = answer.type === "opaqueredirect" ? REDIRECT : answer.status;
    return { status, headers: answer.headers, body: await answer.text() };
  }
}

/** The failure of a request. The text of such an error may quote what was sent; its kind says enough. */
function failure(error: unknown): ConnectionFailed {
  if (error instanceof ConnectionFailed) {
    return error;
  }
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  const code = typeof cause?.code === "string" && KIND.test(cause.code) ? cause.code : undefined;
  return new ConnectionFailed(code ?? kind(name), code === undefined || !LASTING.test(code));
}

function kind(name: unknown): string {
  return name === "TypeError" ? "no connection" : "broken off";
}
