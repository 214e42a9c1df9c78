//! Proving that something left everything as it was.

use std::future::Future;

use serde_json::{Value, json};

use super::clint::Clint;
use super::house::House;
use super::people::Problem;

/// All that a refused request must leave as it was.
type World = Vec<(&'static str, Value)>;

impl House {
    /// A request that must be refused: what the client is told is whole, and nothing has changed by it.
    pub async fn refuses<T>(
        &self,
        clint: &Clint,
        request: impl Future<Output = Result<T, Problem>>,
    ) -> Problem {
        let before = self.world_of(clint).await;
        let Err(problem) = request.await else {
            panic!("the request was not refused");
        };
        assert_told(&problem);
        for (now, then) in self.world_of(clint).await.into_iter().zip(before) {
            assert_eq!(now, then, "a refusal changed something: {problem:?}");
        }
        problem
    }

    async fn world_of(&self, clint: &Clint) -> World {
        let contract = &clint.contract;
        let list = self
            .backend
            .get(&format!("/v1/contracts/{contract}/changes"))
            .await;
        let mut changes = Vec::new();
        for listed in list["data"].as_array().expect("changes") {
            let url = listed["url"].as_str().expect("an address");
            let history = self.backend.get(&format!("{url}/history?limit=200")).await;
            changes.push(json!([self.backend.get(url).await, history]));
        }
        let subscription = match clint.subscription.as_str() {
            "" => Value::Null,
            id => self.provider.subscription(id).await,
        };
        let history = format!("/v1/contracts/{contract}/history?limit=200");
        vec![
            ("contract", clint.contract(self).await),
            ("contract history", self.backend.get(&history).await),
            ("changes", Value::Array(changes)),
            ("subscription", subscription),
            ("ledger", Value::Array(self.provider.ledger().await)),
            ("events", self.backend.get("/v1/events?limit=200").await),
            ("mails", json!(self.mails().await.len())),
        ]
    }
}

/// A problem that a client can work with: a stable code with a page about it, a sentence, what to do, and whom to ask.
pub fn assert_told(problem: &Problem) {
    let body = &problem.body;
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    assert_eq!(text("type"), format!("/problems/{}", problem.code), "{body}");
    assert_eq!(body["status"], problem.status, "{body}");
    assert!(!problem.code.is_empty() && !text("title").is_empty(), "{body}");
    assert!(text("detail").ends_with(['.', '!', ')']), "a sentence: {body}");
    assert!(text("next").ends_with('.'), "what to do: {body}");
    let customers = body["message"]["text"].as_str().unwrap_or_default();
    assert!(customers.ends_with('.'), "for the customer: {body}");
    let support = &body["support"]["email"];
    let from_nobody =
        problem.status == 401 || problem.code.starts_with("webhook") || problem.code == "seller_unknown";
    assert!(
        from_nobody || support.as_str().is_some_and(|email| email.contains('@')),
        "whom to ask: {body}"
    );
    assert!(
        text("instance").starts_with("urn:changeover:request:"),
        "its name: {body}"
    );
}
