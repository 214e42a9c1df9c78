//! Clint, the steps: billing data, card, and back into the product. Rows C4, C5, C7.

use changeover::domain::change::Event;
use changeover::ports::store::PageAsk;
use serde_json::{Value, json};

use super::{WORKS, part};
use crate::support::{Clint, Customs, House, billing_data, selecting};

const DUE: i64 = (35984 - 21590) + (29618 - 18511);

async fn next(change: &crate::support::Change) -> String {
    let read = change.read().await;
    read["next_action"]["type"].as_str().expect("a word").to_owned()
}

async fn billing_form(change: &crate::support::Change) -> Value {
    let path = format!("/v1/changes/{}/billing-info", change.id);
    change.backend.get(&path).await
}

#[tokio::test]
async fn c4_the_steps_come_in_order_and_billing_data_is_always_asked_for() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    assert_eq!(next(&change).await, "ask_quote");
    change.asks_for_a_quote().await.expect("asking");
    assert_eq!(next(&change).await, "wait");
    house.settle().await;
    assert_eq!(next(&change).await, "accept");
    change.accepts().await.expect("accepting");
    assert_eq!(next(&change).await, "give_billing_info");

    let form = billing_form(&change).await;
    assert_eq!(form["on_file"], false);
    assert_eq!(form["billing"]["legal_name"], "Padaria Luz Ltda");
    assert_eq!(form["tax_ids"], json!(["cnpj", "cpf"]));
    change.gives_billing_data().await.expect("billing data");
    house.settle().await;
    assert_eq!(next(&change).await, "choose_payment_method");

    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let chosen = change
        .put("payment-method", json!({ "setup": setup["setup"] }))
        .await
        .expect("a card");
    assert_eq!(next(&change).await, "confirm");
    // The amounts stand beside the button again, with what the customer agrees to and whom they can ask.
    assert_eq!(chosen["quote"]["due_today"]["amount"], DUE);
    assert_eq!(
        chosen["quote"]["recurring"][0]["renews_on"],
        "10 de abril de 2026"
    );
    assert_eq!(chosen["payment_method"]["last4"], "4242");
    assert_eq!(chosen["terms"]["url"], "https://clint.example/termos");
    let stop = chosen["terms"]["how_to_stop"].as_str().expect("how to stop");
    assert!(stop.contains("Para reduzir ou parar"), "{stop}");
    assert_eq!(chosen["support"]["email"], "suporte@clint.example");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(
        (next(&change).await, change.stage().await),
        ("none".to_owned(), "active".to_owned())
    );
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    house.close().await;
}

#[tokio::test]
async fn c4_the_second_time_the_billing_data_is_filled_in_and_asked_for_again() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;

    let change = clint.comes_to_the_quote(&mut house, Clint::selection(6, 8)).await;
    change.accepts().await.expect("accepting");
    assert_eq!(change.stage().await, "billing_info.asking");
    let form = billing_form(&change).await;
    assert_eq!(form["on_file"], true);
    let given = billing_data();
    for field in [
        "legal_name",
        "fiscal_email",
        "line1",
        "city",
        "state",
        "postal_code",
        "country",
    ] {
        assert_eq!(form["billing"][field], given[field], "{field}");
    }
    let digits = |text: &Value| -> String {
        let text = text.as_str().expect("a text");
        text.chars().filter(char::is_ascii_alphanumeric).collect()
    };
    assert_eq!(digits(&form["billing"]["tax_id"]), digits(&given["tax_id"]));

    change
        .post("billing-info/keep", json!({}))
        .await
        .expect("keeping");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    house.close().await;
}

#[tokio::test]
async fn c4_the_last_button_passes_through_the_stages_that_need_no_more_input() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;

    let change = clint.comes_to_the_quote(&mut house, Clint::selection(6, 8)).await;
    let cards = format!("/v1/changes/{}/cards", change.id);
    let cards = house.backend.get(&cards).await;
    let mut click = change.confirmation().await;
    click["card"] = cards["data"][0]["id"].clone();
    change.post("confirm", click).await.expect("a confirmation");
    house.settle().await;

    assert_eq!(change.stage().await, "active");
    let events = change.events().await;
    let clicked = ["accept", "pass_billing_info", "choose_method", "confirm"];
    let at = events
        .iter()
        .position(|event| event == clicked[0])
        .expect("accepted");
    assert_eq!(events[at..at + 4], clicked, "each is journalled: {events:?}");
    assert_eq!(house.provider.charges_for_changes().await.len(), 2);
    house.close().await;
}

