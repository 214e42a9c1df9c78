//! What is promised for the end of a period and carried out by the provider itself: B10 and B15 in full, on both databases, and the
//! direction that needs nobody's answer (Z10, here on Clint's products).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{NOTHING, quantities};
use crate::journeys::WORKS;
use crate::support::{Change, Clint, Database, House};

super::on_both!(
    c10_a_promise_is_carried_out_by_the_provider_even_while_we_are_down,
    c10_a_promise_can_be_taken_back_until_its_day,
    b10_our_own_schedule_is_released_for_a_charge_and_the_promise_falls_with_it,
    b10_our_own_schedule_is_put_back_when_the_charge_comes_to_nothing,
    b15_a_promise_is_never_kept_after_the_plan_has_changed_in_another_way,
    b15_an_archived_price_is_stuck_with_a_reason_and_a_mail,
    a9_a_whole_contract_ends_with_its_period,
    z10_what_the_rules_let_happen_at_the_period_end_needs_nobodys_answer,
);

/// Clint's file, by which less is had from the next period on, without a ticket.
fn at_the_period_end() -> String {
    let file = include_str!("../../workflows/clint.toml");
    let changed = file.replace("then = \"ticket\"", "then = \"at_period_end\"");
    assert_ne!(changed, file);
    changed
}

/// The tenth of April, midnight in São Paulo: the end of Clint's period.
const ITS_DAY: &str = "2026-04-10T03:00:00Z";

async fn promised(house: &mut House, clint: &Clint) -> Change {
    let change = clint.comes_to_the_quote(house, Clint::selection(2, 5)).await;
    change
        .support_answers("at_period_end", json!({}))
        .await
        .expect("an answer");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        crate::support::stage_of(&read),
        "downgrade_ticket.scheduled",
        "{read}"
    );
    assert_eq!(read["scheduled_for"], ITS_DAY);
    change
}

async fn schedule_of(house: &House, clint: &Clint) -> Value {
    house.provider.subscription(&clint.subscription).await["schedule"].clone()
}

/// From the usual present to eight hours into the tenth of April.
fn until_its_day() -> SignedDuration {
    SignedDuration::from_hours(22 * 24 + 20)
}

async fn renewal(house: &House, clint: &Clint) -> i64 {
    let path = format!("/v1/invoices?customer={}&limit=10", clint.customer);
    let page = house.provider.get(&path).await;
    let all = page["data"].as_array().expect("invoices").clone();
    let renewal = all
        .iter()
        .find(|invoice| invoice["billing_reason"] == "subscription_cycle")
        .unwrap_or_else(|| panic!("no renewal in {all:?}"));
    renewal["total"].as_i64().expect("an amount")
}

async fn c10_a_promise_is_carried_out_by_the_provider_even_while_we_are_down(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = promised(&mut house, &clint).await;
    let schedule = schedule_of(&house, &clint).await;
    let id = schedule.as_str().expect("a schedule").to_owned();
    let read = house
        .provider
        .get(&format!("/v1/subscription_schedules/{id}"))
        .await;
    assert_eq!(
        read["metadata"]["changeover_change"].as_str(),
        Some(change.id.as_str())
    );
    assert_eq!(
        clint.held(&house).await,
        quantities(3, 5),
        "until then everything stays"
    );
    let seen = clint.contract(&house).await;
    assert_eq!(seen["open_change"], Value::Null);
    assert_eq!(seen["scheduled_change"]["id"].as_str(), Some(change.id.as_str()));
    assert_eq!(seen["scheduled_change"]["effective_at"], ITS_DAY);
    assert_eq!(seen["scheduled_change"]["withdrawable"], true);

    // Nobody of ours works when the day comes; the provider keeps the promise all the same.
    house
        .clock
        .move_to("2026-04-10T05:00:00Z".parse().expect("an instant"));
    assert_eq!(
        renewal(&house, &clint).await,
        2 * 9_700 + 5 * 4_990,
        "at the new quantities"
    );
    assert_eq!(
        clint.held(&house).await,
        quantities(3, 5),
        "which we have not seen yet"
    );
    house.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(clint.held(&house).await, quantities(2, 5));
    assert_eq!(
        schedule_of(&house, &clint).await,
        Value::Null,
        "it is no longer needed"
    );
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    let mails = house.mails().await;
    assert_eq!(mails.len(), 3, "received, scheduled, done");
    let late = house.refuses(&clint, change.cancels()).await;
    assert_eq!(late.code, "change_closed");
    // What comes next is quoted from what is held now.
    clint.changes_to(&mut house, Clint::selection(4, 5)).await;
    house.close().await;
}

