//! Clint, fiscal data: CNPJ or CPF, the fiscal e-mail, and the nota fiscal that comes back. Row C8.

use hyper::Method;
use serde_json::{Value, json};

use super::WORKS;
use crate::support::{Change, Clint, Customs, House, billing_data};

/// Comes to the billing data of a change, gives these, and pays.
async fn pays_with(house: &mut House, clint: &Clint, devices: u64, billing: Value) -> Change {
    let change = clint
        .comes_to_the_quote(house, Clint::selection(devices, 5))
        .await;
    change.accepts().await.expect("accepting");
    change.put("billing-info", billing).await.expect("billing data");
    house.settle().await;
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let mut click = change.confirmation().await;
    click["setup"] = setup["setup"].clone();
    change.post("confirm", click).await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    change
}

fn with(tax_id: &str, fiscal_email: &str) -> Value {
    let mut billing = billing_data();
    billing["tax_id"] = json!(tax_id);
    billing["fiscal_email"] = json!(fiscal_email);
    billing
}

/// The billing data that left as events, in order, each with its change.
async fn fiscal_events(house: &House) -> Vec<(Value, Value)> {
    let feed = house.backend.get("/v1/events?limit=200").await;
    let events = feed["data"].as_array().expect("events").iter();
    events
        .map(|entry| &entry["event"])
        .filter(|event| event["type"] == "change.billing_data")
        .map(|event| (event["data"]["change"].clone(), event["data"]["billing"].clone()))
        .collect()
}

#[tokio::test]
async fn c8_billing_data_holds_a_cnpj_or_a_cpf_and_leaves_as_an_event() {
    for (written, kind, stored, at_the_provider) in [
        ("11.222.333/0001-81", "cnpj", "11222333000181", "br_cnpj"),
        ("12.abc.345/01de-35", "cnpj", "12ABC34501DE35", "br_cnpj"),
        ("529.982.247-25", "cpf", "52998224725", "br_cpf"),
    ] {
        let mut house = House::open().await;
        let clint = Clint::customer(&house).await;
        let billing = with(written, "fiscal@padaria-luz.example");
        let change = pays_with(&mut house, &clint, 5, billing).await;
        let events = fiscal_events(&house).await;
        let [(of, data)] = events.as_slice() else {
            panic!("one event: {events:?}");
        };
        assert_eq!(*of, change.id);
        assert_eq!(data["tax_id"], json!({ "kind": kind, "value": stored }));
        assert_eq!(data["fiscal_email"], "fiscal@padaria-luz.example");
        assert_eq!(data["legal_name"], "Padaria Luz Ltda");
        assert_eq!(
            data["address"]["postal_code"]
                .as_str()
                .map(|code| code.replace('-', "")),
            Some("01310100".to_owned())
        );
        let path = format!("/v1/customers/{}/tax_ids", clint.customer);
        let known = house.provider.get(&path).await["data"][0].clone();
        assert_eq!(known["type"], at_the_provider, "{known}");
        house.close().await;
    }
}

#[tokio::test]
async fn c8_an_event_keeps_the_data_of_its_own_change() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let first = pays_with(
        &mut house,
        &clint,
        4,
        with("11.222.333/0001-81", "fiscal@padaria-luz.example"),
    )
    .await;
    let second = pays_with(
        &mut house,
        &clint,
        5,
        with("529.982.247-25", "dona@padaria-luz.example"),
    )
    .await;
    let events = fiscal_events(&house).await;
    let told: Vec<_> = events
        .iter()
        .map(|(of, data)| {
            (
                of.as_str(),
                data["tax_id"]["kind"].as_str(),
                data["fiscal_email"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                Some(first.id.as_str()),
                Some("cnpj"),
                Some("fiscal@padaria-luz.example")
            ),
            (
                Some(second.id.as_str()),
                Some("cpf"),
                Some("dona@padaria-luz.example")
            ),
        ],
        "an invoice for the first change must not be made out to the second one's person"
    );
    house.close().await;
}

#[tokio::test]
async fn c8_the_nota_fiscal_handed_back_twice_is_one_mail_to_the_fiscal_email() {
    for (language, subject) in [
        ("pt-BR", "A sua nota fiscal NF-2026-000123"),
        ("en", "Your nota fiscal NF-2026-000123"),
    ] {
        let mut house = House::open().await;
        let customs = Customs {
            language,
            ..Customs::default()
        };
        let clint = Clint::customer_like(&house, customs).await;
        let change = pays_with(
            &mut house,
            &clint,
            5,
            with("11.222.333/0001-81", "fiscal@padaria-luz.example"),
        )
        .await;
        let path = format!("/v1/changes/{}/fiscal-documents", change.id);
        let issued = json!({ "number": "NF-2026-000123", "url": "https://nf.example/000123.pdf" });
        let mut handed = Vec::new();
        for _ in 0..2 {
            let document = house.backend.command(Method::POST, &path, &issued).await;
            handed.push(document.expect("a document"));
            house.settle().await;
        }
        assert_eq!(handed[0], handed[1], "the second one is the first one");

        let listed = house.backend.get(&path).await;
        assert_eq!(listed["data"], json!([handed[0]]));
        let mails = house.mails().await;
        let fiscal: Vec<_> = mails
            .iter()
            .filter(|mail| mail.to == "fiscal@padaria-luz.example")
            .collect();
        let [mail] = fiscal.as_slice() else {
            panic!("one mail to the fiscal address: {fiscal:?}");
        };
        assert_eq!(mail.subject, subject);
        for said in [
            "NF-2026-000123",
            "https://nf.example/000123.pdf",
            &change.reference().await,
            "clint.example/suporte",
        ] {
            assert!(mail.text.contains(said), "`{said}` is missing:\n{}", mail.text);
        }
        assert_eq!(mails.len(), 2, "beside the one of the change itself");
        house.close().await;
    }
}

#[tokio::test]
async fn c8_a_nota_fiscal_is_only_for_a_change_that_is_done() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let path = format!("/v1/changes/{}/fiscal-documents", change.id);
    let issued = json!({ "number": "NF-1" });
    let handing = house.backend.command(Method::POST, &path, &issued);
    assert_eq!(house.refuses(&clint, handing).await.code, "not_allowed_here");
    house.close().await;
}
