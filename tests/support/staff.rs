//! The seller's support, and the operator of the installation.

use hyper::Method;
use serde_json::{Value, json};

use super::house::House;
use super::people::{Backend, Change, Problem, read};

/// Somebody of the support, under a key that vouches for them.
#[derive(Clone)]
pub struct Staff {
    backend: Backend,
    pub name: &'static str,
}

impl House {
    /// Somebody of the seller's support.
    pub fn support(&self, name: &'static str) -> Staff {
        let backend = self.backend.clone();
        Staff { backend, name }
    }

    /// The installation's operator.
    pub fn operator(&self) -> Staff {
        let backend = self.backend_with(super::house::OPERATOR_KEY);
        Staff {
            backend,
            name: "operator",
        }
    }
}

impl House {
    /// Somebody with a key that nobody gave them.
    pub fn stranger(&self) -> Staff {
        Staff {
            backend: self.backend_with("cho_nobody_knows_this_key_000000000000"),
            name: "stranger",
        }
    }
}

impl Staff {
    /// Reads any address with this key.
    pub async fn opens(&self, path: &str) -> Result<Value, Problem> {
        self.backend.try_get(path).await
    }

    /// Sends something with this key.
    pub async fn sends(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        self.backend.command(Method::POST, path, body).await
    }

    pub async fn lists(&self, query: &str) -> Vec<Value> {
        let page = self.page(query).await;
        page["data"].as_array().expect("changes").clone()
    }

    pub async fn page(&self, query: &str) -> Value {
        self.backend.get(&format!("/v1/support/changes?{query}")).await
    }

    pub async fn tries_to_list(&self, query: &str) -> Result<Value, Problem> {
        self.backend
            .try_get(&format!("/v1/support/changes?{query}"))
            .await
    }

    /// The codes of what is stuck, with the change that it is about.
    pub async fn stuck(&self) -> Vec<(String, String)> {
        let lines = self.lists("stuck=true").await;
        let each = lines.iter().flat_map(|line| {
            let id = line["id"].as_str().expect("an id").to_owned();
            let stuck = line["stuck"].as_array().expect("codes").iter();
            stuck.map(move |one| (id.clone(), one["code"].as_str().expect("a code").to_owned()))
        });
        each.collect()
    }

    pub async fn shows(&self, change: &Change) -> Value {
        self.backend
            .get(&format!("/v1/support/changes/{}", change.id))
            .await
    }

    pub async fn tries_to_show(&self, change: &Change) -> Result<Value, Problem> {
        self.backend
            .try_get(&format!("/v1/support/changes/{}", change.id))
            .await
    }

    /// What stands about this code on the change's own page, after checks that hold for whatever is stuck.
    pub async fn sees(&self, change: &Change, code: &str) -> Value {
        let case = self.shows(change).await;
        let stuck = case["stuck"].as_array().expect("a list");
        let found = stuck.iter().find(|one| one["code"] == code);
        let found = found
            .unwrap_or_else(|| panic!("{code} is not among {stuck:?}"))
            .clone();
        assert!(
            !found["evidence"].as_array().expect("facts").is_empty(),
            "{found}"
        );
        assert!(
            found["since"].is_string() && found["actions"].is_array(),
            "{found}"
        );
        assert!(!found.to_string().contains('@'), "personal data: {found}");
        assert!(
            self.stuck().await.contains(&(change.id.clone(), code.to_owned())),
            "{code} is not in the list"
        );
        found
    }

    /// Says what an action would do.
    pub async fn plans(&self, change: &Change, action: &str) -> Result<Value, Problem> {
        self.orders(change, action, "a dry run", true, &self.backend.fresh_key(), None)
            .await
    }

    pub async fn acts(&self, change: &Change, action: &str) -> Result<Value, Problem> {
        let key = self.backend.fresh_key();
        self.orders(change, action, "the cause is mended", false, &key, None)
            .await
    }

    pub async fn acts_under(&self, key: &str, change: &Change, action: &str) -> Result<Value, Problem> {
        self.orders(change, action, "the cause is mended", false, key, None)
            .await
    }

    /// Acts on the version that was seen.
    pub async fn acts_on(&self, change: &Change, action: &str, version: u64) -> Result<Value, Problem> {
        let key = self.backend.fresh_key();
        self.orders(change, action, "the cause is mended", false, &key, Some(version))
            .await
    }

    pub async fn acts_because(&self, change: &Change, action: &str, reason: &str) -> Result<Value, Problem> {
        let key = self.backend.fresh_key();
        self.orders(change, action, reason, false, &key, None).await
    }

    async fn orders(
        &self,
        change: &Change,
        action: &str,
        reason: &str,
        dry_run: bool,
        key: &str,
        version: Option<u64>,
    ) -> Result<Value, Problem> {
        let body = json!({ "support": { "id": self.name, "reason": reason }, "dry_run": dry_run });
        let path = format!("/v1/support/changes/{}/actions/{action}", change.id);
        let tag = version
            .map(|version| format!("\"{version}\""))
            .unwrap_or_default();
        let further: Vec<(&str, &str)> = version.map(|_| ("if-match", tag.as_str())).into_iter().collect();
        read(
            &self
                .backend
                .answered(key, Method::POST, &path, &further, &body)
                .await,
        )
    }
}
