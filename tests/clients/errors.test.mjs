// Errors arrive as the classes and fields that the library promises.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SECRET_KEY, startSandbox } from "./sandbox.mjs";

const sandbox = await startSandbox();
const { stripe } = sandbox;
const { StripeAPIError, StripeAuthenticationError, StripeCardError, StripeConnectionError, StripeInvalidRequestError, StripeRateLimitError } =
  stripe.errors;

const errorOf = (promise) => promise.then(() => assert.fail("this should have been refused"), (error) => error);

const pay = (card) =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: "brl",
    payment_method: card,
    confirm: true,
    return_url: "https://seller.example/",
  });

for (const [card, code, declineCode] of [
  ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
]) {
  test(`${card} is declined as ${declineCode}`, async () => {
    const error = await errorOf(pay(card));
    assert.ok(error instanceof StripeCardError, error.message);
    assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, code, declineCode]);
    assert.equal(error.payment_intent.status, "requires_payment_method");
    assert.equal(error.payment_intent.last_payment_error.code, code);
    const charge = await stripe.charges.retrieve(error.charge);
    assert.deepEqual([charge.paid, charge.status, charge.payment_intent], [false, "failed", error.payment_intent.id]);
    assert.match(error.requestId, /^req_/);
  });
}

test("a misspelt parameter is named", async () => {
  const error = await errorOf(stripe.customers.create({ address: { contry: "BR" } }));
  assert.ok(error instanceof StripeInvalidRequestError);
  assert.deepEqual([error.statusCode, error.code, error.param], [400, "parameter_unknown", "address[contry]"]);
});

test("a missing parameter is named", async () => {
  const error = await errorOf(stripe.prices.create({ unit_amount: 100 }));
  assert.ok(error instanceof StripeInvalidRequestError);
  assert.deepEqual([error.code, error.param], ["parameter_missing", "currency"]);
});

test("a value of the wrong kind is named", async () => {
  const error = await errorOf(stripe.paymentIntents.create({ amount: "much", currency: "brl" }));
  assert.deepEqual([error.type, error.code, error.param], ["StripeInvalidRequestError", "parameter_invalid_integer", "amount"]);
});

for (const [what, ask, param] of [
  ["customer", () => stripe.customers.retrieve("cus_nobody"), "customer"],
  ["price", () => stripe.prices.retrieve("price_none"), "price"],
  ["subscription", () => stripe.subscriptions.retrieve("sub_none"), "id"],
  ["invoice", () => stripe.invoices.retrieve("in_none"), "invoice"],
  ["payment_intent", () => stripe.paymentIntents.retrieve("pi_none"), "intent"],
]) {
  test(`a ${what} that is not there is missing`, async () => {
    const error = await errorOf(ask());
    assert.ok(error instanceof StripeInvalidRequestError);
    assert.deepEqual([error.statusCode, error.code, error.param], [404, "resource_missing", param]);
    assert.match(error.message, new RegExp(`^No such ${what}: '`));
  });
}

test("what a parameter names and is not there makes the request a bad one", async () => {
  const error = await errorOf(stripe.subscriptions.create({ customer: "cus_nobody", items: [{ price: "price_none" }] }));
  assert.deepEqual([error.statusCode, error.code, error.param], [400, "resource_missing", "customer"]);
});

test("a key that opens nothing is told so", async () => {
  const error = await errorOf(sandbox.client("sk_wrong").customers.list());
  assert.ok(error instanceof StripeAuthenticationError);
  assert.equal(error.statusCode, 401);
});

test("too many requests", async () => {
  await sandbox.breakNext("GET", "/v1/customers", "http_429");
  const error = await errorOf(stripe.customers.list());
  assert.ok(error instanceof StripeRateLimitError);
  assert.deepEqual([error.statusCode, error.code], [429, "rate_limit"]);
});

test("a failure on the server's side", async () => {
  await sandbox.breakNext("POST", "/v1/customers", "error_500_before");
  const error = await errorOf(stripe.customers.create());
  assert.ok(error instanceof StripeAPIError);
  assert.equal(error.statusCode, 500);
});

test("a proxy's page instead of an answer", async () => {
  await sandbox.breakNext("GET", "/v1/customers", "html_502");
  const error = await errorOf(stripe.customers.list());
  assert.ok(error instanceof StripeAPIError, `${error.type}: ${error.message}`);
});

test("a connection that breaks", async () => {
  // The library repeats once by itself, whatever it was told, when a connection is closed.
  await sandbox.breakNext("POST", "/v1/customers", "reset_before", 2);
  const error = await errorOf(stripe.customers.create());
  assert.ok(error instanceof StripeConnectionError, `${error.type}: ${error.message}`);
});

test("the library repeats by itself what can be repeated", async () => {
  const patient = sandbox.client(SECRET_KEY, { maxNetworkRetries: 2 });
  await sandbox.breakNext("GET", "/v1/customers", "error_500_before");
  const page = await patient.customers.list();
  assert.equal(page.object, "list");
});
