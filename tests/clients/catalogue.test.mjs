// Products and prices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";

const { stripe } = await startSandbox();

test("a product is made, found, renamed and retired", async () => {
  const product = await stripe.products.create({
    name: "Pro",
    description: "For teams",
    metadata: { tier: "2" },
    marketing_features: [{ name: "Unlimited devices" }],
  });
  assert.match(product.id, /^prod_/);
  assert.equal(product.active, true);
  const renamed = await stripe.products.update(product.id, { name: "Professional", metadata: { tier: "", family: "crm" } });
  assert.equal(renamed.name, "Professional");
  assert.deepEqual(renamed.metadata, { family: "crm" }, "an empty value removes a key, the others stay");
  await stripe.products.update(product.id, { active: false });
  const found = await stripe.products.retrieve(product.id);
  assert.equal(found.active, false);
  assert.deepEqual(found.marketing_features, [{ name: "Unlimited devices" }]);
  const retired = await stripe.products.list({ active: false });
  assert.deepEqual(retired.data.map(({ id }) => id), [product.id]);
});

test("a price is found by its lookup key, which moves to its successor", async () => {
  const product = await stripe.products.create({ name: "Devices" });
  const terms = { product: product.id, currency: "brl", recurring: { interval: "month" }, lookup_key: "devices-monthly" };
  const first = await stripe.prices.create({ ...terms, unit_amount: 4990 });
  await assert.rejects(stripe.prices.create({ ...terms, unit_amount: 5990 }), { type: "StripeInvalidRequestError" });
  const second = await stripe.prices.create({ ...terms, unit_amount: 5990, transfer_lookup_key: true });
  const found = await stripe.prices.list({ lookup_keys: ["devices-monthly"], expand: ["data.product"] });
  assert.deepEqual(found.data.map(({ id }) => id), [second.id]);
  assert.equal(found.data[0].product.name, "Devices");
  assert.equal((await stripe.prices.retrieve(first.id)).lookup_key, null);
  assert.equal(second.unit_amount_decimal.toString(), "5990");
});

test("a price in tiers shows them only to those who ask", async () => {
  const product = await stripe.products.create({ name: "Seats" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "brl",
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    recurring: { interval: "month" },
    tiers: [
      { up_to: 5, unit_amount: 1000 },
      { up_to: "inf", unit_amount: 800, flat_amount: 500 },
    ],
  });
  assert.equal(price.unit_amount, null);
  assert.equal(price.tiers, undefined);
  const whole = await stripe.prices.retrieve(price.id, { expand: ["tiers"] });
  assert.deepEqual(
    whole.tiers.map(({ up_to, unit_amount, flat_amount }) => [up_to, unit_amount, flat_amount]),
    [[5, 1000, null], [null, 800, 500]],
  );
});

for (const [mode, seats, total] of [
  ["graduated", 5, 5 * 1000],
  ["graduated", 8, 5 * 1000 + 500 + 3 * 800],
  ["volume", 5, 5 * 1000],
  ["volume", 8, 500 + 8 * 800],
]) {
  test(`${seats} seats in ${mode} tiers are previewed at ${total}`, async () => {
    const product = await stripe.products.create({ name: `Seats, ${mode}` });
    const price = await stripe.prices.create({
      product: product.id,
      currency: "brl",
      billing_scheme: "tiered",
      tiers_mode: mode,
      recurring: { interval: "month" },
      tiers: [
        { up_to: 5, unit_amount: 1000 },
        { up_to: "inf", unit_amount: 800, flat_amount: 500 },
      ],
    });
    const customer = await stripe.customers.create();
    const preview = await stripe.invoices.createPreview({
      customer: customer.id,
      subscription_details: { items: [{ price: price.id, quantity: seats }] },
    });
    assert.equal(preview.total, total);
    assert.equal(preview.amount_due, total);
  });
}
