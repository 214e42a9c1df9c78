// The official command line, as a developer uses it by hand.
//
// It is given an empty home, no telemetry, and a proxy on loopback that lets nothing through and notes who was asked for:
// `trigger` looks for a newer release before it does anything, and no setting prevents that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SECRET_KEY, startSandbox, tools } from "./sandbox.mjs";

const sandbox = await startSandbox();
const { stripe } = sandbox;
const home = await mkdtemp(join(tmpdir(), "changeover-command-line-"));

/** Whom the command line wanted to reach besides the sandbox. */
const asked = [];
const wall = createServer((request, response) => {
  asked.push(request.url);
  response.writeHead(502).end();
});
wall.on("connect", (request, socket) => {
  asked.push(request.url);
  socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
});
wall.listen(0, "127.0.0.1");
await once(wall, "listening");
after(async () => {
  wall.close();
  wall.closeAllConnections();
  await rm(home, { recursive: true, force: true });
});

const proxy = `http://127.0.0.1:${wall.address().port}`;
const environment = {
  PATH: process.env.PATH,
  HOME: home,
  XDG_CONFIG_HOME: join(home, ".config"),
  STRIPE_CLI_TELEMETRY_OPTOUT: "1",
  DO_NOT_TRACK: "1",
  STRIPE_NO_AUTO_UPDATE: "1",
  STRIPE_CLI_NO_PLUGIN_AUTO_INSTALL: "1",
  // Go leaves 127.0.0.1 out of proxying by itself.
  HTTP_PROXY: proxy,
  HTTPS_PROXY: proxy,
};

