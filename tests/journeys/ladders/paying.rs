//! Waiting for the bank, for the money, and for somebody who pays elsewhere.

use jiff::SignedDuration;

use super::{LADDER, climbs, ends, is_declined, untold};
use crate::journeys::travelling::{Journey, is_at_the_bank};
use crate::support::{Database, SlowBank};

crate::stories::on_both!(
    f17_a_payment_at_the_bank_is_looked_at_on_every_rung,
    f17_a_customer_who_never_comes_back_from_the_bank_is_not_waited_for_for_ever,
    f17_money_on_its_way_is_seen_to_arrive_or_to_fail,
    f17_a_declined_invoice_that_is_paid_elsewhere_is_seen,
    f17_a_halted_charge_that_is_paid_elsewhere_is_seen,
);

async fn f17_a_payment_at_the_bank_is_looked_at_on_every_rung(database: Database) {
    let mut house = untold(database).await;
    for rung in 0..LADDER.len() {
        let (traveller, change, intent) = is_at_the_bank(&mut house).await;
        climbs(&mut house, &LADDER[..rung]).await;
        house.provider.bank_says(&intent, "approve").await;
        climbs(&mut house, &[LADDER[rung] - 1]).await;
        // Above the last rung a reminder leaves, and the payment is looked at then, too.
        if rung < LADDER.len() - 1 {
            let waits = change.stage().await;
            assert_eq!(waits, "payment_confirm.action_required", "before rung {rung}");
        }
        climbs(&mut house, &[1]).await;
        ends(&house, &traveller, &change, "active", 1).await;
    }
    house.close().await;
}

async fn f17_a_customer_who_never_comes_back_from_the_bank_is_not_waited_for_for_ever(database: Database) {
    let mut house = untold(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.pass(SignedDuration::from_hours(23)).await;
    ends(&house, &traveller, &change, "expired", 0).await;
    house.provider.bank_is_asked(&intent).await;
    house.pass(SignedDuration::from_hours(25)).await;
    ends(&house, &traveller, &change, "expired", 0).await;
    house.close().await;
}

async fn f17_money_on_its_way_is_seen_to_arrive_or_to_fail(database: Database) {
    let mut house = untold(database).await;
    let bank = SlowBank::beside(&mut house).await;
    for (says, stage) in [("approve", "active"), ("fail", "payment_confirm.declined")] {
        for rung in [0, 4, 7] {
            let (traveller, change, intent) = is_at_the_bank(&mut house).await;
            bank.begins();
            climbs(&mut house, &LADDER[..=rung]).await;
            assert_eq!(change.stage().await, "payment_confirm.settling");
            bank.is_done();
            house.provider.bank_says(&intent, says).await;
            climbs(&mut house, &LADDER[..=rung]).await;
            assert_eq!(change.stage().await, stage, "{says} at {rung}");
            if says == "approve" {
                ends(&house, &traveller, &change, "active", 1).await;
            } else {
                change.cancels().await.expect("a wish");
                house.rests().await;
                ends(&house, &traveller, &change, "cancelled", 0).await;
            }
        }
    }
    house.close().await;
}

async fn f17_a_declined_invoice_that_is_paid_elsewhere_is_seen(database: Database) {
    let mut house = untold(database).await;
    let (traveller, change) = is_declined(&mut house).await;
    climbs(&mut house, &LADDER).await;
    traveller.pays_elsewhere(&house).await;
    climbs(&mut house, &[3600]).await;
    ends(&house, &traveller, &change, "active", 1).await;
    house.close().await;
}

async fn f17_a_halted_charge_that_is_paid_elsewhere_is_seen(database: Database) {
    let mut house = untold(database).await;
    let traveller = Journey::FirstSubscription.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    house
        .provider
        .breaks("POST", "/v1/invoices/*/pay", "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.provider.heals().await;
    house.support("agent-1").sees(&change, "charge_halted").await;
    traveller.pays_elsewhere(&house).await;
    climbs(&mut house, &[3600]).await;
    ends(&house, &traveller, &change, "active", 1).await;
    house.close().await;
}
