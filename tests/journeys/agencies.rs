//! Agencies and their clients: who may manage whom, and a form that is saved whole or not at all.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Agency, Database, House, house_of_agencies};

#[tokio::test]
async fn g1_an_agency_creates_a_client_and_saves_its_settings_whole() {
    for database in Database::ALL {
        let house = house_of_agencies(database).await;
        let agency = Agency::moves_in(&house).await;
        let client = agency.creates_a_client(&house).await;
        let first = client.reads(&house).await;
        assert_eq!(first["version"], 1);
        assert_eq!(first["settings"]["payer"], "agency");
        assert_eq!(first["settings"]["allowances"]["email-syncs"], 5);
        assert_eq!(
            first["settings"]["services"]["landing-pages"]["managed_by"],
            "client"
        );

        let mut settings = first["settings"].clone();
        settings["direct_support"] = json!(true);
        settings["allowances"]["email-syncs"] = json!(20);
        settings["limits"] = json!({
            "mail-tests": { "count": 300 },
            "stock-pictures": { "money": { "amount": 5_000, "currency": "BRL" } },
        });
        let saved = client
            .is_saved_on(&house, "\"1\"", &settings, &agency.director())
            .await;
        assert_eq!(saved.status, 200, "{:?}", saved.json());
        assert_eq!(saved.headers["etag"], "\"2\"");
        let read = client.reads(&house).await;
        assert_eq!(read["settings"], settings);
        assert_eq!(read["version"], 2);

        // Another window still shows what was there before: it must look again.
        let late = client
            .is_saved_on(&house, "\"1\"", &first["settings"], &agency.director())
            .await;
        assert_eq!(late.status, 412, "{:?}", late.json());
        assert_eq!(client.form(&house).await, settings);
        let history = house
            .backend
            .get(&format!("{}/history", client.settings_url()))
            .await;
        let events: Vec<&Value> = history["data"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| &line["event"])
            .collect();
        assert_eq!(events, ["created", "saved"]);
        assert_eq!(history["data"][1]["actor"]["role"], "director");
        house.close().await;
    }
}

/// Where a form is wrong, how that is called, and what makes it so.
type Wrong = (&'static str, &'static str, fn(&mut Value));

#[tokio::test]
async fn g1_the_form_is_saved_whole_or_not_at_all() {
    let house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let client = agency.creates_a_client(&house).await;
    let form = client.form(&house).await;
    // Each of these is wrong in one place, and right in another that is not saved either.
    let wrong: [Wrong; 9] = [
        ("/settings/allowances/email-syncs", "too_large", |form| {
            form["allowances"]["email-syncs"] = json!(501);
        }),
        ("/settings/limits/mail-tests", "too_large", |form| {
            form["limits"]["mail-tests"] = json!({ "count": 10_001 });
        }),
        ("/settings/limits/stock-pictures/currency", "currency", |form| {
            form["limits"]["stock-pictures"] = json!({ "money": { "amount": 5_000, "currency": "EUR" } });
        }),
        ("/settings/limits/stock-pictures/amount", "amount", |form| {
            form["limits"]["stock-pictures"] = json!({ "money": { "amount": -1, "currency": "BRL" } });
        }),
        ("/settings/retail_price/amount", "amount", |form| {
            form["retail_price"] = json!({ "amount": 0, "currency": "BRL" });
        }),
        ("/settings/services/sales-optimiser", "missing", |form| {
            form["services"]
                .as_object_mut()
                .expect("services")
                .remove("sales-optimiser");
        }),
        ("/settings/services/crystal-ball", "unknown", |form| {
            form["services"]["crystal-ball"] = json!({ "managed_by": "agency", "enabled": true });
        }),
        ("/settings/limits/mail-tests", "missing", |form| {
            form["limits"]
                .as_object_mut()
                .expect("limits")
                .remove("mail-tests");
        }),
        ("/settings/limits/oracles", "unknown", |form| {
            form["limits"]["oracles"] = Value::Null;
        }),
    ];
    for (pointer, code, spoil) in wrong {
        let mut spoilt = form.clone();
        spoilt["direct_support"] = json!(true);
        spoil(&mut spoilt);
        let answer = client
            .is_saved_on(&house, "\"1\"", &spoilt, &agency.director())
            .await;
        let problem = answer.json();
        assert_eq!(answer.status, 422, "{problem}");
        assert_eq!(problem["code"], "client_settings_invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    for (field, spoil) in [
        ("payer", json!("nobody")),
        ("access", Value::Null),
        ("limits", json!([])),
    ] {
        let mut spoilt = form.clone();
        spoilt[field] = spoil;
        let answer = client
            .is_saved_on(&house, "\"1\"", &spoilt, &agency.director())
            .await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (422, json!("request_invalid"))
        );
    }
    for missing in [
        "payer",
        "access",
        "direct_support",
        "services",
        "allowances",
        "limits",
        "retail_price",
    ] {
        let mut partial = form.clone();
        partial.as_object_mut().expect("a form").remove(missing);
        let answer = client
            .is_saved_on(&house, "\"1\"", &partial, &agency.director())
            .await;
        assert_eq!(answer.json()["code"], "request_invalid", "{missing}");
    }
    let body = json!({ "settings": form, "actor": agency.director() });
    let unsaid = house
        .backend
        .command(Method::PUT, &client.settings_url(), &body)
        .await;
    assert_eq!(unsaid.expect_err("without If-Match").code, "if_match_missing");
    assert_eq!(client.reads(&house).await["version"], 1);
    assert_eq!(client.form(&house).await, form);
    house.close().await;
}

