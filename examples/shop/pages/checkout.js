/** The checkout: the card goes from here to the vault, and its token to the shop. */

import { capture, ItemError } from "/client/index.js";
import { ask, find, words } from "/parts.js";

/** After these the session is of no more use, and another one may be. */
const SPENT = ["capture_session_expired", "capture_session_invalid", "capture_session_used"];

const settings = await ask("/api/settings");
const card = find("card");
let session;

find("submit").disabled = false;

card.addEventListener("input", () => {
  const atEnd = card.selectionStart === card.value.length;
  if (atEnd) card.value = card.value.replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 ");
  remembered(card.value === "");
  complain("");
});

find("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  find("submit").disabled = true;
  find("status").textContent = "Sending your card to the vault.";
  try {
    const taken = await toVault(card.value);
    const order = await ask("/api/orders", { card: taken.token, session: session.id });
    session = undefined; // Kept until here: tried again, the same card gets the same token.
    thank(order, taken.masked);
  } catch (error) {
    complain(words(error));
    card.focus();
  } finally {
    find("submit").disabled = false;
    find("status").textContent = "";
  }
});

// No page that is kept for the way back has a number in it.
addEventListener("pagehide", () => {
  card.value = "";
  remembered(true);
});

find("again").addEventListener("click", () => {
  show(false);
  card.focus();
});

/** What the vault answers for a card number; throws what it refused. */
async function toVault(number) {
  session ??= await ask("/api/capture-sessions", {});
  try {
    const items = [{ type: "card_number", value: number }];
    const [taken] = await capture(settings.vault, session.session, items, { timeoutSeconds: 10 });
    if (taken instanceof ItemError) throw taken;
    return taken;
  } catch (error) {
    if (SPENT.includes(error.code)) session = undefined;
    throw error;
  }
}

/**
 * Whether the browser may fill the field in, and keep what is in it: it writes fields to its own disk, number and all, to
 * fill them in again after a crash or on the way back, except where `autocomplete` is off.
 */
function remembered(may) {
  card.autocomplete = may ? "cc-number" : "off";
}

function thank(order, masked) {
  card.value = "";
  remembered(true);
  find("number").textContent = order.number;
  find("masked").textContent = masked;
  find("token").textContent = order.card;
  show(true);
  find("done").focus();
}

function show(done) {
  find("form").hidden = done;
  find("done").hidden = !done;
}

function complain(text) {
  find("error").textContent = text;
  card.setAttribute("aria-invalid", String(text !== ""));
}
