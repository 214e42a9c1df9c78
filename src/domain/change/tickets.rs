//! Going down: a request that the seller's support answers.

use std::collections::BTreeMap;

use statig::Outcome;

use super::actor::Party;
use super::call::{Call, CallAnswer};
use super::decide::{Context, Turn};
use super::promise::{Afterwards, Basis};
use super::promising::{self, Waiting};
use super::quote::{Deal, Quote};
use super::refusal::{Refusal, RefusalCode};
use super::stage::{Stage, TicketDecision};
use super::stage_name::StageName;
use super::tell::Tell;
use super::ticket_ask::{NoteRef, TicketAsk, TicketProblem};
use super::{aborting, selecting, switching};
use crate::domain::account::ContractStatus;
use crate::domain::catalog::{Direction, Place, Selection};

/// A request that waits for support.
pub(super) fn opened(selection: Selection, ask: TicketAsk) -> Stage {
    Stage::TicketOpen {
        selection,
        problem: None,
        ask,
    }
}

/// Whether this can be asked for at all: less than what is held, by the seller's own rules, or the end of everything.
pub(super) fn check(selection: &Selection, ask: &TicketAsk, turn: Turn<'_>) -> Result<(), Refusal> {
    if ask.ends {
        return match turn.contract.status {
            ContractStatus::Active => Ok(()),
            ContractStatus::Ending { .. } | ContractStatus::Cancelled => Err(Refusal::new(
                RefusalCode::SubscriptionEnding,
                "The contract is over, or will be: there is nothing more to end.",
            )),
        };
    }
    match selecting::check(selection, turn)? {
        Direction::Ticket | Direction::AtPeriodEnd => Ok(()),
        Direction::Immediate | Direction::Refused(_) => Err(Refusal::new(
            RefusalCode::NotAllowedHere,
            "This needs no ticket by the seller's rules. Open a change and ask for its quote.",
        )
        .at("/selection")),
    }
}

/// The customer makes the request: what the seller asks first must have been answered.
pub(super) fn file(
    context: &mut Context<'_>,
    selection: &Selection,
    form: Option<&NoteRef>,
) -> Outcome<Stage> {
    let ask = TicketAsk {
        form: form.cloned(),
        ..TicketAsk::default()
    };
    if let Err(refusal) = check(selection, &ask, context.turn) {
        return context.refuse(refusal);
    }
    let asked = &context.turn.playbook.policy.ticket;
    if form.is_none() && asked.must_be_answered() {
        let missing = asked.check(&BTreeMap::new()).err().unwrap_or_default();
        let refusal = Refusal::of_form(RefusalCode::TicketFormMissing, &missing, "/fields");
        return context.refuse(refusal);
    }
    context.tell(Tell::TicketReceived);
    Outcome::Transition(opened(selection.clone(), ask))
}

/// Support has found out where a held request comes from.
pub(super) fn verified(
    context: &mut Context<'_>,
    selection: &Selection,
    ask: &TicketAsk,
    genuine: bool,
) -> Outcome<Stage> {
    if genuine {
        context.tell(Tell::TicketReceived);
        return Outcome::Transition(opened(selection.clone(), ask.clone()));
    }
    context.tell(Tell::Cancelled);
    Outcome::Transition(Stage::Cancelled {
        by: context.turn.actor.party,
        why: context.turn.actor.reason.clone().unwrap_or_default(),
        from: StageName::DowngradeTicket,
    })
}

/// Somebody writes something. The customer hears by mail of what support writes to them.
pub(super) fn comment(context: &mut Context<'_>, internal: bool) -> Outcome<Stage> {
    if !internal && context.turn.actor.party == Party::Support {
        context.tell(Tell::TicketAnswered);
    }
    Outcome::Handled
}

/// Somebody takes the request back: whoever made it, or support.
pub(super) fn withdraw(context: &mut Context<'_>, ask: &TicketAsk, why: &str) -> Outcome<Stage> {
    match may_withdraw(context, ask) {
        Ok(()) => aborting::cancel_at_once(context, why),
        Err(refusal) => context.refuse(refusal),
    }
}

/// A customer cannot take back what the staff has set.
pub(super) fn may_withdraw(context: &Context<'_>, ask: &TicketAsk) -> Result<(), Refusal> {
    if ask.may_be_taken_back_by(context.turn.actor.party) {
        return Ok(());
    }
    let support = &context.turn.playbook.seller.support.email;
    let detail = format!("The seller's staff set this, so that only they can take it back: {support}.");
    Err(Refusal::new(RefusalCode::SetBySupport, detail))
}

/// Whether it would begin a period of another length. The provider charges that at once and in full, whether or not it prorates, and
/// nobody has said yes to an amount. Source: Stripe, "Change the price of existing subscriptions", billing periods.
fn begins_another_period(selection: &Selection, turn: Turn<'_>) -> bool {
    let running = &turn.contract.periods;
    let target = turn.playbook.catalog.resolve(selection, Some(turn.contract));
    target.is_ok_and(|target| {
        let mut charged = target
            .iter()
            .filter(|line| line.place == Place::Provider && line.quantity > 0);
        !running.is_empty() && charged.any(|line| turn.contract.period(line.price.interval).is_none())
    })
}

fn would_charge() -> Refusal {
    let detail = "It is charged in another interval, and the provider charges that at once: `at_period_end`, or `ask_money`.";
    Refusal::new(RefusalCode::NotAllowedHere, detail).at("/decision")
}

