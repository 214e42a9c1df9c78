//! A Stripe-compatible server on loopback. A second program that shares the binary: it knows nobody of ours.
//!
//! It stands in for the provider in the demo and in the proofs, so it takes nothing for granted that our own code
//! believes: requests are checked against Stripe's published schemas, money is reckoned in [`core`] by rules of its own,
//! and what was answered survives a crash. Faults, time and webhooks can be steered under `/_sandbox/`.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `core` | the world: objects, cards, billing, events, time; deterministic |
//! | `door`, `state` | the one door: decide under a lock, answer when durable |
//! | `http` | Stripe's API, the pages and switches under `/_sandbox/`, the connections |
//! | `published`, `schema`, `form` | what a request may say, and how it is read |
//! | `idempotency`, `faults`, `journal` | kept answers, faults on demand, the last requests |
//! | `delivery` | webhook endpoints, the queue, signatures |
//! | `clock`, `file` | sandbox time; the durable file |

pub mod core;
pub mod error;

mod clock;
mod delivery;
mod door;
mod faults;
mod file;
mod form;
mod http;
mod idempotency;
mod journal;
mod options;
mod published;
mod schema;
mod state;

pub use self::{
    clock::RealTime,
    door::Sandbox,
    http::{BrokenOff, answer, serve},
    options::{Data, Options, SandboxError, Webhook},
};