async fn c10_a_promise_can_be_taken_back_until_its_day(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = promised(&mut house, &clint).await;
    change.cancels().await.expect("a withdrawal");
    house.settle().await;
    assert_eq!(change.stage().await, "cancelled");
    assert_eq!(schedule_of(&house, &clint).await, Value::Null);
    house.pass(until_its_day()).await;
    assert_eq!(clint.held(&house).await, quantities(3, 5));

    // What the staff sets by its own, only the staff takes back.
    let body = json!({
        "selection": Clint::selection(2, 5),
        "support": { "id": "agent-7", "reason": "Acordo por telefone." },
    });
    let set = clint.staff_brings(&house, &body).await.expect("a ticket");
    set.support_answers("at_period_end", json!({}))
        .await
        .expect("an answer");
    house.settle().await;
    assert_eq!(set.stage().await, "downgrade_ticket.scheduled");
    assert_eq!(
        clint.contract(&house).await["scheduled_change"]["withdrawable"],
        false
    );
    assert_eq!(house.refuses(&clint, set.cancels()).await.code, "set_by_support");
    // Another promise has no place beside it.
    let second = clint.comes_to_the_quote(&mut house, Clint::selection(1, 5)).await;
    let blocked = second
        .support_answers("at_period_end", json!({}))
        .await
        .expect_err("one promise");
    assert_eq!(blocked.code, "change_in_progress");
    assert_eq!(
        blocked.body["blocking_change"]["id"].as_str(),
        Some(set.id.as_str())
    );
    second.cancels().await.expect("a withdrawal");
    set.support_answers("decline", json!({}))
        .await
        .expect("an answer");
    house.settle().await;
    assert_eq!(set.stage().await, "cancelled");
    assert_eq!(schedule_of(&house, &clint).await, Value::Null);
    house.close().await;
}

async fn b10_our_own_schedule_is_released_for_a_charge_and_the_promise_falls_with_it(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let down = promised(&mut house, &clint).await;
    let up = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let quote = up.quote().await;
    assert_eq!(quote["replaces_scheduled_change"], true, "the customer is told");
    assert!(
        schedule_of(&house, &clint).await.is_string(),
        "only at the moment of the charge"
    );
    up.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(up.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    house.pass(SignedDuration::from_mins(5)).await;
    let read = down.read().await;
    assert_eq!(read["stage"], "cancelled", "{read}");
    assert_eq!(
        (&read["ended"]["by"], &read["ended"]["why"]),
        (&json!("system"), &json!("replaced"))
    );
    let mails = house.mails().await;
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(
        subjects.iter().any(|subject| subject.contains("deixou de valer")),
        "{subjects:?}"
    );
    house.pass(until_its_day()).await;
    assert_eq!(
        clint.held(&house).await,
        quantities(5, 8),
        "a stale promise is never kept"
    );
    house.close().await;
}

async fn b10_our_own_schedule_is_put_back_when_the_charge_comes_to_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let down = promised(&mut house, &clint).await;
    let before = schedule_of(&house, &clint).await;
    let up = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), super::DECLINES)
        .await;
    up.confirms().await.expect("a confirmation");
    house.rests().await;
    assert_eq!(up.stage().await, "payment_confirm.declined");
    assert_eq!(schedule_of(&house, &clint).await, Value::Null);
    up.cancels().await.expect("cancelling");
    house.pass(SignedDuration::from_mins(20)).await;
    assert_eq!(up.stage().await, "cancelled");
    assert_eq!(down.stage().await, "downgrade_ticket.scheduled");
    let after = schedule_of(&house, &clint).await;
    assert!(after.is_string() && after != before, "{before} {after}");
    house.pass(until_its_day()).await;
    assert_eq!(
        clint.held(&house).await,
        quantities(2, 5),
        "the promise is kept after all"
    );
    assert_eq!(down.stage().await, "active");
    house.close().await;
}

