use jiff::Timestamp;
use serde::Serialize;

use super::call::Decline;
use super::means::Voucher;
use super::promise::PromiseStep;
use super::stage::{AbortStep, BillingStep, ChargeStep, Stage};

/// What a client does now: the one field that a checkout needs to branch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum NextAction {
    /// Let the customer choose, then ask for a quote.
    AskQuote,
    /// Nothing to do but to read again soon: Changeover or the provider is at work.
    Wait,
    /// Show the quote and let the customer accept it, or confirm at once where the seller's screens allow it.
    Accept,
    /// Ask for the billing data, or let the customer go on with what is on file.
    GiveBillingInfo,
    /// Let the customer choose a card.
    ChoosePaymentMethod {
        /// Why the last one was refused, if it was.
        #[serde(skip_serializing_if = "Option::is_none")]
        declined: Option<Decline>,
    },
    /// Let the customer confirm the amount that is due.
    Confirm,
    /// Let the customer authenticate with the bank: use the client secret with the provider's browser library, or lead them to
    /// the address.
    Authenticate {
        /// The invoice's page at the provider.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Until when.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// Show the voucher: the customer sends the money from their bank.
    PayVoucher {
        /// What they need for it.
        voucher: Voucher,
    },
    /// Wait for the seller's support.
    AwaitSupport,
    /// Nothing: the change is over.
    None,
}

impl NextAction {
    /// What a client does in this stage.
    pub fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Draft { .. } => Self::AskQuote,
            Stage::QuoteReady { deal, .. } if deal.quote.effective_at.is_some() => Self::Confirm,
            Stage::QuoteReady { .. } => Self::Accept,
            Stage::BillingInfo { .. } => Self::GiveBillingInfo,
            Stage::Choosing { method: Some(_), .. } => Self::Confirm,
            Stage::Choosing {
                method: None,
                refused,
                deal,
            } => {
                if deal.quote.needs_no_method() {
                    Self::Confirm
                } else {
                    Self::ChoosePaymentMethod { declined: *refused }
                }
            }
            Stage::Declined { reason, .. } => Self::ChoosePaymentMethod {
                declined: Some(*reason),
            },
            Stage::ActionRequired { invoice, .. } => Self::Authenticate {
                url: invoice.hosted_url.clone(),
                until: invoice.held_until,
            },
            Stage::Settling {
                voucher: Some(voucher),
                ..
            } => Self::PayVoucher {
                voucher: voucher.clone(),
            },
            Stage::TicketHeld { .. }
            | Stage::TicketOpen { .. }
            | Stage::TicketScheduled { .. }
            | Stage::TicketScheduling {
                step: PromiseStep::Halted { .. },
                ..
            }
            | Stage::Charging {
                step: ChargeStep::Halted { .. },
                ..
            }
            | Stage::Aborting {
                step: AbortStep::Halted,
                ..
            } => Self::AwaitSupport,
            Stage::BillingSaving {
                step: BillingStep::Customer | BillingStep::AddTaxId | BillingStep::RemoveTaxId,
                ..
            }
            | Stage::QuotePending { .. }
            | Stage::Charging { .. }
            | Stage::Settling { .. }
            | Stage::Aborting { .. }
            | Stage::TicketScheduling { .. }
            | Stage::TicketApplying { .. } => Self::Wait,
            Stage::Active { .. } | Stage::Cancelled { .. } | Stage::Expired { .. } => Self::None,
        }
    }

    /// Whether the change moves on by itself, so that a client can wait for it.
    pub fn moves_by_itself(stage: &Stage) -> bool {
        Self::of(stage) == Self::Wait
    }
}
