// Saving cards, with and without the bank's question.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";

const sandbox = await startSandbox();
const { stripe, browser } = sandbox;

test("a card that the bank asks about is saved once its holder approves", async () => {
  const customer = await stripe.customers.create({ name: "Ana Souza" });
  const intent = await stripe.setupIntents.create({ customer: customer.id, usage: "off_session" });
  assert.equal(intent.status, "requires_payment_method");
  const asked = await browser.setupIntents.confirm(intent.id, {
    client_secret: intent.client_secret,
    payment_method: "pm_card_authenticationRequiredOnSetup",
    return_url: "https://seller.example/cards?account=7",
  });
  assert.equal(asked.status, "requires_action");
  assert.equal(asked.next_action.type, "redirect_to_url");
  assert.deepEqual((await stripe.customers.listPaymentMethods(customer.id)).data, [], "nothing is saved before the approval");
  const back = new URL(await sandbox.approve(asked));
  assert.equal(back.searchParams.get("account"), "7");
  assert.equal(back.searchParams.get("setup_intent"), intent.id);
  assert.equal(back.searchParams.get("redirect_status"), "succeeded");
  const saved = await stripe.setupIntents.retrieve(intent.id, { expand: ["payment_method"] });
  assert.equal(saved.status, "succeeded");
  assert.equal(saved.payment_method.customer, customer.id);
  assert.equal(saved.payment_method.card.last4, "3155");
});

test("a card that its holder does not approve is not saved, and another one can be tried", async () => {
  const customer = await stripe.customers.create();
  const intent = await stripe.setupIntents.create({
    customer: customer.id,
    payment_method: "pm_card_threeDSecure2Required",
    confirm: true,
    return_url: "https://seller.example/cards",
  });
  await sandbox.refuse(intent);
  const refused = await stripe.setupIntents.retrieve(intent.id);
  assert.equal(refused.status, "requires_payment_method");
  assert.equal(refused.last_setup_error.code, "setup_intent_authentication_failure");
  const saved = await stripe.setupIntents.confirm(intent.id, { payment_method: "pm_card_mastercard" });
  assert.equal(saved.status, "succeeded");
  const cards = await stripe.customers.listPaymentMethods(customer.id, { type: "card" });
  assert.deepEqual(cards.data.map(({ card }) => card.brand), ["mastercard"]);
});

test("a card that its bank refuses is an error that carries the set-up", async () => {
  const customer = await stripe.customers.create();
  const intent = await stripe.setupIntents.create({ customer: customer.id });
  await assert.rejects(stripe.setupIntents.confirm(intent.id, { payment_method: "pm_card_chargeDeclinedInsufficientFunds" }), (error) => {
    assert.ok(error instanceof stripe.errors.StripeCardError);
    assert.equal(error.decline_code, "insufficient_funds");
    assert.equal(error.setup_intent.id, intent.id);
    assert.equal(error.setup_intent.status, "requires_payment_method");
    return true;
  });
});

test("saved cards are listed, made the default and removed", async () => {
  const customer = await stripe.customers.create();
  const visa = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  const typed = await browser.paymentMethods.create({
    type: "card",
    card: { number: "5555555555554444", exp_month: 12, exp_year: new Date().getFullYear() + 3, cvc: "123" },
    billing_details: { name: "Ana Souza" },
  });
  const mastercard = await stripe.paymentMethods.attach(typed.id, { customer: customer.id });
  const cards = await stripe.paymentMethods.list({ customer: customer.id, type: "card" });
  assert.deepEqual(cards.data.map(({ id }) => id), [mastercard.id, visa.id], "newest first");
  assert.equal(mastercard.billing_details.name, "Ana Souza");
  const chosen = await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: mastercard.id },
    expand: ["invoice_settings.default_payment_method"],
  });
  assert.equal(chosen.invoice_settings.default_payment_method.card.last4, "4444");
  const removed = await stripe.paymentMethods.detach(mastercard.id);
  assert.equal(removed.customer, null);
  assert.equal((await stripe.customers.retrieve(customer.id)).invoice_settings.default_payment_method, null);
  await assert.rejects(stripe.paymentMethods.attach(mastercard.id, { customer: customer.id }), { type: "StripeInvalidRequestError" });
});

test("a browser's key opens nothing but what belongs to a browser", async () => {
  await assert.rejects(browser.customers.list(), { type: "StripeAuthenticationError", code: "secret_key_required" });
  const intent = await stripe.setupIntents.create();
  await assert.rejects(browser.setupIntents.retrieve(intent.id, { client_secret: `${intent.client_secret}x` }), {
    type: "StripeInvalidRequestError",
    param: "client_secret",
  });
});
