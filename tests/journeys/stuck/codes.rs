//! One story for each code: how it comes about, and how it is freed.

use changeover::domain::change::MACHINE_VERSION;
use changeover::engine::CrashPoint;
use jiff::SignedDuration;

use super::{TWENTY_MINUTES, at_the_button, fact, helps};
use crate::journeys::WORKS;
use crate::journeys::travelling::Journey;
use crate::support::{Clint, Database, House, Version};

crate::stories::on_both!(
    i25_a_charge_that_the_provider_refuses_waits_for_support,
    i25_a_call_whose_answer_stays_unknown_is_shown_and_sent_again_under_its_key,
    i25_a_call_that_the_provider_puts_off_is_shown,
    i25_i7_a_spent_key_is_only_looked_for,
    i25_a_quote_that_cannot_be_asked_for_is_shown,
    i25_a_payment_that_cannot_be_read_is_shown,
    i25_a_change_of_a_newer_program_is_left_alone_and_shown,
    i25_due_work_that_nobody_does_is_shown,
    i25_a_card_that_the_provider_does_not_keep_is_shown_and_kept_after_all,
    i25_a_charge_that_waits_for_another_of_its_customer_names_what_it_waits_for,
    i25_a_contract_that_is_out_of_step_is_told_to_support,
);

async fn i25_a_charge_that_the_provider_refuses_waits_for_support(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = at_the_button(&mut house).await;
    house
        .provider
        .fault_from("POST", "/v1/subscriptions/*", 2, "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.provider.heals().await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "charge_halted").await;
    assert!(helps(&stuck, "retry") && helps(&stuck, "cancel"), "{stuck}");
    assert_eq!(fact(&stuck, "provider_code"), "never_happened");
    assert_eq!(change.read().await["stuck"]["code"], "charge_halted");

    let plan = agent.plans(&change, "retry").await.expect("a plan");
    let due = change.quote().await["due_today"]["amount"].clone();
    assert_eq!(plan["charges"]["amount"], due, "{plan}");
    agent.acts(&change, "retry").await.expect("a retry");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    assert_eq!(agent.stuck().await, []);
    assert!(change.read().await.get("stuck").is_none());
    house.close().await;
}

async fn i25_a_call_whose_answer_stays_unknown_is_shown_and_sent_again_under_its_key(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = at_the_button(&mut house).await;
    house
        .provider
        .breaks("POST", "/v1/subscriptions/*", "reset_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    house.pass(TWENTY_MINUTES).await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "outcome_unknown").await;
    assert_eq!(fact(&stuck, "call"), "set_default_method");
    house.provider.heals().await;
    let plan = agent.plans(&change, "retry").await.expect("a plan");
    assert!(plan["steps"].to_string().contains("under the same key"), "{plan}");
    agent.acts(&change, "retry").await.expect("a retry");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    let keys: std::collections::BTreeSet<String> = house
        .provider
        .requests_to("POST", "/v1/subscriptions/sub")
        .await
        .iter()
        .map(|request| request["idempotency_key"].to_string())
        .collect();
    assert_eq!(keys.len(), 2, "one for the card, one for the charge: {keys:?}");
    assert!(change.events().await.contains(&"hurry".to_owned()));
    house.close().await;
}

async fn i25_a_call_that_the_provider_puts_off_is_shown(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = at_the_button(&mut house).await;
    house
        .provider
        .breaks("POST", "/v1/subscriptions/*", "http_429")
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    house.pass(TWENTY_MINUTES).await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "call_put_off").await;
    assert!(helps(&stuck, "retry"), "{stuck}");
    house.provider.heals().await;
    agent.acts(&change, "retry").await.expect("a retry");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    house.close().await;
}

async fn i25_i7_a_spent_key_is_only_looked_for(database: Database) {
    let mut house = House::open_on(database).await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    change.confirms().await.expect("a confirmation");
    house.dies_at(CrashPoint::CallAnswered, 2).await;
    house
        .provider
        .breaks("GET", "/v1/subscriptions/*", "reset_before")
        .await;
    house.clock.advance(SignedDuration::from_hours(30));
    house.start().await;
    house.settle().await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "outcome_unknown").await;
    assert!(helps(&stuck, "refresh") && !helps(&stuck, "retry"), "{stuck}");
    house.provider.heals().await;
    let plan = agent.plans(&change, "refresh").await.expect("a plan");
    assert!(plan.get("charges").is_none(), "{plan}");
    agent.acts(&change, "refresh").await.expect("a look");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    house.close().await;
}

