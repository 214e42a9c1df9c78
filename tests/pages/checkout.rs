use jiff::SignedDuration;
use serde_json::json;

use super::reader::{Reader, mailed_link};
use crate::support::{Clint, HELD, House};

/// Clint's way as far as the payment page, without scripts.
async fn to_the_payment(house: &mut House, reader: &mut Reader) {
    reader.visits("/choose?plan=growth").await;
    reader
        .sends(house, "/choose", &[("q.device", "5"), ("q.user-seat", "8")])
        .await;
    reader.says("Dados de cobrança");
    let data = [
        ("legal_name", "Padaria da Ana Ltda"),
        ("tax_id", "11.222.333/0001-81"),
        ("fiscal_email", "fiscal@padaria.example"),
        ("country", "BR"),
        ("line1", "Rua das Flores, 10"),
        ("city", "São Paulo"),
        ("state", "SP"),
        ("postal_code", "01310-100"),
    ];
    reader.sends(house, "/billing", &data).await;
    reader.says("Como você quer pagar?");
}

#[tokio::test]
async fn a_customer_without_scripts_comes_from_the_plans_to_the_new_counts() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    reader.says("Seu plano");
    to_the_payment(&mut house, &mut reader).await;
    reader.says("serão 8 (+3)");
    reader.sends(&mut house, "/confirm", &[]).await;
    let change = reader.at.clone();
    reader.goes(&change).await;
    reader.says("Plano atualizado");
    assert_eq!(
        customer.held(&house).await,
        [("device".to_owned(), 5), ("user-seat".to_owned(), 8)]
    );
    // Going back and sending the last form again does nothing twice.
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_carried_out_once() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    reader.visits("/choose").await;
    let body = reader.filled("/choose", &[("q.device", "5")]);
    let path = format!("{}/choose", reader.session());
    reader.posts(&mut house, &path, &body, &[]).await;
    let first = reader.page.header("location").map(str::to_owned);
    reader.posts(&mut house, &path, &body, &[]).await;
    assert_eq!(reader.page.header("location").map(str::to_owned), first);
    let listed = house
        .backend
        .get(&format!("/v1/contracts/{}/changes", customer.contract))
        .await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    house.close().await;
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    reader.visits("/choose").await;
    let body = reader.filled("/choose", &[("q.device", "5")]);
    let path = format!("{}/choose", reader.session());
    reader
        .posts(&mut house, &path, &body, &[("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!(reader.page.status, 403);
    let without = body.replace("token=", "nothing=");
    reader.posts(&mut house, &path, &without, &[]).await;
    assert_eq!(reader.page.status, 403);
    let listed = house
        .backend
        .get(&format!("/v1/contracts/{}/changes", customer.contract))
        .await;
    assert_eq!(listed["data"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn whoever_may_not_change_the_plan_reads_who_can() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "member", "plans").await;
    reader.says("proprietário da conta");
    assert!(!reader.text().contains("Editar plano"), "{}", reader.text());
    // The direct link leads there too.
    reader.visits("/choose").await;
    reader.says("proprietário da conta");
    house.settle().await;
    house.close().await;
}

#[tokio::test]
async fn what_was_typed_so_far_is_checked_in_the_readers_words_and_not_kept() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    reader.visits("/choose?plan=growth").await;
    reader.sends(&mut house, "/choose", &[("q.device", "5")]).await;
    let change = reader.at.clone();
    let check = format!("{change}/billing/check");
    let typed = |cnpj| [("tax_id", cnpj), ("country", "BR"), ("state", "SP")];
    let wrong = reader.filled("/billing", &typed("11.222.333/0001-82"));
    let right = reader.filled("/billing", &typed("11.222.333/0001-81"));
    reader.posts(&mut house, &check, &wrong, &[]).await;
    let told = reader.page.json();
    assert_eq!(reader.page.status, 200, "{told}");
    let words = told["tax_id"].as_str().expect("words");
    assert!(words.contains("CNPJ"), "{words}");
    assert!(told.get("state").is_none(), "nothing is wrong with it: {told}");
    reader.posts(&mut house, &check, &right, &[]).await;
    assert!(reader.page.json().get("tax_id").is_none(), "{}", reader.text());
    let empty = "token=nobody&tax_id=1";
    reader.posts(&mut house, &check, empty, &[]).await;
    assert_eq!(reader.page.status, 403, "only our own page asks");
    reader.goes(&change).await;
    reader.says("Dados de cobrança");
    assert!(!reader.page.text().contains("11.222"), "nothing was kept");
    house.close().await;
}

#[tokio::test]
async fn mistakes_in_the_billing_data_stand_at_their_fields_and_what_was_typed_stays() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    reader.visits("/choose").await;
    reader.sends(&mut house, "/choose", &[("q.device", "4")]).await;
    let data = [
        ("legal_name", "Padaria <b>"),
        ("tax_id", "11.222.333/0001-82"),
        ("country", "BR"),
    ];
    reader.sends(&mut house, "/billing", &data).await;
    assert_eq!(reader.page.status, 422);
    reader.says("o dígito verificador não confere");
    let html = reader.page.text();
    assert!(
        html.contains("value=\"11.222.333/0001-82\"") && !html.contains("<b>"),
        "{html}"
    );
    house.close().await;
}

#[tokio::test]
async fn an_outdated_page_confirms_nothing_and_shows_how_it_is_now() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    to_the_payment(&mut house, &mut reader).await;
    let (path, stale) = (reader.at.clone(), reader.filled("/confirm", &[]));
    // In another tab, something else is chosen.
    reader
        .visits(&format!(
            "/choose?change={}",
            path.rsplit('/').next().expect("an id")
        ))
        .await;
    reader.sends(&mut house, "/choose", &[("q.device", "9")]).await;
    reader
        .posts(&mut house, &format!("{path}/confirm"), &stale, &[])
        .await;
    assert!((400..500).contains(&reader.page.status), "{}", reader.page.status);
    assert_eq!(house.provider.charges_for_changes().await.len(), 0);
    assert_eq!(
        customer.held(&house).await,
        [("device".to_owned(), HELD.0), ("user-seat".to_owned(), HELD.1)]
    );
    house.close().await;
}

