// A plan change in the middle of a period: what is previewed is what is charged, and nothing changes before it is paid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";
import { aPlan, aSubscriber, halfWay, linesOf, paymentOf, paysWith } from "./shop.mjs";

const sandbox = await startSandbox();
const { stripe, browser } = sandbox;
await sandbox.stopTheClock();
const starter = await aPlan(stripe, "Starter", 3000);
const pro = await aPlan(stripe, "Pro", 9000);

/** An account in the middle of its period, and the change that it wants. */
async function anUpgrade(card) {
  const { customer, subscription } = await aSubscriber(stripe, starter);
  if (card) await paysWith(stripe, subscription, card);
  const instant = halfWay(subscription);
  await sandbox.moveTo(instant);
  const change = {
    items: [{ id: subscription.items.data[0].id, price: pro.id }],
    proration_behavior: "always_invoice",
    proration_date: instant,
  };
  const upgrade = (more = {}) =>
    stripe.subscriptions.update(subscription.id, {
      ...change,
      payment_behavior: "pending_if_incomplete",
      expand: ["latest_invoice.confirmation_secret"],
      ...more,
    });
  const planNow = async () => (await stripe.subscriptions.retrieve(subscription.id)).items.data[0].price.id;
  return { customer, subscription, instant, change, upgrade, planNow };
}

/** A change that could not be paid at once: its invoice is open, and the plan is the old one. */
async function awaitsPayment(account, updated) {
  assert.equal(updated.status, "active");
  assert.equal(updated.latest_invoice.status, "open");
  assert.equal(updated.pending_update.subscription_items[0].price.id, pro.id);
  assert.equal(updated.pending_update.expires_at, account.instant + 23 * 3600);
  assert.equal(await account.planNow(), starter.id, "nothing changes before the money is there");
}

test("the preview of an upgrade is what is charged, line by line", async () => {
  const { subscription, change, customer, upgrade } = await anUpgrade();
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: change });
  assert.equal(preview.status, "draft");
  assert.deepEqual(linesOf(preview).map(({ amount }) => amount).sort((a, b) => a - b), [-1500, 4500]);
  assert.ok(linesOf(preview).every(({ proration }) => proration));
  assert.equal(preview.amount_due, 3000);
  const before = await stripe.invoices.list({ customer: customer.id });
  assert.equal(before.data.length, 1, "a preview leaves nothing behind");
  const updated = await upgrade({ metadata: { change: "c-1" } });
  assert.equal(updated.pending_update, null);
  assert.equal(updated.items.data[0].price.id, pro.id);
  const invoice = updated.latest_invoice;
  assert.deepEqual(linesOf(invoice), linesOf(preview));
  assert.deepEqual([invoice.status, invoice.amount_paid, invoice.amount_remaining], ["paid", preview.amount_due, 0]);
  assert.equal(invoice.billing_reason, "subscription_update");
  assert.equal(invoice.parent.subscription_details.metadata.change, "c-1");
  const payment = await paymentOf(stripe, invoice);
  assert.deepEqual([payment.status, payment.amount_received, payment.currency], ["succeeded", 3000, "brl"]);
  const { current_period_end: end } = updated.items.data[0];
  assert.equal(end, subscription.items.data[0].current_period_end, "the billing day stays");
});

test("the same instant gives the same amounts although the update comes later", async () => {
  const { subscription, instant, change, upgrade } = await anUpgrade();
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: change });
  await sandbox.moveTo(instant + 1800);
  const updated = await upgrade();
  assert.deepEqual(linesOf(updated.latest_invoice), linesOf(preview));
  assert.equal(updated.latest_invoice.amount_paid, preview.amount_due);
});

test("an upgrade that the bank asks about waits, and is there once the customer approves", async () => {
  const account = await anUpgrade("pm_card_authenticationRequired");
  const updated = await account.upgrade({ metadata: { change: "c-2" } });
  await awaitsPayment(account, updated);
  assert.equal(updated.metadata.change, undefined, "marks wait as well");
  const secret = updated.latest_invoice.confirmation_secret.client_secret;
  const confirmed = await browser.paymentIntents.confirm(secret.split("_secret_")[0], {
    client_secret: secret,
    return_url: "https://seller.example/done",
  });
  assert.equal(confirmed.status, "requires_action");
  const back = new URL(await sandbox.approve(confirmed));
  assert.equal(back.searchParams.get("redirect_status"), "succeeded");
  const applied = await stripe.subscriptions.retrieve(account.subscription.id, { expand: ["latest_invoice"] });
  assert.equal(applied.pending_update, null);
  assert.equal(applied.items.data[0].price.id, pro.id);
  assert.equal(applied.metadata.change, "c-2");
  assert.deepEqual([applied.latest_invoice.status, applied.latest_invoice.amount_paid], ["paid", 3000]);
});

