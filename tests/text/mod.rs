//! Tests of the rooms `text` and `mail`, and of the mailbox pages.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test in the same way as its body"
)]

mod letters;
mod mailbox;
mod numbers;
mod pages;
mod smtp;
mod words;

use changeover::domain::money::{Currency, Money};
use changeover::ports::mail::MailFailure;

fn currency(code: &str) -> Currency {
    code.parse().expect("a known currency")
}

fn money(amount: i64, code: &str) -> Money {
    Money::new(amount, currency(code))
}

/// The text of a failure, after checking its kind and that it repeats nothing of the recipient.
fn told_by(failure: &MailFailure, permanent: bool) -> String {
    let told = failure.to_string();
    assert_eq!(matches!(failure, MailFailure::Permanent(_)), permanent, "{told}");
    assert!(
        !told.contains('@') && !told.contains("example"),
        "an address in: {told}"
    );
    told
}