#[tokio::test]
async fn a_mailed_link_leads_to_where_the_change_is_and_never_pays_with_a_kept_card() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    to_the_payment(&mut house, &mut reader).await;
    house.pass(SignedDuration::from_hours(2)).await;
    let mut elsewhere = Reader::from(&house, &mailed_link(&house).await).await;
    elsewhere.says("Como você quer pagar?");
    assert!(!elsewhere.text().contains("4242"), "{}", elsewhere.text());
    let kept = elsewhere.filled("/confirm", &[("pay", "card:pm_card_visa")]);
    let path = format!("{}/confirm", elsewhere.at);
    elsewhere.posts(&mut house, &path, &kept, &[]).await;
    assert_eq!(elsewhere.page.status, 422);
    let nothing = kept.replace("pay=card%3Apm_card_visa", "pay=");
    elsewhere.posts(&mut house, &path, &nothing, &[]).await;
    assert_eq!(elsewhere.page.status, 422);
    assert_eq!(house.provider.charges_for_changes().await.len(), 0);
    // It sees nothing but its own change.
    let session = elsewhere.session();
    for page in ["/billing", "/plans", "/wallet", "/invoices", "/clients"] {
        elsewhere.visits(page).await;
        assert_eq!(elsewhere.page.status, 404, "{page}");
    }
    for form in [
        "/wallet/default",
        "/wallet/remove",
        "/wallet/card-setup",
        "/choose",
    ] {
        let path = format!("{session}{form}");
        elsewhere.posts(&mut house, &path, &kept, &[]).await;
        assert_eq!(elsewhere.page.status, 404, "{form}");
    }
    house.close().await;
}

#[tokio::test]
async fn no_session_reaches_into_another_accounts_change() {
    let mut house = House::open().await;
    let (one, other) = (Clint::customer(&house).await, Clint::customer(&house).await);
    let foreign = other
        .opens(&house, Clint::selection(4, 5))
        .await
        .expect("a change");
    let before = foreign.read().await;
    let mut reader = Reader::of(&house, &one, "owner", "plans").await;
    reader.visits("/choose").await;
    let id = before["id"].as_str().expect("an id").to_owned();
    let body = reader.filled("/choose", &[("q.device", "9"), ("change", &id)]);
    let (session, choose) = (reader.session(), format!("{}/choose", reader.session()));
    reader.posts(&mut house, &choose, &body, &[]).await;
    assert_eq!(reader.page.status, 404);
    for rest in [
        "/quote", "/accept", "/billing", "/confirm", "/card", "/cancel", "/ticket", "/comment",
    ] {
        let path = format!("{session}/changes/{id}{rest}");
        reader.posts(&mut house, &path, &body, &[]).await;
        assert_eq!(reader.page.status, 404, "{rest}");
    }
    reader.goes(&format!("{session}/changes/{id}")).await;
    assert_eq!(reader.page.status, 404);
    let after = foreign.read().await;
    assert_eq!(after["version"], before["version"]);
    assert_eq!(after["selection"], before["selection"]);
    house.close().await;
}
