//! Clint, going down: a ticket that support answers; and another plan, which only people change. Row C10.

use changeover::mail::StoredMail;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Change, Clint, Customs, House, selecting};

async fn in_language(house: &House, language: &'static str) -> Clint {
    let customs = Customs {
        language,
        ..Customs::default()
    };
    Clint::customer_like(house, customs).await
}

/// Asks for one device less.
async fn asks_for_less(house: &mut House, clint: &Clint) -> Change {
    let change = clint.comes_to_the_quote(house, Clint::selection(2, 5)).await;
    assert_eq!(change.stage().await, "downgrade_ticket.open");
    change
}

fn devices(held: &[(String, u64)]) -> u64 {
    let line = held.iter().find(|(item, _)| item == "device");
    line.map_or(0, |(_, quantity)| *quantity)
}

fn says(mail: &StoredMail, subject: &str, parts: &[&str]) {
    assert_eq!(mail.to, "dona@padaria-luz.example");
    assert!(
        mail.subject.contains(subject),
        "`{subject}` in `{}`",
        mail.subject
    );
    for part in parts {
        assert!(mail.text.contains(part), "`{part}` is missing:\n{}", mail.text);
    }
}

#[tokio::test]
async fn c10_lowering_a_quantity_is_a_ticket_with_a_number_and_a_mail() {
    for (language, subject) in [
        ("pt-BR", "Recebemos o seu pedido"),
        ("en", "We received your request"),
    ] {
        let mut house = House::open().await;
        let clint = in_language(&house, language).await;
        let change = asks_for_less(&mut house, &clint).await;
        let read = change.read().await;
        assert_eq!(read["next_action"]["type"], "await_support");
        let number = change.reference().await;
        let mails = house.mails().await;
        assert_eq!(mails.len(), 1);
        says(&mails[0], subject, &[&number, "clint.example/suporte"]);
        assert!(mails[0].subject.contains(&number));
        assert_eq!(
            devices(&clint.held(&house).await),
            3,
            "until then everything stays"
        );
        assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
        house.close().await;
    }
}

#[tokio::test]
async fn c10_support_applies_it_now_and_nothing_is_charged() {
    for (language, subject, said) in [
        ("pt-BR", "foi concluída", "dispositivos: agora 2 (antes: 3, -1)"),
        ("en", "is done", "devices: now 2 (before: 3, -1)"),
    ] {
        let mut house = House::open().await;
        let clint = in_language(&house, language).await;
        let change = asks_for_less(&mut house, &clint).await;
        change
            .support_answers("apply_now", json!({}))
            .await
            .expect("an answer");
        house.settle().await;
        assert_eq!(change.stage().await, "active");
        assert_eq!(devices(&clint.held(&house).await), 2);
        assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
        let mails = house.mails().await;
        assert_eq!(mails.len(), 2);
        says(&mails[1], subject, &[said, &change.reference().await]);

        // At the provider too; and what comes next is quoted from there.
        let subscription = house.provider.subscription(&clint.subscription).await;
        assert_eq!(subscription["items"]["data"][0]["quantity"], 2);
        let shown = clint.estimates(&house, Clint::selection(4, 5)).await;
        let (_, due) = clint.changes_to(&mut house, Clint::selection(4, 5)).await;
        assert_eq!(shown["due_now"]["amount"], due);
        assert_eq!(house.provider.charges_for_changes().await, [due]);
        house.close().await;
    }
}

#[tokio::test]
async fn c10_support_schedules_it_and_the_customer_is_told_the_day() {
    for (language, day) in [("pt-BR", "20 de março de 2026"), ("en", "March 20, 2026")] {
        let mut house = House::open().await;
        let clint = in_language(&house, language).await;
        let change = asks_for_less(&mut house, &clint).await;
        let at = "2026-03-20T15:00:00Z";
        change
            .support_answers("schedule", json!({ "at": at }))
            .await
            .expect("an answer");
        house.settle().await;
        let read = change.read().await;
        assert_eq!(crate::support::stage_of(&read), "downgrade_ticket.scheduled");
        assert_eq!(read["scheduled_for"], at);
        let mails = house.mails().await;
        assert_eq!(mails.len(), 2, "the answer comes by mail");
        says(&mails[1], &change.reference().await, &[day]);

        house.pass(SignedDuration::from_hours(47)).await;
        assert_eq!(devices(&clint.held(&house).await), 3, "not before its day");
        house.pass(SignedDuration::from_hours(2)).await;
        assert_eq!(change.stage().await, "active");
        assert_eq!(devices(&clint.held(&house).await), 2);
        assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
        assert_eq!(house.mails().await.len(), 3);
        house.close().await;
    }
}

