//! Zenvia: a software plan plus a channel package. Rows Z1 to Z4, Z6, Z8 and Z10.

use changeover::ports::time::Clock as _;
use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Database, Holder, House, choosing, wanting};

fn plan_and(plan: &str, package: &str, channels: &[&str]) -> Value {
    choosing(wanting(plan, "BRL", "month", &[(package, 1)]), package, channels)
}

/// Specialist with the small package, for WhatsApp and e-mail.
async fn customer(house: &House) -> Holder {
    let held = plan_and("specialist", "package-s", &["whatsapp", "email"]);
    Holder::of(house, "zenvia", "es", &held).await
}

#[tokio::test]
async fn z1_neither_a_plan_nor_a_package_is_valid_alone() {
    let house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let (body, told) = customer
        .is_refused(&house, wanting("expert", "BRL", "month", &[]))
        .await;
    let packages = json!(["package-s", "package-m", "package-l"]);
    assert_eq!(told, [("group_incomplete".to_owned(), packages)]);
    assert_eq!(body["code"], "selection_invalid");
    let two = choosing(plan_and("expert", "package-s", &["sms"]), "package-m", &["sms"]);
    let mut two = two;
    two["quantities"]["package-m"] = json!(1);
    assert_eq!(customer.is_refused(&house, two).await.1[0].0, "group_exceeded");

    let mut package_alone = plan_and("expert", "package-s", &["sms"]);
    package_alone.as_object_mut().expect("an object").remove("plan");
    let refused = customer.opens(&house, package_alone).await.expect_err("no plan");
    assert_eq!(refused.body["errors"][0]["pointer"], "/selection/plan");
    house.close().await;
}

/// What is proposed to somebody new is no older combination that would stay possible.
#[tokio::test]
async fn z0_z1_a_plan_alone_is_not_valid_for_a_new_customer_either() {
    let house = House::of("zenvia").await;
    let new = json!({ "email": "oi@cafe-do-porto.example", "name": "Café do Porto Ltda", "language": "es" });
    let made = house.backend.command(Method::POST, "/v1/accounts", &new).await;
    let account = made.expect("an account")["id"].clone();
    let path = format!("/v1/accounts/{}/changes", account.as_str().expect("an id"));
    let body = |selection: Value| json!({ "selection": selection, "actor": { "role": "administrator", "id": "user-1" } });
    let alone = body(wanting("specialist", "BRL", "month", &[]));
    let refused = house.backend.command(Method::POST, &path, &alone).await;
    let refused = refused.expect_err("a plan alone");
    assert_eq!(
        refused.body["errors"][0]["code"], "group_incomplete",
        "{}",
        refused.body
    );
    let both = body(plan_and("specialist", "package-s", &["sms"]));
    house
        .backend
        .command(Method::POST, &path, &both)
        .await
        .expect("both");
    house.close().await;
}

#[tokio::test]
async fn z2a_plans_and_packages_can_be_compared_by_anybody() {
    let house = House::of("zenvia").await;
    let compare = async |path: &str, headers: &[(&str, &str)]| {
        let path = format!("/v1/sellers/{path}");
        house.backend.raw(Method::GET, &path, headers, "").await
    };
    let read = compare("zenvia/comparison", &[]).await;
    assert_eq!(read.status, 200, "without a key");
    assert_eq!(read.header("cache-control"), Some("public, max-age=300"));
    let tag = read.header("etag").expect("a tag").to_owned();
    let shown = read.json();
    assert_eq!(shown["language"], "es");
    let plans: Vec<_> = shown["plans"]
        .as_array()
        .expect("plans")
        .iter()
        .map(|plan| plan["id"].clone())
        .collect();
    assert_eq!(
        plans,
        ["starter", "specialist", "expert", "professional", "enterprise"]
    );
    assert_eq!(shown["plans"][2]["features"]["licences"], 12);
    assert_eq!(shown["plans"][2]["features"]["crm"], true);
    assert_eq!(shown["groups"][0]["min"], 1);
    let package = &shown["items"][1];
    assert_eq!(
        (&package["id"], &package["group"]),
        (&json!("package-m"), &json!("channel-package"))
    );
    assert_eq!(package["on"][0]["grants"][0]["monthly"], 5000);
    let units: Vec<_> = package["on"][0]["prices"]
        .as_array()
        .expect("prices")
        .iter()
        .map(|price| price["unit"]["text"].clone())
        .collect();
    assert_eq!(units.len(), 2, "{units:?}");
    assert!(!read.text().contains("padaria"), "nothing about any customer");

    let again = compare("zenvia/comparison", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = compare("zenvia/comparison?language=pt-BR", &[("if-none-match", &tag)]).await;
    assert_eq!(
        other.json()["plans"][0]["summary"],
        "Para começar a conversar com seus clientes."
    );
    let nobody = compare("nobody/comparison", &[]).await;
    assert_eq!(
        (nobody.status, nobody.json()["code"].clone()),
        (404, json!("not_found"))
    );
    house.close().await;
}

#[tokio::test]
async fn z2_a_plan_carries_features_interactions_and_licences() {
    let house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let catalog = customer.catalog(&house).await;
    let held: Vec<_> = catalog["plans"]
        .as_array()
        .expect("plans")
        .iter()
        .filter(|plan| plan["held"] == true)
        .collect();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["id"], "specialist");
    assert_eq!(held[0]["features"]["licences"], 5);
    assert_eq!(held[0]["grants"][0]["credit"], "interactionz");
    assert_eq!(held[0]["grants"][0]["monthly"], 2000);
    let explained = catalog["features"][0]["help"].as_str().expect("a sentence");
    assert!(explained.contains("al mismo tiempo"), "{explained}");
    house.close().await;
}

