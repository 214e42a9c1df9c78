//! Promising: a change that the provider itself carries out when a period ends, whether this service runs at that moment or not.
//!
//! Ours is a schedule of the provider's with our marks, or the subscription's own end. It is taken away only at the moment of a
//! charge by another change, and put back when that charge comes to nothing. What the contract holds when a promise is made is its
//! basis: a contract that holds something else has left it behind, in whichever way that happened.

use statig::Outcome;

use super::actor::Party;
use super::before::{SubscriptionFacts, SubscriptionStatus};
use super::call::{Call, CallAnswer, CallFailure};
use super::decide::Context;
use super::payment::PaymentFacts;
use super::promise::{Afterwards, Basis, Hold, PhaseItem, Promise, PromisePlan, PromiseStep};
use super::quote::Deal;
use super::receipt::Receipt;
use super::refusal::Refusal;
use super::stage::Stage;
use super::stage_name::StageName;
use super::switching;
use super::tell::Tell;
use super::ticket_ask::{TicketAsk, TicketProblem};
use crate::domain::account::{ContractFact, observe};
use crate::domain::catalog::Selection;
use crate::domain::money::Money;

/// A promise on its way.
pub(super) struct Way<'a> {
    pub(super) selection: &'a Selection,
    pub(super) ask: &'a TicketAsk,
    pub(super) step: &'a PromiseStep,
    pub(super) then: &'a Afterwards,
    pub(super) aside: bool,
}

/// The provider is asked first what it holds, and until when.
pub(super) fn begin(selection: &Selection, ask: &TicketAsk, aside: bool) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketScheduling {
        selection: selection.clone(),
        ask: ask.clone(),
        step: PromiseStep::Asking,
        then: Afterwards::Stand,
        aside,
    })
}

fn at(way: &Way<'_>, step: PromiseStep, then: Afterwards) -> Outcome<Stage> {
    Outcome::Transition(Stage::TicketScheduling {
        selection: way.selection.clone(),
        ask: way.ask.clone(),
        step,
        then,
        aside: way.aside,
    })
}

/// The provider has told what it holds: the promise is made there.
pub(super) fn planned(context: &mut Context<'_>, way: &Way<'_>, plan: &PromisePlan) -> Outcome<Stage> {
    if *way.step != PromiseStep::Asking {
        return Outcome::Super;
    }
    let (subscription, plan) = (plan.subscription.clone(), Box::new(plan.clone()));
    if plan.then.is_empty() {
        context.call(Call::EndAtPeriodEnd { subscription });
        return at(way, PromiseStep::Ending { plan }, way.then.clone());
    }
    context.call(Call::CreateSchedule { subscription });
    at(way, PromiseStep::Making { plan }, way.then.clone())
}

/// The state of things at the provider does not allow it.
pub(super) fn refused(context: &mut Context<'_>, way: &Way<'_>, refusal: &Refusal) -> Outcome<Stage> {
    if *way.step != PromiseStep::Asking {
        return Outcome::Super;
    }
    if way.ask.direct && !way.aside {
        return Outcome::Transition(Stage::Draft {
            selection: way.selection.clone(),
            problem: Some(refusal.clone()),
        });
    }
    fall(context, way, refusal.code.as_str())
}

/// A call did its work.
pub(super) fn done(context: &mut Context<'_>, way: &Way<'_>, answer: &CallAnswer) -> Outcome<Stage> {
    match (way.step, answer) {
        (PromiseStep::Making { plan }, CallAnswer::ScheduleMade { schedule }) => {
            let hold = Hold::Schedule {
                schedule: schedule.clone(),
            };
            if *way.then != Afterwards::Stand {
                return release(context, way, &plan.subscription, hold);
            }
            context.call(Call::TellSchedule {
                schedule: schedule.clone(),
                plan: plan.clone(),
            });
            let (plan, schedule) = (plan.clone(), schedule.clone());
            at(way, PromiseStep::Telling { plan, schedule }, Afterwards::Stand)
        }
        (PromiseStep::Telling { plan, schedule }, CallAnswer::ScheduleTold) => {
            let hold = Hold::Schedule {
                schedule: schedule.clone(),
            };
            stands(context, way, plan, hold)
        }
        (PromiseStep::Ending { plan }, CallAnswer::EndSet) => stands(context, way, plan, Hold::Ending),
        (PromiseStep::Releasing { .. }, CallAnswer::HoldReleased) => finish(context, way),
        _ => Outcome::Super,
    }
}

