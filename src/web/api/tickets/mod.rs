//! Requests to go down, for both sides.

pub mod act;
pub mod bring;
pub mod comment;
pub mod file;
pub mod list;
pub mod read;
