//! What is sold, to whom, and what a change of it costs: from the workflow file to the last cent.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test in the same way as its body"
)]

mod agreement;
mod bad_files;
mod clint;
mod combining;
mod contracts;
mod directions;
mod every_seller;
mod files;
mod proration;
mod provider;
mod sums;

use changeover::domain::account::{
    AccountId, Contract, ContractId, ContractStatus, Debit, HeldLine, LinePlace, Period,
};
use changeover::domain::catalog::{Interval, LineKey, Price, PriceRef, Scheme, Selection};
use changeover::domain::money::{Currency, Money};
use changeover::workflow::Workflow;
use jiff::Timestamp;
use uuid::Uuid;

const CLINT: &str = include_str!("../../workflows/clint.toml");

fn clint() -> Workflow {
    Workflow::parse("clint.toml", CLINT).expect("the shipped file is sound")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn currency(code: &str) -> Currency {
    code.parse().expect("a known currency")
}

/// With 0, 2 and 3 decimals.
fn any_currency() -> impl proptest::strategy::Strategy<Value = Currency> {
    use proptest::strategy::Strategy as _;
    proptest::sample::select(vec!["JPY", "BRL", "KWD"]).prop_map(currency)
}

fn brl(amount: i64) -> Money {
    Money::new(amount, currency("BRL"))
}

fn key(text: &str) -> LineKey {
    text.parse().expect("a line")
}

/// A period of local days in São Paulo, which is three hours behind UTC all year.
fn days(start: &str, end: &str) -> Period {
    let midnight = |day: &str| at(&format!("{day}T03:00:00Z"));
    Period {
        interval: Interval::MONTH,
        start: midnight(start),
        end: midnight(end),
    }
}

fn monthly(code: &str, unit: i64) -> Price {
    Price {
        currency: currency(code),
        interval: Interval::MONTH,
        scheme: Scheme::PerUnit { unit },
    }
}

/// A held line at the provider, at a price per unit, debited for a period.
fn held(line: &str, unit: i64, quantity: u64, debit: Option<(i64, Period)>) -> HeldLine {
    HeldLine {
        outside: None,
        key: key(line),
        price_ref: PriceRef::from_stored(format!("{line}-{unit}")),
        price: monthly("BRL", unit),
        quantity,
        place: LinePlace::Provider {
            item: format!("si_{line}"),
        },
        debit: debit.map(|(amount, period)| Debit {
            amount: brl(amount),
            from: period.start,
            until: period.end,
        }),
    }
}

/// Ana's contract with Clint: the plan Growth, paid in another way, and whatever monthly extras.
fn anas_contract(extras: Vec<HeldLine>, period: Option<Period>) -> Contract {
    let mut lines = vec![HeldLine {
        outside: None,
        place: LinePlace::Outside,
        ..held("plan", 59_700, 1, None)
    }];
    let subscription = (!extras.is_empty()).then(|| "sub_ana".to_owned());
    lines.extend(extras);
    Contract {
        id: ContractId(Uuid::from_u128(2)),
        version: 1,
        account: AccountId(Uuid::from_u128(1)),
        seller: "clint".parse().expect("a seller"),
        plan: "growth".parse().expect("a plan"),
        currency: currency("BRL"),
        lines,
        options: std::collections::BTreeMap::new(),
        anchor_day: 10,
        periods: period.into_iter().collect(),
        subscription,
        status: ContractStatus::Active,
        responsible: Some("Ana".to_owned()),
        created_at: at("2026-01-10T15:00:00Z"),
        client: None,
    }
}

fn selection(plan: &str, quantities: &[(&str, u64)]) -> Selection {
    let item = |name: &str| name.parse().expect("an item id");
    Selection {
        plan: plan.parse().expect("a plan id"),
        quantities: quantities
            .iter()
            .map(|(name, quantity)| (item(name), *quantity))
            .collect(),
        options: std::collections::BTreeMap::new(),
        currency: currency("BRL"),
        interval: Interval::MONTH,
    }
}