#[tokio::test]
async fn c4_the_last_button_does_not_pass_over_billing_data_that_nobody_gave() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let mut click = change.confirmation().await;
    click["card"] = json!(house.provider.cards_of(&clint.customer).await[0]);
    let problem = house.refuses(&clint, change.post("confirm", click)).await;
    assert_eq!(problem.code, "billing_info_missing");
    assert_eq!(change.stage().await, "quote.ready", "nothing was passed");
    house.close().await;
}

#[tokio::test]
async fn the_consent_is_journalled_with_the_terms_version_the_recurring_amount_and_the_time() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let (change, due) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    let id = change
        .id
        .parse()
        .map(changeover::domain::change::ChangeId)
        .expect("an id");
    let page = PageAsk { after: 0, limit: 200 };
    let seller = "clint".parse().expect("a seller");
    let history = house
        .engine()
        .history(id, &seller, page)
        .await
        .expect("a history");
    let confirmed: Vec<_> = history
        .iter()
        .filter_map(|(entry, said)| match &said.event {
            Event::Confirm { seen, consent, .. } => {
                let stage: Value = serde_json::from_str(said.stage.get()).expect("a stage");
                let agreed = stage["payment"]["deal"]["quote"]["recurring"].clone();
                Some((entry.at, seen.amount, consent.clone(), agreed))
            }
            _ => None,
        })
        .collect();
    let [(at, seen, consent, agreed)] = confirmed.as_slice() else {
        panic!("one confirmation: {confirmed:?}");
    };
    // What was agreed to for the future stands in the same line: how much, how often, and from which day.
    let recurring = json!([{
        "interval": "month",
        "amount": { "amount": 5 * 9700 + 8 * 4990, "currency": "BRL" },
        "renews_at": "2026-04-10T03:00:00Z",
    }]);
    assert_eq!(*agreed, recurring);
    assert_eq!(
        (consent.terms_version.as_str(), consent.at, *seen),
        ("2026-01", *at, due)
    );
    house.close().await;
}

#[tokio::test]
async fn c5_extras_are_monthly_on_the_card_beside_a_plan_that_is_paid_by_the_year() {
    let mut house = House::open().await;
    let customs = Customs {
        plan_interval: "year",
        ..Customs::default()
    };
    let clint = Clint::customer_like(&house, customs).await;
    let lines = clint.contract(&house).await["lines"].clone();
    let plan = &lines[0];
    assert_eq!(
        (plan["charged"].as_str(), plan["editable"].as_bool()),
        (Some("outside"), Some(false))
    );
    assert_eq!(plan["price"]["interval"], "year");
    for line in &lines.as_array().expect("lines")[1..] {
        assert_eq!(
            (line["charged"].as_str(), line["price"]["interval"].as_str()),
            (Some("provider"), Some("month"))
        );
    }

    let wanted = selecting("growth", "year", &[("device", 5), ("user-seat", 8)]);
    let (change, due) = clint.changes_to(&mut house, wanted).await;
    assert_eq!(due, DUE, "the plan's own price is not part of it");
    let recurring = change.quote().await["recurring"].clone();
    assert_eq!(recurring.as_array().expect("rows").len(), 1);
    assert_eq!(recurring[0]["interval"], "month");
    assert_eq!(recurring[0]["amount"]["amount"], 5 * 9700 + 8 * 4990);
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    let at_the_provider = house.provider.subscription(&clint.subscription).await;
    assert_eq!(
        at_the_provider["items"]["data"].as_array().expect("items").len(),
        2
    );
    house.close().await;
}

#[tokio::test]
async fn c5_the_first_extra_beside_a_yearly_plan_is_monthly_too() {
    let mut house = House::open().await;
    let customs = Customs {
        plan_interval: "year",
        ..Customs::default()
    };
    let clint = Clint::without_extras_like(&house, customs).await;
    let (_, due) = clint
        .changes_to(&mut house, selecting("growth", "year", &[("device", 2)]))
        .await;
    assert_eq!(due, part(2 * 9700, 23, 31));
    let contract = clint.contract(&house).await;
    let periods = contract["periods"].as_array().expect("periods");
    assert_eq!(
        (periods.len(), periods[0]["interval"].as_str()),
        (1, Some("month"))
    );
    assert_eq!(periods[0]["end"], "2026-04-10T03:00:00Z");
    house.close().await;
}

