//! Who comes in, and who does not.

use changeover::ports::store::StaffRole;
use hyper::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::halted;
use crate::support::{Database, House, PASSWORD};

crate::stories::on_both!(
    a_session_begins_with_name_and_password_and_ends,
    too_many_attempts_must_wait_whoever_makes_them,
    staff_of_another_seller_see_nothing,
);

async fn a_session_begins_with_name_and_password_and_ends(database: Database) {
    let mut house = House::open_on(database).await;
    house.employs("agent-7", StaffRole::Agent, None).await;
    let mut browser = house.browser();
    let away = browser.opens("/console/audit?by=x").await;
    assert_eq!(away.status, 303);
    assert_eq!(
        away.header("location"),
        Some("/console/login?next=%2Fconsole%2Faudit%3Fby%3Dx"),
        "after signing in it goes on there"
    );
    for (login, password) in [("agent-7", "wrong"), ("nobody", PASSWORD), ("", "")] {
        let refused = browser.tries_to_sign_in(login, password).await;
        assert_eq!(refused.status, 401);
        assert!(
            refused.text().contains("do not belong together"),
            "says not which"
        );
        assert!(refused.header("set-cookie").is_none());
    }
    browser.signs_in("agent-7").await;
    let inbox = browser.reads("/console").await;
    assert!(inbox.contains("agent-7") && inbox.contains("Nothing waits."));

    let mut other = house.browser();
    other.signs_in("agent-7").await;
    let out = other
        .fills_in("/console", "/console/sign-out")
        .await
        .sends()
        .await;
    assert_eq!(out.header("location"), Some("/console/login"));
    assert!(out.header("set-cookie").expect("a cookie").contains("Max-Age=0"));
    assert_eq!(
        other.opens("/console").await.status,
        303,
        "the secret opens nothing any more"
    );
    browser.reads("/console").await;
    house.pass(SignedDuration::from_hours(10)).await;
    assert_eq!(
        browser.opens("/console").await.status,
        303,
        "a day's work is over"
    );
    house.close().await;
}

async fn too_many_attempts_must_wait_whoever_makes_them(database: Database) {
    let mut house = House::open_on(database).await;
    house.employs("agent-7", StaffRole::Agent, None).await;
    let mut browser = house.browser();
    for _ in 0..8 {
        assert_eq!(browser.tries_to_sign_in("agent-7", "guess").await.status, 401);
    }
    let held = browser.tries_to_sign_in("agent-7", PASSWORD).await;
    assert_eq!(held.status, 429, "also with the right one");
    assert_eq!(held.header("retry-after"), Some("600"));
    assert!(held.text().contains("Try again in 10 minutes"));
    // A name that nobody has is no other.
    for _ in 0..8 {
        assert_eq!(browser.tries_to_sign_in("nobody", "guess").await.status, 401);
    }
    assert_eq!(browser.tries_to_sign_in("nobody", "guess").await.status, 429);
    house.pass(SignedDuration::from_mins(10)).await;
    browser.signs_in("agent-7").await;
    house.close().await;
}

async fn staff_of_another_seller_see_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    house.employs("of-clint", StaffRole::Lead, Some("clint")).await;
    let mut own = house.browser();
    own.signs_in("of-clint").await;
    let path = format!("/console/changes/{}", change.id);
    assert!(own.reads("/console").await.contains(&change.id));
    own.reads(&path).await;

    let file = include_str!("../../workflows/clint.toml");
    let elsewhere = file.replace(r#"id = "clint""#, r#"id = "outra""#);
    house
        .deploy(&[("clint.toml", file), ("outra.toml", &elsewhere)])
        .await;
    house.employs("of-outra", StaffRole::Lead, Some("outra")).await;
    let mut foreign = house.browser();
    foreign.signs_in("of-outra").await;
    assert!(foreign.reads("/console").await.contains("Nothing waits."));
    let account = &clint.account;
    for path in [
        path.clone(),
        format!("{path}/act/retry"),
        format!("/console/tickets/{}", change.id),
        format!("/console/accounts/{account}"),
        format!("/console/accounts/{account}/erase"),
        format!("/console/contracts/{}", clint.contract),
        format!("/console/live/changes/{}", change.id),
    ] {
        assert_eq!(foreign.opens(&path).await.status, 404, "{path}");
    }
    let found = foreign.reads(&format!("/console/search?q={account}")).await;
    assert!(found.contains("Nothing is named so"), "{found}");
    let people = foreign.reads("/console/people").await;
    assert!(people.contains("of-outra") && !people.contains("of-clint"));
    assert!(foreign.reads("/console/audit").await.contains("Nothing."));
    house.operator().acts(&change, "cancel").await.expect("cancelled");
    house.rests().await;
    house.close().await;
}

