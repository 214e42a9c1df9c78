// Webhooks, verified by the library that sellers use.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.mjs";
import { startSandbox, Stripe } from "./sandbox.mjs";
import { aPlan, aSubscriber } from "./shop.mjs";

const receiver = await startReceiver();
const sandbox = await startSandbox({ webhook: receiver });
const { stripe } = sandbox;

const about = (id, type) => (event) => event.data.object.id === id && event.type === type;

test("a new customer is told, signed, with the request that made it", async () => {
  const customer = await stripe.customers.create({ name: "Ana" }, { idempotencyKey: "webhook-customer" });
  const [{ event }] = await receiver.deliveries(about(customer.id, "customer.created"));
  assert.equal(event.object, "event");
  assert.deepEqual(event.data.object.name, "Ana");
  assert.deepEqual(event.request, { id: customer.lastResponse.requestId, idempotency_key: "webhook-customer" });
  assert.equal(event.api_version, "2026-09-30.endive");
  const kept = await stripe.events.retrieve(event.id);
  assert.deepEqual([kept.type, kept.data], [event.type, event.data]);
});

test("a change tells what it changed", async () => {
  const customer = await stripe.customers.create({ name: "Ana", metadata: { plan: "starter" } });
  await stripe.customers.update(customer.id, { name: "Ana Souza", metadata: { plan: "pro" } });
  const [{ event }] = await receiver.deliveries(about(customer.id, "customer.updated"));
  assert.deepEqual(event.data.previous_attributes, { name: "Ana", metadata: { plan: "starter" } });
});

test("an upgrade tells its whole story", async () => {
  const starter = await aPlan(stripe, "Starter", 3000);
  const pro = await aPlan(stripe, "Pro", 9000);
  const { subscription } = await aSubscriber(stripe, starter);
  const updated = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: subscription.items.data[0].id, price: pro.id }],
    proration_behavior: "always_invoice",
    payment_behavior: "pending_if_incomplete",
  });
  for (const type of ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]) {
    await receiver.deliveries(about(updated.latest_invoice, type));
  }
  const changed = about(subscription.id, "customer.subscription.updated");
  const [told] = await receiver.deliveries((event) => changed(event) && event.data.object.items.data[0].price.id === pro.id);
  assert.equal(told.event.data.previous_attributes.items.data[0].price.id, starter.id);
  const charged = await receiver.deliveries((event) => event.type === "charge.succeeded" && event.data.object.customer === subscription.customer);
  assert.equal(charged[0].event.data.object.amount, 3000);
});

test("a delivery that was altered, is old or is signed by somebody else is refused", async () => {
  const customer = await stripe.customers.create({ name: "Ana" });
  const [{ body, signature }] = await receiver.deliveries(about(customer.id, "customer.created"));
  const verify = (text, header, secret, ...rest) => () => Stripe.webhooks.constructEvent(text, header, secret, ...rest);
  const refused = { type: "StripeSignatureVerificationError" };
  assert.doesNotThrow(verify(body, signature, receiver.secret));
  assert.throws(verify(body.toString().replace("Ana", "Eva"), signature, receiver.secret), refused);
  assert.throws(verify(body, signature, "whsec_of_somebody_else"), refused);
  const [, signedAt] = /t=(\d+)/.exec(signature);
  const muchLater = (Number(signedAt) + 301) * 1000;
  assert.throws(verify(body, signature, receiver.secret, 300, undefined, muchLater), refused);
});

test("an endpoint made through the API has a secret of its own and hears what it asked for", async () => {
  const second = await startReceiver();
  const endpoint = await stripe.webhookEndpoints.create({ url: second.url, enabled_events: ["product.created"] });
  assert.match(endpoint.secret, /^whsec_/);
  second.secret = endpoint.secret;
  await stripe.customers.create();
  const product = await stripe.products.create({ name: "Heard" });
  await second.deliveries(about(product.id, "product.created"));
  assert.deepEqual(second.arrived.map(({ event, error }) => event?.type ?? error), ["product.created"]);
  const listed = await stripe.webhookEndpoints.list();
  assert.ok(listed.data.some(({ id, secret }) => id === endpoint.id && secret === undefined));
  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
});

test("every delivery that arrived held its signature", () => {
  assert.deepEqual(receiver.arrived.filter(({ error }) => error), []);
});

test("a delivery that failed comes again under the same id", async () => {
  await sandbox.stopTheClock();
  receiver.refuseNext(1);
  const product = await stripe.products.create({ name: "Told twice" });
  const fits = about(product.id, "product.created");
  await receiver.deliveries(fits);
  await sandbox.retryDeliveries();
  const [first, again] = await receiver.deliveries(fits, 2);
  assert.equal(again.event.id, first.event.id);
});