async fn b15_a_promise_is_never_kept_after_the_plan_has_changed_in_another_way(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    // By our own timer, for a day in the middle of the period.
    let down = clint.comes_to_the_quote(&mut house, Clint::selection(2, 5)).await;
    let at = json!({ "at": "2026-03-28T15:00:00Z" });
    down.support_answers("schedule", at).await.expect("an answer");
    house.settle().await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    house.pass(SignedDuration::from_hours(12 * 24)).await;
    let read = down.read().await;
    assert_eq!(read["ended"]["why"], "replaced", "{read}");
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    // The day was the customer's own to lose: they hear of it.
    let mails = house.mails().await;
    assert!(mails.iter().any(|mail| mail.subject.contains("deixou de valer")));
    house.close().await;
}

async fn b15_an_archived_price_is_stuck_with_a_reason_and_a_mail(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = promised(&mut house, &clint).await;
    // Somebody takes our schedule away, and the price with it, while nobody looks.
    let id = schedule_of(&house, &clint).await;
    let path = format!(
        "/v1/subscription_schedules/{}/release",
        id.as_str().expect("an id")
    );
    house.provider.form(&path, &[]).await;
    let prices = house.provider.get("/v1/prices?limit=100").await;
    let device = prices["data"]
        .as_array()
        .expect("prices")
        .iter()
        .find(|price| {
            price["lookup_key"]
                .as_str()
                .is_some_and(|key| key.contains("growth.device"))
        })
        .expect("the price of a device")
        .clone();
    let price = format!("/v1/prices/{}", device["id"].as_str().expect("an id"));
    house.provider.form(&price, &[("active", "false")]).await;
    house.pass(SignedDuration::from_hours(25)).await;
    let path = format!("/v1/changes/{}/ticket", change.id);
    let ticket = house.backend.get(&path).await;
    assert_eq!(ticket["problem"], "catalog_not_pushed");
    let told = &ticket["problem_message"];
    assert_eq!(
        (&told["language"], &told["text"]),
        (
            &json!("pt-BR"),
            &json!("Esta opção não pode ser comprada agora. Nada foi cobrado.")
        )
    );
    let stuck = house.support("agent-7").sees(&change, "promise_fell").await;
    assert!(
        stuck["evidence"].to_string().contains("catalog_not_pushed"),
        "{stuck}"
    );
    let mails = house.mails().await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.subject.contains("não pôde ser executado")),
        "the customer hears of it"
    );
    house.pass(until_its_day()).await;
    assert_eq!(clint.held(&house).await, quantities(3, 5), "nothing is guessed");

    // Mended, it is promised once more, for the period that runs now.
    house.provider.form(&price, &[("active", "true")]).await;
    change
        .support_answers("at_period_end", json!({}))
        .await
        .expect("an answer");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        crate::support::stage_of(&read),
        "downgrade_ticket.scheduled",
        "{read}"
    );
    assert_eq!(read["stuck"], Value::Null, "{read}");
    house.pass(SignedDuration::from_hours(31 * 24)).await;
    assert_eq!(clint.held(&house).await, quantities(2, 5));
    house.close().await;
}

async fn a9_a_whole_contract_ends_with_its_period(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let body = json!({
        "end_contract": true,
        "from": "dona@padaria-luz.example",
        "support": { "id": "desk-1", "reason": "Pediu o cancelamento por e-mail." },
    });
    let change = clint.staff_brings(&house, &body).await.expect("a ticket");
    let ticket = house
        .backend
        .get(&format!("/v1/changes/{}/ticket", change.id))
        .await;
    assert_eq!(ticket["ends_contract"], true);
    assert_eq!(
        ticket["losing"]["items"].as_array().expect("items").len(),
        2,
        "{ticket}"
    );
    let now = house
        .refuses(&clint, change.support_answers("apply_now", json!({})))
        .await;
    assert_eq!(now.code, "not_allowed_here");
    change
        .support_answers("at_period_end", json!({}))
        .await
        .expect("an answer");
    house.settle().await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["cancel_at_period_end"], true);
    house.pass(until_its_day()).await;
    assert_eq!(change.stage().await, "active");
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["status"], "canceled");
    assert_eq!(clint.held(&house).await, Vec::new());
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    house.close().await;
}