#[tokio::test]
async fn z3_other_channels_are_a_change_of_their_own_that_costs_nothing() {
    for database in Database::ALL {
        other_channels_cost_nothing(database).await;
    }
}

async fn other_channels_cost_nothing(database: Database) {
    let mut house = House::of_on("zenvia", database).await;
    let customer = customer(&house).await;
    let catalog = customer.catalog(&house).await;
    let package = &catalog["plans"][1]["items"][0];
    assert_eq!(package["options"]["chosen"], json!(["email", "whatsapp"]));
    // The volume of 1,000 is enough for so many sessions of each, and moves freely among those chosen.
    assert_eq!(package["options"]["enough_for"]["email"], 1000);
    assert_eq!(package["options"]["enough_for"]["whatsapp"], 166);
    assert_eq!(catalog["rates"][0]["rows"][0]["credits"], 6);

    let (_, told) = customer
        .is_refused(&house, plan_and("specialist", "package-s", &["fax"]))
        .await;
    assert_eq!(told[0].0, "unknown_option");
    let (_, told) = customer
        .is_refused(
            &house,
            plan_and("specialist", "package-s", &["sms", "rcs", "voice", "email"]),
        )
        .await;
    assert_eq!(told[0].0, "options_out_of_bounds");

    let other = plan_and("specialist", "package-s", &["sms", "voice"]);
    let estimate = customer
        .estimates(&house, other.clone())
        .await
        .expect("an estimate");
    assert_eq!(
        (&estimate["way"], &estimate["total"]["amount"]),
        (&json!("immediate"), &json!(0))
    );
    let (_, due) = customer.changes_to(&mut house, other).await;
    assert_eq!(due, 0);
    let contract = customer.contract(&house).await;
    assert_eq!(
        contract["selection"]["options"],
        json!({ "package-s": ["sms", "voice"] })
    );
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    house.close().await;
}

#[tokio::test]
async fn z4_contract_wallet_and_finances_are_for_administrators_alone() {
    let house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let contract = customer.contract(&house).await;
    let account = contract["account"].as_str().expect("an account");
    let places = [
        format!("/v1/contracts/{}/overview", customer.contract),
        format!("/v1/contracts/{}/standing", customer.contract),
        format!("/v1/accounts/{account}/cards"),
        format!("/v1/accounts/{account}/invoices"),
    ];
    for place in places {
        let as_role = |role: &str| {
            let (backend, path) = (house.backend.clone(), format!("{place}?role={role}"));
            async move { backend.try_get(&path).await }
        };
        as_role("administrator").await.expect("an administrator");
        let refused = as_role("agent").await.expect_err("an agent");
        assert_eq!(refused.code, "role_not_allowed", "{place}");
        let told = refused.body["detail"].as_str().expect("words");
        assert!(told.contains("administrator"), "{place}: {told}");
        house
            .backend
            .try_get(&place)
            .await
            .expect("the seller's own systems");
    }
    house.close().await;
}

/// Prorated by the second, an hour is worth some centavos: no reason to be asked again.
#[tokio::test]
async fn time_that_passes_over_the_billing_data_moves_no_amount() {
    let mut house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let expert = plan_and("expert", "package-s", &["whatsapp", "email"]);
    let change = customer.comes_to_the_quote(&mut house, expert).await;
    let quoted = change.quote().await;
    change.accepts().await.expect("accepting");
    house.pass(SignedDuration::from_hours(1)).await;
    customer.gives_billing_data(&change).await.expect("billing data");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    let then = change.quote().await;
    for same in ["lines", "due_today", "prorated_at"] {
        assert_eq!(then[same], quoted[same], "{same}");
    }
    house.close().await;
}

