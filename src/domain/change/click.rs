//! One click can carry several events: a confirm passes through every stage that needs no more input.

use super::event::Event;
use super::means::Means;
use super::payment::Consent;
use super::quote::QuoteId;
use super::stage::Stage;
use crate::domain::money::Money;

/// What a customer's final button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The quote that they saw.
    pub quote: QuoteId,
    /// The amount that they saw.
    pub seen: Money,
    /// What they agreed to.
    pub consent: Consent,
    /// The way to pay that they chose on the same screen, if they did.
    pub method: Option<Means>,
}

impl Click {
    /// The next of the click's events in this stage; `None` once the confirmation itself has been given.
    ///
    /// It is asked again after each decision, so that a stage is passed only when the machine really led there. A stage that
    /// needs more input is not passed: the confirmation is then refused by the machine itself, and nothing has happened.
    pub fn next(&self, stage: &Stage) -> Option<Event> {
        match stage {
            // What takes effect when the period ends is confirmed as it stands.
            Stage::QuoteReady { deal, .. } if deal.quote.effective_at.is_some() => None,
            Stage::QuoteReady { .. } => Some(Event::Accept {
                quote: self.quote.clone(),
            }),
            Stage::BillingInfo { .. } => Some(Event::PassBillingInfo),
            Stage::Choosing { method, .. } => match &self.method {
                Some(wanted) if method.as_ref() != Some(wanted) => Some(Event::ChooseMethod {
                    method: wanted.clone(),
                }),
                _ => Some(self.confirm()),
            },
            _ => None,
        }
    }

    /// The confirmation itself.
    pub fn confirm(&self) -> Event {
        Event::Confirm {
            quote: self.quote.clone(),
            seen: self.seen,
            consent: self.consent.clone(),
        }
    }
}
