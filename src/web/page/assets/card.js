// A card goes from here to the payment provider, and never to us: we only learn the name of its setup. The provider's own fields are
// used with a real key; beside the sandbox, our fields stand in for them and speak to the sandbox in the same way.
"use strict";

const box = document.querySelector("[data-card]");
const payForm = box?.closest("form");

// The card's fields are there when a new card is chosen.
function cardIsChosen() {
  const chosen = payForm.querySelector("input[name=pay]:checked");
  return !payForm.querySelector("input[name=pay]") || chosen?.value === "new";
}
function showFields() { box.hidden = !cardIsChosen(); }

// The provider's answer to a card that cannot be kept: the code says why, where the bank gave a reason.
class Refused extends Error {
  constructor(error) {
    super(error?.message ?? "");
    this.code = error?.decline_code ?? error?.code ?? "";
  }
}

// The provider's interface, as Stripe documents it: form-encoded, with the publishable key.
async function askProvider(method, path, fields) {
  const options = { method, headers: { authorization: `Bearer ${box?.dataset.key ?? "pk_test_sandbox"}` } };
  const sent = new URLSearchParams(fields);
  let address = sandboxAt() + path;
  if (method === "GET") address += `?${sent}`; else options.body = sent;
  const answer = await fetch(address, options);
  const body = await answer.json();
  if (!answer.ok) throw new Refused(body.error);
  return body;
}
function sandboxAt() { return document.querySelector("[data-sandbox]")?.dataset.sandbox; }

let elements, stripe;
async function giveToProvider(begun) {
  if (!box.dataset.sandbox) {
    const { error: early } = await elements.submit();
    if (early) throw new Error(early.message);
    const { error } = await stripe.confirmSetup({
      elements, clientSecret: begun.client_secret, redirect: "if_required",
      confirmParams: { return_url: new URL(box.dataset.back, location.href).href },
    });
    if (error) throw new Refused(error);
    return true;
  }
  const value = (name) => box.querySelector(`[data-field=${name}]`).value.trim();
  const [month, year] = value("expiry").split("/").map((part) => part.trim());
  const card = await askProvider("POST", "/v1/payment_methods", {
    type: "card",
    "card[number]": value("number").replace(/\D/g, ""),
    "card[exp_month]": String(Number(month)),
    "card[exp_year]": year?.length === 2 ? `20${year}` : year ?? "",
    "card[cvc]": value("cvc"),
    "billing_details[name]": value("name"),
  });
  const setup = await askProvider("POST", `/v1/setup_intents/${begun.setup}/confirm`, {
    client_secret: begun.client_secret,
    payment_method: card.id,
    return_url: new URL(box.dataset.back, location.href).href,
  });
  if (setup.status === "requires_action") {
    location.assign(setup.next_action.redirect_to_url.url);
    return false;
  }
  return true;
}

// A refused card gets the bank's reason, where there is one, and what to check; everything else one sentence.
function tell(problem) {
  const wrong = box.querySelector("[data-wrong]"), refused = box.querySelector("[data-refused]");
  const isRefused = problem instanceof Refused;
  wrong.textContent = problem && !isRefused ? problem.message || box.dataset.failed : "";
  wrong.hidden = !wrong.textContent;
  for (const reason of refused.querySelectorAll("[data-codes]")) {
    reason.hidden = !isRefused || !reason.dataset.codes.split(" ").includes(problem.code);
  }
  refused.hidden = !isRefused;
  if (isRefused) refused.focus(); else if (problem) box.querySelector("input:not([type=hidden])")?.focus();
}

if (box) {
  if (!box.dataset.sandbox && box.dataset.key) {
    const mount = () => {
      stripe = window.Stripe(box.dataset.key);
      const amount = Number(payForm.querySelector("[name=amount]")?.value ?? 0);
      const currency = (payForm.querySelector("[name=currency]")?.value ?? "usd").toLowerCase();
      elements = stripe.elements({ mode: "setup", currency, paymentMethodTypes: ["card"], amount: amount || undefined });
      elements.create("payment").mount(box.querySelector("[data-element]"));
    };
    if (window.Stripe) mount(); else document.querySelector('script[src*="js.stripe.com"]')?.addEventListener("load", mount);
  }
  payForm.addEventListener("change", (event) => { if (event.target.name === "pay") showFields(); });

  // Coming back from the bank's question about a new card: its setup is named in the address.
  const back = new URLSearchParams(location.search);
  const asked = back.get("setup_intent") ? back.get("redirect_status") : null;
  // In the wallet the card is among the others already.
  if (asked === "succeeded" && !("done" in payForm.dataset)) {
    const fresh = payForm.querySelector("input[name=pay][value=new]");
    if (fresh) fresh.checked = true;
    box.querySelector("[name=setup]").value = back.get("setup_intent");
    box.querySelector(".fields")?.remove();
    box.querySelector("[data-added]").hidden = false;
  }
  // The address has the secret of the setup in it, which is nobody's business any more.
  if (back.get("setup_intent")) history.replaceState(null, "", location.pathname);
  showFields();
  if (asked === "failed") {
    const fresh = payForm.querySelector("input[name=pay][value=new]");
    if (fresh) fresh.checked = true;
    showFields();
    tell(new Refused({ code: "setup_intent_authentication_failure" }));
  }

  payForm.addEventListener("submit", async (event) => {
    const setup = box.querySelector("[name=setup]");
    if (!cardIsChosen() || setup.value) return;
    event.preventDefault();
    event.stopPropagation();
    if (payForm.dataset.busy) return;
    payForm.dataset.busy = "1";
    tell(null);
    const button = payForm.querySelector("button.main");
    const words = button.textContent;
    button.textContent = box.dataset.working;
    button.setAttribute("aria-disabled", "true");
    try {
      const fields = new URLSearchParams([["token", payForm.token.value], ["key", payForm.key.value]]);
      const answer = await fetch(box.dataset.setupAt, { method: "POST", body: fields });
      if (!answer.ok) throw new Error("");
      const begun = await answer.json();
      if (await giveToProvider(begun)) {
        setup.value = begun.setup;
        if ("done" in payForm.dataset) location.assign(box.dataset.back); else payForm.submit();
        return;
      }
    } catch (problem) {
      tell(problem);
      // Another try is another card: it begins anew.
      payForm.key.value = crypto.randomUUID();
    }
    button.textContent = words;
    button.removeAttribute("aria-disabled");
    delete payForm.dataset.busy;
  }, true);
}

// The bank's question about a payment.
const bank = document.querySelector("[data-authenticate]");
if (bank) {
  bank.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(bank.dataset.authenticate);
      const { client_secret: secret } = await answer.json();
      if (!secret) { location.reload(); return; }
      if (bank.dataset.sandbox) {
        const id = secret.split("_secret_")[0];
        const back = new URL(bank.dataset.back, location.href).href;
        location.assign(`${bank.dataset.sandbox}/_sandbox/3ds/${id}?return_url=${encodeURIComponent(back)}`);
        return;
      }
      const { error } = await window.Stripe(bank.dataset.key).handleNextAction({ clientSecret: secret });
      if (error) throw error;
      location.reload();
    } catch {
      location.assign(bank.href);
    }
  });
}