test("an upgrade whose approval fails can still be paid with another card", async () => {
  const account = await anUpgrade("pm_card_threeDSecure2Required");
  const updated = await account.upgrade();
  await sandbox.refuse(await paymentOf(stripe, updated.latest_invoice));
  const refused = await paymentOf(stripe, updated.latest_invoice);
  assert.equal(refused.status, "requires_payment_method");
  assert.equal(refused.last_payment_error.code, "payment_intent_authentication_failure");
  await awaitsPayment(account, await stripe.subscriptions.retrieve(account.subscription.id, { expand: ["latest_invoice"] }));
  const card = await stripe.paymentMethods.attach("pm_card_mastercard", { customer: account.customer.id });
  const paid = await stripe.invoices.pay(updated.latest_invoice.id, { payment_method: card.id, off_session: false });
  assert.equal(paid.status, "paid");
  assert.equal(await account.planNow(), pro.id);
});

test("an upgrade that is declined changes nothing, and another card pays the same invoice", async () => {
  const account = await anUpgrade("pm_card_chargeCustomerFail");
  const updated = await account.upgrade();
  await awaitsPayment(account, updated);
  const declined = await paymentOf(stripe, updated.latest_invoice);
  assert.equal(declined.status, "requires_payment_method");
  assert.equal(declined.last_payment_error.decline_code, "generic_decline");
  await assert.rejects(stripe.invoices.pay(updated.latest_invoice.id), (error) => {
    assert.ok(error instanceof stripe.errors.StripeCardError);
    assert.deepEqual([error.code, error.decline_code, error.statusCode], ["card_declined", "generic_decline", 402]);
    assert.equal(error.payment_intent.id, declined.id);
    return true;
  });
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: account.customer.id });
  const paid = await stripe.invoices.pay(updated.latest_invoice.id, { payment_method: card.id, off_session: false });
  assert.deepEqual([paid.status, paid.amount_paid], ["paid", 3000]);
  assert.equal(await account.planNow(), pro.id);
  const charges = await stripe.charges.list({ customer: account.customer.id });
  assert.deepEqual(charges.data.map(({ amount, paid }) => [amount, paid]), [[3000, true], [3000, false], [3000, false], [3000, true]]);
  await assert.rejects(stripe.invoices.pay(paid.id), { type: "StripeInvalidRequestError", message: "Invoice is already paid" });
});

test("another card that the bank asks about makes the seller call the customer back", async () => {
  const account = await anUpgrade("pm_card_chargeCustomerFail");
  const { latest_invoice: invoice } = await account.upgrade();
  const card = await stripe.paymentMethods.attach("pm_card_authenticationRequired", { customer: account.customer.id });
  await assert.rejects(stripe.invoices.pay(invoice.id, { payment_method: card.id }), {
    type: "StripeCardError",
    code: "authentication_required",
  });
  await assert.rejects(stripe.invoices.pay(invoice.id, { payment_method: card.id, off_session: false }), (error) => {
    assert.equal(error.code, "invoice_payment_intent_requires_action");
    assert.equal(error.payment_intent.status, "requires_action");
    return true;
  });
  await sandbox.approve(await paymentOf(stripe, invoice));
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, "paid");
  assert.equal(await account.planNow(), pro.id);
});

test("voiding the invoice cancels the change, and its payment with it", async () => {
  const account = await anUpgrade("pm_card_authenticationRequired");
  const { latest_invoice: invoice } = await account.upgrade();
  const payment = await paymentOf(stripe, invoice);
  const voided = await stripe.invoices.voidInvoice(invoice.id);
  assert.equal(voided.status, "void");
  const left = await stripe.subscriptions.retrieve(account.subscription.id);
  assert.equal(left.pending_update, null);
  assert.equal(left.items.data[0].price.id, starter.id);
  assert.equal((await stripe.paymentIntents.retrieve(payment.id)).status, "canceled");
  await assert.rejects(stripe.invoices.pay(invoice.id), { type: "StripeInvalidRequestError" });
  const charges = await stripe.charges.list({ customer: account.customer.id });
  assert.deepEqual(charges.data.map(({ amount }) => amount), [3000], "the first month, and nothing else");
});

test("a change that nobody pays is forgotten after 23 hours", async () => {
  const account = await anUpgrade("pm_card_authenticationRequired");
  const updated = await account.upgrade();
  await sandbox.moveTo(updated.pending_update.expires_at);
  assert.equal((await stripe.subscriptions.retrieve(account.subscription.id)).pending_update, null);
  assert.equal((await stripe.invoices.retrieve(updated.latest_invoice.id)).status, "void");
  const told = await stripe.events.list({ type: "customer.subscription.pending_update_expired" });
  assert.ok(told.data.some(({ data }) => data.object.id === account.subscription.id));
});

test("an upgrade that must be paid at once is an error otherwise", async () => {
  const account = await anUpgrade("pm_card_chargeCustomerFail");
  await assert.rejects(account.upgrade({ payment_behavior: "error_if_incomplete" }), { type: "StripeCardError", statusCode: 402 });
  assert.equal(await account.planNow(), starter.id);
  const left = await stripe.subscriptions.retrieve(account.subscription.id);
  assert.equal(left.pending_update, null);
});

test("a pending change may carry only what Stripe lets it carry", async () => {
  const account = await anUpgrade();
  await assert.rejects(account.upgrade({ description: "not while it waits" }), (error) => {
    assert.ok(error instanceof stripe.errors.StripeInvalidRequestError);
    assert.match(error.message, /description/);
    return true;
  });
  assert.equal(await account.planNow(), starter.id);
});
