//! A change that begins without a contract, and the view of the contract that it ends with.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Change, Database, House, Problem, house_of_agencies};

/// Somebody who has just signed up, and holds nothing.
struct Newcomer {
    account: String,
}

impl Newcomer {
    async fn signs_up(house: &House) -> Self {
        let body =
            json!({ "email": "dona@padaria-luz.example", "name": "Padaria Luz Ltda", "language": "en" });
        let made = house.backend.command(Method::POST, "/v1/accounts", &body).await;
        let account = made.expect("an account")["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        Self { account }
    }

    async fn opens(&self, house: &House, role: &str, plan: &str, currency: &str) -> Result<Change, Problem> {
        let body = json!({
            "selection": { "plan": plan, "quantities": { "seat": 3 }, "currency": currency, "interval": "month" },
            "actor": { "role": role, "id": "user-1" },
            "responsible": "Ana Souza",
            "return_url": "https://app.farol.example/plans",
        });
        let path = format!("/v1/accounts/{}/changes", self.account);
        let opened = house.backend.command(Method::POST, &path, &body).await?;
        Ok(Change::opened(&house.backend, &opened, role))
    }

    async fn contracts(&self, house: &House) -> Value {
        let path = format!("/v1/accounts/{}/contracts", self.account);
        house.backend.get(&path).await["data"].clone()
    }
}

async fn pays(house: &mut House, change: &Change) {
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    change.accepts().await.expect("accepting");
    change.gives_billing_data().await.expect("billing data");
    house.settle().await;
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, super::WORKS).await;
    change
        .put("payment-method", json!({ "setup": setup["setup"] }))
        .await
        .expect("a card");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
}

#[tokio::test]
async fn z0_a_new_customer_contracts_and_only_then_there_is_a_contract() {
    for database in Database::ALL {
        let mut house = house_of_agencies(database).await;
        let ana = Newcomer::signs_up(&house).await;
        let change = ana
            .opens(&house, "director", "agency", "BRL")
            .await
            .expect("a change");
        let contract = change.read().await["contract"]
            .as_str()
            .expect("an id")
            .to_owned();
        assert_eq!(ana.contracts(&house).await, json!([]));
        let path = format!("/v1/contracts/{contract}");
        assert_eq!(house.backend.get(&path).await["status"], "proposed");

        // One at a time, whatever else is chosen: the one that is open is named.
        let second = ana
            .opens(&house, "director", "client", "USD")
            .await
            .expect_err("a second one");
        assert_eq!(second.code, "change_in_progress");
        assert_eq!(
            second.body["blocking_change"]["url"],
            json!(format!("/v1/changes/{}", change.id))
        );

        // Given up, it leaves nothing; and the next one may be in another currency.
        change.cancels().await.expect("giving up");
        house.settle().await;
        assert_eq!(
            house.backend.try_get(&path).await.expect_err("nothing").status,
            404
        );
        assert_eq!(ana.contracts(&house).await, json!([]));
        let change = ana
            .opens(&house, "director", "agency", "USD")
            .await
            .expect("another one");
        pays(&mut house, &change).await;
        let due = 20_000 + 3 * 800;
        assert_eq!(house.provider.charges_for_changes().await, [due]);

        let held = ana.contracts(&house).await;
        assert_eq!(held[0]["id"], json!(contract));
        let mails = house.mails().await;
        let confirmed = mails.last().expect("a mail");
        assert!(confirmed.text.contains(&contract), "{}", confirmed.text);
        let view = house.backend.get(&format!("{path}/overview")).await;
        assert_eq!(view["status"], "active", "{view}");
        assert_eq!(view["contract"]["responsible"], "Ana Souza");
        assert_eq!(view["concluded_at"], "2026-03-18T15:00:00Z");
        assert_eq!(view["renewal"]["state"], "known");
        assert_eq!(view["renewal"]["at"], "2026-04-18T15:00:00Z");
        assert_eq!(view["renewal"]["amount"]["amount"], due);
        assert_eq!(view["contract"]["periods"][0]["end"], "2026-04-18T15:00:00Z");
        let third = ana
            .opens(&house, "director", "agency", "USD")
            .await
            .expect_err("holds one");
        assert_eq!(third.code, "contract_held");
        house.close().await;
    }
}

#[tokio::test]
async fn z0_what_is_refused_proposes_nothing() {
    let house = house_of_agencies(Database::Sqlite).await;
    let ana = Newcomer::signs_up(&house).await;
    let refused = ana.opens(&house, "assistant", "agency", "BRL").await;
    assert_eq!(refused.expect_err("an assistant").code, "role_not_allowed");
    let refused = ana.opens(&house, "director", "galactic", "BRL").await;
    assert_eq!(refused.expect_err("no such plan").code, "selection_invalid");
    let refused = ana.opens(&house, "director", "agency", "EUR").await;
    assert_eq!(refused.expect_err("no such price").code, "selection_invalid");
    let walked = house.backend.get("/v1/contracts").await;
    assert_eq!(walked["data"], json!([]));
    let nobody = Newcomer {
        account: "01890000-0000-7000-8000-000000000000".to_owned(),
    };
    let refused = nobody.opens(&house, "director", "agency", "BRL").await;
    assert_eq!(refused.expect_err("nobody").status, 404);
    house.close().await;
}

