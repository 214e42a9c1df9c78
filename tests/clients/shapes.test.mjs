// Every answer has what the library's own types promise. JavaScript would not notice a missing field; typed clients do.
//
// The types are the declarations that the library brings. Only their first level is read: a field without `?` must be
// there, one without `null` must not be null, and none may be there that the types do not know.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startReceiver } from "./receiver.mjs";
import { startSandbox, tools } from "./sandbox.mjs";
import { aPlan, aSubscriber } from "./shop.mjs";

const { stripe } = await startSandbox();
const receiver = await startReceiver();

/** The fields of an interface: whether each may be absent, and whether it may be null. */
async function promised(file, name) {
  const text = await readFile(join(tools, "node_modules/stripe/esm/resources", `${file}.d.ts`), "utf8");
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`export interface ${name} {`));
  assert.notEqual(start, -1, `${file}.d.ts has no ${name}`);
  const end = lines.indexOf("}", start);
  const fields = new Map();
  for (const line of lines.slice(start, end)) {
    const [, field, mark, type] = /^ {4}(\w+)(\??): (.*)$/.exec(line) ?? [];
    if (field) fields.set(field, { mayBeAbsent: mark === "?", mayBeNull: /\bnull\b/.test(type) });
  }
  assert.ok(fields.size >= 5, `${name} was not understood`);
  return fields;
}

/** What is wrong with an object, in words. */
function faults(fields, object) {
  const wrong = [];
  for (const [field, { mayBeAbsent, mayBeNull }] of fields) {
    if (object[field] === undefined && !mayBeAbsent) wrong.push(`${field} is missing`);
    if (object[field] === null && !mayBeNull) wrong.push(`${field} is null`);
  }
  const unknown = Object.keys(object).filter((field) => !fields.has(field));
  return [...wrong, ...unknown.map((field) => `${field} is unknown`)];
}

const plan = await aPlan(stripe, "Pro", 9000);
const { customer, subscription } = await aSubscriber(stripe, plan);
const invoice = await stripe.invoices.retrieve(subscription.latest_invoice, {
  expand: ["payments.data.payment.payment_intent", "confirmation_secret"],
});
const [payment] = invoice.payments.data;
const intent = payment.payment.payment_intent;

const examples = [
  ["Products", "Product", () => stripe.products.retrieve(plan.product)],
  ["Prices", "Price", () => plan],
  ["Customers", "Customer", () => customer],
  ["TaxIds", "TaxId", () => stripe.customers.createTaxId(customer.id, { type: "br_cpf", value: "529.982.247-25" })],
  [
    "CustomerBalanceTransactions",
    "CustomerBalanceTransaction",
    () => stripe.customers.createBalanceTransaction(customer.id, { amount: -100, currency: "brl" }),
  ],
  ["PaymentMethods", "PaymentMethod", () => stripe.paymentMethods.retrieve(intent.payment_method)],
  ["SetupIntents", "SetupIntent", () => stripe.setupIntents.create({ payment_method: "pm_card_visa", confirm: true })],
  ["Subscriptions", "Subscription", () => subscription],
  ["SubscriptionItems", "SubscriptionItem", () => subscription.items.data[0]],
  ["Invoices", "Invoice", () => invoice],
  ["InvoiceLineItems", "InvoiceLineItem", () => invoice.lines.data[0]],
  ["InvoicePayments", "InvoicePayment", () => payment],
  ["InvoiceItems", "InvoiceItem", () => stripe.invoiceItems.create({ customer: customer.id, amount: 500, currency: "brl" })],
  ["PaymentIntents", "PaymentIntent", () => intent],
  ["Charges", "Charge", () => stripe.charges.retrieve(intent.latest_charge)],
  ["Refunds", "Refund", () => stripe.refunds.create({ payment_intent: intent.id, amount: 100 })],
  ["Events", "EventBase", async () => (await stripe.events.list({ limit: 1 })).data[0]],
  ["WebhookEndpoints", "WebhookEndpoint", () => stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ["price.created"] })],
];

for (const [file, name, example] of examples) {
  test(`${name} has the fields that its type promises`, async () => {
    assert.deepEqual(faults(await promised(file, name), await example()), []);
  });
}
