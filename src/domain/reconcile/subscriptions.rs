//! Subscriptions that one of our changes made, and schedules that hold the contract's own.

use super::facts::{Holdings, InvoiceReason, KnownChange, Local, MarkedInvoice, MarkedSubscription};
use super::finding::{Evidence, Finding, FindingCode, Repair};
use super::plan::CLEAN_UPS_MAX;
use crate::domain::change::{Call, EffectId, Stage, SubscriptionStatus};

/// A subscription that one of our changes made, and that is not the contract's; or a schedule that holds the contract's.
pub(super) fn subscription(
    local: &Local<'_>,
    holdings: &Holdings,
    seen: &MarkedSubscription,
    kept: &[String],
) -> Option<Finding> {
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
    // Any change, not only the one that the marks name: a successor pays for what its predecessor made.
    if local.changes.iter().any(|change| pays_for(change, &facts.id)) {
        return None;
    }
    if bought(change, holdings, &facts.id, marks.effect) {
        let said = "An active change bought it, and its contract does not hold it.";
        return finding(FindingCode::ProviderAhead, Some(change.id), said, Repair::Human);
    }
    if !made(change, holdings, &facts.id) {
        let said = "One of our changes has changed it, and no contract of the account holds it.";
        return finding(FindingCode::ProviderAhead, Some(change.id), said, Repair::Human);
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

/// Whether a change is about to have this subscription.
fn pays_for(change: &KnownChange, subscription: &str) -> bool {
    let payment = change.stage.payment();
    payment.and_then(|payment| payment.subscription.as_deref()) == Some(subscription)
}

/// Whether a change made this subscription: its first invoice carries the change's marks, or the change has asked for one. What a
/// change only changed was there before it, and is not left over because of it.
fn made(change: &KnownChange, holdings: &Holdings, subscription: &str) -> bool {
    let first = |seen: &MarkedInvoice| {
        seen.reason == InvoiceReason::Created
            && seen.subscription.as_deref() == Some(subscription)
            && seen.marks.is_some_and(|marks| marks.change == change.id)
    };
    let asked = change.outcomes(|call| matches!(call, Call::CreateSubscription { .. }));
    holdings.invoices.iter().any(first) || !asked.is_empty()
}

/// Whether a change is done, and its receipt is for this subscription. What was paid for is never ended as left over, whatever
/// else is believed. Where the receipt names no invoice, or one of long ago, the effect that charged tells it.
fn bought(change: &KnownChange, holdings: &Holdings, subscription: &str, effect: EffectId) -> bool {
    if !matches!(change.stage, Stage::Active { .. }) {
        return false;
    }
    let receipt = change.receipt();
    let invoice = holdings
        .invoices
        .iter()
        .find(|seen| Some(seen.facts.id.as_str()) == receipt);
    match invoice {
        Some(paid) => paid.subscription.as_deref() == Some(subscription),
        None => change.charged_by(effect),
    }
}