#[tokio::test]
async fn g1_only_the_agencys_people_settle_anything_and_the_client_cannot_raise_its_limits() {
    let house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let stranger = Agency::moves_in(&house).await;
    let client = agency.creates_a_client(&house).await;
    let mut raised = client.form(&house).await;
    raised["limits"]["mail-tests"] = json!({ "count": 9_999 });
    let mut of_the_client = client.person();
    let own = client.account.clone();
    for (actor, code) in [
        (of_the_client.clone(), "agency_only"),
        (
            {
                of_the_client["account"] = json!(own);
                of_the_client
            },
            "agency_only",
        ),
        (stranger.director(), "agency_only"),
        (
            json!({ "role": "assistant", "account": agency.account }),
            "role_not_allowed",
        ),
    ] {
        let answer = client.is_saved_on(&house, "\"1\"", &raised, &actor).await;
        assert_eq!(answer.status, 403, "{:?}", answer.json());
        assert_eq!(answer.json()["code"], code, "{actor}");
    }
    // Somebody in another role, to whom the agency has given the single permission.
    let trusted =
        json!({ "role": "assistant", "permissions": ["manage_clients"], "account": agency.account });
    let answer = client.is_saved_on(&house, "\"1\"", &raised, &trusted).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());

    let refused = agency
        .tries_to_create(&house, json!({ "role": "assistant", "account": agency.account }))
        .await
        .expect_err("an assistant");
    assert_eq!(refused.code, "role_not_allowed");
    let said = refused.body["detail"].as_str().expect("a detail");
    assert!(
        said.contains("director") && said.contains("`manage_clients`"),
        "{said}"
    );
    // A client has no clients.
    let nested = Agency {
        account: client.account.clone(),
    };
    let refused = nested.tries_to_create(&house, nested.director()).await;
    assert_eq!(refused.expect_err("a client").code, "clients_not_offered");
    house.close().await;
}

#[tokio::test]
async fn g9_before_the_first_client_there_is_nothing_to_show() {
    let house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let account = format!("/v1/accounts/{}", agency.account);
    assert_eq!(agency.clients(&house).await["data"], json!([]));
    assert_eq!(house.backend.get(&account).await["client_services"], Value::Null);
    let none = house.backend.try_get(&format!("{account}/client-settings")).await;
    assert_eq!(none.expect_err("nobody's client").status, 404);

    let client = agency.creates_a_client(&house).await;
    let shown = house.backend.get(&account).await;
    assert_eq!(
        shown["client_services"]["clients_url"],
        json!(format!("{account}/clients"))
    );
    let listed = agency.clients(&house).await;
    assert_eq!(listed["data"][0]["account"]["id"], json!(client.account));
    let own = house
        .backend
        .get(&format!("/v1/accounts/{}", client.account))
        .await;
    assert_eq!(own["client_of"]["agency"], json!(agency.account));
    house.close().await;
}

#[tokio::test]
async fn g1_a_seller_without_agencies_has_no_clients() {
    let house = House::open().await;
    let agency = Agency::moves_in(&house).await;
    let refused = agency.tries_to_create(&house, agency.director()).await;
    assert_eq!(refused.expect_err("no agencies").code, "clients_not_offered");
    house.close().await;
}

#[tokio::test]
async fn g5_an_allowance_and_limits_are_entered_per_client_each_as_a_count_or_as_money() {
    let house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let (one, other) = (
        agency.creates_a_client(&house).await,
        agency.creates_a_client(&house).await,
    );
    let as_money = json!({ "money": { "amount": 12_000, "currency": "USD" } });
    for (tests, pictures) in [
        (json!({ "count": 50 }), as_money.clone()),
        (as_money, Value::Null),
    ] {
        let saved = one
            .is_set(&house, |form| {
                form["allowances"]["email-syncs"] = json!(500);
                form["limits"] = json!({ "mail-tests": tests, "stock-pictures": pictures });
            })
            .await
            .expect("saved");
        assert_eq!(saved["settings"]["limits"]["mail-tests"], tests);
        assert_eq!(saved["settings"]["limits"]["stock-pictures"], pictures);
        assert_eq!(saved["opened_change"], Value::Null);
    }
    assert_eq!(one.form(&house).await["allowances"]["email-syncs"], 500);
    assert_eq!(
        other.form(&house).await["allowances"]["email-syncs"],
        5,
        "each client has its own"
    );
    house.close().await;
}