/// A call is over without having done its work.
pub(super) fn failed(context: &mut Context<'_>, way: &Way<'_>, failure: &CallFailure) -> Outcome<Stage> {
    match way.step {
        PromiseStep::Making { .. } | PromiseStep::Ending { .. } if *way.then != Afterwards::Stand => {
            finish(context, way)
        }
        PromiseStep::Making { .. } | PromiseStep::Ending { .. } => fall(context, way, failure.code()),
        PromiseStep::Telling { plan, schedule } => {
            let hold = Hold::Schedule {
                schedule: schedule.clone(),
            };
            let then = match way.then {
                Afterwards::Stand => Afterwards::Fall {
                    problem: failure.code().to_owned(),
                },
                then => then.clone(),
            };
            let way = Way { then: &then, ..*way };
            release(context, &way, &plan.subscription, hold)
        }
        // It is gone already: that is what was wanted.
        PromiseStep::Releasing { .. } if matches!(failure, CallFailure::WrongState { .. }) => {
            finish(context, way)
        }
        PromiseStep::Releasing { subscription, hold } => {
            let step = PromiseStep::Halted {
                subscription: subscription.clone(),
                hold: hold.clone(),
                code: failure.code().to_owned(),
            };
            at(way, step, way.then.clone())
        }
        PromiseStep::Asking | PromiseStep::Halted { .. } => Outcome::Super,
    }
}

/// Somebody takes it back: at once where nothing stands at the provider yet, else what stands there is taken away first.
pub(super) fn cancel(context: &mut Context<'_>, way: &Way<'_>, why: &str) -> Outcome<Stage> {
    let then = Afterwards::Cancel {
        by: context.turn.actor.party,
        why: why.to_owned(),
    };
    match way.step {
        PromiseStep::Asking => finish(context, &Way { then: &then, ..*way }),
        PromiseStep::Making { .. } | PromiseStep::Telling { .. } | PromiseStep::Ending { .. }
            if *way.then == Afterwards::Stand =>
        {
            at(way, way.step.clone(), then)
        }
        _ => Outcome::Super,
    }
}

/// Support orders another attempt at what the provider refused to take away.
pub(super) fn retry(context: &mut Context<'_>, way: &Way<'_>) -> Outcome<Stage> {
    match way.step {
        PromiseStep::Halted {
            subscription, hold, ..
        } => release(context, way, subscription, hold.clone()),
        _ => Outcome::Super,
    }
}

/// It stands at the provider, unless somebody has taken it back meanwhile, or the contract holds something else by now.
fn stands(context: &mut Context<'_>, way: &Way<'_>, plan: &PromisePlan, hold: Hold) -> Outcome<Stage> {
    if *way.then != Afterwards::Stand {
        return release(context, way, &plan.subscription, hold);
    }
    if !way.aside {
        context.tell(Tell::TicketScheduled);
    }
    Outcome::Transition(Stage::TicketScheduled {
        selection: way.selection.clone(),
        at: plan.at,
        ask: way.ask.clone(),
        basis: Basis::of(context.turn.contract),
        promise: Some(Box::new(Promise {
            plan: plan.clone(),
            hold,
        })),
        problem: None,
    })
}

/// What stands at the provider is taken away.
fn release(context: &mut Context<'_>, way: &Way<'_>, subscription: &str, hold: Hold) -> Outcome<Stage> {
    context.call(Call::ReleaseHold {
        subscription: subscription.to_owned(),
        hold: hold.clone(),
    });
    let subscription = subscription.to_owned();
    at(
        way,
        PromiseStep::Releasing { subscription, hold },
        way.then.clone(),
    )
}

/// It could not be made to stand.
fn fall(context: &mut Context<'_>, way: &Way<'_>, problem: &str) -> Outcome<Stage> {
    let then = Afterwards::Fall {
        problem: problem.to_owned(),
    };
    finish(context, &Way { then: &then, ..*way })
}

/// Nothing (more) stands at the provider: where the promise goes from there.
fn finish(context: &mut Context<'_>, way: &Way<'_>) -> Outcome<Stage> {
    let (selection, ask) = (way.selection.clone(), way.ask.clone());
    match way.then {
        Afterwards::Stand => begin(&selection, &ask, way.aside),
        Afterwards::Fall { problem } if way.aside => {
            context.tell(Tell::TicketFell);
            Outcome::Transition(Stage::TicketScheduled {
                selection,
                at: context.turn.now,
                ask,
                basis: Basis::of(context.turn.contract),
                promise: None,
                problem: Some(problem.clone()),
            })
        }
        Afterwards::Fall { problem } => Outcome::Transition(Stage::TicketOpen {
            selection,
            problem: Some(problem.clone()),
            ask,
        }),
        Afterwards::Cancel { by, why } => {
            context.tell(Tell::Cancelled);
            Outcome::Transition(Stage::Cancelled {
                by: *by,
                why: why.clone(),
                from: StageName::DowngradeTicket,
            })
        }
        Afterwards::Replaced => replaced(context),
        Afterwards::Apply => Outcome::Transition(Stage::TicketScheduled {
            selection,
            at: context.turn.now,
            ask,
            basis: Basis::of(context.turn.contract),
            promise: None,
            problem: None,
        }),
        Afterwards::Done { deal } => {
            context.tell(Tell::Activated);
            Outcome::Transition(active_without_a_charge(context, deal))
        }
    }
}

/// The contract holds something else by now: what was promised of what it held before is never applied.
fn replaced(context: &mut Context<'_>) -> Outcome<Stage> {
    context.tell(Tell::TicketReplaced);
    Outcome::Transition(Stage::Cancelled {
        by: Party::System,
        why: "replaced".to_owned(),
        from: StageName::DowngradeTicket,
    })
}