async fn i25_a_quote_that_cannot_be_asked_for_is_shown(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    house
        .provider
        .breaks("POST", "/v1/invoices/create_preview", "html_502")
        .await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    house.pass(TWENTY_MINUTES).await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "quote_unavailable").await;
    assert!(helps(&stuck, "refresh") && helps(&stuck, "cancel"), "{stuck}");
    house.provider.heals().await;
    agent.acts(&change, "refresh").await.expect("a look");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    assert_eq!(agent.stuck().await, []);
    house.close().await;
}

async fn i25_a_payment_that_cannot_be_read_is_shown(database: Database) {
    let mut house = House::open_on(database).await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    let intent = traveller.intent(&house, &change).await;
    house.provider.loses_every_webhook().await;
    house
        .provider
        .breaks("GET", "/v1/invoices/*", "reset_before")
        .await;
    house.provider.bank_says(&intent, "approve").await;
    house.pass(SignedDuration::from_mins(40)).await;
    let agent = house.support("agent-1");
    agent.sees(&change, "payment_unreadable").await;
    house.provider.heals().await;
    agent.acts(&change, "refresh").await.expect("a look");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    house.close().await;
}

#[tokio::test]
async fn i25_what_was_given_up_leaves_when_support_resumes_it() {
    let mut house = House::open().await;
    let (_, change) = at_the_button(&mut house).await;
    // What is tried in vain for days is given up; here, at once.
    house
        .tampers(
            "CREATE TRIGGER given_up_at_once AFTER INSERT ON outbox WHEN NEW.topic = 'activated' BEGIN
                UPDATE outbox SET status = 'given_up', next_try_at = NULL, attempts = 11,
                    last_error = '550 no such user ana@example.com' WHERE id = NEW.id;
            END",
        )
        .await;
    let before = house.mails().await.len();
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.mails().await.len(), before);
    let agent = house.support("agent-1");
    let mail = agent.sees(&change, "mail_given_up").await;
    assert_eq!(fact(&mail, "last_error"), "550 no such user [address]");
    agent.sees(&change, "event_given_up").await;
    let plan = agent.plans(&change, "resume").await.expect("a plan");
    assert!(
        plan["steps"].to_string().contains("sends 1 mails and 1 events"),
        "{plan}"
    );
    assert!(plan.get("charges").is_none(), "{plan}");
    agent.acts(&change, "resume").await.expect("resuming");
    house.settle().await;
    assert_eq!(house.mails().await.len(), before + 1, "the letter after all");
    assert_eq!(agent.stuck().await, []);
    let problem = agent.acts(&change, "resume").await.expect_err("nothing is left");
    assert_eq!(problem.code, "change_closed");
    house.close().await;
}

async fn i25_a_change_of_a_newer_program_is_left_alone_and_shown(database: Database) {
    let mut house = House::open_on(database).await;
    house.is_deployed(Version::Newer).await;
    let (_, change) = at_the_button(&mut house).await;
    house.is_deployed(Version::Older).await;
    let operator = house.operator();
    let stuck = operator.sees(&change, "unknown_machine_version").await;
    assert_eq!(stuck["actions"], serde_json::json!([]), "{stuck}");
    let newer = (MACHINE_VERSION + 1).to_string();
    assert_eq!(fact(&stuck, "machine_version"), newer);
    for action in ["resume", "retry", "refresh", "cancel", "note"] {
        let problem = operator.acts(&change, action).await.expect_err(action);
        assert_eq!(problem.code, "not_allowed_here", "{action}");
    }
    house.is_deployed(Version::Newer).await;
    assert_eq!(house.operator().stuck().await, []);
    house.close().await;
}

