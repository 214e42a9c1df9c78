use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::call_name::CallName;
use super::means::{OutsideCredit, VoucherKind};
use super::payment::PaymentFacts;
use super::promise::{Hold, PromisePlan};
use super::quote::{FirstPeriod, QuotedTarget};
use super::tell::Tell;
use crate::domain::catalog::VoucherTerms;
use crate::domain::money::{Currency, Money};

/// Something that a decision asks of the outside world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A call that changes something at the provider; its intent is stored before it is made.
    Call(Call),
    /// Something that somebody must hear of.
    Tell(Tell),
}

/// A call that changes something at the provider. Everything that the request needs is in it: its bytes are made once, when
/// the intent is stored, and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum Call {
    /// Make the provider's customer, or bring it in line with the billing data.
    SaveCustomer {
        /// The existing customer; `None` makes one.
        customer: Option<String>,
        /// The row of the billing data.
        identity: Uuid,
    },
    /// Record the tax number with the provider's customer.
    AddTaxId {
        /// The provider's customer.
        customer: String,
        /// The row of the billing data.
        identity: Uuid,
    },
    /// Take an outdated tax number away.
    RemoveTaxId {
        /// The provider's customer.
        customer: String,
        /// The provider's id of the tax number.
        tax_id: String,
    },
    /// Make the chosen card the one that the subscription is charged on. Setting it back after an abort is the same call.
    SetDefaultMethod {
        /// The subscription.
        subscription: String,
        /// The card; `None` takes the subscription's own default away.
        method: Option<String>,
    },
    /// Tax a subscription by other rates from its next invoice on. It has a call of its own, because no word on it may come with an
    /// update that waits for its money.
    SetTaxRates {
        /// The subscription.
        subscription: String,
        /// The rates, as the provider names them; none where nothing is taxed.
        rates: Vec<String>,
    },
    /// Change an existing subscription; the provider switches only when the money is there.
    UpdateSubscription {
        /// The subscription.
        subscription: String,
        /// The customer whose balance and cards take part; charges are serialised per customer.
        customer: String,
        /// What it will hold.
        targets: Vec<QuotedTarget>,
        /// The quote's instant.
        prorated_at: Timestamp,
        /// What is credited of money that the provider's subscription does not know of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        credits: Vec<OutsideCredit>,
    },
    /// Make the first subscription, unpaid: its first invoice waits for [`Call::PayInvoice`].
    CreateSubscription {
        /// The customer.
        customer: String,
        /// What it will hold.
        targets: Vec<QuotedTarget>,
        /// Its stub.
        first_period: FirstPeriod,
        /// The card that renewals are charged on.
        method: Option<String>,
        /// Whether the provider reckons its taxes, of this invoice and of all that follow.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        automatic_tax: bool,
        /// The seller's own rates by which it is taxed, as the provider names them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tax_rates: Vec<String>,
    },
    /// Pay the open invoice with this card, while the customer is there to authenticate.
    PayInvoice {
        /// The invoice.
        invoice: String,
        /// The subscription that it belongs to.
        subscription: String,
        /// The customer.
        customer: String,
        /// The card.
        method: String,
    },
    /// Make the open invoice unpayable, for good.
    VoidInvoice {
        /// The invoice.
        invoice: String,
        /// The subscription that it belongs to.
        subscription: String,
    },
    /// Lower what a subscription holds, without a charge or a credit: an accepted request to go down.
    LowerSubscription {
        /// The subscription.
        subscription: String,
        /// What it will hold.
        targets: Vec<QuotedTarget>,
    },
    /// Make a schedule of what a subscription holds, to be told later what to do.
    CreateSchedule {
        /// The subscription.
        subscription: String,
    },
    /// Tell a schedule of ours what to do when the period ends, with our marks.
    TellSchedule {
        /// The provider's id of it.
        schedule: String,
        /// What.
        plan: Box<PromisePlan>,
    },
    /// Set a subscription to end with its period.
    EndAtPeriodEnd {
        /// The subscription.
        subscription: String,
    },
    /// Take away what stands at the provider for a promise of ours.
    ReleaseHold {
        /// The subscription.
        subscription: String,
        /// What stands there.
        hold: Hold,
    },
    /// End a subscription that never became active.
    CancelSubscription {
        /// The subscription.
        subscription: String,
    },
    /// Begin a one-off invoice for money that the customer sends. A draft that never becomes final by itself.
    DraftInvoice {
        /// The customer.
        customer: String,
        /// The currency of all its lines.
        currency: Currency,
        /// How it will be paid.
        voucher: VoucherKind,
        /// The quote's instant.
        prorated_at: Timestamp,
    },
    /// Put one of the quoted lines on that draft.
    AddInvoiceLine {
        /// The draft.
        invoice: String,
        /// The customer.
        customer: String,
        /// What the line says.
        description: String,
        /// The amount; credits are negative.
        amount: Money,
        /// From when it pays.
        from: Timestamp,
        /// Until when it pays.
        until: Timestamp,
    },
    /// Make that draft final: from now on it can be paid. The customer's balance is settled with it.
    FinalizeInvoice {
        /// The draft.
        invoice: String,
        /// The subscription that its lines speak of.
        subscription: String,
        /// The customer whose balance takes part; charges are serialised per customer.
        customer: String,
    },
    /// Ask the customer for the money of an open invoice: a voucher to take to the bank.
    IssueVoucher {
        /// The invoice.
        invoice: String,
        /// The subscription that its lines speak of.
        subscription: String,
        /// The provider's id of the invoice's payment.
        intent: String,
        /// The row of the billing data: a voucher names who pays.
        identity: Uuid,
        /// Which voucher, and for how long.
        terms: VoucherTerms,
    },
    /// Change what a subscription holds, without a charge or a credit: it is paid for already.
    SwitchSubscription {
        /// The subscription.
        subscription: String,
        /// The invoice that was paid for it.
        invoice: String,
        /// What it will hold.
        targets: Vec<QuotedTarget>,
    },
    /// Credit money to the customer's balance that can neither be used for what it was sent for nor go back.
    CreditBalance {
        /// The customer.
        customer: String,
        /// The invoice that was paid.
        invoice: String,
        /// How much.
        amount: Money,
    },
    /// Give money back.
    Refund {
        /// The invoice that was overpaid.
        invoice: String,
        /// How much.
        amount: Money,
    },
}

