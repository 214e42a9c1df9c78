//! What support does: said in advance, done once, by one of two, and never without a reason.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::journeys::WORKS;
use crate::support::{Change, Clint, Database, House, Staff};

crate::stories::on_both!(
    a_dry_run_says_what_would_be_done_and_changes_nothing,
    i23_an_order_that_is_repeated_is_carried_out_once,
    f20_of_two_people_one_acts_and_the_other_is_told_who,
    what_support_does_is_kept_with_its_name_and_reason_and_refused_without,
    i17_after_the_end_there_is_room_for_a_note_and_for_nothing_else,
    an_action_that_has_nothing_to_do_is_refused,
    a_note_does_not_move_a_deadline_nor_ask_anybody,
    each_seller_sees_its_own_changes_and_the_operator_all,
    a_change_is_found_by_whatever_names_it,
    the_timeline_tells_everything_in_order_and_nothing_personal,
    the_changes_own_retry_is_the_same_order,
);

/// A change whose charge has never happened, twice.
async fn halted(house: &mut House) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), WORKS)
        .await;
    house
        .provider
        .fault_from("POST", "/v1/subscriptions/*", 2, "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.provider.heals().await;
    assert_eq!(change.read().await["stuck"]["code"], "charge_halted");
    (clint, change)
}

async fn last_line(change: &Change) -> Value {
    let history = change.history().await;
    history["data"]
        .as_array()
        .expect("lines")
        .last()
        .expect("a line")
        .clone()
}

async fn a_dry_run_says_what_would_be_done_and_changes_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    let agent = house.support("agent-1");
    let requests = house.provider.requests().await.len();
    for (action, charges) in [
        ("retry", true),
        ("refresh", false),
        ("cancel", false),
        ("note", false),
    ] {
        let before = (
            agent.shows(&change).await,
            change.history().await,
            clint.contract(&house).await,
        );
        let Ok(plan) = agent.plans(&change, action).await else {
            assert_eq!(action, "refresh", "nothing is asked where no invoice is open");
            continue;
        };
        house.settle().await;
        let after = (
            agent.shows(&change).await,
            change.history().await,
            clint.contract(&house).await,
        );
        assert_eq!(before, after, "{action}");
        assert_eq!(plan["dry_run"], true);
        assert_eq!(plan.get("charges").is_some(), charges, "{plan}");
        let says_so = plan["steps"].to_string().contains("charges nothing");
        assert_eq!(says_so, !charges, "{plan}");
    }
    assert_eq!(
        house.provider.requests().await.len(),
        requests,
        "nothing was asked of the provider"
    );
    // The key of a dry run is not used up.
    agent.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    house.close().await;
}

async fn i23_an_order_that_is_repeated_is_carried_out_once(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = halted(&mut house).await;
    let agent = house.support("agent-1");
    for action in ["note", "retry"] {
        let first = agent.acts_under(action, &change, action).await.expect("done");
        let lines = change.events().await.len();
        let again = agent
            .acts_under(action, &change, action)
            .await
            .expect("the same answer");
        assert_eq!(first, again, "{action}");
        assert_eq!(change.events().await.len(), lines, "{action}");
    }
    let reused = agent
        .acts_under("note", &change, "cancel")
        .await
        .expect_err("another order");
    assert_eq!(reused.code, "idempotency_key_reused");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    house.close().await;
}

async fn f20_of_two_people_one_acts_and_the_other_is_told_who(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = halted(&mut house).await;
    let (one, other) = (house.support("agent-1"), house.support("agent-2"));
    let version = one.shows(&change).await["version"].as_u64().expect("a version");
    one.acts_on(&change, "retry", version).await.expect("the first");
    let late = other
        .acts_on(&change, "cancel", version)
        .await
        .expect_err("the second");
    assert_eq!((late.status, late.code.as_str()), (412, "version_moved"));
    let told = late.body["detail"].as_str().expect("a sentence");
    assert!(told.contains("`agent-1`") && told.contains("`retry`"), "{told}");
    // Without a version, the machine itself has no second retry; whoever was faster is named too.
    let late = other.acts(&change, "retry").await.expect_err("the second");
    assert!(
        ["not_allowed_here", "payment_in_flight"].contains(&late.code.as_str()),
        "{late:?}"
    );
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    house.close().await;
}

async fn what_support_does_is_kept_with_its_name_and_reason_and_refused_without(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    let agent = house.support("agent-1");
    for action in ["resume", "retry", "refresh", "cancel", "note"] {
        let refused = house
            .refuses(&clint, agent.acts_because(&change, action, "  "))
            .await;
        assert_eq!(refused.code, "reason_missing", "{action}");
    }
    let refused = house
        .refuses(
            &clint,
            agent.acts_because(&change, "note", "wrote to ana@example.com"),
        )
        .await;
    assert_eq!(refused.code, "request_invalid");
    agent
        .acts_because(&change, "note", "The bank was asked.")
        .await
        .expect("a note");
    let line = last_line(&change).await;
    assert_eq!(line["event"], "note");
    assert_eq!(line["actor"]["id"], "agent-1");
    assert_eq!(line["actor"]["reason"], "The bank was asked.");
    agent.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    house.close().await;
}