#[tokio::test]
async fn b6_a_second_change_takes_the_place_of_the_first_after_consent() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let first = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let wanted = Clint::selection(4, 6);
    let blocked = clint
        .opens(&house, wanted.clone())
        .await
        .expect_err("one at a time");
    let named = &blocked.body["blocking_change"];
    assert_eq!(named["id"].as_str(), Some(first.id.as_str()));
    assert!(
        named["cancel_url"]
            .as_str()
            .expect("an address")
            .ends_with("/cancel")
    );
    let body = json!({ "selection": wanted, "supersedes": first.id });
    let second = clint
        .opens_with(&house, "owner", body.clone())
        .await
        .expect("a change");
    let read = first.read().await;
    assert_eq!(
        (&read["stage"], &read["ended"]["why"]),
        (&json!("cancelled"), &json!("superseded"))
    );
    second.cancels().await.expect("cancelling");

    // Where the money is on its way, the older one must be over first; money that has moved wins.
    let paying = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), super::DECLINES)
        .await;
    paying.confirms().await.expect("a confirmation");
    house.rests().await;
    assert_eq!(paying.stage().await, "payment_confirm.declined");
    let body = json!({ "selection": Clint::selection(4, 6), "supersedes": paying.id });
    let early = clint
        .opens_with(&house, "owner", body.clone())
        .await
        .expect_err("it is voided first");
    assert_eq!((early.status, early.code.as_str()), (409, "payment_in_flight"));
    house.rests().await;
    let third = clint.opens_with(&house, "owner", body).await.expect("a change");
    assert_eq!(paying.stage().await, "cancelled");
    assert_eq!(third.stage().await, "draft");
    third.cancels().await.expect("cancelling");
    house.settle().await;
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    house.close().await;
}

async fn z10_what_the_rules_let_happen_at_the_period_end_needs_nobodys_answer(database: Database) {
    let mut house = House::open_on(database).await;
    house.deploy(&[("clint.toml", &at_the_period_end())]).await;
    let clint = Clint::customer(&house).await;
    assert_eq!(
        clint.estimates(&house, Clint::selection(2, 5)).await["way"],
        "at_period_end"
    );
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(2, 5)).await;
    let read = change.read().await;
    assert_eq!(crate::support::stage_of(&read), "quote.ready", "{read}");
    assert_eq!(read["next_action"]["type"], "confirm");
    let quote = &read["quote"];
    assert_eq!(
        (&quote["effective_at"], &quote["due_today"]["amount"]),
        (&json!(ITS_DAY), &json!(0))
    );
    assert_eq!(quote["recurring"][0]["amount"]["amount"], 2 * 9_700 + 5 * 4_990);
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        crate::support::stage_of(&read),
        "downgrade_ticket.scheduled",
        "{read}"
    );
    let seen = clint.contract(&house).await;
    assert_eq!(seen["scheduled_change"]["withdrawable"], true);
    // Whoever has made it takes it back, and makes another one in its place.
    let body = json!({ "selection": Clint::selection(1, 5), "supersedes": change.id });
    let second = clint.opens_with(&house, "owner", body).await.expect("a change");
    house.settle().await;
    assert_eq!(change.stage().await, "cancelled");
    second.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    second.confirms().await.expect("a confirmation");
    house.settle().await;
    house.pass(until_its_day()).await;
    assert_eq!(second.stage().await, "active");
    assert_eq!(clint.held(&house).await, quantities(1, 5));
    assert_eq!(renewal(&house, &clint).await, 9_700 + 5 * 4_990);
    let mails = house.mails().await;
    assert!(
        mails.iter().all(|mail| !mail.subject.contains("Recebemos")),
        "nobody need answer it"
    );
    house.close().await;
}
