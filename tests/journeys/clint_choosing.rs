//! Clint, choosing: who may, what is on offer, and what the price on the screen says. Rows C1, C2, C3, C9.

use serde_json::{Value, json};

use super::part;
use crate::support::{Clint, Customs, House, selecting};

async fn catalog(house: &House, clint: &Clint) -> Value {
    house
        .backend
        .get(&format!("/v1/catalog?contract={}", clint.contract))
        .await
}

fn plan<'c>(catalog: &'c Value, id: &str) -> &'c Value {
    let plans = catalog["plans"].as_array().expect("plans");
    plans.iter().find(|plan| plan["id"] == id).expect("the plan")
}

fn item<'p>(plan: &'p Value, id: &str) -> Option<&'p Value> {
    let items = plan["items"].as_array().expect("items");
    items.iter().find(|item| item["id"] == id)
}

#[tokio::test]
async fn c1_any_other_role_reads_why_not_and_who_can() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    for role in ["admin", "member", "nobody"] {
        let opening = clint.opens_as(&house, role, Clint::selection(5, 8));
        let problem = house.refuses(&clint, opening).await;
        assert_eq!((problem.status, problem.code.as_str()), (403, "role_not_allowed"));
        let detail = problem.body["detail"].as_str().expect("a sentence");
        assert!(detail.contains("owner") && detail.contains(role), "{detail}");
        assert_eq!(problem.body["errors"][0]["pointer"], "/actor/role");
        assert_eq!(problem.body["message"]["language"], "pt-BR");
    }

    // What a page needs to tell them in their own language.
    let catalog = catalog(&house, &clint).await;
    let may: Vec<&Value> = catalog["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .filter(|role| role["may_change"] == true)
        .map(|role| &role["name"])
        .collect();
    assert_eq!(may, ["proprietário da conta"]);
    house.close().await;
}

#[tokio::test]
async fn c1_somebody_else_cannot_go_on_with_the_owners_change() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let mut change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    change.role = "member".to_owned();
    let (quote, confirmation) = (change.quote().await["id"].clone(), change.confirmation().await);
    let selection = json!({ "selection": Clint::selection(9, 9) });
    let (post, put) = (true, false);
    for (verb, how, body) in [
        ("quote", post, json!({})),
        ("accept", post, json!({ "quote": quote })),
        ("billing-info", put, crate::support::billing_data()),
        ("billing-info/keep", post, json!({})),
        ("selection", put, selection),
        ("confirm", post, confirmation),
        ("cancel", post, json!({ "why": "mine now" })),
    ] {
        let problem = if how {
            house.refuses(&clint, change.post(verb, body)).await
        } else {
            house.refuses(&clint, change.put(verb, body)).await
        };
        assert_eq!(problem.code, "role_not_allowed", "{verb}");
    }
    house.close().await;
}