/// A promise that waits for its day.
pub(super) struct Waiting<'a> {
    pub(super) selection: &'a Selection,
    pub(super) at: jiff::Timestamp,
    pub(super) ask: &'a TicketAsk,
    pub(super) basis: &'a Basis,
    pub(super) promise: Option<&'a Promise>,
    pub(super) problem: Option<&'a str>,
}

/// What stands at the provider is taken away, where something does; then the promise goes on.
pub(super) fn leave(context: &mut Context<'_>, waiting: &Waiting<'_>, then: &Afterwards) -> Outcome<Stage> {
    let way = Way {
        selection: waiting.selection,
        ask: waiting.ask,
        step: &PromiseStep::Asking,
        then,
        aside: true,
    };
    match waiting.promise {
        Some(promise) => release(context, &way, &promise.plan.subscription, promise.hold.clone()),
        None => finish(context, &way),
    }
}

/// The subscription was looked at while a promise waits for its day.
pub(super) fn seen(
    context: &mut Context<'_>,
    waiting: &Waiting<'_>,
    facts: &SubscriptionFacts,
) -> Outcome<Stage> {
    let left_behind = !waiting.basis.holds(context.turn.contract);
    let Some(promise) = waiting.promise else {
        if left_behind {
            return replaced(context);
        }
        return Outcome::Handled;
    };
    let due = context.turn.now >= waiting.at;
    let over = matches!(
        facts.status,
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired
    );
    match &promise.hold {
        Hold::Ending if over => ended(context, promise),
        Hold::Schedule { schedule } if due && holds_all(facts, &promise.plan.then) => {
            come_true(context, waiting, promise, facts, schedule)
        }
        hold if stands_still(hold, facts) => {
            if left_behind {
                return leave(context, waiting, &Afterwards::Replaced);
            }
            Outcome::Handled
        }
        // What stood there is gone.
        _ if left_behind || over => replaced(context),
        // It was released for a charge that came to nothing: it is put back.
        _ if !due => begin(waiting.selection, waiting.ask, true),
        _ => {
            context.tell(Tell::TicketFell);
            Outcome::Transition(Stage::TicketScheduled {
                selection: waiting.selection.clone(),
                at: waiting.at,
                ask: waiting.ask.clone(),
                basis: waiting.basis.clone(),
                promise: None,
                problem: Some(TicketProblem::NotCarriedOut.as_str().to_owned()),
            })
        }
    }
}

fn stands_still(hold: &Hold, facts: &SubscriptionFacts) -> bool {
    match hold {
        Hold::Schedule { schedule } => facts.schedule.as_ref() == Some(schedule),
        Hold::Ending => facts.ends_at.is_some(),
    }
}

/// Whether the subscription holds exactly these items.
fn holds_all(facts: &SubscriptionFacts, items: &[PhaseItem]) -> bool {
    let held = |wanted: &PhaseItem| {
        let mut all = facts.items.iter();
        all.any(|item| item.price == wanted.price && item.quantity == wanted.quantity)
    };
    facts.items.len() == items.len() && items.iter().all(held)
}

/// The provider has carried it out: the contract follows at once, and the schedule is no longer needed.
fn come_true(
    context: &mut Context<'_>,
    waiting: &Waiting<'_>,
    promise: &Promise,
    facts: &SubscriptionFacts,
    schedule: &str,
) -> Outcome<Stage> {
    let deal = &promise.plan.deal;
    let held = PaymentFacts {
        invoice: None,
        intent: None,
        decline: None,
        subscription: facts.id.clone(),
        period_end: facts.items.iter().map(|item| item.period_end).min(),
        items: facts.items.clone(),
        pending_until: facts.pending_until,
        intent_id: None,
        voucher: None,
    };
    let lowered = switching::after_lowering(context.turn.contract, deal, &held, context.turn);
    context.contract = Some(lowered);
    let then = Afterwards::Done {
        deal: Box::new(deal.clone()),
    };
    if facts.schedule.as_deref() == Some(schedule) {
        return leave(context, waiting, &then);
    }
    context.tell(Tell::Activated);
    Outcome::Transition(active_without_a_charge(context, deal))
}

/// The subscription has ended, as was promised.
fn ended(context: &mut Context<'_>, promise: &Promise) -> Outcome<Stage> {
    let observed = observe(context.turn.contract, &ContractFact::Cancelled, context.turn.now);
    if observed.contract != *context.turn.contract {
        context.contract = Some(observed.contract);
    }
    context.tell(Tell::Activated);
    Outcome::Transition(active_without_a_charge(context, &promise.plan.deal))
}

/// Done, and nothing was due.
pub(super) fn active_without_a_charge(context: &Context<'_>, deal: &Deal) -> Stage {
    Stage::Active {
        deal: deal.clone(),
        receipt: Receipt {
            charged: Money::zero(deal.quote.due_today.currency),
            invoice: None,
            url: None,
            excess: None,
            refund: None,
            never_happened: 0,
            card: None,
            at: context.turn.now,
        },
    }
}
