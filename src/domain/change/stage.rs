use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor::Party;
use super::call::Decline;
use super::event::IdentityRef;
use super::means::{Means, Voucher};
use super::payment::{Confirmation, InvoiceFacts};
use super::promise::{Afterwards, Basis, Hold, Promise, PromiseStep};
use super::quote::{Deal, Drift};
use super::receipt::Receipt;
use super::refusal::Refusal;
use super::stage_name::StageName;
use super::ticket_ask::TicketAsk;
use crate::domain::catalog::Selection;
use crate::domain::money::Money;

/// Where a change is. Each variant carries the facts that are true in it, and only those.
///
/// The public stages of the product are the [`StageName`]s; several variants can share one, as its sub-stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Stage {
    /// The customer is choosing.
    Draft {
        /// What is chosen so far.
        selection: Selection,
        /// Why the last attempt to quote it was refused by the state of things at the provider, if it was.
        problem: Option<Refusal>,
    },
    /// The provider is being asked what it costs.
    QuotePending {
        /// What is to be quoted.
        selection: Selection,
        /// Whether the customer has already gone through the billing data of this change.
        billing_given: bool,
        /// The quote that this one replaces, and why.
        drift: Option<Box<Drift>>,
    },
    /// The customer reads the quote.
    QuoteReady {
        /// What is offered.
        deal: Deal,
        /// Whether the customer has already gone through the billing data of this change.
        billing_given: bool,
        /// The quote that this one replaces, and why: shown line by line.
        drift: Option<Box<Drift>>,
    },
    /// The customer accepted and fills in, or confirms, the billing data.
    BillingInfo {
        /// What was accepted.
        deal: Deal,
        /// Why the provider refused the last data, if it did.
        problem: Option<Refusal>,
    },
    /// The billing data is on its way to the provider's customer.
    BillingSaving {
        /// What was accepted.
        deal: Deal,
        /// The billing data that is being saved.
        identity: IdentityRef,
        /// What of it.
        step: BillingStep,
        /// Whether taxes may have moved, so that the quote must be made again.
        requote: bool,
    },
    /// The customer chooses how to pay.
    Choosing {
        /// What is to be paid.
        deal: Deal,
        /// The way to pay that is chosen so far.
        method: Option<Means>,
        /// Why the last card was refused, where no invoice is open for it, or why a voucher came to nothing.
        refused: Option<Decline>,
    },
    /// The charge is on its way.
    Charging {
        /// What was confirmed.
        payment: Payment,
        /// How far it is.
        step: ChargeStep,
    },
    /// The bank wants the customer to authenticate.
    ActionRequired {
        /// What was confirmed.
        payment: Payment,
        /// The invoice that waits.
        invoice: OpenInvoice,
    },
    /// The money is on its way; its outcome is not known yet.
    Settling {
        /// What was confirmed.
        payment: Payment,
        /// The invoice that it pays.
        invoice: OpenInvoice,
        /// Whether the provider calls it paid, so that the switch of the plan alone is missing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        paid: bool,
        /// What the customer needs for sending the money, as long as they have not sent it; nothing for money that is in flight.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voucher: Option<Voucher>,
    },
    /// The bank refused; the customer may choose another card for the same invoice.
    Declined {
        /// What was confirmed.
        payment: Payment,
        /// The invoice that waits.
        invoice: OpenInvoice,
        /// Why.
        reason: Decline,
    },
    /// The change is being given up: it ends only once the provider says that it can no longer be paid.
    Aborting {
        /// What was confirmed.
        payment: Payment,
        /// Why it is given up, and how it will end.
        reason: AbortReason,
        /// How far it is.
        step: AbortStep,
        /// The invoice that must not be paid any more, once there is one. It is void, or still to be voided, as the step says.
        invoice: Option<String>,
    },
    /// A request to go down came from an address that nobody knows: nothing happens until support has verified it.
    TicketHeld {
        /// What is asked for.
        selection: Selection,
        /// How it came about.
        #[serde(default, skip_serializing_if = "TicketAsk::is_plain")]
        ask: TicketAsk,
    },
    /// A request to go down waits for support.
    TicketOpen {
        /// What is asked for.
        selection: Selection,
        /// The code of what stood in the way when it was to be applied, if something did: support answers it once more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
        /// How it came about.
        #[serde(default, skip_serializing_if = "TicketAsk::is_plain")]
        ask: TicketAsk,
    },
    /// It is on its way to the provider, which is to carry it out when the period ends; or away from it again.
    TicketScheduling {
        /// What is promised.
        selection: Selection,
        /// How it came about.
        #[serde(default, skip_serializing_if = "TicketAsk::is_plain")]
        ask: TicketAsk,
        /// How far it is.
        step: PromiseStep,
        /// Where it goes from there.
        then: Afterwards,
        /// Whether it waits aside, so that another change of the contract may be in progress.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        aside: bool,
    },
    /// It is promised for a day.
    TicketScheduled {
        /// What is promised.
        selection: Selection,
        /// For when.
        at: Timestamp,
        /// How it came about.
        #[serde(default, skip_serializing_if = "TicketAsk::is_plain")]
        ask: TicketAsk,
        /// What the contract held when it was promised.
        #[serde(default, skip_serializing_if = "Basis::is_unknown")]
        basis: Basis,
        /// What stands at the provider for it; `None` where our own timer carries it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promise: Option<Box<Promise>>,
        /// The code of what keeps it from being carried out, if something does: support must look.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// It is being applied, without a charge.
    TicketApplying {
        /// What is applied.
        selection: Selection,
        /// What the provider will hold, once it was asked.
        deal: Option<Deal>,
        /// How it came about.
        #[serde(default, skip_serializing_if = "TicketAsk::is_plain")]
        ask: TicketAsk,
    },
    /// Done.
    Active {
        /// What was agreed.
        deal: Deal,
        /// What was charged for it.
        receipt: Receipt,
    },
    /// Given up, by somebody.
    Cancelled {
        /// By whom.
        by: Party,
        /// Why, in their words or a code.
        why: String,
        /// From where.
        from: StageName,
    },
    /// Given up, by time.
    Expired {
        /// From where.
        from: StageName,
    },
}