async fn i17_after_the_end_there_is_room_for_a_note_and_for_nothing_else(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    let agent = house.support("agent-1");
    agent.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    let ended = change.stage().await;
    for action in ["resume", "retry", "refresh", "cancel"] {
        let refused = house.refuses(&clint, agent.acts(&change, action)).await;
        assert_eq!(refused.code, "change_closed", "{action}");
    }
    agent.acts(&change, "note").await.expect("a note");
    assert_eq!(change.stage().await, ended);
    assert_eq!(agent.shows(&change).await["actions"], json!(["note"]));
    house.close().await;
}

async fn an_action_that_has_nothing_to_do_is_refused(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let agent = house.support("agent-1");
    assert_eq!(agent.shows(&change).await["actions"], json!(["cancel", "note"]));
    for (action, code) in [
        ("resume", "nothing_to_do"),
        ("refresh", "nothing_to_do"),
        ("retry", "not_allowed_here"),
        ("explode", "not_found"),
    ] {
        let refused = house.refuses(&clint, agent.acts(&change, action)).await;
        assert_eq!(refused.code, code, "{action}");
    }
    house.close().await;
}

async fn a_note_does_not_move_a_deadline_nor_ask_anybody(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let deadline = change.read().await["deadline"].clone();
    let asked = house.provider.requests().await.len();
    house.clock.advance(SignedDuration::from_secs(60));
    house
        .support("agent-1")
        .acts(&change, "note")
        .await
        .expect("a note");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(read["deadline"], deadline, "{read}");
    assert_eq!(house.provider.requests().await.len(), asked);
    house.close().await;
}

async fn each_seller_sees_its_own_changes_and_the_operator_all(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    let shown = |staff: Staff| async move { staff.stuck().await.len() };
    assert_eq!(shown(house.support("agent-1")).await, 1);
    assert_eq!(shown(house.operator()).await, 1);
    let operator = house.operator();
    assert_eq!(operator.lists("stuck=true&seller=clint").await.len(), 1);
    assert_eq!(operator.lists("stuck=true&seller=outra").await.len(), 0);
    let stranger = house.stranger();
    assert_eq!(
        stranger.tries_to_show(&change).await.expect_err("no key").status,
        401
    );
    let other = house.support("agent-1").tries_to_list("seller=outra").await;
    assert_eq!(other.expect_err("not its own").code, "parameter_invalid");
    // The operator's key opens nothing else.
    let path = format!("/v1/changes/{}", change.id);
    assert_eq!(
        operator.opens(&path).await.expect_err("not an API key").status,
        401
    );
    operator.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    assert_eq!(clint.held(&house).await.len(), 2);
    house.close().await;
}

async fn a_change_is_found_by_whatever_names_it(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = halted(&mut house).await;
    let quiet = Clint::customer(&house).await;
    quiet
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let agent = house.support("agent-1");
    let case = agent.shows(&change).await;
    let call = &case["calls"][0];
    for name in [
        case["id"].as_str(),
        case["reference"].as_str(),
        case["account"].as_str(),
        case["contract"].as_str(),
        case["customer"].as_str(),
        case["subscription"].as_str(),
        call["id"].as_str(),
        call["key"].as_str(),
    ] {
        let name = name.expect("a name");
        let found = agent.lists(&format!("find={name}")).await;
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0]["id"], change.id.as_str(), "{name}");
    }
    assert_eq!(case["subscription"], clint.subscription.as_str());
    assert_eq!(agent.lists("find=in_nowhere").await, Vec::<Value>::new());
    assert_eq!(agent.lists("stage=payment_confirm").await.len(), 1);
    assert_eq!(agent.lists("stage=payment_confirm.charging").await.len(), 1);
    assert_eq!(agent.lists("stage=draft").await.len(), 1);
    assert_eq!(agent.lists("unmoved_for=3600").await.len(), 0);
    for wrong in [
        "stage=nowhere",
        "limit=0",
        "limit=201",
        "older=1",
        "find=",
        "after=x",
    ] {
        let problem = agent.tries_to_list(wrong).await.expect_err(wrong);
        assert_eq!(problem.code, "parameter_invalid", "{wrong}");
    }
    // In pages, oldest first.
    let first = agent.page("limit=1").await;
    let next = first["next"].as_str().expect("there is more");
    let second = agent.page(&format!("limit=1&after={next}")).await;
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    agent.acts(&change, "cancel").await.expect("cancelling");
    house.rests().await;
    house.close().await;
}

async fn the_timeline_tells_everything_in_order_and_nothing_personal(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = halted(&mut house).await;
    let agent = house.support("agent-1");
    let case = agent.shows(&change).await;
    let timeline = case["timeline"].as_array().expect("lines");
    let times: Vec<&str> = timeline
        .iter()
        .map(|line| line["at"].as_str().expect("a time"))
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    for kind in ["journal", "call", "webhook", "event"] {
        assert!(timeline.iter().any(|line| line["kind"] == kind), "{kind}");
    }
    let text = case.to_string();
    for personal in ["padaria", "Padaria", "11222333", "Rua das Flores", "dona"] {
        assert!(!text.contains(personal), "{personal}");
    }
    agent.acts(&change, "retry").await.expect("a retry");
    house.settle().await;
    house.close().await;
}

/// The older way to order another attempt still works beside the new one.
async fn the_changes_own_retry_is_the_same_order(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = halted(&mut house).await;
    let path = format!("/v1/changes/{}/retry", change.id);
    let order = json!({ "support": { "id": "agent-1", "reason": "the provider is well again" } });
    house
        .backend
        .command(Method::POST, &path, &order)
        .await
        .expect("a retry");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.support("agent-1").stuck().await, []);
    house.close().await;
}
