//! What is read off a stage, whichever it is.

use super::promise::Promise;
use super::quote::Deal;
use super::stage::{ChargeStep, Payment, Stage};
use super::stage_name::StageName;
use super::ticket_ask::TicketAsk;
use crate::domain::catalog::Selection;

impl Stage {
    /// The stage of the product that this is, or is a part of.
    pub fn name(&self) -> StageName {
        match self {
            Self::Draft { .. } => StageName::Draft,
            Self::QuotePending { .. } | Self::QuoteReady { .. } => StageName::Quote,
            Self::BillingInfo { .. } | Self::BillingSaving { .. } => StageName::BillingInfo,
            Self::Choosing { .. }
            | Self::Charging { .. }
            | Self::ActionRequired { .. }
            | Self::Settling { .. }
            | Self::Declined { .. }
            | Self::Aborting { .. } => StageName::PaymentConfirm,
            Self::TicketHeld { .. }
            | Self::TicketOpen { .. }
            | Self::TicketScheduling { .. }
            | Self::TicketScheduled { .. }
            | Self::TicketApplying { .. } => StageName::DowngradeTicket,
            Self::Active { .. } => StageName::Active,
            Self::Cancelled { .. } => StageName::Cancelled,
            Self::Expired { .. } => StageName::Expired,
        }
    }

    /// The word for the part of the stage, such as `pending`; empty where a stage has no parts.
    pub fn sub_stage(&self) -> &'static str {
        match self {
            Self::QuotePending { .. } => "pending",
            Self::QuoteReady { .. } => "ready",
            Self::BillingInfo { .. } => "asking",
            Self::BillingSaving { .. } => "saving",
            Self::Choosing { .. } => "choosing",
            Self::Charging { .. } => "charging",
            Self::ActionRequired { .. } => "action_required",
            Self::Settling { .. } => "settling",
            Self::Declined { .. } => "declined",
            Self::Aborting { .. } => "aborting",
            Self::TicketHeld { .. } => "held",
            Self::TicketOpen { .. } => "open",
            Self::TicketScheduling { .. } => "scheduling",
            Self::TicketScheduled { .. } => "scheduled",
            Self::TicketApplying { .. } => "applying",
            Self::Draft { .. } | Self::Active { .. } | Self::Cancelled { .. } | Self::Expired { .. } => "",
        }
    }

    /// `quote.pending`, `active`: stage and part in one word, for logs, metrics and the transition table.
    pub fn full_name(&self) -> String {
        match self.sub_stage() {
            "" => self.name().as_str().to_owned(),
            part => format!("{}.{part}", self.name()),
        }
    }

    /// Whether the change is over.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Active { .. } | Self::Cancelled { .. } | Self::Expired { .. }
        )
    }

    /// What the customer wants, while the change is open or done.
    pub fn selection(&self) -> Option<&Selection> {
        match self {
            Self::Draft { selection, .. }
            | Self::QuotePending { selection, .. }
            | Self::TicketHeld { selection, .. }
            | Self::TicketOpen { selection, .. }
            | Self::TicketScheduling { selection, .. }
            | Self::TicketScheduled { selection, .. }
            | Self::TicketApplying { selection, .. } => Some(selection),
            _ => self.deal().map(|deal| &deal.selection),
        }
    }

    /// The selection and its quote, once there is one.
    pub fn deal(&self) -> Option<&Deal> {
        match self {
            Self::QuoteReady { deal, .. }
            | Self::BillingInfo { deal, .. }
            | Self::BillingSaving { deal, .. }
            | Self::Choosing { deal, .. }
            | Self::Active { deal, .. } => Some(deal),
            Self::TicketApplying { deal, .. } => deal.as_ref(),
            _ => self.payment().map(|payment| &payment.deal),
        }
    }

    /// Whether it waits beside the change that is in progress on its contract, and leaves it its place.
    pub fn is_set_aside(&self) -> bool {
        matches!(
            self,
            Self::TicketScheduled { .. } | Self::TicketScheduling { aside: true, .. }
        )
    }

    /// Whether it is in progress: neither over nor set aside. A contract has one such change.
    pub fn is_in_progress(&self) -> bool {
        !self.is_terminal() && !self.is_set_aside()
    }

    /// What stands at the provider for a promise, once it does.
    pub fn promise(&self) -> Option<&Promise> {
        match self {
            Self::TicketScheduled { promise, .. } => promise.as_deref(),
            _ => None,
        }
    }

    /// Whether a call that changes the subscription may be on its way: what the provider holds just now is then our own doing,
    /// and no observation about the contract.
    pub fn moves_subscription(&self) -> bool {
        match self {
            Self::TicketApplying { .. } => true,
            // Money that the customer sends moves nothing before it is there.
            Self::Charging { payment, step } if payment.voucher().is_some() => matches!(
                step,
                ChargeStep::Switching { .. } | ChargeStep::Halted { invoice: Some(_), .. }
            ),
            _ => self.payment().is_some_and(|payment| payment.voucher().is_none()),
        }
    }

    /// How the request came about, while it is one.
    pub fn ask(&self) -> Option<&TicketAsk> {
        match self {
            Self::TicketHeld { ask, .. }
            | Self::TicketOpen { ask, .. }
            | Self::TicketScheduling { ask, .. }
            | Self::TicketScheduled { ask, .. }
            | Self::TicketApplying { ask, .. } => Some(ask),
            _ => None,
        }
    }

    /// The confirmed payment, while it is on its way.
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Charging { payment, .. }
            | Self::ActionRequired { payment, .. }
            | Self::Settling { payment, .. }
            | Self::Declined { payment, .. }
            | Self::Aborting { payment, .. } => Some(payment),
            _ => None,
        }
    }

    /// The provider's id of the invoice that it speaks of, once there is one.
    pub fn invoice(&self) -> Option<&str> {
        match self {
            Self::ActionRequired { invoice, .. }
            | Self::Settling { invoice, .. }
            | Self::Declined { invoice, .. }
            | Self::Charging {
                step:
                    ChargeStep::Paying { invoice }
                    | ChargeStep::Issuing { invoice }
                    | ChargeStep::Switching { invoice }
                    | ChargeStep::Halted {
                        invoice: Some(invoice),
                        ..
                    },
                ..
            } => Some(&invoice.id),
            Self::Charging {
                step: ChargeStep::Listing { invoice, .. } | ChargeStep::Finalizing { invoice },
                ..
            } => Some(invoice),
            Self::Aborting { invoice, .. } => invoice.as_deref(),
            Self::Active { receipt, .. } => receipt.invoice.as_deref(),
            _ => None,
        }
    }
}
