use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::reconcile::{Evidence, Finding, FindingCode};
use crate::engine::{Compared, Repaired};
use crate::ports::store::FindingRow;
use crate::web::api::views::MoneyView;

/// A difference between a contract and what the provider holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingBody {
    /// What kind.
    #[schema(example = "late_money")]
    code: &'static str,
    /// What it means.
    sentence: &'static str,
    /// At which contract.
    #[schema(format = Uuid)]
    contract: String,
    /// The change that it belongs to, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    change: Option<String>,
    /// The provider's id of what it is about.
    #[schema(example = "in_1Qk2")]
    object: String,
    /// The subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<String>,
    /// What was paid, or could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<MoneyView>,
    /// What was seen.
    seen: String,
    /// What is safe to do about it: `void_invoice`, `end_subscription`, `give_back`, `honour`, `adopt` or `ask_a_person`.
    #[schema(example = "give_back")]
    repair: String,
    /// What the repair gives back. No repair charges anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    gives_back: Option<MoneyView>,
    /// What became of it: `planned`, `begun`, `moved` (compare again) or `human`; only right after a comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Since when it is known; only of what is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

/// What comparing one contract with the provider found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub struct ComparisonBody {
    /// The contract.
    #[schema(format = Uuid)]
    contract: String,
    /// The differences; none where all is well.
    findings: Vec<FindingBody>,
}

impl FindingBody {
    fn new(code: FindingCode, contract: String, evidence: &Evidence, repair: String) -> Self {
        Self {
            code: code.as_str(),
            sentence: code.sentence(),
            contract,
            change: None,
            object: evidence.object.clone(),
            subscription: evidence.subscription.clone(),
            amount: evidence.amount.map(shown),
            seen: evidence.seen.clone(),
            repair,
            gives_back: None,
            state: None,
            since: None,
        }
    }

    fn found(compared: &Compared, finding: &Finding, repaired: Repaired) -> Self {
        let repair = finding.repair.as_str().to_owned();
        let contract = compared.contract.to_string();
        Self {
            change: finding.change.map(|change| change.to_string()),
            gives_back: finding.repair.gives_back().map(shown),
            state: Some(repaired.as_str()),
            ..Self::new(finding.code, contract, &finding.evidence, repair)
        }
    }

    /// A finding that is kept.
    pub fn kept(row: &FindingRow) -> Self {
        Self {
            change: row.change.map(|change| change.to_string()),
            since: Some(row.first_seen_at),
            ..Self::new(
                row.code,
                row.contract.to_string(),
                &row.evidence,
                row.repair.clone(),
            )
        }
    }
}

impl ComparisonBody {
    /// What was found, and what became of it.
    pub fn of(compared: &Compared) -> Self {
        let findings = compared.findings.iter();
        Self {
            contract: compared.contract.to_string(),
            findings: findings
                .map(|(finding, repaired)| FindingBody::found(compared, finding, *repaired))
                .collect(),
        }
    }
}

/// For support, in the language of the API.
fn shown(money: Money) -> MoneyView {
    MoneyView::of(Language::En, money)
}
