// Pages, expansion, and raw requests.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startSandbox } from "./sandbox.mjs";
import { aCustomer, aPlan } from "./shop.mjs";

const sandbox = await startSandbox();
const { stripe } = sandbox;
const made = [];

before(async () => {
  for (let number = 1; number <= 23; number += 1) {
    made.push((await stripe.customers.create({ name: `Customer ${number}` })).id);
  }
});

test("all customers come, page after page, newest first and each once", async () => {
  const seen = [];
  for await (const customer of stripe.customers.list({ limit: 5 })) seen.push(customer.id);
  assert.deepEqual(seen, made.toReversed());
  const pages = await sandbox.requestsOf("GetCustomers");
  assert.equal(pages.length, 5);
});

test("pages go backwards too", async () => {
  const seen = [];
  for await (const customer of stripe.customers.list({ limit: 4, ending_before: made[5] })) seen.push(customer.id);
  assert.deepEqual(seen, made.slice(6), "the page before, and its own before it, in the order of creation");
});

test("a page has as many as were asked for, and tells whether there are more", async () => {
  const usual = await stripe.customers.list();
  assert.deepEqual([usual.data.length, usual.has_more], [10, true]);
  const whole = await stripe.customers.list({ limit: 100 });
  assert.deepEqual([whole.data.length, whole.has_more], [23, false]);
  assert.deepEqual(await stripe.customers.list({ limit: 7 }).autoPagingToArray({ limit: 9 }), whole.data.slice(0, 9));
  const rest = await stripe.customers.list({ starting_after: made[1] });
  assert.deepEqual(rest.data.map(({ id }) => id), [made[0]]);
});

test("a limit beyond the limit is refused", async () => {
  await assert.rejects(stripe.customers.list({ limit: 101 }), { type: "StripeInvalidRequestError", param: "limit" });
});

test("what is referred to is shown on request, and only then", async () => {
  const plan = await aPlan(stripe, "Pro", 9000);
  const customer = await aCustomer(stripe);
  const plain = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plan.id }] });
  assert.equal(plain.customer, customer.id);
  assert.equal(typeof plain.latest_invoice, "string");
  const whole = await stripe.subscriptions.retrieve(plain.id, {
    expand: [
      "customer.invoice_settings.default_payment_method",
      "latest_invoice.payments",
      "items.data.price.product",
    ],
  });
  assert.equal(whole.customer.invoice_settings.default_payment_method.card.last4, "4242");
  assert.equal(whole.latest_invoice.payments.data[0].amount_paid, 9000);
  assert.equal(whole.items.data[0].price.product.name, "Pro");
  const listed = await stripe.invoices.list({ subscription: plain.id, expand: ["data.customer"] });
  assert.equal(listed.data[0].customer.id, customer.id);
});

test("expansion ends after four levels", async () => {
  await assert.rejects(stripe.invoices.list({ expand: ["data.payments.data.payment.payment_intent"] }), {
    type: "StripeInvalidRequestError",
    message: "You cannot expand more than 4 levels of a property.",
  });
});

test("what cannot be expanded is refused by name", async () => {
  await assert.rejects(stripe.customers.retrieve(made[0], { expand: ["nobody"] }), (error) => {
    assert.equal(error.type, "StripeInvalidRequestError");
    assert.match(error.message, /cannot be expanded \(nobody\)/);
    return true;
  });
});

test("a raw request works as a method does", async () => {
  const customer = await stripe.rawRequest("POST", "/v1/customers", { name: "Raw", metadata: { by: "hand" } });
  const found = await stripe.rawRequest("GET", `/v1/customers/${customer.id}`);
  assert.deepEqual(found.metadata, { by: "hand" });
});

test("answers carry their request's id and the version that made them", async () => {
  const { lastResponse } = await stripe.customers.retrieve(made[0]);
  assert.match(lastResponse.requestId, /^req_/);
  assert.equal(lastResponse.apiVersion, "2026-09-30.endive");
  assert.match(lastResponse.headers["sandbox-warning"], /served as 2026-09-30\.endive, not 2026-10-28\.endive/);
});
