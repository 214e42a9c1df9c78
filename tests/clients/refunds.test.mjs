// Money back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";

const { stripe } = await startSandbox();

const aPayment = () =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: "brl",
    payment_method: "pm_card_visa",
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });

const chargeOf = async ({ latest_charge: charge }) => stripe.charges.retrieve(charge, { expand: ["refunds"] });

test("a payment is refunded in parts, and never beyond what was paid", async () => {
  const payment = await aPayment();
  const first = await stripe.refunds.create({ payment_intent: payment.id, amount: 1200, reason: "requested_by_customer" });
  assert.deepEqual([first.status, first.amount, first.currency], ["succeeded", 1200, "brl"]);
  let charge = await chargeOf(payment);
  assert.deepEqual([charge.amount_refunded, charge.refunded], [1200, false]);
  await assert.rejects(stripe.refunds.create({ payment_intent: payment.id, amount: 3801 }), (error) => {
    assert.ok(error instanceof stripe.errors.StripeInvalidRequestError);
    assert.equal(error.param, "amount");
    return true;
  });
  await stripe.refunds.create({ charge: payment.latest_charge });
  charge = await chargeOf(payment);
  assert.deepEqual([charge.amount_refunded, charge.refunded], [5000, true]);
  const refunds = await stripe.refunds.list({ payment_intent: payment.id });
  assert.deepEqual(refunds.data.map(({ amount }) => amount), [3800, 1200]);
  assert.deepEqual(await stripe.refunds.retrieve(first.id), refunds.data[1]);
});

test("a full refund is final", async () => {
  const payment = await aPayment();
  const refund = await stripe.refunds.create({ payment_intent: payment.id, metadata: { change: "c-1" } });
  assert.equal(refund.amount, 5000);
  assert.deepEqual(refund.metadata, { change: "c-1" });
  await assert.rejects(stripe.refunds.create({ payment_intent: payment.id }), { code: "charge_already_refunded" });
});
