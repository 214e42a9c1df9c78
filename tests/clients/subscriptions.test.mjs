// The first subscription, confirmed in the customer's browser, and the end of one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";
import { aCustomer, aPlan, aSubscriber } from "./shop.mjs";

const sandbox = await startSandbox();
const { stripe, browser } = sandbox;
const plan = await aPlan(stripe, "Pro", 9000);

/** A subscription that waits for its first payment. */
async function begun(customer) {
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plan.id, quantity: 2 }],
    payment_behavior: "default_incomplete",
    payment_settings: { save_default_payment_method: "on_subscription" },
    expand: ["latest_invoice.confirmation_secret", "latest_invoice.payments"],
  });
  assert.equal(subscription.status, "incomplete");
  assert.equal(subscription.billing_mode.type, "flexible");
  const { latest_invoice: invoice } = subscription;
  assert.deepEqual([invoice.status, invoice.amount_due], ["open", 18000]);
  assert.equal(invoice.confirmation_secret.type, "payment_intent");
  const secret = invoice.confirmation_secret.client_secret;
  const intent = invoice.payments.data[0].payment.payment_intent;
  assert.ok(secret.startsWith(`${intent}_secret_`));
  return { subscription, intent, secret };
}

test("a first subscription is active once the browser has paid it", async () => {
  const customer = await stripe.customers.create();
  const { subscription, intent, secret } = await begun(customer);
  const paid = await browser.paymentIntents.confirm(intent, { client_secret: secret, payment_method: "pm_card_visa" });
  assert.equal(paid.status, "succeeded");
  const active = await stripe.subscriptions.retrieve(subscription.id, { expand: ["default_payment_method", "latest_invoice"] });
  assert.equal(active.status, "active");
  assert.equal(active.latest_invoice.status, "paid");
  assert.equal(active.default_payment_method.card.last4, "4242", "the card is kept for the renewals");
});

test("a first subscription with a card that the bank asks about", async () => {
  const customer = await stripe.customers.create();
  const { subscription, intent, secret } = await begun(customer);
  const asked = await browser.paymentIntents.confirm(intent, {
    client_secret: secret,
    payment_method: "pm_card_threeDSecure2Required",
    return_url: "https://seller.example/welcome",
  });
  assert.equal(asked.status, "requires_action");
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "incomplete");
  await sandbox.approve(asked);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "active");
});

test("a declined first payment leaves the subscription incomplete, for another card", async () => {
  const customer = await stripe.customers.create();
  const { subscription, intent, secret } = await begun(customer);
  const confirm = (card) => browser.paymentIntents.confirm(intent, { client_secret: secret, payment_method: card });
  await assert.rejects(confirm("pm_card_visa_chargeDeclined"), { type: "StripeCardError", code: "card_declined" });
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "incomplete");
  assert.equal((await confirm("pm_card_visa")).status, "succeeded");
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "active");
});

test("a customer with a saved card is subscribed in one call", async () => {
  const customer = await aCustomer(stripe);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plan.id }],
    payment_behavior: "error_if_incomplete",
  });
  assert.equal(subscription.status, "active");
  const found = await stripe.subscriptions.list({ customer: customer.id, status: "all" });
  assert.deepEqual(found.data.map(({ id }) => id), [subscription.id]);
  const items = await stripe.subscriptionItems.list({ subscription: subscription.id });
  assert.deepEqual(items.data.map(({ price, quantity }) => [price.id, quantity]), [[plan.id, 1]]);
});

test("a subscription ends at its period's end, or at once", async () => {
  const { subscription } = await aSubscriber(stripe, plan);
  const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  assert.equal(ending.status, "active");
  assert.equal(ending.cancel_at, subscription.items.data[0].current_period_end);
  const kept = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  assert.equal(kept.cancel_at, null);
  const ended = await stripe.subscriptions.cancel(subscription.id);
  assert.equal(ended.status, "canceled");
  await assert.rejects(stripe.subscriptions.cancel(subscription.id), { type: "StripeInvalidRequestError", code: "resource_missing" });
});
