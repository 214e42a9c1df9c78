// A sandbox of one's own for a test file: started on a free port with a file of its own, and gone with the tests.
// It knows the sandbox from outside only: its command line, its address, and the switches under `/_sandbox/`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";

const needed = (name) => {
  if (!process.env[name]) throw new Error(`${name} is not set: start the tests with tests/clients/run`);
  return process.env[name];
};

/** Where npm put the clients. */
export const tools = needed("CHANGEOVER_NODE_TOOLS");

/** The official library, as a backend has it. */
export const Stripe = createRequire(join(tools, "package.json"))("stripe");

export const SECRET_KEY = "sk_test_clients_of_the_sandbox";
const PUBLISHABLE_KEY = "pk_test_clients_of_the_sandbox";

/** Starts a sandbox that ends after the tests of the calling file; `webhook` is `{ url, secret }`. */
export async function startSandbox({ webhook } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "changeover-clients-"));
  // Its standard input is ours, so that it ends with us even when we are killed.
  const options = ["--listen", "127.0.0.1:0", "--data", join(folder, "sandbox.db"), "--exit-with-stdin"];
  if (webhook) options.push("--webhook-url", webhook.url, "--webhook-secret", webhook.secret);
  const program = spawn(needed("CHANGEOVER_BINARY"), ["sandbox", ...options], {
    env: { PATH: process.env.PATH, HOME: folder },
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = once(program, "close");
  let complaints = "";
  program.stderr.on("data", (text) => (complaints = (complaints + text).slice(-4000)));
  after(async () => {
    program.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const started = (async () => {
    for await (const line of createInterface({ input: program.stdout })) {
      const [, address] = /^sandbox listening on (http:\/\/\S+)$/.exec(line) ?? [];
      if (address) return address;
    }
    throw new Error(`the sandbox did not start: ${complaints}`);
  })();
  const url = await started;
  program.stdout.resume();
  return new Sandbox(url);
}

class Sandbox {
  constructor(url) {
    this.url = url;
    this.stripe = this.client(SECRET_KEY);
  }

  /** The library with a key; it tells nobody how long requests took. */
  client(key, options = {}) {
    const { hostname, port } = new URL(this.url);
    return new Stripe(key, { protocol: "http", host: hostname, port, telemetry: false, maxNetworkRetries: 0, ...options });
  }

  /** What runs in the customer's browser: a publishable key, and the client secrets that it was given. */
  get browser() {
    return this.client(PUBLISHABLE_KEY);
  }

  async #ask(path, body) {
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/_sandbox/${path}`, body && post);
    if (!answer.ok) throw new Error(`/_sandbox/${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The sandbox's time, in unix seconds. */
  async now() {
    return (await this.#ask("clock")).now;
  }

  /** Time stands still until somebody moves it. */
  async stopTheClock() {
    await this.#ask("clock", { frozen: true });
  }

  /** Moves the clock forward, and plays what is due by then. */
  async moveTo(instant) {
    await this.#ask("clock", { to: instant });
  }

  async ledger() {
    return this.#ask("ledger");
  }

  /** The last requests that carried this idempotency key. */
  async requestsUnder(key) {
    return (await this.#ask(`requests?key=${encodeURIComponent(key)}`)).data;
  }

  /** The last requests of one operation, by its published name. */
  async requestsOf(operation) {
    return (await this.#ask(`requests?operation=${operation}`)).data;
  }

  /** Something goes wrong with the next requests that fit. */
  async breakNext(method, path, action, times = 1) {
    await this.#ask("faults", { method, path, action, times });
  }

  /** Lets the time pass that the sandbox waits before it repeats deliveries that failed. The clock must stand still. */
  async retryDeliveries() {
    for (;;) {
      const { queue } = await this.#ask("webhooks");
      const failed = queue.filter(({ attempts }) => attempts > 0);
      // A receiver has its delivery a moment before the sandbox has its answer.
      if (failed.length > 0) return this.moveTo(Math.max(...failed.map(({ due }) => due)));
    }
  }

  /** The customer presses a button on the bank's page that `intent` leads to; answers where that leads. */
  async #press(intent, outcome) {
    const page = intent.next_action.redirect_to_url.url;
    const answer = await fetch(page, { method: "POST", body: new URLSearchParams({ outcome }), redirect: "manual" });
    if (answer.status >= 400) throw new Error(`${page}: ${answer.status}`);
    return answer.headers.get("location");
  }

  approve(intent) {
    return this.#press(intent, "approve");
  }

  refuse(intent) {
    return this.#press(intent, "fail");
  }
}