/** Runs `stripe` with these arguments; answers its exit status, and what it said. */
async function run(...words) {
  const shim = join(tools, "node_modules", "@stripe", "cli", "bin", "shim.js");
  const options = ["--api-base", sandbox.url, "--api-key", SECRET_KEY, "--color", "off"];
  const program = spawn(process.execPath, [shim, ...words, ...options], {
    env: environment,
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  program.stdout.on("data", (text) => (said.out += text));
  program.stderr.on("data", (text) => (said.err += text));
  const [status] = await once(program, "close");
  return { status, ...said };
}

/** Runs a command that answers with an object, after what it may have to say about the account. */
async function object(...words) {
  const { status, out, err } = await run(...words);
  assert.equal(status, 0, `stripe ${words.join(" ")}: ${out}${err}`);
  return JSON.parse(out.slice(out.indexOf("{")));
}

/** Runs `stripe trigger`, and answers the objects of the newest event of that kind. */
async function trigger(type, ...words) {
  const { status, out, err } = await run("trigger", type, ...words);
  assert.equal(status, 0, `${out}${err}`);
  assert.match(out, /Trigger succeeded!/);
  const events = await stripe.events.list({ type });
  assert.ok(events.data.length > 0, `no ${type} came of it`);
  return events.data[0].data.object;
}

test("customers are created, retrieved, updated and listed", async () => {
  const made = await object("customers", "create", "--name", "Ana Souza", "--email", "ana@example.com", "-d", "metadata[plan]=pro");
  assert.deepEqual([made.name, made.email, made.metadata], ["Ana Souza", "ana@example.com", { plan: "pro" }]);
  assert.deepEqual(await object("customers", "retrieve", made.id), made);
  const renamed = await object("customers", "update", made.id, "--name", "Ana Lima");
  assert.equal(renamed.name, "Ana Lima");
  const listed = await object("customers", "list", "--limit", "1");
  assert.deepEqual([listed.object, listed.data.map(({ id }) => id)], ["list", [made.id]]);
});

test("products and prices", async () => {
  const product = await object("products", "create", "--name", "Pro");
  const price = await object(
    "prices", "create", "--product", product.id, "--currency", "brl", "--unit-amount", "9000",
    "-d", "recurring[interval]=month", "--lookup-key", "pro-monthly",
  );
  assert.deepEqual([price.product, price.unit_amount, price.recurring.interval], [product.id, 9000, "month"]);
  const found = await object("prices", "list", "--lookup-keys", "pro-monthly", "--expand", "data.product");
  assert.deepEqual(found.data.map(({ id, product }) => [id, product.name]), [[price.id, "Pro"]]);
});

test("raw requests, and an id alone", async () => {
  const made = await object("post", "/v1/customers", "-d", "name=Raw", "-d", "address[country]=BR");
  assert.equal(made.address.country, "BR");
  assert.deepEqual(await object("get", `/v1/customers/${made.id}`), made);
  assert.deepEqual(await object("get", made.id), made);
  const page = await object("get", "/v1/customers", "-d", "limit=1");
  assert.deepEqual(page.data.map(({ id }) => id), [made.id]);
});

test("an error is shown as it came", async () => {
  const { error } = await object("customers", "retrieve", "cus_nobody");
  assert.deepEqual([error.type, error.code, error.message], ["invalid_request_error", "resource_missing", "No such customer: 'cus_nobody'"]);
});

test("a key for idempotency is sent, and honoured", async () => {
  const create = () => object("customers", "create", "--name", "Once", "--idempotency", "command-line-1");
  const first = await create();
  assert.equal((await create()).id, first.id);
  const requests = await sandbox.requestsUnder("command-line-1");
  assert.deepEqual(requests.map(({ replayed }) => replayed), [false, true]);
});

test("a subscription is begun and ended", async () => {
  const price = await stripe.prices.create({
    currency: "brl",
    unit_amount: 4900,
    recurring: { interval: "month" },
    product_data: { name: "Starter" },
  });
  const customer = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  const subscription = await object(
    "subscriptions", "create", "--customer", customer.id, "-d", `items[0][price]=${price.id}`, "--expand", "latest_invoice",
  );
  assert.deepEqual([subscription.status, subscription.latest_invoice.amount_paid], ["active", 4900]);
  const ended = await object("subscriptions", "cancel", subscription.id, "--confirm");
  assert.equal(ended.status, "canceled");
});

test("none of this reached for anybody but the sandbox", () => {
  assert.deepEqual(asked, []);
});

test("trigger customer.created", async () => {
  const customer = await trigger("customer.created");
  assert.equal(customer.description, "(created by Stripe CLI)");
});

// Its own fixtures say `payment_method_types`, which the API's present version refuses; `--remove` is its way out.
test("trigger payment_intent.succeeded", async () => {
  const intent = await trigger("payment_intent.succeeded", "--remove", "payment_intent:payment_method_types");
  assert.deepEqual([intent.status, intent.amount_received], ["succeeded", 2000]);
  assert.equal(intent.shipping.name, "Jenny Rosen");
});

test("trigger charge.refunded", async () => {
  const charge = await trigger("charge.refunded", "--remove", "payment_intent:payment_method_types");
  assert.deepEqual([charge.refunded, charge.amount_refunded], [true, 100]);
});

test("trigger setup_intent.succeeded", async () => {
  const intent = await trigger("setup_intent.succeeded", "--remove", "setup_intent:payment_method_types");
  assert.equal(intent.status, "succeeded");
});

test("trigger customer.subscription.updated", async () => {
  const subscription = await trigger("customer.subscription.updated");
  assert.equal(subscription.status, "active");
});

for (const type of ["invoice.paid", "invoice.payment_failed", "invoice.payment_action_required", "invoice.voided"]) {
  test(`trigger ${type}`, async () => {
    const invoice = await trigger(type);
    assert.equal(invoice.object, "invoice");
  });
}

test("a seller's own fixture", async () => {
  const fixture = join(home, "seller.json");
  const steps = {
    _meta: { template_version: 0 },
    fixtures: [
      { name: "customer", path: "/v1/customers", method: "post", params: { name: "Ana", metadata: { by: "fixture" } } },
      { name: "tax_id", path: "/v1/customers/${customer:id}/tax_ids", method: "post", params: { type: "br_cpf", value: "529.982.247-25" } },
    ],
  };
  await writeFile(fixture, JSON.stringify(steps));
  const { status, out, err } = await run("fixtures", fixture);
  assert.equal(status, 0, `${out}${err}`);
  const { data } = await stripe.customers.list({ limit: 1, expand: ["data.tax_ids"] });
  assert.deepEqual(data[0].metadata, { by: "fixture" });
  assert.deepEqual(data[0].tax_ids.data.map(({ type }) => type), ["br_cpf"]);
});

test("triggers asked for a newer release and got nothing", () => {
  assert.deepEqual([...new Set(asked)], ["api.github.com:443"]);
});
