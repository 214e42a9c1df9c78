//! Money that takes long, that is there without the plan, or that was too much.

use super::{AN_HOUR_AND_MORE, TWENTY_MINUTES, actions, at_the_button, fact, frees, is_free};
use crate::journeys::late_money::refunds;
use crate::journeys::travelling::{Journey, Traveller, is_at_the_bank};
use crate::support::{Bend, Change, Clint, Database, Hold, House, Moment, SlowBank};
use jiff::SignedDuration;

crate::stories::on_both!(
    i25_money_that_takes_long_is_shown_and_seen_when_support_looks,
    i25_money_that_takes_long_can_be_given_up_as_soon_as_it_is_certain,
    i25_a_paid_invoice_without_the_plan_is_shown_until_the_plan_is_there,
    i25_i15_more_than_was_confirmed_is_shown_and_goes_back_by_itself,
    i25_i15_a_refund_that_the_provider_does_not_make_is_ordered_again_and_made_once,
    i25_a_halted_charge_that_is_paid_elsewhere_is_seen_when_support_looks,
);

/// What the customer owes from elsewhere, and is charged with the change.
const OWED_ELSEWHERE: i64 = 500;

/// The customer has said yes to the bank, the bank has not to us; and nobody tells us anything.
pub async fn waits_for_the_bank(house: &mut House) -> (SlowBank, Traveller, Change, String) {
    let bank = SlowBank::beside(house).await;
    let (traveller, change, intent) = is_at_the_bank(house).await;
    house.provider.loses_every_webhook().await;
    bank.begins();
    house.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(change.stage().await, "payment_confirm.settling");
    (bank, traveller, change, intent)
}

async fn i25_money_that_takes_long_is_shown_and_seen_when_support_looks(database: Database) {
    let mut house = House::open_on(database).await;
    let (bank, traveller, change, intent) = waits_for_the_bank(&mut house).await;
    is_free(&house).await;
    house.pass(AN_HOUR_AND_MORE).await;
    let stuck = house.support("agent-1").sees(&change, "settling_long").await;
    assert_eq!(actions(&stuck), ["refresh", "cancel", "note"]);
    assert!(fact(&stuck, "invoice").starts_with("in_"));
    bank.is_done();
    house.provider.bank_says(&intent, "approve").await;
    frees(&house, &change, "settling_long", "refresh").await;
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    is_free(&house).await;
    house.close().await;
}

async fn i25_money_that_takes_long_can_be_given_up_as_soon_as_it_is_certain(database: Database) {
    let mut house = House::open_on(database).await;
    let (bank, traveller, change, _) = waits_for_the_bank(&mut house).await;
    house.pass(AN_HOUR_AND_MORE).await;
    frees(&house, &change, "settling_long", "cancel").await;
    house.rests().await;
    assert_eq!(
        change.stage().await,
        "payment_confirm.aborting",
        "nothing is certain yet"
    );
    bank.is_done();
    house.pass(AN_HOUR_AND_MORE).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("cancelled", 0));
    is_free(&house).await;
    house.close().await;
}

async fn holds(house: &House, clint: &Clint, devices: &str) {
    let held = house.provider.subscription(&clint.subscription).await;
    let item = held["items"]["data"][0]["id"].as_str().expect("an id").to_owned();
    let fields = [
        ("items[0][id]", item.as_str()),
        ("items[0][quantity]", devices),
        ("proration_behavior", "none"),
    ];
    house.provider.edits(&clint.subscription, &fields).await;
}

async fn i25_a_paid_invoice_without_the_plan_is_shown_until_the_plan_is_there(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.loses_every_webhook().await;
    house.provider.bank_says(&intent, "approve").await;
    // Before anybody has looked, somebody takes the devices away again.
    holds(&house, &traveller.clint, "3").await;
    house.rests().await;
    is_free(&house).await;
    house.pass(TWENTY_MINUTES).await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "paid_not_switched").await;
    assert_eq!(actions(&stuck), ["refresh", "note"], "paid money is not given up");
    assert_eq!(fact(&stuck, "subscription"), traveller.clint.subscription);
    // Looking alone mends nothing, and breaks nothing.
    frees(&house, &change, "paid_not_switched", "refresh").await;
    house.settle().await;
    agent.sees(&change, "paid_not_switched").await;
    holds(&house, &traveller.clint, "5").await;
    agent.acts(&change, "refresh").await.expect("a look");
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    is_free(&house).await;
    house.close().await;
}

