//! A customer who does whatever the change asks for, step by step, so that a test can come to a stage, disturb it, and go on.

use jiff::SignedDuration;
use serde_json::Value;

use super::ending::Ending;
use super::travelling::Traveller;
use crate::support::{Change, House};

/// More steps than there are screens, several times over.
const STEPS_MAX: usize = 24;

impl Traveller {
    /// Goes on until the change is in this stage, and waits for somebody.
    pub async fn comes_to(&self, house: &mut House, stage: &str) -> Change {
        let change = self.opens(house).await;
        for _ in 0..STEPS_MAX {
            if change.stage().await == stage && next(&change).await != "choose_payment_method" {
                return change;
            }
            self.takes_the_next_step(house, &change).await;
            self.moves_on(house, &change).await;
        }
        panic!("{stage} is not on the way: {}", change.read().await);
    }

    /// Does what is asked for, once; nobody works on it yet.
    pub async fn takes_the_next_step(&self, house: &House, change: &Change) {
        let done = match next(change).await.as_str().expect("a word") {
            "ask_quote" => change.asks_for_a_quote().await,
            "accept" => change.accepts().await,
            "give_billing_info" => change.gives_billing_data().await,
            "choose_payment_method" => self.chooses_a_card(house, change).await,
            "confirm" => change.confirms().await,
            "await_support" => self.is_answered_at_once(change).await,
            other => panic!("nobody can do `{other}`"),
        };
        // A quote that has expired is asked for anew, as the refusal says.
        if let Err(problem) = done {
            assert_eq!(problem.code, "quote_expired", "{problem:?}");
            change.asks_for_a_quote().await.expect("asking");
        }
    }

    /// Does what is asked for until nothing is.
    pub async fn finishes(&self, house: &mut House, change: &Change) -> Ending {
        for _ in 0..STEPS_MAX {
            self.moves_on(house, change).await;
            if next(change).await == "none" {
                house.rests().await;
                return self.ending(house, change).await;
            }
            self.takes_the_next_step(house, change).await;
        }
        panic!("it does not end: {}", change.read().await);
    }

    /// Does what is asked for once the clock has moved on.
    pub async fn finishes_after(&self, house: &mut House, change: &Change, time: SignedDuration) -> Ending {
        house.clock.advance(time);
        self.finishes(house, change).await
    }
}

async fn next(change: &Change) -> Value {
    change.read().await["next_action"]["type"].clone()
}
