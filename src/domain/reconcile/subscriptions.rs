//! Subscriptions that one of our changes made, and schedules that hold the contract's own.

use super::facts::{Local, MarkedSubscription};
use super::finding::{Evidence, Finding, FindingCode, Repair};
use super::plan::CLEAN_UPS_MAX;
use crate::domain::change::{Call, SubscriptionStatus};

/// A subscription that one of our changes made, and that is not the contract's; or a schedule that holds the contract's.
pub(super) fn subscription(local: &Local<'_>, seen: &MarkedSubscription, kept: &[String]) -> Option<Finding> {
    let facts = &seen.facts;
    let over = matches!(
        facts.status,
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired
    );
    if over || local.elsewhere.contains(&facts.id) || kept.contains(&facts.id) {
        return None;
    }
    let finding = |code, change, said: &str, repair| {
        Some(Finding {
            code,
            change,
            evidence: Evidence {
                object: facts.id.clone(),
                subscription: Some(facts.id.clone()),
                amount: None,
                seen: said.to_owned(),
            },
            repair,
        })
    };
    if local.contract.subscription.as_ref() == Some(&facts.id) {
        let schedule = facts.schedule.as_deref()?;
        let said = format!(
            "The schedule `{schedule}` was not made here. Release it at the provider, or let it end."
        );
        return finding(FindingCode::OrphanSchedule, None, &said, Repair::Human);
    }
    let marks = seen.marks?;
    if local.changes_elsewhere.contains(&marks.change) {
        return None;
    }
    let Some(change) = local.changes.iter().find(|change| change.id == marks.change) else {
        let said = "It carries our marks; the change that they name is not known here.";
        return finding(FindingCode::UnknownObject, None, said, Repair::Human);
    };
    let own = change
        .stage
        .payment()
        .and_then(|payment| payment.subscription.as_ref());
    if own == Some(&facts.id) {
        return None;
    }
    let end = Call::CancelSubscription {
        subscription: facts.id.clone(),
    };
    let tried = change.outcomes(|call| *call == end);
    let said = "One of our changes made it, and no contract of the account holds it.";
    let repair = if change.stage.is_terminal() && tried.len() < CLEAN_UPS_MAX {
        Repair::CleanUp(end)
    } else {
        Repair::Human
    };
    finding(FindingCode::DuplicateSubscription, Some(change.id), said, repair)
}
