//! The database goes away (F8), at every stage and in the middle of calls: what was acknowledged is there afterwards, what was
//! not is refused with a 503 and taken when it is sent again, and nothing is charged twice. And a worker that is frozen past its
//! lease (F6), while another node goes on.

use std::pin::pin;

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::travelling::{Journey, Traveller};
use crate::support::{Bend, Change, Database, Hold, House, Moment, billing_data};

const PREVIEWS: &str = "POST /v1/invoices/create_preview";
const UPDATES: &str = "POST /v1/subscriptions/";

/// A command that meets no database is refused, and afterwards taken under the same key.
async fn is_refused_and_then_taken(house: &House, change: &Change, method: Method, verb: &str, body: Value) {
    let path = format!("/v1/changes/{}/{verb}", change.id);
    let sends = || {
        let backend = &change.backend;
        backend.command_under(verb, method.clone(), &path, &body)
    };
    house.loses_its_database().await;
    let refused = sends().await.expect_err("no database, no promise");
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (503, "store_unavailable"),
        "{verb}"
    );
    house.struggles().await;
    house.finds_its_database().await;
    let taken = sends().await;
    taken.unwrap_or_else(|problem| panic!("{verb}: {problem:?}"));
}

/// What the customer sends, in their own name.
fn by_the_customer(mut body: Value) -> Value {
    body["actor"] = json!({ "role": "owner", "id": "user-1" });
    body
}

/// What was taken waits to be worked on, and the worker has no database for a while.
async fn is_worked_on_later(house: &mut House, traveller: &Traveller, change: &Change) {
    house.loses_its_database().await;
    house.struggles().await;
    house.finds_its_database().await;
    traveller.moves_on(house, change).await;
}

async fn gives_a_card(house: &House, change: &Change) -> Value {
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, super::WORKS).await;
    json!({ "setup": setup["setup"] })
}

#[tokio::test]
async fn f8_a_database_that_goes_away_at_any_stage_of_an_upgrade_loses_nothing() {
    let mut house = House::open_on(Database::Postgres).await;
    let undisturbed = Journey::CardThatWorks
        .traveller(&mut house)
        .await
        .travels(&mut house)
        .await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.opens(&mut house).await;
    is_refused_and_then_taken(&house, &change, Method::POST, "quote", by_the_customer(json!({}))).await;
    is_worked_on_later(&mut house, &traveller, &change).await;
    let quote = json!({ "quote": change.quote().await["id"] });
    is_refused_and_then_taken(&house, &change, Method::POST, "accept", by_the_customer(quote)).await;
    is_refused_and_then_taken(
        &house,
        &change,
        Method::PUT,
        "billing-info",
        by_the_customer(billing_data()),
    )
    .await;
    is_worked_on_later(&mut house, &traveller, &change).await;
    let card = gives_a_card(&house, &change).await;
    is_refused_and_then_taken(
        &house,
        &change,
        Method::PUT,
        "payment-method",
        by_the_customer(card),
    )
    .await;
    let click = change.confirmation().await;
    is_refused_and_then_taken(&house, &change, Method::POST, "confirm", by_the_customer(click)).await;
    // The charge is owed, and then the mails are.
    house.loses_its_database().await;
    house.struggles().await;
    house.finds_its_database().await;
    house.keeps_its_mails_back().await;
    house.loses_its_database().await;
    house.struggles().await;
    house.finds_its_database().await;
    traveller.moves_on(&mut house, &change).await;
    house.rests().await;
    assert_eq!(traveller.ending(&house, &change).await, undisturbed);
    house.close().await;
}