#[tokio::test]
async fn what_is_left_of_a_plan_is_given_back_under_its_own_name() {
    let mut house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let expert = plan_and("expert", "package-s", &["whatsapp", "email"]);
    let (change, _) = customer.changes_to(&mut house, expert).await;
    let quote = change.quote().await;
    let lines = quote["lines"].as_array().expect("lines").iter();
    let of_the_plan = lines.filter(|line| line["key"] == "plan");
    let named: Vec<_> = of_the_plan.map(|line| [&line["kind"], &line["name"]]).collect();
    let expected = [["credit", "Specialist"], ["charge", "Expert"]];
    assert_eq!(json!(named), json!(expected));
    house.close().await;
}

#[tokio::test]
async fn z6_a_card_releases_at_once_and_the_page_says_so_beside_it() {
    let mut house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let catalog = customer.catalog(&house).await;
    let card = &catalog["payment_methods"][0];
    assert_eq!(card["kind"], "card");
    let note = card["note"].as_str().expect("a note");
    assert!(note.contains("se libera de inmediato"), "{note}");
    let before = house.clock.now();
    customer
        .changes_to(
            &mut house,
            plan_and("expert", "package-s", &["whatsapp", "email"]),
        )
        .await;
    assert_eq!(house.clock.now(), before, "no time has passed");
    assert_eq!(customer.contract(&house).await["plan"]["id"], "expert");
    house.close().await;
}

#[tokio::test]
async fn z8_a_boleto_is_for_accounts_of_a_month_and_more_and_brings_the_plan_once_it_is_settled() {
    let mut house = House::of("zenvia").await;
    let held = plan_and("specialist", "package-s", &["whatsapp", "email"]);
    let young = Holder::since(&house, "zenvia", "pt-BR", "2026-03-01T15:00:00Z", &held).await;
    let wanted = plan_and("expert", "package-s", &["whatsapp", "email"]);
    let change = young.comes_to_the_choice(&mut house, wanted.clone()).await;
    let offered = change.offered("boleto").await;
    assert_eq!(offered["available"], false, "{offered}");
    assert_eq!(offered["available_from"], "2026-04-01T15:00:00Z");
    let refused = change.will_pay_by("boleto").await.expect_err("too young");
    assert_eq!(refused.code, "payment_method_unavailable");
    change.cancels().await.expect("given up");
    house.settle().await;

    let old = customer(&house).await;
    let change = old.comes_to_the_choice(&mut house, wanted).await;
    assert_eq!(change.offered("boleto").await["available"], true);
    change.will_pay_by("boleto").await.expect("a boleto");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.next().await, "pay_voucher");
    let intent = change.voucher_intent().await;
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.pass(SignedDuration::from_hours(26)).await;
    assert_eq!(change.stage().await, "active", "{}", change.read().await);
    assert_eq!(old.contract(&house).await["plan"]["id"], "expert");
    house.close().await;
}

#[tokio::test]
async fn z10_a_new_plan_replaces_the_old_one_in_either_direction_without_a_ticket() {
    let mut house = House::of("zenvia").await;
    let customer = customer(&house).await;
    let up = plan_and("professional", "package-m", &["whatsapp", "rcs", "sms"]);
    let estimate = customer.estimates(&house, up.clone()).await.expect("an estimate");
    assert_eq!(estimate["way"], "immediate");
    let (change, due) = customer.changes_to(&mut house, up).await;
    assert_eq!(estimate["due_now"]["amount"], due);
    let contract = customer.contract(&house).await;
    assert_eq!(contract["plan"]["id"], "professional");
    assert_eq!(
        (
            customer.held(&house, "package-m").await,
            customer.held(&house, "package-s").await
        ),
        (1, 0)
    );
    assert_eq!(
        contract["selection"]["options"],
        json!({ "package-m": ["rcs", "sms", "whatsapp"] })
    );
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    let items = house.provider.subscription(&customer.subscription).await;
    assert_eq!(
        items["items"]["data"].as_array().map(Vec::len),
        Some(2),
        "the new plan replaced the old one"
    );

    let down = plan_and("starter", "package-s", &["email"]);
    let (back, due) = customer.changes_to(&mut house, down).await;
    assert_eq!(due, 0, "what is unused is credited");
    assert!(!back.events().await.iter().any(|event| event.contains("ticket")));
    assert_eq!(customer.contract(&house).await["plan"]["id"], "starter");

    let mails = house.mails().await;
    let reference = change.reference().await;
    let confirmed = mails.iter().filter(|mail| mail.text.contains(&reference)).count();
    assert_eq!(
        (mails.len(), confirmed),
        (2, 1),
        "each change is confirmed by one mail"
    );
    house.close().await;
}