#[tokio::test]
async fn no_form_from_elsewhere_is_obeyed() {
    let mut house = House::open().await;
    let (_, change) = halted(&mut house).await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let path = format!("/console/changes/{}/act/cancel", change.id);
    let form = agent.fills_in(&path, &path).await.with("reason", "because");
    let crossed = form.sends_with(&[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(crossed.status, 403);
    let crossed = form.sends_with(&[("origin", "https://evil.example")]).await;
    assert_eq!(crossed.status, 403);
    let other = house.on_duty("agent-8", StaffRole::Agent).await;
    let theirs = other.fills_in(&path, &path).await.field("token").to_owned();
    for token in ["", "x", &theirs] {
        let forged = agent.fills_in(&path, &path).await.with("reason", "because");
        assert_eq!(forged.with("token", token).sends().await.status, 403, "{token}");
    }
    let login = house.browser();
    let fields = [("login", "agent-7"), ("password", PASSWORD)];
    let crossed = login
        .posts("/console/login", &fields, &[("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!(crossed.status, 403, "nobody is signed in from another site");
    assert!(
        change.stage().await.starts_with("payment_confirm"),
        "nothing was done"
    );
    assert_eq!(form.sends().await.status, 303, "their own page is obeyed");
    house.rests().await;
    house.close().await;
}

#[tokio::test]
async fn only_a_lead_manages_people_and_only_the_operator_the_first() {
    let house = House::open().await;
    let seller = house.backend.clone();
    let new = json!({ "login": "lead-1", "role": "lead", "password": PASSWORD });
    let refused = seller.command(Method::POST, "/v1/staff", &new).await;
    assert_eq!(refused.expect_err("a seller's key").status, 403);
    let operator = house.operator();
    operator.sends("/v1/staff", &new).await.expect("added");
    let refused = operator
        .sends("/v1/staff", &new)
        .await
        .expect_err("the same name");
    assert_eq!(refused.code, "staff_taken");
    for (field, wrong) in [
        (
            "login",
            json!({ "login": "Ana Souza", "role": "agent", "password": PASSWORD }),
        ),
        (
            "password",
            json!({ "login": "a", "role": "agent", "password": "short" }),
        ),
        (
            "seller",
            json!({ "login": "a", "role": "agent", "password": PASSWORD, "seller": "none" }),
        ),
    ] {
        let refused = operator.sends("/v1/staff", &wrong).await.expect_err(field);
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{field}"));
    }

    let mut lead = house.browser();
    lead.signs_in("lead-1").await;
    let form = lead.fills_in("/console/people", "/console/people").await;
    let form = form
        .with("login", "agent-7")
        .with("role", "agent")
        .with("password", PASSWORD);
    assert_eq!(form.sends().await.status, 303);
    let again = form.sends().await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("this name is taken"));

    let mut agent = house.browser();
    agent.signs_in("agent-7").await;
    assert!(!agent.reads("/console").await.contains("/console/people"));
    for path in ["/console/people", "/console/people/lead-1"] {
        assert_eq!(agent.opens(path).await.status, 404, "{path}");
    }
    let token = agent
        .fills_in("/console", "/console/sign-out")
        .await
        .field("token")
        .to_owned();
    let disable = [("token", token.as_str())];
    let refused = agent.posts("/console/people/lead-1/disable", &disable, &[]).await;
    assert_eq!(refused.status, 404);

    let page = "/console/people/agent-7";
    let disabled = lead.fills_in(page, "/console/people/agent-7/disable").await;
    assert_eq!(disabled.sends().await.status, 303);
    assert_eq!(agent.opens("/console").await.status, 303, "they are out at once");
    assert_eq!(agent.tries_to_sign_in("agent-7", PASSWORD).await.status, 401);
    let listed = operator.opens("/v1/staff").await.expect("a list");
    assert_eq!(listed["data"][0]["login"], "agent-7");
    assert!(listed["data"][0]["disabled_at"].is_string());
    assert_eq!(listed["data"][1]["added_by"], "operator");
    assert!(!listed.to_string().contains("argon2"), "no hash leaves");

    let password = json!({ "password": "another long sentence" });
    operator
        .sends("/v1/staff/lead-1", &password)
        .await
        .expect("changed");
    assert_eq!(
        lead.opens("/console").await.status,
        303,
        "the old sessions are over"
    );
    let nobody = operator
        .sends("/v1/staff/nobody", &json!({ "disabled": true }))
        .await;
    assert_eq!(nobody.expect_err("nobody").status, 404);
    house.close().await;
}
