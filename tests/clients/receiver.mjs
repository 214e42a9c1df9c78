// A seller's webhook endpoint: it checks every delivery with the official library, and keeps what was signed.

import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";
import { Stripe } from "./sandbox.mjs";

/** How long a delivery may take, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Starts an endpoint that ends after the tests of the calling file. */
export async function startReceiver() {
  const receiver = new Receiver();
  await receiver.listen();
  return receiver;
}

class Receiver {
  secret = "whsec_clients_of_the_sandbox";
  /** What arrived: `{ event, body, signature }`, or `{ error }` when the signature did not hold. */
  arrived = [];
  #watchers = new Set();
  #refusals = 0;
  #server = createServer((request, response) => this.#receive(request, response));

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}/stripe`;
    after(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
  }

  /** Answers the next deliveries with a failure. */
  refuseNext(count) {
    this.#refusals = count;
  }

  async #receive(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const signature = request.headers["stripe-signature"];
    try {
      const event = Stripe.webhooks.constructEvent(body, signature, this.secret);
      this.arrived.push({ event, body, signature });
    } catch (error) {
      this.arrived.push({ error });
    }
    const fails = this.#refusals > 0;
    if (fails) this.#refusals -= 1;
    response.writeHead(fails ? 500 : 200).end();
    for (const look of this.#watchers) look();
  }

  /** All deliveries that `fits`, once there are `count` of them. */
  async deliveries(fits, count = 1) {
    const found = () => this.arrived.filter(({ event }) => event && fits(event));
    if (found().length < count) {
      await new Promise((resolve, reject) => {
        const look = () => {
          if (found().length < count) return;
          clearTimeout(patience);
          this.#watchers.delete(look);
          resolve();
        };
        const heard = () => this.arrived.map(({ event, error }) => event?.type ?? error.message).join(", ");
        const patience = setTimeout(() => reject(new Error(`not delivered; what arrived: ${heard()}`)), PATIENCE_MS);
        this.#watchers.add(look);
      });
    }
    return found();
  }
}