#[tokio::test]
async fn f8_a_database_that_goes_away_beside_a_request_to_go_down_loses_nothing() {
    let mut house = House::open_on(Database::Postgres).await;
    let undisturbed = Journey::GoingDown
        .traveller(&mut house)
        .await
        .travels(&mut house)
        .await;
    let traveller = Journey::GoingDown.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    let answer = json!({ "decision": "apply_now", "support": { "id": "agent-7", "reason": "asked for" } });
    is_refused_and_then_taken(&house, &change, Method::POST, "ticket/answer", answer).await;
    is_worked_on_later(&mut house, &traveller, &change).await;
    house.rests().await;
    assert_eq!(traveller.ending(&house, &change).await, undisturbed);
    house.close().await;
}

/// The provider has carried a call out, and the server dies before the answer can be written: `pg_ctl stop -m immediate`.
#[tokio::test]
async fn f4_f8_a_server_that_dies_in_the_middle_of_a_call_recovers_to_one_charge() {
    let (mut house, crash) = House::open_beside_a_crash().await;
    for (journey, requests) in [
        (
            Journey::CardThatWorks,
            &[
                "POST /v1/invoices/create_preview",
                "POST /v1/customers/",
                "POST /v1/subscriptions/",
            ][..],
        ),
        (
            Journey::FirstSubscription,
            &["POST /v1/subscriptions", "POST /v1/invoices/in"],
        ),
        (Journey::CancelWhileItWaits, &["POST /v1/invoices/in"]),
        (Journey::GoingDown, &["POST /v1/subscriptions/"]),
    ] {
        let undisturbed = journey.traveller(&mut house).await.travels(&mut house).await;
        for request in requests {
            let traveller = journey.traveller(&mut house).await;
            crash.arm(request);
            let ending = traveller.travels(&mut house).await;
            assert!(crash.has_struck(), "{request} in {journey:?}");
            assert_eq!(ending, undisturbed, "{request} in {journey:?}");
        }
    }
    house.close().await;
}

/// One worker is held up in the middle of a request until its lease is long over, and another node has gone on. When it wakes
/// up, it takes nothing back: neither by the request that arrives late, nor by the answer.
#[tokio::test]
async fn f6_a_worker_that_is_frozen_past_its_lease_takes_nothing_back() {
    let mut house = House::open_on(Database::Postgres).await;
    let hold = Hold::default();
    house
        .meets_a_provider_that(Bend {
            hold: hold.clone(),
            ..Bend::default()
        })
        .await;
    for (journey, stage, requests) in [
        (Journey::CardThatWorks, "draft", &[(PREVIEWS, 1)][..]),
        (
            Journey::CardThatWorks,
            "billing_info.asking",
            &[("POST /v1/customers/", 1)],
        ),
        (
            Journey::CardThatWorks,
            "payment_confirm.choosing",
            &[(PREVIEWS, 1), (UPDATES, 1), (UPDATES, 2)],
        ),
        (Journey::GoingDown, "downgrade_ticket.open", &[(UPDATES, 1)]),
    ] {
        let undisturbed = journey.traveller(&mut house).await.travels(&mut house).await;
        for (request, nth) in requests {
            for moment in [Moment::Asked, Moment::Answered] {
                let traveller = journey.traveller(&mut house).await;
                let change = traveller.comes_to(&mut house, stage).await;
                traveller.takes_the_next_step(&house, &change).await;
                hold.arm(request, *nth, moment);
                one_is_frozen_and_the_other_goes_on(&mut house, &hold).await;
                let ending = traveller.finishes(&mut house, &change).await;
                assert_eq!(ending, undisturbed, "{moment:?}: {request} {nth} in {stage}");
            }
        }
    }
    house.close().await;
}

async fn one_is_frozen_and_the_other_goes_on(house: &mut House, hold: &Hold) {
    let node = house.another_node().await;
    let clock = house.clock.clone();
    let other = async {
        hold.is_reached().await;
        for _ in 0..3 {
            clock.advance(SignedDuration::from_secs(70));
            node.works().await.expect("it works");
        }
    };
    let mut one = pin!(house.settle());
    tokio::select! {
        () = &mut one => panic!("nobody is held up"),
        () = other => hold.lets_go(),
    }
    one.await;
    node.close().await;
}
