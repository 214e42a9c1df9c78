//! B6: a double click, a refresh, two tabs, two admins, the checkout racing a change by API. Here there is one change, one
//! subscription and one charge, and the loser is led to the winner.

use hyper::Method;
use serde_json::json;

use crate::journeys::travelling::Journey;
use crate::support::{Clint, Database, House};

super::on_both!(
    b06_f18_a_double_click_makes_one_subscription,
    b06_f18_a_refresh_opens_the_same_change,
    b06_f18_of_two_changes_that_are_opened_at_once_the_loser_is_led_to_the_winner,
);

async fn b06_f18_a_double_click_makes_one_subscription(database: Database) {
    for one_key in [true, false] {
        let mut house = House::open_on(database).await;
        let traveller = Journey::FirstSubscription.traveller(&mut house).await;
        let change = traveller.comes_to_the_button(&mut house).await;
        let click = change.confirmation().await;
        let keys = if one_key {
            ["click", "click"]
        } else {
            ["tab-1", "tab-2"]
        };
        let [one, other] = keys.map(|key| change.send(key, Method::POST, "confirm", click.clone()));
        let (one, other) = tokio::join!(one, other);
        if one_key {
            assert_eq!(one.expect("confirmed"), other.expect("the same answer"));
        } else {
            let refused = [one, other].into_iter().filter_map(Result::err);
            let codes: Vec<_> = refused.map(|problem| (problem.status, problem.code)).collect();
            assert_eq!(
                codes,
                [(409, "not_allowed_here".to_owned())],
                "one of them decides"
            );
        }
        house.rests().await;
        let ending = traveller.ending(&house, &change).await;
        assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
        let made = house.provider.requests_to("POST", "/v1/subscriptions").await;
        let keys: std::collections::BTreeSet<_> = made
            .iter()
            .filter(|request| request["path"] == "/v1/subscriptions")
            .map(|request| request["idempotency_key"].to_string())
            .collect();
        assert_eq!(keys.len(), 1, "one subscription: {keys:?}");
        house.close().await;
    }
}

async fn b06_f18_a_refresh_opens_the_same_change(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let body = json!({ "selection": Clint::selection(5, 8), "actor": { "role": "owner", "id": "user-1" } });
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let open = || house.backend.command_under("page-1", Method::POST, &path, &body);
    let (one, other) = tokio::join!(open(), open());
    let (one, other) = (one.expect("a change"), other.expect("a change"));
    assert_eq!(one, other);
    assert_eq!(open().await.expect("the same change"), one);
    let changes = house.backend.get(&path).await;
    assert_eq!(changes["data"].as_array().map(Vec::len), Some(1));
    house.close().await;
}

async fn b06_f18_of_two_changes_that_are_opened_at_once_the_loser_is_led_to_the_winner(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let (one, other) = tokio::join!(
        clint.opens(&house, Clint::selection(5, 8)),
        clint.opens(&house, Clint::selection(4, 6))
    );
    let ((Ok(won), Err(refused)) | (Err(refused), Ok(won))) = (one, other) else {
        panic!("one of them is open");
    };
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "change_in_progress")
    );
    assert!(refused.body.to_string().contains(&won.id), "{refused:?}");
    // The way that it names leads on.
    won.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(won.stage().await, "quote.ready");
    house.close().await;
}
