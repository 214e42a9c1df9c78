//! A whole installation for tests: a real sandbox on a real port, a real database file, the real application behind a gateway
//! that outlives its crashes. Tests speak HTTP, as the outside does; time stands still until a test moves it.

mod clint;
mod clock;
mod gateway;
mod house;
mod http;
mod people;
mod provider;

pub use clint::{Clint, HELD};
pub use house::House;
pub use http::Http;
pub use people::{Change, Problem, billing_data, stage_of};
