//! Every integration test in one binary: one link, one cache.

mod catalog;
mod house;
mod journeys;
mod machine;
mod process;
mod sandbox;
mod store;
mod stripe;
mod support;
mod text;
mod web;
