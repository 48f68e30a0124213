/** The version of this package, as `package.json` has it. */

import { nodeVersion } from "./platform.js";

export const VERSION = "0.1.0";

/**
 * The header that names this program, where one may be set: a page's browser names itself, and a header that CORS
 * does not allow would make it refuse the request.
 */
export function userAgent(): Readonly<Record<string, string>> {
  const node = nodeVersion();
  return node === undefined ? {} : { "User-Agent": `tokenvault-client-js/${VERSION} node/${node}` };
}
