//! The two sides of the comparison.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::account::Contract;
use crate::domain::change::{
    Call, ChangeId, Deal, EffectId, InvoiceFacts, Payment, Stage, SubscriptionFacts, VoucherKind,
};
use crate::domain::money::Money;

/// What the provider holds of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Its subscriptions, the ended ones too.
    pub subscriptions: Vec<MarkedSubscription>,
    /// The younger ones of its invoices.
    pub invoices: Vec<MarkedInvoice>,
}

/// Our marks on something at the provider. What inherits them carries them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenMarks {
    /// The change that asked for it.
    pub change: ChangeId,
    /// The effect that made it.
    pub effect: EffectId,
    /// From when its invoice is prorated, where it has one.
    pub prorated_at: Option<Timestamp>,
    /// By what a one-off invoice is to be paid.
    pub voucher: Option<VoucherKind>,
}

/// A subscription with our marks, if it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedSubscription {
    /// The subscription.
    pub facts: SubscriptionFacts,
    /// The marks of the last change of ours.
    pub marks: Option<SeenMarks>,
}

/// An invoice with our marks, if it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedInvoice {
    /// The invoice.
    pub facts: InvoiceFacts,
    /// The subscription that it is for.
    pub subscription: Option<String>,
    /// Why it was made.
    pub reason: InvoiceReason,
    /// The subscription's marks at that moment.
    pub marks: Option<SeenMarks>,
    /// Whether it is prorated from the instant that the marks name. An update by somebody else inherits the marks, not the instant.
    pub at_our_instant: bool,
}

/// Why the provider made an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceReason {
    /// A subscription was made.
    Created,
    /// A subscription was changed.
    Updated,
    /// It stands for itself, and carries the marks itself: money that the customer sends.
    OneOff,
    /// A renewal, or anything else that no call of ours makes.
    Other,
}

/// How much of an invoice was collected by the provider, and how much of that has gone back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collected {
    /// Whether the provider moved the money itself, so that it can give it back.
    pub through_provider: bool,
    /// What has gone back already, whoever ordered it.
    pub given_back: Money,
}

/// What we believe.
#[derive(Debug, Clone)]
pub struct Local<'a> {
    /// The contract that is looked at.
    pub contract: &'a Contract,
    /// The account's provider customer.
    pub customer: &'a str,
    /// The subscriptions of the account's other contracts: not looked at here.
    pub elsewhere: BTreeSet<String>,
    /// The changes of the account's other contracts, as far as something at the provider names them.
    pub changes_elsewhere: BTreeSet<ChangeId>,
    /// The contract's changes: the open one and the younger ones of those that are over.
    pub changes: Vec<KnownChange>,
}

/// A change, as far as it matters here.
#[derive(Debug, Clone)]
pub struct KnownChange {
    /// Its id.
    pub id: ChangeId,
    /// Where it is.
    pub stage: Stage,
    /// What was agreed or offered last.
    pub deal: Option<Deal>,
    /// What was last confirmed, if anything was.
    pub payment: Option<Payment>,
    /// The version of the seller's terms that any yes to it was given to.
    pub terms_version: String,
    /// Its calls.
    pub calls: Vec<KnownCall>,
    /// Whether a successor has taken its money over.
    pub succeeded: bool,
}

/// A call of a change.
#[derive(Debug, Clone)]
pub struct KnownCall {
    /// Its effect.
    pub effect: EffectId,
    /// What it asks for.
    pub call: Call,
    /// How it came out.
    pub state: KnownCallState,
}

/// How a call came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownCallState {
    /// Not known yet.
    Owed,
    /// It did its work.
    Done,
    /// It provably did nothing.
    NotDone,
    /// It did its work, and that was undone.
    Undone,
}

impl KnownChange {
    /// The invoice that paid for it.
    pub(super) fn receipt(&self) -> Option<&str> {
        match &self.stage {
            Stage::Active { receipt, .. } => receipt.invoice.as_deref(),
            _ => None,
        }
    }

    /// The effect that is known to have charged for it.
    pub(super) fn charged_by(&self, effect: EffectId) -> bool {
        self.calls.iter().any(|call| {
            call.effect == effect && call.call.charges().is_some() && call.state == KnownCallState::Done
        })
    }

    /// Whether something is still owed to the provider: what it holds may be about to change.
    pub(super) fn is_at_work(&self) -> bool {
        self.calls.iter().any(|call| call.state == KnownCallState::Owed)
    }

    /// How the calls of this change that `wanted` picks out came out.
    pub(super) fn outcomes(&self, wanted: impl Fn(&Call) -> bool) -> Vec<KnownCallState> {
        let picked = self.calls.iter().filter(|call| wanted(&call.call));
        picked.map(|call| call.state).collect()
    }
}
