use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::before::SubscriptionFacts;
use super::call::{Call, CallAnswer, CallFailure};
use super::call_name::CallName;
use super::ids::ChangeId;
use super::means::Means;
use super::payment::{Consent, PaymentFacts};
use super::promise::PromisePlan;
use super::quote::{Quote, QuoteId};
use super::refusal::Refusal;
use super::stage::{OpenInvoice, Payment, TicketDecision};
use super::ticket_ask::{NoteRef, TicketAsk};
use crate::domain::catalog::Selection;
use crate::domain::money::Money;

/// Something that happened to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// The change was opened. Always the first, and only the first.
    Opened {
        /// What was chosen to begin with.
        selection: Selection,
    },
    /// The customer chose otherwise.
    Select {
        /// What they want now.
        selection: Selection,
    },
    /// The customer asks what it costs.
    AskQuote,
    /// The customer accepts the quote and goes on.
    Accept {
        /// The quote that they saw.
        quote: QuoteId,
    },
    /// The customer gave billing data.
    GiveBillingInfo {
        /// Where it is kept, and its fingerprints; never the data itself.
        identity: IdentityRef,
    },
    /// The customer goes on with the billing data on file.
    PassBillingInfo,
    /// The customer chose how to pay.
    ChooseMethod {
        /// With what.
        method: Means,
    },
    /// The customer says yes to an amount.
    Confirm {
        /// The quote that they saw.
        quote: QuoteId,
        /// The amount that they saw.
        seen: Money,
        /// What they agreed to.
        consent: Consent,
    },
    /// Somebody wishes to give the change up.
    Cancel {
        /// Why.
        why: String,
    },
    /// The provider's preview was read.
    Quoted {
        /// What it says.
        quote: Quote,
    },
    /// The state of things at the provider does not allow this change.
    QuoteRefused {
        /// Why.
        refusal: Refusal,
    },
    /// The provider has told what it holds, so that it can be asked to carry a promise out.
    Planned {
        /// What it is asked for.
        plan: Box<PromisePlan>,
    },
    /// A subscription was looked at for the promise that waits on it.
    StandingSeen {
        /// What was seen.
        facts: Box<SubscriptionFacts>,
    },
    /// A call did its work.
    Done {
        /// Which.
        call: CallName,
        /// What it brought back.
        answer: CallAnswer,
    },
    /// A call is over without having done its work.
    Failed {
        /// Which.
        call: CallName,
        /// Why.
        failure: CallFailure,
    },
    /// The payment was looked at.
    PaymentSeen {
        /// Where it stands.
        facts: PaymentFacts,
    },
    /// The customer makes a request to go down of what they have chosen.
    FileTicket {
        /// What they answered in the seller's form; `None` where nothing was said.
        form: Option<NoteRef>,
    },
    /// Support brings a request to go down. Only ever the first event.
    TicketBrought {
        /// What is asked for.
        selection: Selection,
        /// How it came about.
        ask: TicketAsk,
        /// Whether it is held until somebody has verified where it comes from.
        held: bool,
    },
    /// Support has verified where a held request comes from.
    VerifyTicket {
        /// Whether it is the customer's.
        genuine: bool,
    },
    /// Somebody writes something to a request to go down.
    Comment {
        /// Where it is kept; never the words themselves.
        note: NoteRef,
        /// Whether it is for support alone.
        internal: bool,
    },
    /// Support answered a request to go down.
    AnswerTicket {
        /// How.
        decision: TicketDecision,
    },
    /// Support orders another attempt at what has halted.
    Retry,
    /// Support orders that a call which is owed is attempted now, instead of at its next turn. The same request under the same
    /// key: what was carried out is not carried out again.
    Hurry,
    /// Support lets what was given up, or rests after failures, be taken up again.
    Resume,
    /// Support orders that the provider is read now, instead of at the next turn.
    Refresh,
    /// Support leaves a word, which is the actor's reason. Nothing follows from it.
    Note,
    /// The customer is reminded.
    Remind {
        /// Which reminder of the stage's ladder, from 0.
        nth: usize,
    },
    /// The stage's time is over, or the day of a promise has come.
    TimeUp,
    /// A successor begins: money has arrived for a change that was over, and is honoured. Only ever the first event.
    Succeeds {
        /// The change that was over.
        change: ChangeId,
        /// The invoice that was paid all the same.
        invoice: String,
    },
    /// The provider holds an invoice of this very change that its stage does not know of: from now on it is looked at.
    Adopt {
        /// What it pays for.
        payment: Box<Payment>,
        /// The invoice.
        invoice: OpenInvoice,
    },
    /// Money has arrived after the end, and another change honours it.
    SucceededBy {
        /// That change.
        change: ChangeId,
        /// The invoice that was paid.
        invoice: String,
    },
    /// What is left at the provider after the end, and must not be, is taken away, or given back.
    CleanUp {
        /// How.
        call: Call,
    },
}

/// Points to billing data in its erasable row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRef {
    /// The row.
    pub row: Uuid,
    /// A hash of the whole, so that the journal can prove which data it was without holding it.
    pub hash: String,
    /// A hash of what taxes depend on: country, region, postal code, tax number.
    pub tax_hash: String,
    /// A hash of the tax number alone; empty where there is none.
    pub tax_id_hash: String,
}

impl Event {
    /// The word by which the journal, the diagram and the transition table know it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Select { .. } => "select",
            Self::AskQuote => "ask_quote",
            Self::Accept { .. } => "accept",
            Self::GiveBillingInfo { .. } => "give_billing_info",
            Self::PassBillingInfo => "pass_billing_info",
            Self::ChooseMethod { .. } => "choose_method",
            Self::Confirm { .. } => "confirm",
            Self::Cancel { .. } => "cancel",
            Self::Quoted { .. } => "quoted",
            Self::QuoteRefused { .. } => "quote_refused",
            Self::Planned { .. } => "planned",
            Self::StandingSeen { .. } => "standing_seen",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::PaymentSeen { .. } => "payment_seen",
            Self::FileTicket { .. } => "file_ticket",
            Self::TicketBrought { .. } => "ticket_brought",
            Self::VerifyTicket { .. } => "verify_ticket",
            Self::Comment { .. } => "comment",
            Self::AnswerTicket { .. } => "answer_ticket",
            Self::Retry => "retry",
            Self::Hurry => "hurry",
            Self::Resume => "resume",
            Self::Refresh => "refresh",
            Self::Note => "note",
            Self::Remind { .. } => "remind",
            Self::TimeUp => "time_up",
            Self::Succeeds { .. } => "succeeds",
            Self::Adopt { .. } => "adopt",
            Self::SucceededBy { .. } => "succeeded_by",
            Self::CleanUp { .. } => "clean_up",
        }
    }

    /// The provider's id of the payment that it tells of, where it tells of one.
    pub fn payment_intent(&self) -> Option<&str> {
        match self {
            Self::PaymentSeen { facts }
            | Self::Done {
                answer: CallAnswer::Payment(facts),
                ..
            } => facts.intent_id.as_deref(),
            _ => None,
        }
    }
}
