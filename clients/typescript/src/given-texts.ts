/** What texts that are given to the client have to be: addresses, and what stands in headers. */

/** What can stand in a header. Anything else `fetch` would refuse, quoting it. */
export const HEADER_TEXT = /^[!-~]+$/;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What is wrong with an address: credentials and values would cross the network in the clear. */
export function ofUrl(value: string): string | undefined {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return "is not a URL"; // The engine's own error quotes it.
  }
  if (url.hostname === "" || url.username || url.password || /[?#]/.test(value)) {
    return "must be a URL with a host, and without credentials, query or fragment";
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname))) {
    return undefined;
  }
  return "must begin with https:// (http:// only for this machine)";
}
