//! Quoting: what the provider's preview means for the change, and what the customer's acceptance leads to.

use statig::Outcome;

use super::decide::Context;
use super::payment::Consent;
use super::quote::{Deal, Drift, DriftCause, Quote, QuoteId};
use super::refusal::{Refusal, RefusalCode};
use super::stage::Stage;
use super::tell::Tell;
use super::ticket_ask::TicketAsk;
use super::{billing, paying, promising};
use crate::domain::catalog::Selection;
use crate::domain::money::Money;

/// The preview is there. Where it only repeats what the customer had accepted before their billing data moved, they are not
/// asked again.
pub(super) fn quoted(
    context: &mut Context<'_>,
    selection: &Selection,
    quote: &Quote,
    billing_given: bool,
    drift: Option<Box<Drift>>,
) -> Outcome<Stage> {
    let deal = Deal {
        selection: selection.clone(),
        quote: quote.clone(),
    };
    if quote.location_unknown && billing_given {
        return Outcome::Transition(Stage::BillingInfo {
            deal,
            problem: Some(billing::location_unknown()),
        });
    }
    let repeats = drift.as_ref().is_some_and(|drift| {
        drift.why == DriftCause::BillingDataChanged && drift.replaced.same_amounts(quote)
    });
    if repeats && billing_given {
        return Outcome::Transition(Stage::Choosing {
            deal,
            method: None,
            refused: None,
        });
    }
    context.tell(Tell::QuoteReady);
    Outcome::Transition(Stage::QuoteReady {
        deal,
        billing_given,
        drift,
    })
}

/// The state of things at the provider does not allow it: back to choosing, with the reason shown.
pub(super) fn refused(selection: &Selection, refusal: &Refusal) -> Outcome<Stage> {
    Outcome::Transition(Stage::Draft {
        selection: selection.clone(),
        problem: Some(refusal.clone()),
    })
}

/// The customer wants a fresh quote.
pub(super) fn again(deal: &Deal, billing_given: bool) -> Outcome<Stage> {
    let drift = Drift {
        replaced: deal.quote.clone(),
        why: DriftCause::Expired,
    };
    Outcome::Transition(Stage::QuotePending {
        selection: deal.selection.clone(),
        billing_given,
        drift: Some(Box::new(drift)),
    })
}

/// The customer accepts.
pub(super) fn accept(
    context: &mut Context<'_>,
    deal: &Deal,
    quote: &QuoteId,
    billing_given: bool,
) -> Outcome<Stage> {
    if deal.quote.effective_at.is_some() {
        let detail = "Nothing is due for this: confirm it, with the amount and the terms that were shown.";
        return context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail));
    }
    match check(context, deal, quote) {
        Ok(()) => billing::after_accept(context, deal, billing_given),
        Err(refusal) => context.refuse(refusal),
    }
}

/// The customer confirms what takes effect when the period ends: nothing is due for it, and nobody else need answer.
pub(super) fn confirm(
    context: &mut Context<'_>,
    deal: &Deal,
    quote: &QuoteId,
    seen: Money,
    consent: &Consent,
) -> Outcome<Stage> {
    if deal.quote.effective_at.is_none() {
        return Outcome::Super;
    }
    if let Err(refusal) = paying::check(context, deal, None, quote, seen, consent) {
        return context.refuse(refusal);
    }
    let ask = TicketAsk {
        direct: true,
        ..TicketAsk::default()
    };
    promising::begin(&deal.selection, &ask, false)
}

/// Whether this is the quote on offer, and still holds.
pub(super) fn check(context: &Context<'_>, deal: &Deal, quote: &QuoteId) -> Result<(), Refusal> {
    if *quote != deal.quote.id {
        let detail = format!(
            "The quote `{quote}` has been replaced by `{}`. Read the change, show its quote, and ask again.",
            deal.quote.id
        );
        return Err(Refusal::new(RefusalCode::QuoteStale, detail)
            .at("/quote")
            .expecting(deal.quote.due_today));
    }
    if context.turn.now >= deal.quote.expires_at {
        let detail = format!(
            "The quote held until {}. Ask for a new one; the customer sees what differs.",
            deal.quote.expires_at
        );
        return Err(Refusal::new(RefusalCode::QuoteExpired, detail).at("/quote"));
    }
    Ok(())
}
