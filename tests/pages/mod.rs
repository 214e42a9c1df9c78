//! The hosted pages as a browser without scripts meets them: who gets in, what a form may do, and how pages tell it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test in the same way as its body"
)]

mod checkout;
mod choosing;
mod entering;
mod every_page;
mod reader;
mod words;