#[tokio::test]
async fn c5_the_page_says_that_it_is_monthly_and_holds_no_year_on_the_cards_limit() {
    let house = House::open().await;
    for (language, monthly, limit) in [
        (
            "pt-BR",
            "cobrança mensal",
            "não reserva o valor do ano no limite do cartão",
        ),
        (
            "en",
            "monthly charge",
            "does not reserve a whole year on the card's limit",
        ),
    ] {
        let catalog = house
            .backend
            .get(&format!("/v1/catalog?language={language}"))
            .await;
        let note = catalog["payment_methods"][0]["note"].as_str().expect("a note");
        assert!(note.contains(monthly) && note.contains(limit), "{note}");
        for plan in catalog["plans"].as_array().expect("plans") {
            for item in plan["items"].as_array().expect("items") {
                assert_eq!(item["billed_every"], "month", "{item}");
            }
            let intervals: Vec<_> = plan["prices"]
                .as_array()
                .expect("prices")
                .iter()
                .map(|price| price["interval"].as_str())
                .collect();
            assert_eq!(intervals, [Some("month"), Some("year")], "{plan}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn c7_success_leads_back_and_the_next_request_reads_the_new_counts() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let back = "https://app.clint.example/conta/plano?tab=extras";
    let given_up = "https://app.clint.example/conta";
    let body = json!({ "selection": Clint::selection(5, 8), "return_url": back, "cancel_url": given_up });
    let change = clint.opens_with(&house, "owner", body).await.expect("a change");
    let opened = change.read().await;
    assert_eq!(
        (opened["return_url"].as_str(), opened["cancel_url"].as_str()),
        (Some(back), Some(given_up))
    );
    let before = clint.contract(&house).await;
    assert_eq!(
        before["open_change"]["id"], change.id,
        "a direct link finds the change again"
    );
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    change.accepts().await.expect("accepting");
    change.gives_billing_data().await.expect("billing data");
    house.settle().await;
    assert_eq!(
        clint.contract(&house).await["selection"],
        before["selection"],
        "nothing before the money"
    );
    let mut click = change.confirmation().await;
    click["card"] = json!(house.provider.cards_of(&clint.customer).await[0]);
    change.post("confirm", click).await.expect("a confirmation");
    house.settle().await;

    let done = change.read().await;
    assert_eq!(
        (done["stage"].as_str(), done["return_url"].as_str()),
        (Some("active"), Some(back))
    );
    assert_eq!(done["receipt"]["charged"]["amount"], DUE);
    let contract = clint.contract(&house).await;
    assert_eq!(
        contract["selection"]["quantities"],
        json!({ "device": 5, "user-seat": 8 })
    );
    assert_eq!(contract.get("open_change"), None);
    let catalog = house
        .backend
        .get(&format!("/v1/catalog?contract={}", clint.contract))
        .await;
    let growth = &catalog["plans"][1]["items"];
    assert_eq!(
        (growth[0]["held"].as_u64(), growth[1]["held"].as_u64()),
        (Some(5), Some(8))
    );
    house.close().await;
}

#[tokio::test]
async fn the_mail_of_a_change_that_is_done_speaks_the_customers_language() {
    for (language, subject, said) in [
        (
            "pt-BR",
            "A sua mudança de plano foi concluída",
            [
                "dispositivos: agora 5 (antes: 3, +2)",
                "R$\u{a0}255,01",
                "10 de abril de 2026",
            ],
        ),
        (
            "en",
            "Your plan change is done",
            ["devices: now 5 (before: 3, +2)", "R$255.01", "April 10, 2026"],
        ),
    ] {
        let mut house = House::open().await;
        let customs = Customs {
            language,
            ..Customs::default()
        };
        let clint = Clint::customer_like(&house, customs).await;
        let (change, _) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
        let mails = house.mails().await;
        let [mail] = mails.as_slice() else {
            panic!("one mail: {mails:?}");
        };
        assert_eq!(
            (mail.to.as_str(), mail.subject.as_str()),
            ("dona@padaria-luz.example", subject)
        );
        for part in said
            .into_iter()
            .chain([change.reference().await.as_str(), "clint.example/suporte"])
        {
            assert!(mail.text.contains(part), "`{part}` is missing:\n{}", mail.text);
        }
        house.close().await;
    }
}