impl Call {
    /// Its name.
    pub fn name(&self) -> CallName {
        match self {
            Self::SaveCustomer { .. } => CallName::SaveCustomer,
            Self::AddTaxId { .. } => CallName::AddTaxId,
            Self::RemoveTaxId { .. } => CallName::RemoveTaxId,
            Self::SetDefaultMethod { .. } => CallName::SetDefaultMethod,
            Self::SetTaxRates { .. } => CallName::SetTaxRates,
            Self::UpdateSubscription { .. } => CallName::UpdateSubscription,
            Self::CreateSubscription { .. } => CallName::CreateSubscription,
            Self::PayInvoice { .. } => CallName::PayInvoice,
            Self::VoidInvoice { .. } => CallName::VoidInvoice,
            Self::LowerSubscription { .. } => CallName::LowerSubscription,
            Self::CreateSchedule { .. } => CallName::CreateSchedule,
            Self::TellSchedule { .. } => CallName::TellSchedule,
            Self::EndAtPeriodEnd { .. } => CallName::EndAtPeriodEnd,
            Self::ReleaseHold { .. } => CallName::ReleaseHold,
            Self::CancelSubscription { .. } => CallName::CancelSubscription,
            Self::DraftInvoice { .. } => CallName::DraftInvoice,
            Self::AddInvoiceLine { .. } => CallName::AddInvoiceLine,
            Self::FinalizeInvoice { .. } => CallName::FinalizeInvoice,
            Self::IssueVoucher { .. } => CallName::IssueVoucher,
            Self::SwitchSubscription { .. } => CallName::SwitchSubscription,
            Self::CreditBalance { .. } => CallName::CreditBalance,
            Self::Refund { .. } => CallName::Refund,
        }
    }

