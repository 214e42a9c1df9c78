//! What is stuck is found with a code and its evidence, and freed by its actions (I25).
//!
//! The stories run on both databases: what support is shown comes from lists that each of them makes in its own words, and actions
//! race and repeat in its transactions. Four write into the database past the program, in SQLite's words, and run there alone.

mod aborts;
mod actions;
mod codes;
mod money;
mod rules;
mod table;

use jiff::SignedDuration;
use serde_json::Value;

use crate::journeys::WORKS;
use crate::support::{Change, Clint, House};

/// Longer than the provider's ordinary troubles last.
const TWENTY_MINUTES: SignedDuration = SignedDuration::from_mins(20);

/// Longer than money is ordinarily on its way.
const AN_HOUR_AND_MORE: SignedDuration = SignedDuration::from_mins(70);

/// A fact of the evidence.
fn fact<'v>(stuck: &'v Value, name: &str) -> &'v str {
    let facts = stuck["evidence"].as_array().expect("facts");
    let found = facts.iter().find(|fact| fact["name"] == name);
    found
        .and_then(|fact| fact["value"].as_str())
        .unwrap_or_else(|| panic!("no {name} in {stuck}"))
}

fn helps(stuck: &Value, action: &str) -> bool {
    actions(stuck).contains(&action)
}

/// What is allowed about it.
fn actions(stuck: &Value) -> Vec<&str> {
    let actions = stuck["actions"].as_array().expect("actions").iter();
    actions.map(|action| action.as_str().expect("a word")).collect()
}

/// A customer with a good card, before the last click.
async fn at_the_button(house: &mut House) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), WORKS)
        .await;
    (clint, change)
}

/// Support sees the code; each action that is allowed about it can be asked for in advance, and nothing is done by that. Then
/// support orders one of them, and is answered alike when it orders it again.
async fn frees(house: &House, change: &Change, code: &str, action: &str) {
    let agent = house.support("agent-1");
    let stuck = agent.sees(change, code).await;
    assert!(helps(&stuck, action), "{action} is not allowed: {stuck}");
    let (before, asked) = (agent.shows(change).await, house.provider.requests().await.len());
    for allowed in actions(&stuck) {
        let plan = agent.plans(change, allowed).await;
        let plan = plan.unwrap_or_else(|problem| panic!("{allowed} about {code}: {problem:?}"));
        assert_eq!(plan["dry_run"], true, "{plan}");
        assert!(
            plan["steps"].as_array().is_some_and(|steps| steps.len() > 1),
            "{plan}"
        );
    }
    assert_eq!(
        agent.shows(change).await,
        before,
        "saying it has changed something"
    );
    assert_eq!(
        house.provider.requests().await.len(),
        asked,
        "saying it has asked somebody"
    );
    let key = format!("{code}-{action}");
    let done = agent.acts_under(&key, change, action).await.expect(action);
    let lines = change.events().await.len();
    let again = agent.acts_under(&key, change, action).await.expect(action);
    assert_eq!(again, done, "{action}");
    assert_eq!(change.events().await.len(), lines, "{action} was done twice");
}

/// Nothing is stuck any more.
async fn is_free(house: &House) {
    assert_eq!(house.operator().stuck().await, []);
}