/// A confirmed deal on its way to being paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What is paid for.
    pub deal: Deal,
    /// What it is paid with; `None` where nothing is due and nothing is needed.
    pub method: Option<Means>,
    /// The customer's yes.
    pub confirmation: Confirmation,
    /// The provider's customer.
    pub customer: String,
    /// The subscription; `None` until the first one is made.
    pub subscription: Option<String>,
    /// The card that this change has made the subscription's own, if it has: an abort puts the old one back.
    pub method_set: Option<String>,
    /// Whether this change made the subscription, so that an abort ends it.
    pub subscription_made: bool,
    /// What stood at the provider for a promise, and was taken away for this charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Hold>,
    /// The rates that the subscription was given for this charge. They stay, also where it comes to nothing: they follow the customer's
    /// address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rates_set: Option<Vec<String>>,
    /// How many calls in a row have provably never happened. Each may be made again under a new key, but not for ever.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub never_happened: u8,
}

/// How often in a row the machine makes a call again by itself, after the proof that it never happened.
pub(super) const AGAIN_MAX: u8 = 1;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field in like this"
)]
pub(super) fn is_none_yet(count: &u8) -> bool {
    *count == 0
}

/// What of the billing data is being saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingStep {
    /// The provider's customer.
    Customer,
    /// Its tax number.
    AddTaxId,
    /// The outdated tax number is taken away.
    RemoveTaxId,
}

/// How far a charge is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStep {
    /// The chosen card is being made the subscription's own.
    SettingMethod,
    /// The rates of the quote are being made the subscription's own.
    SettingTaxRates,
    /// The preview is taken once more.
    Verifying,
    /// What stands at the provider for a promise is taken away: else the provider would refuse the charge.
    Releasing {
        /// What.
        hold: Hold,
    },
    /// The subscription is being changed, which charges.
    Updating,
    /// The first subscription is being made, unpaid.
    Creating,
    /// The open invoice is being paid.
    Paying {
        /// Which one.
        invoice: OpenInvoice,
    },
    /// A one-off invoice is being begun, for money that the customer sends. A draft cannot be paid.
    Drafting,
    /// Its lines are being put on it, one after the other.
    Listing {
        /// The draft.
        invoice: String,
        /// How many lines it has; the next one is on its way.
        lines: usize,
    },
    /// It is being made final.
    Finalizing {
        /// The draft.
        invoice: String,
    },
    /// The voucher for it is being issued.
    Issuing {
        /// Which one.
        invoice: OpenInvoice,
    },
    /// It is paid: the items are being changed, without proration.
    Switching {
        /// The paid invoice.
        invoice: OpenInvoice,
    },
    /// The provider refused the request as such. Nothing moves until a person has looked.
    Halted {
        /// The provider's code.
        code: String,
        /// The provider's sentence.
        message: String,
        /// The invoice that is open, when one is.
        invoice: Option<OpenInvoice>,
    },
}

/// How far an abort is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortStep {
    /// A call is in flight: its outcome decides what must be undone.
    Awaiting,
    /// The invoice is being voided.
    Voiding,
    /// It could not be voided, because money is in flight or has arrived: look until it is clear.
    Looking,
    /// The old card is being put back.
    Restoring,
    /// The subscription that this change made is being ended.
    Ending,
    /// Money that came too late for what it was meant for is being credited.
    Crediting,
    /// The provider refuses to void the invoice or, where no invoice is named, to end the subscription. A person must look;
    /// it is tried again when they say so, and else seldom.
    Halted,
}

/// Why a change is given up after the customer confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortReason {
    /// Somebody wishes it.
    Cancel {
        /// Who.
        by: Party,
        /// Why.
        why: String,
        /// Where the change was.
        from: StageName,
    },
    /// Its time is over.
    Deadline {
        /// Where the change was.
        from: StageName,
    },
    /// The provider asks for another amount than the one that was confirmed: it is quoted again.
    AmountMoved,
    /// The card was refused before an invoice was made, or a voucher came to nothing: the customer chooses again.
    CardRefused {
        /// Why.
        decline: Decline,
    },
    /// The state of things at the provider no longer allows the change: back to choosing.
    NotPossible {
        /// Why.
        refusal: Refusal,
    },
}

/// An invoice that is final and not paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvoice {
    /// The provider's id.
    pub id: String,
    /// What it asks for.
    pub amount_due: Money,
    /// Where the customer can see, authenticate and pay it.
    pub hosted_url: Option<String>,
    /// When the provider gives the unpaid change up.
    pub held_until: Option<Timestamp>,
}

/// What support decides about a request to go down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketDecision {
    /// Apply it now, without a charge.
    ApplyNow,
    /// Apply it on a day.
    Schedule {
        /// When.
        at: Timestamp,
    },
    /// The provider itself applies it when the period ends.
    AtPeriodEnd,
    /// Something is due: it goes through a quote that the customer confirms.
    AskMoney,
    /// No.
    Decline {
        /// Why, for the customer.
        why: String,
    },
}

impl From<(InvoiceFacts, Option<Timestamp>)> for OpenInvoice {
    fn from((facts, held_until): (InvoiceFacts, Option<Timestamp>)) -> Self {
        Self {
            id: facts.id,
            amount_due: facts.amount_due,
            hosted_url: facts.hosted_url,
            held_until,
        }
    }
}
