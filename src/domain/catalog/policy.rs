//! The seller's rules for a change, beyond what is sold: deadlines, screens, methods, roles, proration.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    ClientRules, DirectionTable, LineKey, MethodRule, PaymentMethodKind, ScreenId, TaxRate, TaxRules,
    TicketForm,
};
use crate::domain::account::{AskedTaxIds, Roles, TaxIdKind};
use crate::domain::language::Texts;

/// By which rules a seller's changes run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which way a change goes.
    pub direction: DirectionTable,
    /// Who may change what.
    pub roles: Roles,
    /// What agencies settle for their clients, where the seller has agencies.
    pub clients: Option<ClientRules>,
    /// How long each stage may last.
    pub deadlines: Deadlines,
    /// When a waiting customer is reminded.
    pub reminders: Reminders,
    /// How long a quote holds.
    pub quote_valid_for: SignedDuration,
    /// No change is charged in this long before a renewal.
    pub freeze_before_renewal: SignedDuration,
    /// Whether billing data is asked for.
    pub billing_info: BillingInfoPolicy,
    /// Which tax numbers billing data may hold; none when none is asked for.
    pub tax_ids: Vec<TaxIdKind>,
    /// Those of them that may be left out.
    pub optional_tax_ids: Vec<TaxIdKind>,
    /// How a part of a period is charged.
    pub proration: ProrationPolicy,
    /// How a customer may pay, in the order in which they are shown.
    pub payment_methods: Vec<MethodRule>,
    /// Which stages share a screen, in order.
    pub screens: Vec<Screen>,
    /// What the customer agrees to at the last button.
    pub terms: Terms,
    /// Whether the seller itself ever changes what a customer holds.
    pub automatic_changes: AutomaticChanges,
    /// What is asked of a customer who wants less.
    pub ticket: TicketForm,
    /// Who reckons the taxes on top of the prices; `None` where there are none to reckon.
    pub tax: Option<TaxRules>,
}

/// Whether the seller itself ever changes what a customer holds, because a limit comes near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutomaticChanges {
    /// Never: only a confirmed change moves anything.
    #[default]
    Never,
}

impl Policy {
    /// Whether the provider reckons the taxes by itself.
    pub fn provider_reckons_taxes(&self) -> bool {
        self.tax == Some(TaxRules::ByProvider)
    }

    /// The rates that the seller has written down; none where it has not, or where the provider reckons.
    pub fn tax_rates(&self) -> &[TaxRate] {
        match &self.tax {
            Some(TaxRules::ByRates(rates)) => rates,
            Some(TaxRules::ByProvider) | None => &[],
        }
    }

    /// Whether a renewal is so near that nothing may be quoted or charged before it: in the window, and once it is due.
    pub fn is_frozen(&self, renews_at: Timestamp, now: Timestamp) -> bool {
        renews_at.duration_since(now) <= self.freeze_before_renewal
    }

    /// Which tax numbers billing data is asked for.
    pub fn asked_tax_ids(&self) -> AskedTaxIds<'_> {
        AskedTaxIds {
            accepted: &self.tax_ids,
            optional: &self.optional_tax_ids,
        }
    }

    /// The rule for this way to pay, where the seller offers it.
    pub fn method(&self, kind: PaymentMethodKind) -> Option<&MethodRule> {
        self.payment_methods.iter().find(|rule| rule.kind == kind)
    }

    /// The screen of this name.
    pub fn screen(&self, id: &ScreenId) -> Option<&Screen> {
        self.screens.iter().find(|screen| screen.id == *id)
    }

    /// The screen on which a line of a contract is edited: the one that names it, or else the last one for choosing.
    pub fn screen_for(&self, line: &LineKey) -> Option<&Screen> {
        let named = self.screens.iter().find(|screen| screen.edits.contains(line));
        named.or_else(|| {
            let mut choosing = self.screens.iter().rev();
            choosing.find(|screen| screen.stages.contains(&StageName::Draft))
        })
    }

    /// The screens that show this stage, in order; choosing can take several.
    pub fn screens_of(&self, stage: StageName) -> impl Iterator<Item = &Screen> {
        self.screens
            .iter()
            .filter(move |screen| screen.stages.contains(&stage))
    }
}

