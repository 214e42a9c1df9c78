// Customers, their tax ids and their credit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "./sandbox.mjs";
import { aPlan } from "./shop.mjs";

const { stripe } = await startSandbox();

test("a customer's data is changed key by key, and cleared", async () => {
  const customer = await stripe.customers.create({
    name: "Ana Souza",
    email: "ana@example.com",
    phone: "+55 11 5555-0100",
    address: { line1: "Rua das Flores, 10", city: "São Paulo", country: "BR", postal_code: "01000-000" },
    preferred_locales: ["pt-BR"],
    metadata: { account: "a-1", source: "checkout" },
  });
  const changed = await stripe.customers.update(customer.id, { phone: "", metadata: { source: null, seats: 4 } });
  assert.equal(changed.phone, null);
  assert.deepEqual(changed.metadata, { account: "a-1", seats: "4" });
  const found = await stripe.customers.retrieve(customer.id);
  assert.equal(found.name, "Ana Souza");
  assert.equal(found.address.city, "São Paulo");
  assert.deepEqual(found.preferred_locales, ["pt-BR"]);
  const byMail = await stripe.customers.list({ email: "ana@example.com" });
  assert.deepEqual(byMail.data.map(({ id }) => id), [customer.id]);
  const cleared = await stripe.customers.update(customer.id, { metadata: "" });
  assert.deepEqual(cleared.metadata, {});
});

test("a company brings its tax number, and replaces it", async () => {
  const customer = await stripe.customers.create({
    name: "Padaria Boa",
    tax_id_data: [{ type: "br_cnpj", value: "11.222.333/0001-81" }],
    expand: ["tax_ids"],
  });
  assert.deepEqual(customer.tax_ids.data.map(({ type, value }) => [type, value]), [["br_cnpj", "11.222.333/0001-81"]]);
  const [old] = customer.tax_ids.data;
  const added = await stripe.customers.createTaxId(customer.id, { type: "br_cpf", value: "529.982.247-25" });
  const gone = await stripe.customers.deleteTaxId(customer.id, old.id);
  assert.equal(gone.deleted, true);
  const left = await stripe.customers.listTaxIds(customer.id);
  assert.deepEqual(left.data.map(({ id }) => id), [added.id]);
  await assert.rejects(stripe.customers.retrieveTaxId(customer.id, old.id), { code: "resource_missing", statusCode: 404 });
});

test("a European tax number awaits its verification", async () => {
  const customer = await stripe.customers.create({ name: "Boulangerie" });
  const taxId = await stripe.customers.createTaxId(customer.id, { type: "eu_vat", value: "FR12345678901" });
  assert.equal(taxId.country, "FR");
  assert.ok(["pending", "verified"].includes(taxId.verification.status), taxId.verification.status);
});

test("a credit lowers what the next subscription costs", async () => {
  const customer = await stripe.customers.create({ payment_method: "pm_card_visa" });
  const cards = await stripe.customers.listPaymentMethods(customer.id);
  const movement = await stripe.customers.createBalanceTransaction(customer.id, { amount: -1200, currency: "brl" });
  assert.equal(movement.ending_balance, -1200);
  const plan = await aPlan(stripe, "Pro", 3000);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    default_payment_method: cards.data[0].id,
    items: [{ price: plan.id }],
    expand: ["latest_invoice"],
  });
  const invoice = subscription.latest_invoice;
  assert.deepEqual([invoice.total, invoice.starting_balance, invoice.amount_due], [3000, -1200, 1800]);
  assert.equal((await stripe.customers.retrieve(customer.id)).balance, 0);
  const movements = await stripe.customers.listBalanceTransactions(customer.id);
  assert.deepEqual(movements.data.map(({ type, amount }) => [type, amount]), [["applied_to_invoice", 1200], ["adjustment", -1200]]);
});
