// Repeating a request: the answer is the first one's, and the effect is there once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SECRET_KEY, startSandbox } from "./sandbox.mjs";

const sandbox = await startSandbox();
const { stripe } = sandbox;

test("a repeated request is answered again, not done again", async () => {
  const options = { idempotencyKey: "customer-for-account-1" };
  const first = await stripe.customers.create({ name: "Ana", email: "once@example.com" }, options);
  const again = await stripe.customers.create({ name: "Ana", email: "once@example.com" }, options);
  assert.equal(again.id, first.id);
  assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  assert.equal(again.lastResponse.headers["original-request"], first.lastResponse.requestId);
  assert.equal(again.lastResponse.idempotencyKey, "customer-for-account-1");
  assert.equal((await stripe.customers.list({ email: "once@example.com" })).data.length, 1);
});

test("another request under the same key is refused", async () => {
  const options = { idempotencyKey: "customer-for-account-2" };
  await stripe.customers.create({ name: "Ana" }, options);
  await assert.rejects(stripe.customers.create({ name: "Bruno" }, options), (error) => {
    assert.ok(error instanceof stripe.errors.StripeIdempotencyError);
    assert.equal(error.statusCode, 400);
    return true;
  });
});

test("a decline is repeated as well, without a second attempt at the bank", async () => {
  const pay = () =>
    stripe.paymentIntents.create(
      { amount: 5000, currency: "brl", payment_method: "pm_card_visa_chargeDeclined", confirm: true, return_url: "https://seller.example/" },
      { idempotencyKey: "payment-1" },
    );
  const declined = async () => {
    const error = await pay().then(() => assert.fail("a declined card paid"), (error) => error);
    assert.ok(error instanceof stripe.errors.StripeCardError, error.message);
    return error;
  };
  const first = await declined();
  const again = await declined();
  assert.equal(again.payment_intent.id, first.payment_intent.id);
  assert.equal(again.headers["idempotent-replayed"], "true");
  assert.equal((await stripe.charges.list({ payment_intent: first.payment_intent.id })).data.length, 1);
});

test("a request that the checks refuse does not use up its key", async () => {
  const options = { idempotencyKey: "customer-for-account-3" };
  await assert.rejects(stripe.customers.create({ nmae: "Ana" }, options), { code: "parameter_unknown" });
  const made = await stripe.customers.create({ name: "Ana" }, options);
  assert.match(made.id, /^cus_/);
});

test("the library's own repetition of a lost answer makes one customer", async () => {
  const patient = sandbox.client(SECRET_KEY, { maxNetworkRetries: 2 });
  await sandbox.breakNext("POST", "/v1/customers", "reset_after");
  const customer = await patient.customers.create({ email: "lost@example.com" });
  const key = customer.lastResponse.idempotencyKey ?? customer.lastResponse.headers["idempotency-key"];
  const requests = await sandbox.requestsUnder(key);
  assert.deepEqual(requests.map(({ status, replayed }) => [status, replayed]), [[null, false], [200, true]]);
  const made = await stripe.customers.list({ email: "lost@example.com" });
  assert.deepEqual(made.data.map(({ id }) => id), [customer.id]);
});