/// The stages of a change, as a workflow file names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// The customer selects.
    Draft,
    /// The customer sees what it costs.
    Quote,
    /// The customer gives billing data.
    BillingInfo,
    /// The customer pays.
    PaymentConfirm,
    /// The plan is switched.
    Active,
    /// Support answers a request.
    DowngradeTicket,
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Quote => "quote",
            Self::BillingInfo => "billing_info",
            Self::PaymentConfirm => "payment_confirm",
            Self::Active => "active",
            Self::DowngradeTicket => "downgrade_ticket",
        })
    }
}

/// How long each stage may last before the change expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// From opening to asking for a quote.
    pub draft: SignedDuration,
    /// From the quote to its acceptance, re-quotes included.
    pub quote: SignedDuration,
    /// For the billing data.
    pub billing_info: SignedDuration,
    /// For choosing a method and confirming; what is in flight has the provider's own deadline.
    pub payment_confirm: SignedDuration,
    /// For support's answer to a ticket.
    pub downgrade_ticket: SignedDuration,
}

impl Deadlines {
    /// How long this stage may last; a change that has become active has no end.
    pub fn of(&self, stage: StageName) -> Option<SignedDuration> {
        match stage {
            StageName::Draft => Some(self.draft),
            StageName::Quote => Some(self.quote),
            StageName::BillingInfo => Some(self.billing_info),
            StageName::PaymentConfirm => Some(self.payment_confirm),
            StageName::DowngradeTicket => Some(self.downgrade_ticket),
            StageName::Active => None,
        }
    }
}

/// When a waiting customer is reminded, per stage: so long after it was entered, rising.
pub type Reminders = BTreeMap<StageName, Vec<SignedDuration>>;

/// The ladders of a seller that names none: wherever something is quoted and waits for the customer. Who only looks around in a draft is
/// left in peace, and whoever waits for support's answer has nothing to be reminded of.
pub fn usual_reminders() -> Reminders {
    let (hour, day) = (SignedDuration::from_hours(1), SignedDuration::from_hours(24));
    BTreeMap::from([
        (StageName::Quote, vec![day, day * 3]),
        (StageName::BillingInfo, vec![day, day * 3]),
        (StageName::PaymentConfirm, vec![hour, day]),
    ])
}

/// Whether billing data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingInfoPolicy {
    /// The step is always shown, prefilled.
    Always,
    /// The step is passed when nothing is missing.
    WhenMissing,
}

/// How a part of a period is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProrationPolicy {
    /// From the very second of the quote.
    Second,
    /// From the start of the seller's local day: the day of contracting counts, the anchor day does not.
    Day,
}

/// One screen: stages that the customer goes through without leaving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Its name in addresses and tests.
    pub id: ScreenId,
    /// Its heading.
    pub title: Texts,
    /// The stages on it, in order.
    pub stages: Vec<StageName>,
    /// What ends it.
    pub ends_with: ScreenEnd,
    /// The words on the button that ends it.
    pub button: Texts,
    /// A page that helps, when there is one.
    pub help_url: Option<String>,
    /// Where in the seller's product the screen opens, behind the first return address; its name where it is left out.
    pub path: Option<String>,
    /// The lines of a contract that are edited on it. Where no screen names a line, the last one on which something is chosen does.
    pub edits: Vec<LineKey>,
}

/// What ends a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenEnd {
    /// The customer goes on; nothing is charged by it.
    Continue,
    /// The customer confirms the total that is shown: it carries the change through every stage that needs no more input.
    Confirm,
    /// The customer goes back to the seller's product.
    Return,
}

/// What the customer agrees to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Which text; it is journalled with the consent.
    pub version: String,
    /// Where it can be read.
    pub url: String,
    /// How what is charged again and again is stopped: it stands beside the last button.
    pub how_to_stop: Texts,
}
