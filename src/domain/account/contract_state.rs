//! What state a subscription must be in before anything about it may be changed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::money::Currency;

/// What is known of a subscription at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionFacts {
    /// How it stands.
    pub status: SubscriptionStatus,
    /// When it ends, when it is set to cancel.
    pub cancels_at: Option<Timestamp>,
    /// Who moves the money.
    pub collection: Collection,
    /// How its prorations are computed.
    pub billing_mode: BillingMode,
    /// A schedule that it is attached to.
    pub schedule: Option<ScheduleOwner>,
    /// Its currency.
    pub currency: Currency,
}

/// How a subscription stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the provider's own word")]
pub enum SubscriptionStatus {
    Active,
    Trialing,
    PastDue,
    Unpaid,
    Paused,
    Incomplete,
    IncompleteExpired,
    Canceled,
}

/// Who moves the money for an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// The provider charges a stored method.
    ChargeAutomatically,
    /// The customer pays an invoice that was sent.
    SendInvoice,
}

/// How prorations are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingMode {
    /// Credits come from the amounts that were debited.
    Flexible,
    /// Credits come from today's price.
    Classic,
}

/// Whose schedule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleOwner {
    /// We made it for a scheduled change: it is released at the moment of a charge.
    Ours,
    /// Somebody else made it: it is never touched.
    Foreign,
}

/// Why a contract cannot be changed now. Several can hold at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotNow {
    /// It is being tried out; a change would end the trial.
    #[error("the subscription is in its trial")]
    Trialing,
    /// The last renewal is not paid yet.
    #[error("a payment is overdue")]
    PastDue,
    /// The provider has given up collecting.
    #[error("payments are overdue and collection has stopped")]
    Unpaid,
    /// It is paused.
    #[error("the subscription is paused")]
    Paused,
    /// Its very first payment has not gone through.
    #[error("the first payment has not gone through yet")]
    NotStarted,
    /// It is over.
    #[error("the subscription has ended")]
    Ended,
    /// It is set to end; a change must not revive it unasked.
    #[error("the subscription is set to end at {at}")]
    SetToCancel {
        /// When it ends.
        at: Timestamp,
    },
    /// Its invoices are sent and paid by hand: the provider cannot hold a change back until they are.
    #[error("the subscription is paid by invoices that are sent")]
    SendInvoice,
    /// Somebody else has scheduled changes of it.
    #[error("the subscription follows a schedule that was made elsewhere")]
    ForeignSchedule,
    /// The subscription is in another currency than the contract.
    #[error("the subscription is in {subscription}, the contract in {contract}")]
    OtherCurrency {
        /// The subscription's.
        subscription: Currency,
        /// The contract's.
        contract: Currency,
    },
    /// It renews so soon that a quote made now might not hold.
    #[error("the subscription renews at {renews_at}; try again after that")]
    RenewalTooClose {
        /// When it renews.
        renews_at: Timestamp,
    },
}

impl NotNow {
    /// The stable code, as clients see it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
            Self::SetToCancel { .. } => "set_to_cancel",
            Self::SendInvoice => "send_invoice",
            Self::ForeignSchedule => "foreign_schedule",
            Self::OtherCurrency { .. } => "other_currency",
            Self::RenewalTooClose { .. } => "renewal_too_close",
        }
    }

    /// Whether the same request can succeed later although nobody does anything about it.
    pub fn passes_by_itself(&self) -> bool {
        matches!(
            self,
            Self::Trialing | Self::NotStarted | Self::RenewalTooClose { .. }
        )
    }
}

/// That a subscription may be changed, and what to know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the local estimate equals the provider's preview. In classic billing mode it may not: credits follow today's
    /// price there. The quote is the provider's preview in both, so nothing is refused and nothing is migrated.
    pub estimate_is_exact: bool,
}