#[tokio::test]
async fn c2_the_held_plan_is_marked_and_the_only_one_to_edit() {
    let house = House::open().await;
    for held in ["start", "growth", "elite"] {
        let clint = Clint::without_extras(&house, held).await;
        let catalog = catalog(&house, &clint).await;
        let shown: Vec<_> = catalog["plans"]
            .as_array()
            .expect("plans")
            .iter()
            .map(|plan| {
                (
                    plan["id"].as_str(),
                    plan["held"].clone(),
                    plan["editable"].clone(),
                )
            })
            .collect();
        let expected =
            ["start", "growth", "elite"].map(|plan| (Some(plan), json!(plan == held), json!(plan == held)));
        assert_eq!(shown, expected);
        for plan in catalog["plans"].as_array().expect("plans") {
            let why = plan["why_not"].as_str();
            assert_eq!(why.is_some(), plan["id"] != held, "{plan}");
            assert!(why.is_none_or(|why| why.contains("nosso suporte")), "{plan}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn c3_unit_prices_of_this_plan_and_the_support_contact_are_in_one_answer() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let catalog = catalog(&house, &clint).await;
    for (plan_id, device, seat) in [("growth", 9700, 4990), ("elite", 8700, 4490)] {
        let plan = plan(&catalog, plan_id);
        for (id, unit) in [("device", device), ("user-seat", seat)] {
            let price = &item(plan, id).expect("an item")["prices"][0];
            assert_eq!(price["unit"]["amount"], unit, "{plan_id} {id}");
            assert_eq!(price["interval"], "month");
        }
    }
    let growth = plan(&catalog, "growth");
    assert_eq!(item(growth, "device").expect("an item")["held"], 3);
    assert_eq!(item(growth, "user-seat").expect("an item")["held"], 5);
    assert_eq!(
        item(growth, "device").expect("an item")["prices"][0]["unit"]["text"],
        "R$\u{a0}97,00"
    );
    assert_eq!(catalog["support"]["email"], "suporte@clint.example");
    assert_eq!(catalog["support"]["url"], "https://clint.example/suporte");
    house.close().await;
}

#[tokio::test]
async fn c3_the_total_moves_along_and_is_what_is_quoted_and_charged() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    for (devices, seats) in [(4, 5), (5, 8), (20, 40)] {
        let shown = clint.estimates(&house, Clint::selection(devices, seats)).await;
        let more = |unit: i64, now: i64, held: i64| {
            if now == held {
                return 0;
            }
            part(unit * now, 23, 31) - part(unit * held, 23, 31)
        };
        let (devices, seats) = (
            i64::try_from(devices).expect("few"),
            i64::try_from(seats).expect("few"),
        );
        let due = more(9700, devices, 3) + more(4990, seats, 5);
        assert_eq!(
            shown["due_now"]["amount"], due,
            "{devices} devices, {seats} seats"
        );
        assert_eq!(
            shown["recurring"][0]["amount"]["amount"],
            devices * 9700 + seats * 4990
        );
        assert_eq!(shown["recurring"][0]["renews_on"], "10 de abril de 2026");
    }

    let shown = clint.estimates(&house, Clint::selection(5, 8)).await;
    let (change, due) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    let quote = change.quote().await;
    assert_eq!(shown["due_now"]["amount"], due);
    assert_eq!(shown["recurring"], quote["recurring"]);
    assert_eq!(shown["holdings"], quote["holdings"]);
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

#[tokio::test]
async fn c3_a_slider_may_pass_over_what_is_held_and_below() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    for (devices, seats, way) in [
        (3, 5, "nothing"),
        (4, 5, "immediate"),
        (2, 5, "ticket"),
        (2, 9, "ticket"),
    ] {
        let shown = clint.estimates(&house, Clint::selection(devices, seats)).await;
        assert_eq!(shown["way"], way, "{devices} devices, {seats} seats");
    }
    let elite = selecting("elite", "month", &[("device", 4)]);
    let before = clint.contract(&house).await;
    let path = format!("/v1/contracts/{}/estimate", clint.contract);
    let asked = house
        .backend
        .command(hyper::Method::POST, &path, &json!({ "selection": elite }))
        .await;
    // Another plan is never a price on a slider: it is refused, or told to be elsewhere.
    match asked {
        Ok(shown) => assert_eq!(shown["way"], "not_offered"),
        Err(problem) => assert_eq!(problem.code, "selection_invalid"),
    }
    assert_eq!(clint.contract(&house).await, before);
    house.close().await;
}

#[tokio::test]
async fn a_quote_says_how_many_now_and_then_and_what_is_due_line_by_line() {
    let mut house = House::open().await;
    let customs = Customs {
        language: "en",
        ..Customs::default()
    };
    let clint = Clint::customer_like(&house, customs).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let quote = change.quote().await;
    let held: Vec<_> = quote["holdings"]
        .as_array()
        .expect("holdings")
        .iter()
        .map(|row| {
            (
                row["name"].as_str(),
                row["now"].clone(),
                row["then"].clone(),
                row["difference"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            (Some("devices"), json!(3), json!(5), Some("+2")),
            (Some("user seats"), json!(5), json!(8), Some("+3")),
        ]
    );
    let lines = quote["lines"].as_array().expect("lines");
    let amounts: Vec<i64> = lines
        .iter()
        .map(|line| line["amount"]["amount"].as_i64().expect("an amount"))
        .collect();
    let mut sorted = amounts.clone();
    sorted.sort_unstable();
    let mut expected = [
        -part(3 * 9700, 23, 31),
        part(5 * 9700, 23, 31),
        -part(5 * 4990, 23, 31),
        part(8 * 4990, 23, 31),
    ];
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(quote["due_today"]["amount"], amounts.iter().sum::<i64>());
    for line in lines {
        assert!(line["name"].is_string() && line["proration"] == true, "{line}");
        assert_eq!(
            line["from"], "2026-03-18T03:00:00Z",
            "the day of contracting counts"
        );
        assert_eq!(line["until"], "2026-04-10T03:00:00Z", "the anchor day does not");
    }
    let row = &quote["recurring"][0];
    assert_eq!(row["amount"]["amount"], 5 * 9700 + 8 * 4990);
    assert_eq!(row["renews_on"], "April 10, 2026");
    house.close().await;
}

#[tokio::test]
async fn c9_the_whatsapp_device_can_be_had_on_growth_and_elite() {
    let mut house = House::open().await;
    for plan in ["growth", "elite"] {
        let clint = Clint::without_extras(&house, plan).await;
        let wanted = selecting(plan, "month", &[("whatsapp-device", 4)]);
        let (_, due) = clint.changes_to(&mut house, wanted).await;
        assert_eq!(due, part(4 * 14_700, 23, 31));
        assert_eq!(clint.held(&house).await, [("whatsapp-device".to_owned(), 4)]);
    }
    // Beside what is held already, by the same steps.
    let clint = Clint::customer(&house).await;
    let wanted = selecting(
        "growth",
        "month",
        &[("device", 3), ("user-seat", 5), ("whatsapp-device", 1)],
    );
    let (_, due) = clint.changes_to(&mut house, wanted).await;
    assert_eq!(due, part(14_700, 23, 31));
    assert_eq!(clint.held(&house).await.len(), 3);
    house.close().await;
}

#[tokio::test]
async fn c9_on_start_the_whatsapp_device_is_refused_naming_the_plans_that_allow_it() {
    let house = House::open().await;
    let clint = Clint::without_extras(&house, "start").await;
    let start = catalog(&house, &clint).await;
    assert!(item(plan(&start, "start"), "whatsapp-device").is_none());
    let wanted = selecting("start", "month", &[("whatsapp-device", 1)]);
    let problem = house.refuses(&clint, clint.opens(&house, wanted)).await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (422, "selection_invalid")
    );
    let error = &problem.body["errors"][0];
    assert_eq!(error["pointer"], "/selection/quantities/whatsapp-device");
    let said = error["detail"].as_str().expect("a sentence");
    assert!(said.contains("growth") && said.contains("elite"), "{said}");
    house.close().await;
}
