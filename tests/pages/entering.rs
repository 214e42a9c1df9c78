use hyper::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::reader::{Reader, mailed_link, opened, path_of};
use crate::support::{Clint, House};

#[tokio::test]
async fn a_sellers_link_leads_to_a_page_whose_address_opens_nothing() {
    let house = House::open().await;
    let customer = Clint::customer(&house).await;
    let opened = opened(&house, &customer, json!({ "role": "owner" }), "plans").await;
    let url = opened["url"].as_str().expect("an address");
    let path = path_of(url);
    let answer = house.backend.raw(Method::GET, path, &[], "").await;
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie").expect("a cookie");
    for guard in ["HttpOnly", "SameSite=Lax", "Path=/p/"] {
        assert!(cookie.contains(guard), "{cookie}");
    }
    let there = answer.header("location").expect("an address").to_owned();
    assert!(there.ends_with("/plans") && !there.contains("open"), "{there}");
    // Without the cookie, the address says nothing about anybody.
    let stranger = house.backend.raw(Method::GET, &there, &[], "").await;
    assert_eq!(stranger.status, 401);
    assert!(!stranger.text().contains("Growth"));
    let own = cookie.split(';').next().expect("a cookie");
    let page = house
        .backend
        .raw(Method::GET, &there, &[("cookie", own)], "")
        .await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Growth"));
    house.close().await;
}

#[tokio::test]
async fn a_link_and_its_session_end() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    let first = opened(&house, &customer, json!({ "role": "owner" }), "plans").await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    assert_eq!(reader.page.status, 200);
    house.pass(SignedDuration::from_mins(16)).await;
    let late = Reader::from(&house, first["url"].as_str().expect("an address")).await;
    assert_eq!(late.page.status, 401);
    reader.visits("/plans").await;
    assert_eq!(
        reader.page.status, 200,
        "the session goes on after its link has ended"
    );
    house.pass(SignedDuration::from_hours(8)).await;
    reader.visits("/plans").await;
    assert_eq!(reader.page.status, 401);
    house.close().await;
}

#[tokio::test]
async fn no_link_opens_what_it_was_not_made_for() {
    let house = House::open().await;
    let customer = Clint::customer(&house).await;
    let one = Reader::of(&house, &customer, "owner", "plans").await;
    let other = Reader::of(&house, &customer, "member", "plans").await;
    // The cookie of one session at the address of the other.
    let path = format!("{}/plans", other.session());
    let mixed = house
        .backend
        .raw(Method::GET, &path, &[("cookie", &one.cookie)], "")
        .await;
    assert_eq!(mixed.status, 401);
    // A cookie's token is no link, and nothing that was changed is one.
    let token = one.cookie.split('=').nth(1).expect("a token");
    for path in [
        format!("/p/open/{token}"),
        format!("/p/mail/{token}"),
        "/p/open/x".to_owned(),
    ] {
        let answer = house.backend.raw(Method::GET, &path, &[], "").await;
        assert_eq!(answer.status, 401, "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_session_is_opened_for_what_is_the_sellers_own() {
    let house = House::open().await;
    let customer = Clint::customer(&house).await;
    let (post, path) = (Method::POST, "/v1/page-sessions");
    let nobody = json!({ "account": uuid::Uuid::from_u128(7), "actor": { "role": "owner" } });
    let refused = house.backend.command(post.clone(), path, &nobody).await;
    assert_eq!(refused.expect_err("nobody").code, "not_found");
    let elsewhere = json!({ "account": customer.account, "actor": { "role": "owner" }, "return_url": "https://evil.example/" });
    let refused = house.backend.command(post, path, &elsewhere).await;
    assert_eq!(refused.expect_err("not allowed").code, "selection_invalid");
    house.close().await;
}

#[tokio::test]
async fn a_mailed_link_opens_as_often_as_anybody_needs_and_not_more() {
    let mut house = House::open().await;
    let customer = Clint::customer(&house).await;
    customer
        .comes_to_the_quote(&mut house, Clint::selection(5, 8))
        .await;
    house.pass(SignedDuration::from_hours(25)).await;
    let link = mailed_link(&house).await;
    let open = async |house: &House| house.backend.raw(Method::GET, path_of(&link), &[], "").await;
    for nth in 0..20 {
        assert_eq!(open(&house).await.status, 303, "opening {nth}");
    }
    let refused = open(&house).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("600"));
    assert!(
        refused.text().contains("Nothing was changed"),
        "{}",
        refused.text()
    );
    house.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(open(&house).await.status, 303, "and again, later");
    house.close().await;
}
