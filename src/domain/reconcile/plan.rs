//! The plan: which differences there are, and what is safe to do about each.

use super::facts::{Holdings, KnownChange, Local};
use super::finding::{Evidence, Finding, FindingCode, Repair};
use super::{invoices, subscriptions};
use crate::domain::change::InvoiceStatus;

/// How often a clean-up that the provider does not do is ordered by itself.
pub(super) const CLEAN_UPS_MAX: usize = 2;

/// Compares the two sides. Where a call is on its way there is nothing to compare yet.
pub fn plan(local: &Local<'_>, holdings: &Holdings) -> Vec<Finding> {
    if local.changes.iter().any(KnownChange::is_at_work) {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(
        holdings
            .invoices
            .iter()
            .filter_map(|seen| invoices::invoice(local, holdings, seen)),
    );
    let kept: Vec<String> = findings.iter().filter_map(honoured_subscription).collect();
    let others = holdings.subscriptions.iter();
    findings.extend(others.filter_map(|seen| subscriptions::subscription(local, holdings, seen, &kept)));
    findings.extend(local_ahead(local, holdings));
    findings
}

/// A subscription whose payment is honoured stays.
fn honoured_subscription(finding: &Finding) -> Option<String> {
    match &finding.repair {
        Repair::Honour(payment, _) | Repair::Adopt(payment, _) => payment.subscription.clone(),
        Repair::CleanUp(_) | Repair::Human => None,
    }
}

/// What we believe and the provider does not show: nothing is given up for that; a person must look.
fn local_ahead(local: &Local<'_>, holdings: &Holdings) -> Vec<Finding> {
    let finding = |change, object: &str, said: &str| Finding {
        code: FindingCode::LocalAhead,
        change,
        evidence: Evidence {
            object: object.to_owned(),
            subscription: local.contract.subscription.clone(),
            amount: None,
            seen: said.to_owned(),
        },
        repair: Repair::Human,
    };
    let mut findings = Vec::new();
    if let Some(own) = &local.contract.subscription
        && !holdings.subscriptions.iter().any(|seen| seen.facts.id == *own)
    {
        let said = "The provider shows no such subscription of this customer. Is this the right key?";
        findings.push(finding(None, own, said));
    }
    for change in &local.changes {
        let Some(receipt) = change.receipt() else { continue };
        let seen = holdings.invoices.iter().find(|seen| seen.facts.id == receipt);
        if seen.is_some_and(|seen| seen.facts.status != InvoiceStatus::Paid) {
            let said = "The receipt of a change names it, and the provider does not show it as paid.";
            findings.push(finding(Some(change.id), receipt, said));
        }
    }
    findings
}
