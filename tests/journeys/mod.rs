//! Journeys: whole plan changes through the public interfaces.

mod clint;
mod crashes;
mod faults;
mod four;
mod late;
mod mended;
mod races;
mod webhooks;
