//! A crash (F1 to F5, and F7: written, and nobody was told) at every numbered point of every journey, one at a time, at each time
//! that the point is passed: every journey ends as it does without the crash, and on either database as on the other.

use changeover::engine::CrashPoint;
use futures_util::stream::{self, StreamExt as _};

use super::ending::Ending;
use super::travelling::Journey;
use crate::support::{Database, House};

/// Houses that are crashed side by side: while one waits for its disk, another works.
const SIDE_BY_SIDE: usize = 4;

#[tokio::test]
async fn f1_to_f5_and_f7_an_upgrade_with_a_card_that_works_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::CardThatWorks).await;
    assert_eq!((undisturbed.stage.as_str(), undisturbed.charges()), ("active", 1));
}

#[tokio::test]
async fn f1_to_f5_and_f7_an_upgrade_with_3d_secure_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::Authentication).await;
    assert_eq!((undisturbed.stage.as_str(), undisturbed.charges()), ("active", 1));
}

#[tokio::test]
async fn f1_to_f5_and_f7_a_first_subscription_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::FirstSubscription).await;
    assert_eq!((undisturbed.stage.as_str(), undisturbed.charges()), ("active", 1));
}

#[tokio::test]
async fn f1_to_f5_and_f7_a_cancelled_payment_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::CancelWhileItWaits).await;
    assert_eq!(
        (undisturbed.stage.as_str(), undisturbed.charges()),
        ("cancelled", 0)
    );
}

#[tokio::test]
async fn f1_to_f5_and_f7_a_boleto_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::Boleto).await;
    assert_eq!((undisturbed.stage.as_str(), undisturbed.charges()), ("active", 1));
}

#[tokio::test]
async fn f1_to_f5_and_f7_a_request_to_go_down_survives_every_crash() {
    let undisturbed = survives_every_crash(Journey::GoingDown).await;
    assert_eq!((undisturbed.stage.as_str(), undisturbed.charges()), ("active", 0));
}

/// First the passes of an undisturbed journey are counted, then each of them is a crash. Every journey reaches every point.
/// Gives the undisturbed ending.
async fn survives_every_crash(journey: Journey) -> Ending {
    let on_a_file = survives_every_crash_on(Database::Sqlite, journey).await;
    let on_a_server = survives_every_crash_on(Database::Postgres, journey).await;
    assert_eq!(on_a_file, on_a_server);
    on_a_file
}

async fn survives_every_crash_on(database: Database, journey: Journey) -> Ending {
    let mut house = House::open_on(database).await;
    let (undisturbed, passes) = undisturbed(&mut house, journey).await;
    house.close().await;
    let ending = &undisturbed;
    let reached: Vec<(CrashPoint, u64)> = stream::iter(passes)
        .map(|(point, passes)| async move {
            let reached = crash_at_every_pass(database, journey, point, passes, ending).await;
            (point, reached)
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    for (point, reached) in reached {
        assert!(
            reached > 0,
            "{point} is never reached in {journey:?} on {database:?}"
        );
    }
    undisturbed
}

async fn undisturbed(house: &mut House, journey: Journey) -> (Ending, Vec<(CrashPoint, u64)>) {
    let traveller = journey.traveller(house).await;
    let count = |house: &House| {
        CrashPoint::ALL
            .iter()
            .map(|point| house.passes(*point))
            .collect::<Vec<_>>()
    };
    let start = count(house);
    let change = traveller.comes_to_the_button(house).await;
    let button = count(house);
    let ending = traveller.goes_on(house, &change).await;
    let passes = CrashPoint::ALL.iter().enumerate().map(|(place, point)| {
        let from = if is_crashed_from_the_start(journey, *point) {
            &start
        } else {
            &button
        };
        (*point, house.passes(*point) - from[place])
    });
    (ending, passes.collect())
}

/// All upgrades come to the last click on one way, which is crashed once; the webhooks on that way, once for all journeys.
fn is_crashed_from_the_start(journey: Journey, point: CrashPoint) -> bool {
    let webhook = matches!(point, CrashPoint::WebhookVerified | CrashPoint::WebhookKept);
    match journey {
        Journey::FirstSubscription | Journey::GoingDown => true,
        Journey::CardThatWorks => !webhook,
        Journey::Authentication | Journey::CancelWhileItWaits | Journey::Boleto => false,
    }
}

/// One house, one customer after the other: the first one's journey is crashed at the first pass, the second one's at the
/// second, and so on. Gives how many crashes came about.
async fn crash_at_every_pass(
    database: Database,
    journey: Journey,
    point: CrashPoint,
    passes: u64,
    undisturbed: &Ending,
) -> u64 {
    let mut house = House::open_on(database).await;
    let mut reached = 0;
    for nth in 1..=passes {
        let traveller = journey.traveller(&mut house).await;
        let ending = if is_crashed_from_the_start(journey, point) {
            house.crash_at(point, nth);
            traveller.travels(&mut house).await
        } else {
            let change = traveller.comes_to_the_button(&mut house).await;
            house.crash_at(point, nth);
            traveller.goes_on(&mut house, &change).await
        };
        assert_eq!(
            ending, *undisturbed,
            "after a crash at {point}, pass {nth}, of {journey:?} on {database:?}"
        );
        // Where two things are due at once, one pass more or less is possible.
        reached += u64::from(house.disarm());
    }
    house.close().await;
    reached
}
