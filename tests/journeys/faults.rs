//! Faults of the provider (F10 to F13) at every request that changes something, and at the reads between: one charge or none,
//! the right end, and nothing in silence.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};

use super::ending::Ending;
use super::travelling::Journey;
use crate::support::House;

/// What a request that changes something can meet.
const FAULTS: [&str; 10] = [
    "http_429",
    "lock_timeout",
    "key_in_use",
    "error_500_before",
    "error_500_after",
    "reset_before",
    "reset_after",
    "cut_after",
    "garbled_after",
    "html_502",
];

/// What a read can meet.
const READ_FAULTS: [&str; 5] = [
    "http_429",
    "reset_before",
    "cut_after",
    "garbled_after",
    "html_502",
];

/// A request that is never answered; the application's patience is short here.
const HANGS: [&str; 2] = ["hang_before", "hang_after"];

/// Long enough that only what hangs takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Requests to one path in one journey at most: more is a loop.
const REQUESTS_MAX: u64 = 30;

/// Houses side by side.
const SIDE_BY_SIDE: usize = 4;

type Path = (&'static str, &'static str);

/// The reads of an upgrade, and the questions that are asked by POST.
const READS: [Path; 6] = [
    ("GET", "/v1/subscriptions/*"),
    ("GET", "/v1/prices"),
    ("GET", "/v1/invoices/*"),
    ("GET", "/v1/setup_intents/*"),
    ("POST", "/v1/setup_intents"),
    ("POST", "/v1/invoices/create_preview"),
];

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_an_upgrade_leads_to_one_charge() {
    let calls = [
        ("POST", "/v1/customers/*"),
        ("POST", "/v1/customers/*/tax_ids"),
        ("POST", "/v1/subscriptions/*"),
    ];
    every_fault(Journey::CardThatWorks, &calls, &FAULTS).await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_read_of_an_upgrade_only_takes_time() {
    every_fault(Journey::CardThatWorks, &READS, &READ_FAULTS).await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_an_upgrade_with_3d_secure_leads_to_one_charge() {
    every_fault(
        Journey::Authentication,
        &[("POST", "/v1/subscriptions/*")],
        &FAULTS,
    )
    .await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_a_first_subscription_leads_to_one_charge() {
    let calls = [
        ("POST", "/v1/customers"),
        ("POST", "/v1/customers/*/tax_ids"),
        ("POST", "/v1/subscriptions"),
        ("POST", "/v1/invoices/*/pay"),
    ];
    every_fault(Journey::FirstSubscription, &calls, &FAULTS).await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_a_boleto_leads_to_one_charge() {
    let calls = [
        ("POST", "/v1/invoices"),
        ("POST", "/v1/invoiceitems"),
        ("POST", "/v1/invoices/*/finalize"),
        ("POST", "/v1/payment_intents/*/confirm"),
        ("POST", "/v1/subscriptions/*"),
    ];
    every_fault(Journey::Boleto, &calls, &FAULTS).await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_an_abort_leads_to_no_charge() {
    let calls = [("POST", "/v1/invoices/*/void"), ("POST", "/v1/subscriptions/*")];
    every_fault(Journey::CancelWhileItWaits, &calls, &FAULTS).await;
}

#[tokio::test]
async fn f10_to_f13_a_fault_at_a_call_of_a_request_to_go_down_only_takes_time() {
    let calls = [
        ("POST", "/v1/subscriptions/*"),
        ("POST", "/v1/invoices/create_preview"),
    ];
    every_fault(Journey::GoingDown, &calls, &FAULTS).await;
}

/// F3: the request has left, and no answer comes.
#[tokio::test]
async fn f3_f10_a_call_that_is_never_answered_is_made_once() {
    for (journey, calls) in [
        (Journey::CardThatWorks, &[("POST", "/v1/subscriptions/*")][..]),
        (
            Journey::FirstSubscription,
            &[("POST", "/v1/subscriptions"), ("POST", "/v1/invoices/*/pay")],
        ),
        (Journey::CancelWhileItWaits, &[("POST", "/v1/invoices/*/void")]),
        (Journey::GoingDown, &[("POST", "/v1/subscriptions/*")]),
    ] {
        every_fault(journey, calls, &HANGS).await;
    }
}

/// Limits that last for several attempts, and locks that are held: the same key until it is let in.
#[tokio::test]
async fn f12_a_limit_that_lasts_only_takes_time() {
    for journey in Journey::ALL {
        let mut house = House::open().await;
        let undisturbed = journey.traveller(&mut house).await.travels(&mut house).await;
        for fault in ["http_429", "lock_timeout", "key_in_use"] {
            let traveller = journey.traveller(&mut house).await;
            let change = traveller.comes_to_the_button(&mut house).await;
            house.provider.fault_for("POST", "/v1/**", 1, 4, fault).await;
            let ending = traveller.goes_on(&mut house, &change).await;
            assert_eq!(house.provider.strikes().await, 4, "{fault} in {journey:?}");
            house.provider.heals().await;
            assert_eq!(ending, undisturbed, "{fault} in {journey:?}");
        }
        house.close().await;
    }
}

/// Each fault at each request to each of these paths, one at a time.
async fn every_fault(journey: Journey, paths: &[Path], faults: &'static [&'static str]) {
    let mut house = House::open().await;
    let undisturbed = journey.traveller(&mut house).await.travels(&mut house).await;
    house.close().await;
    stream::iter(paths)
        .map(|path| strike_every_request(journey, *path, faults, &undisturbed))
        .buffer_unordered(SIDE_BY_SIDE)
        .collect::<()>()
        .await;
}

/// One house, one customer after the other: each meets a fault one request later, until none is met any more. The first fault
/// finds out how many requests there are.
async fn strike_every_request(journey: Journey, path: Path, faults: &[&str], undisturbed: &Ending) {
    let mut house = House::open().await;
    if faults == HANGS {
        house.has_patience_for(PATIENCE).await;
    }
    let mut requests = 0;
    while strike(&mut house, journey, path, requests + 1, faults[0], undisturbed).await {
        requests += 1;
        assert!(requests < REQUESTS_MAX, "{path:?} is asked without end");
    }
    assert!(requests > 0, "{path:?} is never taken in {journey:?}");
    for fault in &faults[1..] {
        for nth in 1..=requests {
            let struck = strike(&mut house, journey, path, nth, fault, undisturbed).await;
            // Of what is only read, another fault can make one request less.
            assert!(struck || nth > 1, "{path:?} was taken {requests} times before");
        }
    }
    house.close().await;
}

/// One journey with one fault. Whether it was met.
async fn strike(
    house: &mut House,
    journey: Journey,
    (method, path): Path,
    nth: u64,
    fault: &str,
    undisturbed: &Ending,
) -> bool {
    let traveller = journey.traveller(house).await;
    house.provider.fault(method, path, nth, fault).await;
    let ending = traveller.travels(house).await;
    let struck = house.provider.strikes().await > 0;
    house.provider.heals().await;
    let case = format!("{fault} at {method} {path}, request {nth}, of {journey:?}");
    assert_eq!(ending.stage, undisturbed.stage, "{case}");
    assert_eq!(ending.held, undisturbed.held, "{case}");
    assert_eq!(ending.charges(), undisturbed.charges(), "{case}");
    assert_eq!(ending.mails, undisturbed.mails, "{case}");
    // Only a call that was proven to have done nothing is made anew, and leaves more behind.
    if fault != "error_500_before" {
        assert_eq!(ending.ledger, undisturbed.ledger, "{case}");
    }
    struck
}
