//! The pages for people.

use hyper::Method;

use super::http_house::House;

#[tokio::test]
async fn the_first_page_says_what_this_is() {
    let house = House::new().await;
    let customer = house
        .post("/v1/customers", "name=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    let index = house.get("/_sandbox/").await;
    assert_eq!(
        (index.status, index.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(
        index
            .header("content-security-policy")
            .is_some_and(|policy| policy.starts_with("default-src 'none'"))
    );
    assert!(index.text.contains("4242 4242 4242 4242") && index.text.contains(customer.id()));
    assert!(index.text.contains("15 January 2026, 12:00:00 UTC"));
    assert!(!index.text.contains("<script"));
    assert_eq!(house.get("/").await.header("location"), Some("/_sandbox/"));
    assert_eq!(
        house.get("/_sandbox/style.css").await.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    house.stop().await;
}

/// A setup intent that waits for its customer.
async fn waiting(house: &House) -> serde_json::Value {
    let customer = house.post("/v1/customers", "name=Ana").await;
    let form = format!(
        "customer={}&payment_method=pm_card_threeDSecure2Required&confirm=true&return_url=http://127.0.0.1:9/done?change%3D7",
        customer.id()
    );
    let intent = house.post("/v1/setup_intents", &form).await;
    assert_eq!(intent.json["status"], "requires_action", "{}", intent.text);
    intent.json
}

#[tokio::test]
async fn the_customer_answers_the_bank_and_is_sent_back() {
    let house = House::new().await;
    for (outcome, redirected, status) in [
        ("approve", "succeeded", "succeeded"),
        ("fail", "failed", "requires_payment_method"),
    ] {
        let intent = waiting(&house).await;
        let id = intent["id"].as_str().expect("an id");
        let secret = intent["client_secret"].as_str().expect("a secret");
        let page = format!("/_sandbox/3ds/{id}");
        let url = intent["next_action"]["redirect_to_url"]["url"]
            .as_str()
            .expect("a page");
        assert_eq!(url, format!("http://{}{page}", house.address));
        let shown = house.get(&page).await;
        assert!(
            shown.text.contains("Approve") && shown.text.contains(id),
            "{}",
            shown.text
        );

        let back = house.post(&page, &format!("outcome={outcome}")).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let place = format!(
            "http://127.0.0.1:9/done?change=7&setup_intent={id}&setup_intent_client_secret={secret}&redirect_status={redirected}"
        );
        assert_eq!(back.header("location"), Some(place.as_str()));
        assert_eq!(
            house.get(&format!("/v1/setup_intents/{id}")).await.json["status"],
            status
        );

        let late = house.post(&page, "outcome=approve").await;
        assert!(
            late.status == 200 && late.text.contains("nothing to approve"),
            "{}",
            late.text
        );
        assert_eq!(
            house.get(&format!("/v1/setup_intents/{id}")).await.json["status"],
            status
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn a_browser_reads_and_confirms_only_with_the_client_secret() {
    let house = House::new().await;
    let intent = waiting(&house).await;
    let path = format!("/v1/setup_intents/{}", intent["id"].as_str().expect("an id"));
    let secret = intent["client_secret"].as_str().expect("a secret");
    let browser = |secret: &str| {
        let ask = house.ask(Method::GET, &format!("{path}?client_secret={secret}"));
        ask.header("authorization", "Bearer pk_test_x")
    };
    assert_eq!(browser(secret).send().await.json["id"], intent["id"]);
    let stranger = browser("seti_1_secret_guess").send().await;
    assert_eq!(
        stranger.error(),
        (400, "invalid_request_error", None, Some("client_secret"))
    );
    house.stop().await;
}

#[tokio::test]
async fn an_intent_that_does_not_exist_has_no_page() {
    let house = House::new().await;
    assert_eq!(house.get("/_sandbox/3ds/pi_nobody").await.error().0, 404);
    house.stop().await;
}
