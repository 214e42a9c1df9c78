use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::catalog::{FormProblem, SelectionProblem};
use crate::domain::money::Money;

/// A clear no: a stable code, what is wrong, and what to do next. A refusal changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// One or two plain English sentences for the integrator: what is wrong and what to do next.
    pub detail: String,
    /// The seller's own sentence to the customer about it, in the account's language, where the workflow file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Box<str>>,
    /// The field of the request that is wrong, as a JSON pointer, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The amount that would have been right, where amounts differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Money>,
    /// Every single thing that is wrong, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// When the same can be tried again, where time alone helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Box<Again>>,
}

/// When the same can be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The instant.
    pub at: Timestamp,
    /// How far away it was when this was said, in whole seconds, never too few.
    pub after_seconds: u32,
}

impl Again {
    /// At this instant, said at another.
    pub fn at(at: Timestamp, now: Timestamp) -> Self {
        let away = at.duration_since(now);
        let seconds = away.as_secs() + i64::from(away.subsec_nanos() > 0);
        Self {
            at,
            after_seconds: u32::try_from(seconds.max(0)).unwrap_or(u32::MAX),
        }
    }
}

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field, as a JSON pointer into the request.
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// A sentence that helps.
    pub detail: String,
    /// What could be had instead, or is missing: ids of plans, items or options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            said: None,
            pointer: None,
            expected: None,
            problems: Vec::new(),
            again: None,
        }
    }

    /// A selection that cannot be had, with everything that is wrong with it. `within` is the JSON pointer of the selection
    /// in the request.
    pub fn of_selection(problems: &[SelectionProblem], within: &str) -> Self {
        let listed: Vec<FieldProblem> = problems
            .iter()
            .map(|problem| FieldProblem {
                pointer: format!("{within}{}", problem.pointer()),
                code: problem.code().to_owned(),
                detail: problem.to_string(),
                instead: problem.instead(),
            })
            .collect();
        let told: Vec<&str> = listed.iter().map(|one| one.detail.as_str()).collect();
        let detail = format!("The selection cannot be had: {}.", told.join("; "));
        let first = listed.first().map_or(within, |one| &one.pointer).to_owned();
        Self::new(RefusalCode::SelectionInvalid, detail)
            .at(first)
            .listing(listed)
    }

    /// A selection that time alone forbids: with the instant from which on all of it can be had.
    pub fn of_too_soon(problems: &[SelectionProblem], within: &str, now: Timestamp) -> Self {
        let refusal = Self::of_selection(problems, within);
        let from = problems.iter().filter_map(SelectionProblem::possible_from).max();
        match from {
            Some(from) => refusal.again(Again::at(from, now)),
            None => refusal,
        }
    }

    /// Answers that cannot be taken, each with what is wrong with it. `within` is the JSON pointer of the answers.
    pub fn of_form(code: RefusalCode, problems: &[FormProblem], within: &str) -> Self {
        let listed: Vec<FieldProblem> = problems
            .iter()
            .map(|problem| FieldProblem {
                pointer: format!("{within}/{}", problem.field),
                code: problem.fault.code().to_owned(),
                detail: format!("{problem}."),
                instead: Vec::new(),
            })
            .collect();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let detail = format!("The form is not as it should be: {}.", told.join("; "));
        Self::new(code, detail).listing(listed)
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Says it to the customer in the seller's own words.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        self.said = Some(words.into().into_boxed_str());
        self
    }

    /// Lists every single thing that is wrong.
    #[must_use]
    pub fn listing(mut self, problems: Vec<FieldProblem>) -> Self {
        self.problems = problems;
        self
    }

    /// Names the time from which on the same can be tried again.
    #[must_use]
    pub fn again(mut self, again: Again) -> Self {
        self.again = Some(Box::new(again));
        self
    }

    /// Names the amount that would have been right.
    #[must_use]
    pub fn expecting(mut self, amount: Money) -> Self {
        self.expected = Some(amount);
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// The stable codes of refusals: what a client may branch on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RefusalCode {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl RefusalCode {
            /// All of them, for the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word itself.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

codes! {
    /// The event makes no sense in this stage.
    NotAllowedHere = "not_allowed_here",
    /// The change is over.
    ChangeClosed = "change_closed",
    /// The role may not do this.
    RoleNotAllowed = "role_not_allowed",
    /// Support says why it acts, and this time did not.
    ReasonMissing = "reason_missing",
    /// There is nothing that the action could do now.
    NothingToDo = "nothing_to_do",
    /// The selection is wrong: unknown plan or item, quantity out of bounds, not eligible.
    SelectionInvalid = "selection_invalid",
    /// The selection is what is already held.
    NothingChanges = "nothing_changes",
    /// The seller's policy does not offer this change.
    ChangeNotOffered = "change_not_offered",
    /// The seller asks something first of whoever wants less.
    TicketFormMissing = "ticket_form_missing",
    /// What was answered in the seller's form cannot be taken.
    TicketFormInvalid = "ticket_form_invalid",
    /// The seller's staff made it: a customer cannot take it back.
    SetBySupport = "set_by_support",
    /// The quote is not the one that is on offer now.
    QuoteStale = "quote_stale",
    /// The quote's time is over.
    QuoteExpired = "quote_expired",
    /// The amount is not the one that is due.
    AmountDiffers = "amount_differs",
    /// The terms are not the current ones.
    TermsOutdated = "terms_outdated",
    /// Billing data is needed first.
    BillingInfoMissing = "billing_info_missing",
    /// The account cannot be created like this.
    AccountInvalid = "account_invalid",
    /// The billing data is wrong.
    BillingInfoInvalid = "billing_info_invalid",
    /// The provider cannot tell from the address which taxes are due.
    BillingLocationUnknown = "billing_location_unknown",
    /// A card is needed first.
    PaymentMethodMissing = "payment_method_missing",
    /// The card cannot be used.
    PaymentMethodUnusable = "payment_method_unusable",
    /// This way to pay cannot be chosen, or not yet.
    PaymentMethodUnavailable = "payment_method_unavailable",
    /// The card is used.
    CardInUse = "card_in_use",
    /// Another change is open on this contract.
    ChangeInProgress = "change_in_progress",
    /// A payment is in flight: wait for its outcome.
    PaymentInFlight = "payment_in_flight",
    /// The subscription is in its trial.
    SubscriptionTrialing = "subscription_trialing",
    /// The subscription is past due.
    SubscriptionPastDue = "subscription_past_due",
    /// The subscription is unpaid.
    SubscriptionUnpaid = "subscription_unpaid",
    /// The subscription is paused.
    SubscriptionPaused = "subscription_paused",
    /// The subscription is set to end.
    SubscriptionEnding = "subscription_ending",
    /// The subscription has ended, or never began.
    SubscriptionEnded = "subscription_ended",
    /// The subscription sends invoices instead of charging.
    SubscriptionSendsInvoices = "subscription_sends_invoices",
    /// A schedule that is not ours holds the subscription.
    SubscriptionScheduled = "subscription_scheduled",
    /// An unpaid change that is not ours waits on the subscription.
    SubscriptionUpdatePending = "subscription_update_pending",
    /// The subscription is in another currency.
    CurrencyDiffers = "currency_differs",
    /// What the subscription holds is not what the contract says.
    ContractOutOfStep = "contract_out_of_step",
    /// The renewal is too near.
    RenewalTooNear = "renewal_too_near",
    /// The provider would make no more invoices of this subscription just now.
    InvoiceBudgetSpent = "invoice_budget_spent",
    /// This seller has no agencies with clients.
    ClientsNotOffered = "clients_not_offered",
    /// Only the people of the agency may do this.
    AgencyOnly = "agency_only",
    /// The form of a client's settings is wrong.
    ClientSettingsInvalid = "client_settings_invalid",
    /// The agency manages this service: the client's people cannot start a change of it.
    AgencyManaged = "agency_managed",
    /// The client's people have no access to client services.
    ClientAccessClosed = "client_access_closed",
    /// Only the people of whoever pays may do this.
    PayerOnly = "payer_only",
    /// The account holds a contract already.
    ContractHeld = "contract_held",
    /// The catalogue at the provider lacks a price.
    CatalogNotPushed = "catalog_not_pushed",
    /// The contract is no longer in force.
    ContractEnded = "contract_ended",
    /// The seller counts no such thing.
    UsageMeterUnknown = "usage_meter_unknown",
    /// A report of use cannot be counted as it is.
    UsageInvalid = "usage_invalid",
    /// Use is reported before it happened.
    UsageInFuture = "usage_in_future",
    /// The period of a report is closed.
    UsagePeriodClosed = "usage_period_closed",
    /// A report has the name of another one.
    UsageConflict = "usage_conflict",
    /// The provider refuses the request as such.
    ProviderRefused = "provider_refused",
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
