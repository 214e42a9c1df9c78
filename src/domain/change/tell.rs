//! What somebody must hear of.

use serde::{Deserialize, Serialize};

/// Something that somebody must hear of: a mail to the customer, an outgoing event to the seller, or both. The engine turns
/// it into outbox rows; its facts are those of the stage in which it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// A quote waits.
    QuoteReady,
    /// The customer has not gone on.
    Reminder,
    /// The billing data of this change: for the seller's tax-invoice system.
    BillingData,
    /// The bank wants the customer to authenticate.
    AuthenticationNeeded,
    /// The bank refused.
    Declined,
    /// Done.
    Activated,
    /// Not finished in time.
    Expired,
    /// Cancelled.
    Cancelled,
    /// A request to go down was received.
    TicketReceived,
    /// A request to go down will be applied on a day.
    TicketScheduled,
    /// A request to go down came from an address that is not the primary admin's.
    TicketHeld,
    /// Support wrote to the customer about their request to go down.
    TicketAnswered,
    /// A promise falls away, because the contract holds something else by now.
    TicketReplaced,
    /// A promise could not be kept at the provider: support looks at it.
    TicketFell,
    /// Money was given back.
    Refunded,
    /// The customer is asked to send the money: a boleto or Pix waits for them.
    VoucherIssued,
    /// The customer's money came too late for what it was sent for, and is credited to their balance.
    PaidTooLate,
}

impl Tell {
    /// The word by which the outbox knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuoteReady => "quote_ready",
            Self::Reminder => "reminder",
            Self::BillingData => "billing_data",
            Self::AuthenticationNeeded => "authentication_needed",
            Self::Declined => "declined",
            Self::Activated => "activated",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::TicketReceived => "ticket_received",
            Self::TicketScheduled => "ticket_scheduled",
            Self::TicketHeld => "ticket_held",
            Self::TicketAnswered => "ticket_answered",
            Self::TicketReplaced => "ticket_replaced",
            Self::TicketFell => "ticket_fell",
            Self::Refunded => "refunded",
            Self::VoucherIssued => "voucher_issued",
            Self::PaidTooLate => "paid_too_late",
        }
    }
}
