//! The room that knows Stripe: what leaves it is what is published, what comes back means what the table says.

#![expect(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    reason = "the scripted provider and the stories are functions that tests call; a step that fails is the end; JSON is built in place"
)]

mod catalog;
mod find;
mod limits;
mod perform;
mod prepare;
mod reads;
mod sandbox;
mod schema;
mod shop;
mod stub;
mod test_mode;
mod things;
mod transport;
mod webhook;
