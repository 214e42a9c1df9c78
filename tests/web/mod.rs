//! Tests of the HTTP edge.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test in the same way as its body"
)]

mod document;
mod views;