#[tokio::test]
async fn i25_a_change_whose_outcome_has_no_place_goes_on_and_is_shown() {
    let mut house = House::open().await;
    let (_, change) = at_the_button(&mut house).await;
    house
        .tampers(
            "INSERT INTO effect (id, change, seller, name, generation, call, request_hash, key, status, attempts,
                next_try_at, outcome, consumed)
            SELECT randomblob(16), change, seller, name, generation + 1000, call, request_hash, key || '-stray',
                'succeeded', 1, next_try_at, outcome, 0 FROM effect WHERE name = 'save_customer';
            INSERT INTO effect_request (effect, request)
            SELECT stray.id, request FROM effect AS stray JOIN effect AS kept ON stray.key = kept.key || '-stray'
                JOIN effect_request ON effect_request.effect = kept.id;
            UPDATE due SET due_at = 0 WHERE subject_kind = 'change'",
        )
        .await;
    house.settle().await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "outcome_refused").await;
    assert_eq!(fact(&stuck, "call"), "save_customer");
    assert!(helps(&stuck, "resume") && helps(&stuck, "cancel"), "{stuck}");
    // Its own timers go on: the stage ends in time although nobody has taken the outcome in.
    house.pass(SignedDuration::from_hours(24 * 30)).await;
    assert_eq!(change.stage().await, "expired");
    assert_eq!(agent.stuck().await, [], "the end has a place for it");
    house.close().await;
}

async fn i25_due_work_that_nobody_does_is_shown(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("asking");
    house.clock.advance(TWENTY_MINUTES);
    let agent = house.support("agent-1");
    agent.sees(&change, "worker_absent").await;
    house.settle().await;
    assert_eq!(agent.stuck().await, []);
    assert_eq!(change.stage().await, "quote.ready");
    house.close().await;
}

async fn i25_a_card_that_the_provider_does_not_keep_is_shown_and_kept_after_all(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), "4000000000000341")
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    // The invoice is paid; then the card is to become the subscription's own.
    house
        .provider
        .fault("POST", "/v1/subscriptions/*", 1, "error_500_before")
        .await;
    let card = serde_json::json!({ "setup": setup["setup"] });
    change.put("payment-method", card).await.expect("a card");
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "card_not_kept").await;
    let method = fact(&stuck, "payment_method").to_owned();
    let plan = agent.plans(&change, "retry").await.expect("a plan");
    assert!(plan.get("charges").is_none(), "{plan}");
    agent.acts(&change, "retry").await.expect("a retry");
    house.settle().await;
    assert_eq!(agent.stuck().await, []);
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["default_payment_method"], method.as_str());
    house.close().await;
}

async fn i25_a_charge_that_waits_for_another_of_its_customer_names_what_it_waits_for(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let second = clint.with_another_contract(&house).await;
    house.settle().await;
    let one = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let extras = serde_json::json!({
        "plan": "growth", "quantities": { "device": 2 }, "currency": "BRL", "interval": "month",
    });
    let other = second.comes_to_the_button(&mut house, extras, WORKS).await;
    let subscription = format!("/v1/subscriptions/{}", clint.subscription);
    house
        .provider
        .fault_from("POST", &subscription, 2, "http_429")
        .await;
    one.confirms().await.expect("a confirmation");
    house.settle().await;
    other.confirms().await.expect("a confirmation");
    house.settle().await;
    house.pass(TWENTY_MINUTES).await;
    let agent = house.support("agent-1");
    agent.sees(&other, "customer_busy").await;
    agent.sees(&one, "call_put_off").await;
    let of_customer = agent.lists(&format!("find={}", clint.customer)).await;
    assert_eq!(of_customer.len(), 2);
    house.provider.heals().await;
    agent.acts(&one, "retry").await.expect("a retry");
    house.rests().await;
    assert_eq!(
        (one.stage().await.as_str(), other.stage().await.as_str()),
        ("active", "active")
    );
    assert_eq!(agent.stuck().await, []);
    house.close().await;
}

async fn i25_a_contract_that_is_out_of_step_is_told_to_support(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let subscription = house.provider.subscription(&clint.subscription).await;
    let item = subscription["items"]["data"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    house.provider.loses_every_webhook().await;
    house
        .provider
        .edits(
            &clint.subscription,
            &[("items[0][id]", item.as_str()), ("items[0][quantity]", "4")],
        )
        .await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "contract_out_of_step").await;
    assert!(helps(&stuck, "cancel"), "{stuck}");
    agent.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    assert_eq!(agent.stuck().await, []);
    house.close().await;
}
