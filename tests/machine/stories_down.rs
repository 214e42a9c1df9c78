//! Stories of going down: a ticket that support answers.

use changeover::domain::catalog::Interval;
use changeover::domain::change::samples::World;
use changeover::domain::change::{
    Actor, CallAnswer, CallName, Event, RefusalCode, Stage, Tell, TicketDecision,
};
use jiff::SignedDuration;

use super::ana::{Ana, support};

/// Ana has asked for fewer seats.
fn asked() -> Ana {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("basic", 1));
    ana.asks_for_a_quote();
    assert_eq!(ana.at(), "downgrade_ticket.open");
    assert_eq!(ana.told, [Tell::TicketReceived]);
    ana
}

fn is_lowered(ana: &mut Ana) {
    assert_eq!(ana.at(), "downgrade_ticket.applying");
    ana.is_quoted();
    assert_eq!(
        ana.the_only_call(),
        CallName::LowerSubscription,
        "without a charge"
    );
    let lowered = ana.world.facts_after(&ana.deal());
    ana.it_answers(CallAnswer::Payment(lowered));
    let Stage::Active { receipt, .. } = &ana.stage else {
        panic!("it is done: {}", ana.at());
    };
    assert!(receipt.charged.is_zero());
    assert_eq!(ana.heard(Tell::Activated), 1);
    assert_eq!(ana.world.contract.lines[1].quantity, 1);
}

#[test]
fn support_applies_a_ticket_at_once() {
    let mut ana = asked();
    ana.support_answers(TicketDecision::ApplyNow);
    is_lowered(&mut ana);
}

/// Ana pays by the year, and has asked for less, paid by the month.
fn asked_for_another_interval() -> Ana {
    let mut world = World::subscribed();
    for line in &mut world.contract.lines {
        line.price.interval = Interval::YEAR;
    }
    for period in &mut world.contract.periods {
        period.interval = Interval::YEAR;
    }
    let mut ana = Ana::opens(world, &World::selection("basic", 1));
    ana.asks_for_a_quote();
    assert_eq!(ana.at(), "downgrade_ticket.open");
    ana
}

#[test]
fn what_the_provider_would_charge_at_once_is_not_applied_without_a_yes() {
    let mut ana = asked_for_another_interval();
    let at = ana.now + SignedDuration::from_hours(480);
    for decision in [TicketDecision::ApplyNow, TicketDecision::Schedule { at }] {
        let refusal = ana
            .tries(Event::AnswerTicket { decision }, support())
            .expect_err("refused");
        assert_eq!(refusal.code, RefusalCode::NotAllowedHere);
        assert_eq!(refusal.pointer.as_deref(), Some("/decision"));
    }
    ana.support_answers(TicketDecision::AskMoney);
    assert_eq!(ana.at(), "quote.pending");
}

#[test]
fn a_day_that_was_promised_before_the_interval_was_looked_at_charges_nothing() {
    let mut ana = asked_for_another_interval();
    let selection = World::selection("basic", 1);
    let ask = ana.stage.ask().expect("a request").clone();
    ana.stage = Stage::TicketApplying {
        selection,
        deal: None,
        ask,
    };
    ana.is_quoted();
    assert_eq!(ana.at(), "downgrade_ticket.open");
    assert_eq!(ana.live, []);
}

#[test]
fn support_says_why_or_nothing_is_done() {
    for silent in [None, Some("  ".to_owned())] {
        let mut ana = asked();
        let nobody_knows_why = Actor::support("agent-7", silent);
        let decision = TicketDecision::ApplyNow;
        let refusal = ana
            .tries(Event::AnswerTicket { decision }, nobody_knows_why)
            .expect_err("refused");
        assert_eq!(refusal.code, RefusalCode::ReasonMissing);
        assert_eq!(ana.at(), "downgrade_ticket.open");
    }
}

#[test]
fn support_promises_a_day_and_the_day_comes() {
    let mut ana = asked();
    let past = TicketDecision::Schedule { at: ana.now };
    let refusal = ana
        .tries(Event::AnswerTicket { decision: past }, support())
        .expect_err("refused");
    assert_eq!(refusal.pointer.as_deref(), Some("/at"));
    let at = ana.now + SignedDuration::from_hours(480);
    ana.support_answers(TicketDecision::Schedule { at });
    assert_eq!(ana.at(), "downgrade_ticket.scheduled");
    ana.now = at;
    ana.time_is_up();
    is_lowered(&mut ana);
}

#[test]
fn a_promise_can_be_withdrawn_until_its_day() {
    let mut ana = asked();
    let at = ana.now + SignedDuration::from_hours(480);
    ana.support_answers(TicketDecision::Schedule { at });
    ana.cancels();
    assert_eq!(ana.at(), "cancelled");
    assert_eq!(ana.live, []);
}

#[test]
fn support_declines_and_ana_hears_of_it() {
    let mut ana = asked();
    let why = "The contract runs for a year.".to_owned();
    ana.support_answers(TicketDecision::Decline { why: why.clone() });
    assert!(matches!(&ana.stage, Stage::Cancelled { why: said, .. } if *said == why));
    assert_eq!(ana.heard(Tell::Cancelled), 1);
}

#[test]
fn something_is_due_after_all_and_goes_through_a_quote() {
    let mut ana = asked();
    ana.support_answers(TicketDecision::AskMoney);
    assert_eq!(ana.at(), "quote.pending");
    ana.is_quoted();
    ana.accepts();
    assert_eq!(ana.at(), "payment_confirm.choosing");
}

#[test]
fn a_ticket_that_cannot_be_applied_is_not_lost() {
    let mut ana = asked();
    ana.support_answers(TicketDecision::ApplyNow);
    ana.is_quoted();
    let why = "too late".to_owned();
    assert_eq!(
        ana.cannot(Event::Cancel { why }).code,
        RefusalCode::NotAllowedHere
    );
    ana.it_fails(super::ana::refused());
    assert_eq!(ana.at(), "downgrade_ticket.open");
    ana.support_answers(TicketDecision::ApplyNow);
    is_lowered(&mut ana);
}

#[test]
fn a_ticket_that_nobody_answers_expires_and_says_so() {
    let mut ana = asked();
    ana.time_is_up();
    assert_eq!(ana.at(), "expired");
    assert_eq!(ana.heard(Tell::Expired), 1);
}
