//! The clock jumps by more than a day (F19) at every stage, and keys that are older than their window at every call (F14): what
//! was quoted is quoted again, and nothing is charged that was not confirmed after it was shown.

use changeover::engine::CrashPoint;
use jiff::SignedDuration;

use super::travelling::{Journey, Traveller};
use crate::support::{Change, Database, House};

const JUMP: SignedDuration = SignedDuration::from_hours(25);
const THIRTY_HOURS: SignedDuration = SignedDuration::from_hours(30);

/// Stages that wait for somebody.
const STAGES: [(Journey, &str); 5] = [
    (Journey::CardThatWorks, "draft"),
    (Journey::CardThatWorks, "quote.ready"),
    (Journey::CardThatWorks, "billing_info.asking"),
    (Journey::CardThatWorks, "payment_confirm.choosing"),
    (Journey::GoingDown, "downgrade_ticket.open"),
];

#[tokio::test]
async fn f19_a_clock_that_jumps_by_a_day_at_any_stage_charges_only_what_was_confirmed() {
    for database in Database::ALL {
        let mut house = House::open_on(database).await;
        for (journey, stage) in STAGES {
            // Before the step that leads on, and after it, before anybody has worked on it.
            for step_first in [false, true] {
                let traveller = journey.traveller(&mut house).await;
                let change = traveller.comes_to(&mut house, stage).await;
                if step_first {
                    traveller.takes_the_next_step(&house, &change).await;
                }
                let ending = traveller.finishes_after(&mut house, &change, JUMP).await;
                let charges = usize::from(journey == Journey::CardThatWorks);
                assert_eq!(
                    (ending.stage.as_str(), ending.charges()),
                    ("active", charges),
                    "{stage} on {database:?}"
                );
            }
        }
        house.close().await;
    }
}

/// At rest, a change of which some mails have not left yet.
#[tokio::test]
async fn f19_a_clock_that_jumps_while_mails_wait_sends_each_once() {
    let mut house = House::open().await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    change.confirms().await.expect("a confirmation");
    house.keeps_its_mails_back().await;
    assert_eq!(change.stage().await, "active");
    house.clock.advance(JUMP);
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!(
        (ending.charges(), ending.mails.len()),
        (1, 1),
        "{:?}",
        ending.mails
    );
    house.close().await;
}

/// Dies at the first call that this step owes, and is down for longer than a key may be sent.
async fn is_down_for_long(
    house: &mut House,
    traveller: &Traveller,
    stage: &str,
    point: CrashPoint,
) -> Change {
    let change = traveller.comes_to(house, stage).await;
    traveller.takes_the_next_step(house, &change).await;
    house.dies_at(point, 1).await;
    house.clock.advance(THIRTY_HOURS);
    house.start().await;
    change
}

/// That no key left after its window is proven when the house is closed (I7).
#[tokio::test]
async fn f14_i7_a_call_that_was_answered_unheard_for_thirty_hours_is_found() {
    let mut house = House::open().await;
    for (journey, stage) in [
        (Journey::CardThatWorks, "billing_info.asking"),
        (Journey::CardThatWorks, "payment_confirm.choosing"),
        (Journey::GoingDown, "downgrade_ticket.open"),
    ] {
        let traveller = journey.traveller(&mut house).await;
        let change = is_down_for_long(&mut house, &traveller, stage, CrashPoint::CallAnswered).await;
        let ending = traveller.finishes(&mut house, &change).await;
        let charges = usize::from(journey == Journey::CardThatWorks);
        assert_eq!(
            (ending.stage.as_str(), ending.charges()),
            ("active", charges),
            "{stage}"
        );
    }
    house.close().await;
}