#[tokio::test]
async fn z4_the_contract_view_is_for_those_who_may_see_it_and_says_what_they_may() {
    let mut house = house_of_agencies(Database::Sqlite).await;
    let ana = Newcomer::signs_up(&house).await;
    let change = ana
        .opens(&house, "director", "agency", "BRL")
        .await
        .expect("a change");
    pays(&mut house, &change).await;
    let contract = change.read().await["contract"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/v1/contracts/{contract}");
    let seen = |query: &str| {
        let (backend, path) = (house.backend.clone(), format!("{path}/overview{query}"));
        async move { backend.try_get(&path).await }
    };
    let director = seen("?role=director").await.expect("a director");
    assert_eq!(director["may"]["change_plan"], true);
    let assistant = seen("?role=assistant").await.expect("may see it");
    assert_eq!(assistant["may"]["change_plan"], false);
    assert_eq!(
        assistant["may"]["who_can"],
        json!(["director", "billing permission"])
    );
    let trusted = seen("?role=assistant&permissions=billing")
        .await
        .expect("may see it");
    assert_eq!(trusted["may"]["change_plan"], true);
    let janitor = seen("?role=janitor").await.expect_err("nobody knows this role");
    assert_eq!(janitor.code, "role_not_allowed");
    let unknown = seen("?role=director&permissions=magic")
        .await
        .expect_err("no such permission");
    assert_eq!(unknown.code, "parameter_invalid");

    let edit = director["edits"].as_array().expect("edits").iter();
    let seat = edit
        .clone()
        .find(|edit| edit["key"] == "item:seat")
        .expect("seats");
    assert_eq!(seat["held"], 3);
    assert_eq!(
        seat["url"],
        json!(format!(
            "https://app.farol.example/plan?contract={contract}&line=item:seat"
        ))
    );

    // The responsible person is set by whom it may concern; the history tells that, and not who it is.
    let by = |role: &str, name: Value| json!({ "responsible": name, "actor": { "role": role } });
    let own = format!("{path}/responsible");
    let names = |body: Value| {
        let (backend, own) = (house.backend.clone(), own.clone());
        async move { backend.command(Method::PUT, &own, &body).await }
    };
    let refused = names(by("assistant", json!("Bia Lima")))
        .await
        .expect_err("an assistant");
    assert_eq!(refused.code, "role_not_allowed");
    let long = names(by("director", json!("x".repeat(201))))
        .await
        .expect_err("too long");
    assert_eq!(long.code, "request_invalid");
    let done = names(by("director", json!("Bia Lima")))
        .await
        .expect("a director");
    assert_eq!(done["responsible"], "Bia Lima");
    let history = house.backend.get(&format!("{path}/history")).await;
    let last = history["data"]
        .as_array()
        .expect("lines")
        .last()
        .expect("a line")
        .clone();
    assert_eq!(last["event"], "responsible_set");
    assert!(!history.to_string().contains("Bia"), "{history}");
    house.close().await;
}

#[tokio::test]
async fn a1_s1_whoever_has_the_billing_permission_buys_and_the_refusal_names_who_can() {
    let house = house_of_agencies(Database::Sqlite).await;
    let ana = Newcomer::signs_up(&house).await;
    let opens = |permissions: Value| {
        let body = json!({
            "selection": { "plan": "agency", "quantities": {}, "currency": "BRL", "interval": "month" },
            "actor": { "role": "assistant", "id": "user-2", "permissions": permissions },
        });
        let (backend, path) = (
            house.backend.clone(),
            format!("/v1/accounts/{}/changes", ana.account),
        );
        async move { backend.command(Method::POST, &path, &body).await }
    };
    // `wallet` is a permission, but not one that this seller gives to single people.
    for none in [json!([]), json!(["wallet"]), json!(["manage_clients"])] {
        let refused = opens(none).await.expect_err("may not");
        assert_eq!(refused.code, "role_not_allowed");
        let said = refused.body["detail"].as_str().expect("a detail");
        assert!(
            said.contains("director") && said.contains("permission `billing`"),
            "{said}"
        );
    }
    for wrong in [json!(["magic"]), json!(["billing", "billing"])] {
        assert_eq!(opens(wrong).await.expect_err("no such").code, "request_invalid");
    }
    let opened = opens(json!(["billing"])).await.expect("may");
    let history = format!("/v1/changes/{}/history", opened["id"].as_str().expect("an id"));
    let line = house.backend.get(&history).await["data"][0].clone();
    assert_eq!(line["actor"]["permissions"], json!(["billing"]));
    house.close().await;
}