#[tokio::test]
async fn c10_support_declines_and_the_customer_reads_why() {
    for (language, subject) in [("pt-BR", "pedido"), ("en", "request")] {
        let mut house = House::open().await;
        let clint = in_language(&house, language).await;
        let change = asks_for_less(&mut house, &clint).await;
        let why = "O prazo mínimo do dispositivo termina em maio.";
        let more = json!({ "support": { "id": "agent-7", "reason": why } });
        change.support_answers("decline", more).await.expect("an answer");
        house.settle().await;
        let read = change.read().await;
        assert_eq!(
            (read["stage"].as_str(), read["ended"]["by"].as_str()),
            (Some("cancelled"), Some("support"))
        );
        assert_eq!(read["ended"]["why"], why);
        let mails = house.mails().await;
        assert_eq!(mails.len(), 2);
        says(&mails[1], subject, &[why, &change.reference().await]);
        assert_eq!(devices(&clint.held(&house).await), 3);
        house.close().await;
    }
}

#[tokio::test]
async fn c10_the_customer_withdraws_until_it_is_applied() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    for scheduled in [false, true] {
        let change = asks_for_less(&mut house, &clint).await;
        if scheduled {
            let at = json!({ "at": "2026-03-28T15:00:00Z" });
            change.support_answers("schedule", at).await.expect("an answer");
        }
        change.cancels().await.expect("a withdrawal");
        house.pass(SignedDuration::from_hours(8 * 24)).await;
        let read = change.read().await;
        assert_eq!(
            (read["stage"].as_str(), read["ended"]["by"].as_str()),
            (Some("cancelled"), Some("customer"))
        );
        assert_eq!(devices(&clint.held(&house).await), 3);
        let late = change.support_answers("apply_now", json!({}));
        assert_eq!(house.refuses(&clint, late).await.code, "change_closed");
    }
    house.close().await;
}

#[tokio::test]
async fn c10_a_ticket_is_answered_by_support_alone() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = asks_for_less(&mut house, &clint).await;
    for (decision, more, pointer) in [
        ("schedule", json!({}), "/at"),
        ("schedule", json!({ "at": "2026-03-01T00:00:00Z" }), "/at"),
        (
            "decline",
            json!({ "support": { "id": "agent-7" } }),
            "/support/reason",
        ),
    ] {
        let problem = house
            .refuses(&clint, change.support_answers(decision, more))
            .await;
        assert_eq!(problem.body["errors"][0]["pointer"], pointer, "{problem:?}");
    }
    // What is for the customer alone.
    for (verb, body) in [
        ("quote", json!({})),
        ("accept", json!({ "quote": "q_0000000000000000" })),
    ] {
        let problem = house.refuses(&clint, change.post(verb, body)).await;
        assert_eq!(problem.code, "not_allowed_here", "{verb}");
    }
    house.close().await;
}

#[tokio::test]
async fn c10_another_plan_leads_to_the_support_contact_in_the_customers_words() {
    for (language, words) in [
        ("pt-BR", "Para trocar de plano, fale com o nosso suporte"),
        ("en", "To move to another plan, please contact our support"),
    ] {
        let mut house = House::open().await;
        let clint = in_language(&house, language).await;
        house.settle().await;
        for plan in ["start", "elite"] {
            let wanted = selecting(plan, "month", &[("device", 3), ("user-seat", 5)]);
            let problem = house.refuses(&clint, clint.opens(&house, wanted)).await;
            assert_eq!(
                (problem.status, problem.code.as_str()),
                (422, "change_not_offered")
            );
            let detail = problem.body["detail"].as_str().expect("a sentence");
            assert!(detail.starts_with(words), "{detail}");
            assert_eq!(
                problem.body["message"]["text"], detail,
                "the seller's own sentence"
            );
            assert_eq!(problem.body["support"]["email"], "suporte@clint.example");
        }
        house.close().await;
    }
}