/// After the last look before the charge, and before the charge, the customer comes to owe something else, which the provider
/// collects with it.
async fn is_charged_more_than_was_confirmed(house: &mut House, refunds_meet: &str) -> (Change, i64) {
    let hold = Hold::default();
    house
        .meets_a_provider_that(Bend {
            hold: hold.clone(),
            ..Bend::default()
        })
        .await;
    let (clint, change) = at_the_button(house).await;
    let due = change.quote().await["due_today"]["amount"]
        .as_i64()
        .expect("an amount");
    house.provider.breaks("POST", "/v1/refunds", refunds_meet).await;
    // First the card becomes the subscription's own; then it is charged.
    hold.arm("POST /v1/subscriptions/", 2, Moment::Asked);
    change.confirms().await.expect("a confirmation");
    let provider = house.provider.clone();
    let meanwhile = async {
        hold.is_reached().await;
        let owed = [("balance", OWED_ELSEWHERE.to_string())];
        let owed: Vec<(&str, &str)> = owed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        provider
            .form(&format!("/v1/customers/{}", clint.customer), &owed)
            .await;
        hold.lets_go();
    };
    tokio::join!(house.settle(), meanwhile);
    assert_eq!(change.stage().await, "active", "paid is paid");
    assert_eq!(house.provider.charges_for_changes().await, [due + OWED_ELSEWHERE]);
    (change, due)
}

async fn i25_i15_more_than_was_confirmed_is_shown_and_goes_back_by_itself(database: Database) {
    let mut house = House::open_on(database).await;
    let (change, due) = is_charged_more_than_was_confirmed(&mut house, "http_429").await;
    let stuck = house.support("agent-1").sees(&change, "quote_drift").await;
    assert_eq!(actions(&stuck), ["note"], "there is nothing to order");
    assert_eq!(fact(&stuck, "excess"), "BRL 5.00");
    frees(&house, &change, "quote_drift", "note").await;
    assert_eq!(refunds(&house).await, [] as [i64; 0]);
    house.provider.heals().await;
    house.pass(AN_HOUR_AND_MORE).await;
    assert_eq!(refunds(&house).await, [OWED_ELSEWHERE]);
    assert_eq!(house.provider.charges_for_changes().await, [due + OWED_ELSEWHERE]);
    is_free(&house).await;
    house.close().await;
}

async fn i25_i15_a_refund_that_the_provider_does_not_make_is_ordered_again_and_made_once(database: Database) {
    let mut house = House::open_on(database).await;
    let (change, _) = is_charged_more_than_was_confirmed(&mut house, "error_500_before").await;
    house.rests().await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "refund_halted").await;
    assert_eq!(actions(&stuck), ["retry", "note"]);
    assert_eq!(fact(&stuck, "provider_code"), "never_happened");
    house.provider.heals().await;
    let plan = agent.plans(&change, "retry").await.expect("a plan");
    assert_eq!(plan["gives_back"]["amount"], OWED_ELSEWHERE, "{plan}");
    assert!(plan.get("charges").is_none(), "{plan}");
    frees(&house, &change, "refund_halted", "retry").await;
    house.rests().await;
    assert_eq!(refunds(&house).await, [OWED_ELSEWHERE]);
    is_free(&house).await;
    house.close().await;
}

/// The charge has stopped, and its invoice is open; the customer pays it on the provider's own page.
async fn i25_a_halted_charge_that_is_paid_elsewhere_is_seen_when_support_looks(database: Database) {
    let mut house = House::open_on(database).await;
    let traveller = Journey::FirstSubscription.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    house.provider.loses_every_webhook().await;
    house
        .provider
        .breaks("POST", "/v1/invoices/*/pay", "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.provider.heals().await;
    traveller.pays_elsewhere(&house).await;
    frees(&house, &change, "charge_halted", "refresh").await;
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    is_free(&house).await;
    house.close().await;
}
