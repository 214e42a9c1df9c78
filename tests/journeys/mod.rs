//! Journeys: whole plan changes through the public interfaces.

mod clint;
mod crashes;
mod manners;
