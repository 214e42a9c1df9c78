// What a seller and its customers have before a story begins, made through the official library only.

/** A plan by the device, in reais. */
export async function aPlan(stripe, name, unitAmount, interval = "month") {
  const product = await stripe.products.create({ name });
  return stripe.prices.create({
    product: product.id,
    currency: "brl",
    unit_amount: unitAmount,
    recurring: { interval },
  });
}

/** A customer who pays with the test card of this name. */
export async function aCustomer(stripe, card = "pm_card_visa") {
  const customer = await stripe.customers.create({ name: "Ana Souza", email: "ana@example.com" });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}

/** A customer who holds and has paid an active subscription. */
export async function aSubscriber(stripe, price, quantity = 1) {
  const customer = await aCustomer(stripe);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id, quantity }],
  });
  return { customer, subscription };
}

/** From now on, the subscription is charged to another card; answers the card's id. */
export async function paysWith(stripe, subscription, card) {
  const method = await stripe.paymentMethods.attach(card, { customer: subscription.customer });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: method.id });
  return method.id;
}

/** Half of the subscription's current period, where prorations are exact halves. */
export function halfWay(subscription) {
  const { current_period_start: start, current_period_end: end } = subscription.items.data[0];
  return (start + end) / 2;
}

/** The payment of an invoice. */
export async function paymentOf(stripe, invoice) {
  const whole = await stripe.invoices.retrieve(invoice.id ?? invoice, { expand: ["payments.data.payment.payment_intent"] });
  return whole.payments.data[0].payment.payment_intent;
}

/** The amounts of an invoice's lines, and what each is for. */
export function linesOf(invoice) {
  return invoice.lines.data.map((line) => ({
    amount: line.amount,
    price: line.pricing.price_details.price,
    proration: line.parent.subscription_item_details.proration,
    period: line.period,
  }));
}