    /// The customer whose money this call moves, if it moves any: at most one such call is live per customer.
    pub fn charges(&self) -> Option<&str> {
        match self {
            Self::UpdateSubscription { customer, .. }
            | Self::CreateSubscription { customer, .. }
            | Self::PayInvoice { customer, .. }
            | Self::FinalizeInvoice { customer, .. } => Some(customer),
            _ => None,
        }
    }
}

/// What a call brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAnswer {
    /// The customer exists and has the billing data.
    CustomerSaved {
        /// The provider's id.
        customer: String,
    },
    /// The tax number is recorded.
    TaxIdAdded {
        /// The provider's id of it.
        tax_id: String,
    },
    /// The old tax number is gone.
    TaxIdRemoved,
    /// The card is set.
    MethodSet,
    /// The rates are set.
    TaxRatesSet,
    /// Where the payment stands now. A refused card is such an answer too: the invoice is open, the plan is as before.
    Payment(PaymentFacts),
    /// The schedule is made.
    ScheduleMade {
        /// The provider's id of it.
        schedule: String,
    },
    /// The schedule knows what to do.
    ScheduleTold,
    /// The subscription ends with its period.
    EndSet,
    /// Nothing of ours stands at the provider any more.
    HoldReleased,
    /// The subscription is ended.
    SubscriptionCancelled,
    /// The one-off invoice is begun.
    InvoiceDrafted {
        /// The provider's id of it.
        invoice: String,
    },
    /// The line is on it.
    InvoiceLineAdded,
    /// The money is on the customer's balance.
    BalanceCredited {
        /// The provider's id of the movement.
        movement: String,
    },
    /// The money is on its way back.
    Refunded {
        /// The provider's id of the refund.
        refund: String,
        /// How much; not known of refunds that were made before this was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
}

/// Why a call is over without having done its work. An unknown outcome is not here: it is a state of the effect, and is
/// tried again with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// The bank refused the card before anything was made.
    Declined(Decline),
    /// The thing is no longer in a state in which this can be done: an invoice that is paid or in flight cannot be voided.
    /// The flow looks again before it goes on.
    WrongState {
        /// The provider's code.
        code: String,
    },
    /// It is proven that it never happened, and that nothing of it is on its way any more: its key is dead, and what it would
    /// have made is not there. Only after this may the same be tried under a new key.
    NeverHappened {
        /// When that was read from the provider.
        proven_at: Timestamp,
    },
    /// The provider refuses the request as such; a person must look.
    Refused {
        /// The provider's code, or its status.
        code: String,
        /// The provider's sentence, without personal data.
        message: String,
    },
}

impl CallFailure {
    /// The provider's code for an address that it cannot tell the taxes of. Source: Stripe, error codes.
    pub const LOCATION_UNKNOWN: &str = "customer_tax_location_invalid";

    /// The provider's code, or the kind of the refusal.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } | Self::WrongState { code } => code,
            Self::Declined(decline) => decline.as_str(),
            Self::NeverHappened { .. } => "never_happened",
        }
    }
}

/// Why a bank refused, as a stable reason. Never an invented cause: what the bank does not say is `Generic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// No reason given, or one that must not be said aloud (a card that is reported as lost or stolen).
    Generic,
    /// Not enough money or limit.
    InsufficientFunds,
    /// The card has expired.
    ExpiredCard,
    /// The security code is wrong.
    IncorrectCvc,
    /// The number is wrong.
    IncorrectNumber,
    /// The bank could not process it; the same card may work later.
    ProcessingError,
    /// Too many attempts or too much in a short time.
    Velocity,
    /// The bank wants the customer to be there and authenticate.
    AuthenticationRequired,
    /// The customer did not pass the bank's authentication.
    AuthenticationFailed,
    /// The customer did not send the money while they could.
    VoucherExpired,
}

impl Decline {
    /// The word by which texts, the API and metrics know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::IncorrectCvc => "incorrect_cvc",
            Self::IncorrectNumber => "incorrect_number",
            Self::ProcessingError => "processing_error",
            Self::Velocity => "velocity",
            Self::AuthenticationRequired => "authentication_required",
            Self::AuthenticationFailed => "authentication_failed",
            Self::VoucherExpired => "voucher_expired",
        }
    }
}
