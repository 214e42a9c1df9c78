//! The room that knows Stripe: what leaves it is what is published, what comes back means what the table says.

mod catalog;
mod find;
mod perform;
mod prepare;
mod reads;
mod schema;
mod stub;
mod things;
mod transport;
mod webhook;
