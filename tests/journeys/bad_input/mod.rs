//! What must be refused: each with a typed problem, its stable code and a sentence, and nothing changed by it.

mod billing;
mod confirming;
mod requests;
mod selections;
mod states;
mod webhooks;
