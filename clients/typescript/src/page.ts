/** What a sign-in needs of the page that it begins and ends in; tests hand in their own. */

/** A page's address, and the storage of its tab. */
export interface Page {
  readonly address: () => string;
  /** Leaves for another address. */
  readonly go: (url: string) => void;
  /** Changes the address that is shown and kept in the history, without leaving. */
  readonly replace: (url: string) => void;
  /** Keeps a text for this tab, beyond a redirect. */
  readonly keep: (key: string, text: string) => void;
  /** The text that was kept, which is gone afterwards; null if there is none. */
  readonly take: (key: string) => string | null;
}

/** The page that this is. */
export const PAGE: Page = {
  address: () => location.href,
  go: (url) => location.assign(url),
  replace: (url) => history.replaceState(null, "", url),
  keep: (key, text) => sessionStorage.setItem(key, text),
  take: (key) => {
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return kept;
  },
};