/// Whether the subscription of a contract in `contract` currency is in a state in which it may be changed; all reasons when
/// it is not. Our own schedule is no reason, nor is the classic billing mode.
pub fn may_change(facts: &SubscriptionFacts, contract: Currency) -> Result<Standing, Vec<NotNow>> {
    let by_status = match facts.status {
        SubscriptionStatus::Active => None,
        SubscriptionStatus::Trialing => Some(NotNow::Trialing),
        SubscriptionStatus::PastDue => Some(NotNow::PastDue),
        SubscriptionStatus::Unpaid => Some(NotNow::Unpaid),
        SubscriptionStatus::Paused => Some(NotNow::Paused),
        SubscriptionStatus::Incomplete => Some(NotNow::NotStarted),
        SubscriptionStatus::IncompleteExpired | SubscriptionStatus::Canceled => Some(NotNow::Ended),
    };
    let ending = facts.cancels_at.map(|at| NotNow::SetToCancel { at });
    let invoiced = (facts.collection == Collection::SendInvoice).then_some(NotNow::SendInvoice);
    let scheduled = (facts.schedule == Some(ScheduleOwner::Foreign)).then_some(NotNow::ForeignSchedule);
    let subscription = facts.currency;
    let mixed = (subscription != contract).then_some(NotNow::OtherCurrency {
        subscription,
        contract,
    });
    let reasons = [by_status, ending, invoiced, scheduled, mixed];
    let reasons: Vec<_> = reasons.into_iter().flatten().collect();
    if reasons.is_empty() {
        Ok(Standing {
            estimate_is_exact: facts.billing_mode == BillingMode::Flexible,
        })
    } else {
        Err(reasons)
    }
}

/// Whether a renewal is far enough away to quote now. In the window before it, and once it is due, nothing is quoted.
pub fn outside_freeze(renews_at: Timestamp, now: Timestamp, window: SignedDuration) -> Result<(), NotNow> {
    let left = renews_at.duration_since(now);
    if left > window {
        Ok(())
    } else {
        Err(NotNow::RenewalTooClose { renews_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> SubscriptionFacts {
        SubscriptionFacts {
            status: SubscriptionStatus::Active,
            cancels_at: None,
            collection: Collection::ChargeAutomatically,
            billing_mode: BillingMode::Flexible,
            schedule: Some(ScheduleOwner::Ours),
            currency: "BRL".parse().expect("known"),
        }
    }

    #[test]
    fn a_healthy_subscription_may_be_changed_even_under_our_own_schedule() {
        let standing = may_change(&healthy(), healthy().currency);
        assert_eq!(
            standing,
            Ok(Standing {
                estimate_is_exact: true
            })
        );
    }

    #[test]
    fn a_classic_subscription_is_taken_as_it_is_and_only_estimated_with_care() {
        let classic = SubscriptionFacts {
            billing_mode: BillingMode::Classic,
            ..healthy()
        };
        let standing = may_change(&classic, healthy().currency);
        assert_eq!(
            standing,
            Ok(Standing {
                estimate_is_exact: false
            })
        );
    }

    #[test]
    fn every_unfit_status_has_its_own_refusal() {
        use SubscriptionStatus as S;
        for (status, code) in [
            (S::Trialing, "trialing"),
            (S::PastDue, "past_due"),
            (S::Unpaid, "unpaid"),
            (S::Paused, "paused"),
            (S::Incomplete, "not_started"),
            (S::IncompleteExpired, "ended"),
            (S::Canceled, "ended"),
        ] {
            let told = may_change(&SubscriptionFacts { status, ..healthy() }, healthy().currency);
            let codes: Vec<_> = told.expect_err("unfit").iter().map(NotNow::code).collect();
            assert_eq!(codes, [code]);
        }
    }

    #[test]
    fn all_reasons_are_told_together() {
        let facts = SubscriptionFacts {
            status: SubscriptionStatus::PastDue,
            cancels_at: Some(Timestamp::UNIX_EPOCH),
            collection: Collection::SendInvoice,
            billing_mode: BillingMode::Classic,
            schedule: Some(ScheduleOwner::Foreign),
            currency: "USD".parse().expect("known"),
        };
        let told = may_change(&facts, healthy().currency).expect_err("unfit");
        let codes: Vec<_> = told.iter().map(NotNow::code).collect();
        let expected = [
            "past_due",
            "set_to_cancel",
            "send_invoice",
            "foreign_schedule",
            "other_currency",
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_renewal_that_is_near_or_due_freezes() {
        let renews_at: Timestamp = "2026-03-10T03:00:00Z".parse().expect("an instant");
        let window = SignedDuration::from_hours(1);
        for (now, open) in [
            ("2026-03-10T01:59:59Z", true),
            ("2026-03-10T02:00:00Z", false),
            ("2026-03-10T03:00:01Z", false),
        ] {
            let now = now.parse().expect("an instant");
            assert_eq!(outside_freeze(renews_at, now, window).is_ok(), open, "{now}");
        }
    }
}
