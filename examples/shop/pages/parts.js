/** What both pages need: the shop's own API, and what is said to people when something fails. */

/** The element of this id. */
export const find = (id) => document.getElementById(id);

/** An answer of the shop's back end; throws `Error` with its words. */
export async function ask(path, body) {
  const sent = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, sent);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail);
  return found;
}

const WORDS = {
  budget_exceeded: "You have used up what you may reveal in an hour.",
  capture_session_expired: "This took too long. Please press Pay again.",
  capture_session_invalid: "This page is out of date. Please reload it.",
  capture_session_used: "This card was sent already. Please press Pay again.",
  invalid_value: "This is no card number. Please check the digits.",
  not_permitted: "Your group may not do this.",
  not_signed_in: "You are signed out. Please sign in again.",
  throttled: "Too many attempts. Please try again in a minute.",
  token_not_found: "This card was erased.",
  unreachable: "The vault cannot be reached. Please try again in a while.",
  wrong_origin: "This page may not take cards.",
};

/** What to say of an error, or of an item that failed. By its code: texts may change. */
export const words = (error) => WORDS[error.code] ?? `${error.detail ?? error.message}`;
