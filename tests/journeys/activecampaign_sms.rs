//! ActiveCampaign's SMS add-on, in Brazil. Rows S0, S1, S2, S4, S6, S7 and S8.

use serde_json::{Value, json};

use crate::support::{Holder, House, wanting};

fn of(plan: &str, interval: &str, more: &[(&str, u64)]) -> Value {
    wanting(plan, "BRL", interval, &[&[("contacts", 1000)], more].concat())
}

async fn customer(house: &House, plan: &str, interval: &str) -> Holder {
    Holder::of(house, "activecampaign", "pt-BR", &of(plan, interval, &[])).await
}

/// An item of the plan that is held.
fn item<'c>(catalog: &'c Value, id: &str) -> &'c Value {
    let mut plans = catalog["plans"].as_array().expect("plans").iter();
    let held = plans.find(|plan| plan["held"] == true).expect("a held plan");
    let mut items = held["items"].as_array().expect("items").iter();
    items.find(|item| item["id"] == id).expect("an item")
}

#[tokio::test]
async fn s0_s6_s7_credits_countries_and_the_prerequisite_are_shown_before_the_purchase() {
    let house = House::of("activecampaign").await;
    let customer = customer(&house, "plus", "month").await;
    let catalog = customer.catalog(&house).await;
    let sms = item(&catalog, "sms");
    assert_eq!(
        sms["grants"],
        json!([{ "credit": "sms", "name": "créditos de SMS", "monthly": 1000 }])
    );
    assert_eq!(sms["rates"], json!(["sms-countries"]));
    assert_eq!(sms["prerequisites"], json!(["a2p-10dlc"]));
    house.close().await;
}

#[tokio::test]
async fn s6_the_countries_with_the_credits_of_a_message_are_open_before_the_purchase() {
    let house = House::of("activecampaign").await;
    let path = "/v1/sellers/activecampaign/comparison?language=pt-BR";
    let shown = house.backend.raw(hyper::Method::GET, path, &[], "").await.json();
    let table = &shown["rates"][0];
    assert_eq!(table["name"], "Países de envio e créditos por mensagem");
    assert_eq!(
        (&table["per"], &table["credit_name"]),
        (&json!("mensagem"), &json!("créditos de SMS"))
    );
    let brazil = &table["rows"][0];
    assert_eq!(
        (&brazil["name"], &brazil["credits"]),
        (&json!("Brasil"), &json!(3))
    );
    assert!(table["rows"].as_array().expect("rows").len() > 3);
    house.close().await;
}

#[tokio::test]
async fn s7_the_prerequisite_is_told_to_everybody_as_a_question_with_a_next_step() {
    let house = House::of("activecampaign").await;
    let customer = customer(&house, "pro", "month").await;
    let told = customer.catalog(&house).await["prerequisites"][0].clone();
    assert_eq!(
        (&told["id"], &told["items"]),
        (&json!("a2p-10dlc"), &json!(["sms"]))
    );
    let question = told["question"].as_str().expect("a question");
    assert!(
        question.contains("Estados Unidos") && question.ends_with('?'),
        "{question}"
    );
    assert!(
        told["next_step"]["url"].is_string() && told["text"].is_string(),
        "{told}"
    );
    house.close().await;
}

#[tokio::test]
async fn s1_who_may_bill_buys_it_and_starter_reads_which_plans_have_it() {
    let mut house = House::of("activecampaign").await;
    let small = customer(&house, "starter", "month").await;
    let (_, told) = small
        .is_refused(&house, of("starter", "month", &[("sms", 1)]))
        .await;
    assert_eq!(told[0].0, "ineligible");
    assert_eq!(
        told[0].1,
        json!(["plus", "pro", "enterprise", "bundle-pro", "bundle-enterprise"])
    );
    let elsewhere = small.catalog(&house).await["plans"][0]["elsewhere"][0].clone();
    assert_eq!(elsewhere["id"], "sms");
    let why = elsewhere["why_not"].as_str().expect("a sentence");
    assert!(
        why.starts_with("Complemento de SMS está disponível em Plus, Pro"),
        "{why}"
    );

    let large = customer(&house, "plus", "month").await;
    let wanted = of("plus", "month", &[("sms", 1)]);
    let refused = large
        .opens_as(&house, "user", wanted.clone())
        .await
        .expect_err("no permission");
    assert_eq!(refused.code, "role_not_allowed");
    let change = large
        .opens_as(&house, "billing", wanted)
        .await
        .expect("the billing permission");
    change.cancels().await.expect("giving up");
    house.settle().await;
    house.close().await;
}

#[tokio::test]
async fn s2_the_charge_follows_the_subscription_and_the_credits_come_monthly_either_way() {
    let mut house = House::of("activecampaign").await;
    let yearly = customer(&house, "plus", "year").await;
    let wanted = of("plus", "year", &[("sms", 1)]);
    let change = yearly.comes_to_the_button(&mut house, wanted).await;
    let quote = change.quote().await;
    let recurring = quote["recurring"].as_array().expect("rows");
    assert_eq!(recurring.len(), 1, "one charge a year, nothing monthly beside it");
    assert_eq!(recurring[0]["interval"], "year");
    change.confirms().await.expect("a yes");
    house.settle().await;
    assert_eq!(yearly.held(&house, "sms").await, 1);
    let sms = item(&yearly.catalog(&house).await, "sms").clone();
    assert_eq!(sms["grants"][0]["monthly"], 1000);
    house.close().await;
}

#[tokio::test]
async fn s4_more_recurring_credits_once_the_add_on_is_held() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus", "month").await;
    let packs = of("plus", "month", &[("sms", 1), ("sms-credits", 2)]);
    let (_, told) = customer.is_refused(&house, packs.clone()).await;
    assert_eq!(told, [("needs_item".to_owned(), json!(["sms"]))]);
    let available = item(&customer.catalog(&house).await, "sms-credits")["available"].clone();
    assert_eq!(available["now"], false);
    let why = available["why_not"].as_str().expect("a sentence");
    assert!(why.contains("depois que você tiver Complemento de SMS"), "{why}");

    customer
        .changes_to(&mut house, of("plus", "month", &[("sms", 1)]))
        .await;
    let estimate = customer
        .estimates(&house, packs.clone())
        .await
        .expect("an estimate");
    let change = customer.comes_to_the_quote(&mut house, packs).await;
    assert_eq!(
        change.quote().await["due_today"]["amount"],
        estimate["due_now"]["amount"]
    );
    customer.confirms_at_once(&mut house, &change).await;
    assert_eq!(customer.held(&house, "sms-credits").await, 2);
    // Packs cannot stay without the add-on that they are on top of.
    let (_, told) = customer
        .is_refused(&house, of("plus", "month", &[("sms-credits", 2)]))
        .await;
    assert_eq!(told[0].0, "needs_item");
    house.close().await;
}

#[tokio::test]
async fn s8_the_done_page_and_the_mail_carry_the_next_step() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus", "month").await;
    let (change, _) = customer
        .changes_to(&mut house, of("plus", "month", &[("sms", 1)]))
        .await;
    let done = change.read().await;
    assert_eq!(
        done["next_steps"][0]["text"],
        "Registre o seu remetente e configure o SMS."
    );
    assert_eq!(
        done["next_steps"][0]["url"],
        "https://app.activecampaign.example/sms/setup"
    );
    let mails = house.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0]
            .text
            .contains("Registre o seu remetente e configure o SMS."),
        "{}",
        mails[0].text
    );
    house.close().await;
}
