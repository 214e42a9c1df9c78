//! Going down: a request that the seller's support answers.

use statig::Outcome;

use super::call::{Call, CallAnswer, Tell};
use super::decide::Context;
use super::quote::{Deal, Quote};
use super::receipt::Receipt;
use super::refusal::{Refusal, RefusalCode};
use super::stage::{Stage, TicketDecision};
use super::stage_name::StageName;
use super::switching;
use crate::domain::catalog::Selection;
use crate::domain::money::Money;

/// Support answers.
pub(super) fn answer(
    context: &mut Context<'_>,
    selection: &Selection,
    decision: &TicketDecision,
) -> Outcome<Stage> {
    match decision {
        TicketDecision::ApplyNow => apply(selection),
        TicketDecision::Schedule { at } if *at <= context.turn.now => {
            let detail = format!("{at} is not in the future. Name a later moment, or apply it now.");
            context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail).at("/at"))
        }
        TicketDecision::Schedule { at } => {
            context.tell(Tell::TicketScheduled);
            Outcome::Transition(Stage::TicketScheduled {
                selection: selection.clone(),
                at: *at,
            })
        }
        TicketDecision::AskMoney => Outcome::Transition(Stage::QuotePending {
            selection: selection.clone(),
            billing_given: false,
            drift: None,
        }),
        TicketDecision::Decline { why } => {
            context.tell(Tell::Cancelled);
            Outcome::Transition(Stage::Cancelled {
                by: context.turn.actor.party,
                why: why.clone(),
                from: StageName::DowngradeTicket,
            })
        }
    }
}

/// Its day has come: the provider is asked what the subscription will hold.
pub(super) fn apply(selection: &Selection) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketApplying {
        selection: selection.clone(),
        deal: None,
    })
}

/// The provider answered: lower it, without a charge.
pub(super) fn quoted(context: &mut Context<'_>, selection: &Selection, quote: &Quote) -> Outcome<Stage> {
    let Some(subscription) = context.turn.contract.subscription.clone() else {
        return reopen(selection, "no_subscription");
    };
    context.call(Call::LowerSubscription {
        subscription,
        targets: quote.targets.clone(),
    });
    let deal = Deal {
        selection: selection.clone(),
        quote: quote.clone(),
    };
    Outcome::Transition(Stage::TicketApplying {
        selection: selection.clone(),
        deal: Some(deal),
    })
}

/// The provider holds less now: the contract follows.
pub(super) fn applied(context: &mut Context<'_>, deal: Option<&Deal>, answer: &CallAnswer) -> Outcome<Stage> {
    let (Some(deal), CallAnswer::Payment(facts)) = (deal, answer) else {
        return Outcome::Super;
    };
    if !switching::holds(facts, &deal.quote) {
        return reopen(&deal.selection, "not_held");
    }
    let lowered = switching::after_lowering(context.turn.contract, deal, facts, context.turn);
    context.contract = Some(lowered);
    context.tell(Tell::Activated);
    let receipt = Receipt {
        charged: Money::zero(deal.quote.due_today.currency),
        invoice: None,
        url: None,
        excess: None,
        refund: None,
        never_happened: 0,
        card: None,
        at: context.turn.now,
    };
    Outcome::Transition(Stage::Active {
        deal: deal.clone(),
        receipt,
    })
}

/// It could not be applied: support looks at it again, and sees why.
pub(super) fn reopen(selection: &Selection, problem: &str) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketOpen {
        selection: selection.clone(),
        problem: Some(problem.to_owned()),
    })
}
