//! Faults on demand: which request shall fail, and how. The rules live in memory; a restart clears them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ApiError;

/// Rules at once.
const RULES_MAX: usize = 200;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Action {
    /// 429 `rate_limit`, before anything else; nothing is kept.
    #[serde(rename = "http_429")]
    RateLimit,
    /// 429 `lock_timeout`: another request holds the object; nothing is kept.
    #[serde(rename = "lock_timeout")]
    LockTimeout,
    /// 409: the idempotency key is in use.
    #[serde(rename = "key_in_use")]
    KeyInUse,
    /// 500 without the effect. Execution began, so the key keeps it.
    #[serde(rename = "error_500_before")]
    ErrorBefore,
    /// The effect, and then 500 instead of its answer. The key keeps the 500.
    #[serde(rename = "error_500_after")]
    ErrorAfter,
    /// Nothing happens and no answer comes; the key is in flight until the client gives up.
    #[serde(rename = "hang_before")]
    HangBefore,
    /// The effect, but its answer never comes. The key keeps the true answer.
    #[serde(rename = "hang_after")]
    HangAfter,
    /// The connection breaks without an effect.
    #[serde(rename = "reset_before")]
    ResetBefore,
    /// The effect, and then the connection breaks. The key keeps the true answer.
    #[serde(rename = "reset_after")]
    ResetAfter,
    /// The effect, and then only the first half of its answer before the connection breaks. The key keeps the true answer.
    #[serde(rename = "cut_after")]
    CutAfter,
    /// The effect, and then a 200 that nobody can read. The key keeps the true answer.
    #[serde(rename = "garbled_after")]
    GarbledAfter,
    /// A proxy's HTML page with status 502, before anything else.
    #[serde(rename = "html_502")]
    BadGateway,
    /// The true answer with a field that no client knows.
    #[serde(rename = "extra_field")]
    ExtraField,
}

/// One rule, as it is posted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// `POST`, `GET`, `DELETE`; any method when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// A path such as `/v1/invoices/*/pay`; `*` stands for one segment, `**` at the end for all that follow.
    path: String,
    /// The matching request that is struck first, counted from 1.
    #[serde(default = "one")]
    nth: u64,
    /// How many matching requests in a row are struck; 0 for all that follow.
    #[serde(default = "one")]
    times: u64,
    /// What happens to them.
    action: Action,
}

const fn one() -> u64 {
    1
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    seen: u64,
    hits: u64,
}

/// All rules, in the order they were added.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: BTreeMap<u64, Counted>,
    made: u64,
}

impl Faults {
    /// Adds a rule and returns its number.
    ///
    /// # Errors
    /// A 400 when there are too many, or when its path cannot match anything.
    pub(super) fn add(&mut self, rule: Rule) -> Result<u64, ApiError> {
        if self.rules.len() >= RULES_MAX {
            return Err(ApiError::invalid(format!(
                "There are {RULES_MAX} fault rules already."
            )));
        }
        if !rule.path.starts_with("/v1/") {
            return Err(ApiError::invalid("The path of a fault starts with /v1/.").with_param("path"));
        }
        self.made = self.made.saturating_add(1);
        self.rules.insert(
            self.made,
            Counted {
                rule: Rule {
                    nth: rule.nth.max(1),
                    ..rule
                },
                seen: 0,
                hits: 0,
            },
        );
        Ok(self.made)
    }

    /// Removes all rules.
    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Counts a request, and says what shall happen to it. Every rule that matches counts it; the oldest one whose turn
    /// it is strikes.
    pub(super) fn strike(&mut self, method: &str, path: &str) -> Option<Action> {
        let mut action = None;
        for counted in self
            .rules
            .values_mut()
            .filter(|counted| counted.rule.matches(method, path))
        {
            counted.seen = counted.seen.saturating_add(1);
            let rule = &counted.rule;
            let turn = counted.seen >= rule.nth && (rule.times == 0 || counted.seen - rule.nth < rule.times);
            if turn && action.is_none() {
                counted.hits = counted.hits.saturating_add(1);
                action = Some(rule.action);
            }
        }
        action
    }

    /// All rules with how often they matched and how often they struck.
    pub(super) fn list(&self) -> Value {
        let rules = self.rules.iter().map(|(id, counted)| {
            json!({ "id": id, "rule": counted.rule, "seen": counted.seen, "hits": counted.hits })
        });
        json!({ "data": rules.collect::<Vec<_>>() })
    }
}

impl Rule {
    fn matches(&self, method: &str, path: &str) -> bool {
        if self
            .method
            .as_ref()
            .is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method))
        {
            return false;
        }
        let mut given = path.split('/');
        let mut pattern = self.path.split('/').peekable();
        while let Some(expected) = pattern.next() {
            if expected == "**" && pattern.peek().is_none() {
                return given.next().is_some();
            }
            match given.next() {
                Some(segment) if expected == "*" || expected == segment => {}
                _ => return false,
            }
        }
        given.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_rule_strikes_from_its_nth_match_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults
            .add(rule(
                r#"{"method":"post","path":"/v1/invoices/*/pay","nth":2,"times":2,"action":"hang_after"}"#,
            ))
            .unwrap();
        let struck = |faults: &mut Faults, method, path| faults.strike(method, path).is_some();
        assert!(!struck(&mut faults, "POST", "/v1/invoices/in_1/pay"));
        assert!(!struck(&mut faults, "GET", "/v1/invoices/in_1/pay"));
        assert!(!struck(&mut faults, "POST", "/v1/invoices/in_1/void"));
        assert!(!struck(&mut faults, "POST", "/v1/invoices/in_1/pay/more"));
        assert!(struck(&mut faults, "POST", "/v1/invoices/in_2/pay"));
        assert!(struck(&mut faults, "POST", "/v1/invoices/in_3/pay"));
        assert!(!struck(&mut faults, "POST", "/v1/invoices/in_4/pay"));
        assert_eq!(
            (
                faults.list()["data"][0]["seen"].as_u64(),
                faults.list()["data"][0]["hits"].as_u64()
            ),
            (Some(4), Some(2))
        );
    }

    #[test]
    fn the_oldest_rule_whose_turn_it_is_wins_and_zero_times_means_always() {
        let mut faults = Faults::default();
        faults
            .add(rule(r#"{"path":"/v1/customers","action":"http_429"}"#))
            .unwrap();
        faults
            .add(rule(r#"{"path":"/v1/**","times":0,"action":"html_502"}"#))
            .unwrap();
        assert_eq!(faults.strike("POST", "/v1/customers"), Some(Action::RateLimit));
        assert_eq!(faults.strike("POST", "/v1/customers"), Some(Action::BadGateway));
        assert_eq!(faults.strike("GET", "/v1/a/b/c"), Some(Action::BadGateway));
        assert!(
            faults
                .add(rule(r#"{"path":"/nowhere","action":"http_429"}"#))
                .is_err()
        );
    }
}
