/** The back office: masks, reveals and erasures, each as the person who signed in, straight from the vault. */

import { Client, ItemError, SignIn } from "/client/index.js";
import { ask, find, words } from "/parts.js";

const SHOWN_SECONDS = 30;

const { vault: url, tokenUrl, clientId, redirectUri } = await ask("/api/settings");
const actions = ["detokenize", "detokenize.masked", "erase"];
const signIn = new SignIn({ tokenUrl, clientId, redirectUri, actions });
const vault = new Client({ url: `${url}/people`, signIn }, { timeoutSeconds: 10 });

find("enter").addEventListener("click", () => tried(() => signIn.begin()));
find("leave").addEventListener("click", () =>
  tried(async () => {
    await signIn.signOut();
    find("orders").replaceChildren();
    find("receipt").hidden = true;
  }),
);
find("erase-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const subject = find("customer").value.trim();
  if (subject === "") return find("customer").focus();
  find("confirm-name").textContent = subject;
  find("confirm").returnValue = "no";
  find("confirm").showModal();
});
find("confirm").addEventListener("close", () => {
  if (find("confirm").returnValue === "yes") tried(() => erase(find("customer").value.trim()));
});

await tried(async () => {
  if (await signIn.complete()) await list();
});

/** Does something, says what went wrong with it, and shows the page of who is signed in then. */
async function tried(work) {
  find("error").textContent = "";
  find("status").textContent = "One moment …";
  try {
    await work();
  } catch (error) {
    find("error").textContent = words(error);
  }
  find("status").textContent = "";
  find("door").hidden = signIn.signedIn;
  find("desk").hidden = find("who").hidden = !signIn.signedIn;
  find("name").textContent = signIn.username ?? "";
}

/** The orders, with the mask of each card. */
async function list() {
  const orders = await ask("/api/orders");
  const masks = await vault.detokenize(
    orders.map((order) => order.card),
    { reveal: "masked" },
  );
  find("orders").replaceChildren(...orders.map((order, place) => row(order, masks[place])));
  find("none").hidden = orders.length > 0;
}

function row(order, mask) {
  const made = document.createElement("tr");
  const said = mask instanceof ItemError ? words(mask) : String(mask.value.reveal());
  const card = cell(said, "mono");
  card.dataset.order = order.number;
  made.append(cell(order.number), cell(order.customer), cell(order.item), cell(order.card, "mono"), card);
  made.append(mask instanceof ItemError ? cell("") : withButton(order, showing(card, said)));
  return made;
}

function cell(text, kind = "") {
  const made = document.createElement("td");
  made.textContent = text;
  made.className = kind;
  return made;
}

function withButton(order, show) {
  const [made, button] = [document.createElement("td"), document.createElement("button")];
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Show";
  button.setAttribute("aria-label", `Show the card number of order ${order.number}`);
  button.addEventListener("click", () => tried(() => reveal(order, show)));
  made.append(button);
  return made;
}

/** Asks for the number of an order, and shows it. */
async function reveal(order, show) {
  const [found] = await vault.detokenize([order.card], { purpose: find("purpose").value });
  if (found instanceof ItemError) throw found;
  show(found.value.reveal());
}

/** What shows a number in a cell, and nowhere else, for a while from its last showing; then the mask is back. */
function showing(card, mask) {
  let timer;
  const hide = () => {
    clearTimeout(timer);
    card.textContent = mask;
    card.classList.remove("shown");
    document.removeEventListener("visibilitychange", hide);
  };
  return (number) => {
    hide();
    if (document.hidden) return; // Nobody looks: whoever comes back asks again.
    card.textContent = number;
    card.classList.add("shown");
    document.addEventListener("visibilitychange", hide);
    timer = setTimeout(hide, SHOWN_SECONDS * 1000);
  };
}

/** Erases a customer, and offers what proves it. */
async function erase(subject) {
  const { receipt, jws, claims } = await vault.eraseSubject(subject);
  find("receipt-subject").textContent = receipt.subject;
  find("receipt-when").textContent = receipt.erasedAt.toLocaleString();
  find("receipt-closed").textContent = receipt.tokensClosed;
  find("receipt-until").textContent = receipt.remains.inBackupsUntil;
  const file = new Blob([JSON.stringify({ receipt: claims, jws }, null, 2)], { type: "application/json" });
  URL.revokeObjectURL(find("download").href);
  find("download").href = URL.createObjectURL(file);
  find("download").download = `erased-${receipt.erasedAt.toISOString().slice(0, 10)}.json`;
  find("receipt").hidden = false;
  find("receipt").focus();
  find("customer").value = "";
  await list();
}