/// Support answers.
pub(super) fn answer(
    context: &mut Context<'_>,
    selection: &Selection,
    ask: &TicketAsk,
    decision: &TicketDecision,
) -> Outcome<Stage> {
    match decision {
        TicketDecision::ApplyNow if ask.ends => {
            let detail = "A contract ends with its period: `at_period_end`, or `decline`.";
            context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail).at("/decision"))
        }
        TicketDecision::ApplyNow | TicketDecision::Schedule { .. }
            if !ask.ends && begins_another_period(selection, context.turn) =>
        {
            context.refuse(would_charge())
        }
        TicketDecision::ApplyNow => apply(selection, ask),
        TicketDecision::Schedule { at } if *at <= context.turn.now => {
            let detail = format!("{at} is not in the future. Name a later moment, or apply it now.");
            context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail).at("/at"))
        }
        // A contract does not end on a day of somebody's choice: it ends with what is paid for.
        TicketDecision::AtPeriodEnd => promising::begin(selection, ask, false),
        TicketDecision::Schedule { .. } | TicketDecision::AskMoney if ask.ends => {
            let detail =
                "A contract ends with its period, and nothing is due for it: `at_period_end`, or `decline`.";
            context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail).at("/decision"))
        }
        TicketDecision::Schedule { at } => {
            context.tell(Tell::TicketScheduled);
            Outcome::Transition(Stage::TicketScheduled {
                selection: selection.clone(),
                at: *at,
                ask: ask.clone(),
                basis: Basis::of(context.turn.contract),
                promise: None,
                problem: None,
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

/// Support answers what was promised once more.
pub(super) fn answer_again(
    context: &mut Context<'_>,
    waiting: &Waiting<'_>,
    decision: &TicketDecision,
) -> Outcome<Stage> {
    match decision {
        TicketDecision::ApplyNow
            if !waiting.ask.ends && begins_another_period(waiting.selection, context.turn) =>
        {
            context.refuse(would_charge())
        }
        TicketDecision::ApplyNow if !waiting.ask.ends => {
            promising::leave(context, waiting, &Afterwards::Apply)
        }
        TicketDecision::AtPeriodEnd if waiting.promise.is_none() => {
            promising::begin(waiting.selection, waiting.ask, true)
        }
        TicketDecision::Decline { why } => {
            let by = context.turn.actor.party;
            let why = why.clone();
            promising::leave(context, waiting, &Afterwards::Cancel { by, why })
        }
        TicketDecision::Schedule { .. }
        | TicketDecision::AskMoney
        | TicketDecision::ApplyNow
        | TicketDecision::AtPeriodEnd => {
            let detail = "This is promised already. Take it back first: `apply_now` and `decline` do.";
            context.refuse(Refusal::new(RefusalCode::NotAllowedHere, detail).at("/decision"))
        }
    }
}

/// Somebody takes a promise back: whoever made it, or support.
pub(super) fn withdraw_promise(
    context: &mut Context<'_>,
    waiting: &Waiting<'_>,
    why: &str,
) -> Outcome<Stage> {
    if let Err(refusal) = may_withdraw(context, waiting.ask) {
        return context.refuse(refusal);
    }
    let (by, why) = (context.turn.actor.party, why.to_owned());
    promising::leave(context, waiting, &Afterwards::Cancel { by, why })
}

/// Its day has come, and our own timer carries it out; unless the contract has left it behind.
pub(super) fn its_day(context: &mut Context<'_>, waiting: &Waiting<'_>) -> Outcome<Stage> {
    if waiting.promise.is_some() {
        return Outcome::Super;
    }
    if waiting.problem.is_some() {
        return aborting::expire_at_once(context);
    }
    if !waiting.basis.holds(context.turn.contract) {
        return promising::leave(context, waiting, &Afterwards::Replaced);
    }
    apply(waiting.selection, waiting.ask)
}

/// Its day has come: the provider is asked what the subscription will hold.
pub(super) fn apply(selection: &Selection, ask: &TicketAsk) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketApplying {
        selection: selection.clone(),
        deal: None,
        ask: ask.clone(),
    })
}

/// The provider answered: lower it, without a charge.
pub(super) fn quoted(
    context: &mut Context<'_>,
    selection: &Selection,
    ask: &TicketAsk,
    quote: &Quote,
) -> Outcome<Stage> {
    let Some(subscription) = context.turn.contract.subscription.clone() else {
        return reopen(selection, ask, TicketProblem::NoSubscription.as_str());
    };
    // What was promised before this was known must not charge anybody either.
    if begins_another_period(selection, context.turn) {
        return reopen(selection, ask, TicketProblem::AnotherPeriod.as_str());
    }
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
        ask: ask.clone(),
    })
}

/// The provider holds less now: the contract follows.
pub(super) fn applied(
    context: &mut Context<'_>,
    deal: Option<&Deal>,
    ask: &TicketAsk,
    answer: &CallAnswer,
) -> Outcome<Stage> {
    let (Some(deal), CallAnswer::Payment(facts)) = (deal, answer) else {
        return Outcome::Super;
    };
    if !switching::holds(facts, &deal.quote) {
        return reopen(&deal.selection, ask, TicketProblem::NotHeld.as_str());
    }
    let lowered = switching::after_lowering(context.turn.contract, deal, facts, context.turn);
    context.contract = Some(lowered);
    context.tell(Tell::Activated);
    Outcome::Transition(promising::active_without_a_charge(context, deal))
}

/// It could not be applied: support looks at it again, and sees why.
pub(super) fn reopen(selection: &Selection, ask: &TicketAsk, problem: &str) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketOpen {
        selection: selection.clone(),
        problem: Some(problem.to_owned()),
        ask: ask.clone(),
    })
}
