//! Stories of promises: what the provider itself carries out when a period ends.

use changeover::domain::change::samples::World;
use changeover::domain::change::{
    CallAnswer, CallFailure, CallName, Event, Hold, Quote, RefusalCode, Stage, SubscriptionFacts, Tell,
    TicketDecision,
};

use super::ana::{Ana, refused};

const SCHEDULE: &str = "sub_sched_1";

fn made() -> CallAnswer {
    CallAnswer::ScheduleMade {
        schedule: SCHEDULE.to_owned(),
    }
}

/// Ana has asked for fewer seats, and support lets the provider do it when the period ends.
fn on_its_way() -> Ana {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("basic", 1));
    ana.asks_for_a_quote();
    ana.support_answers(TicketDecision::AtPeriodEnd);
    assert_eq!(ana.at(), "downgrade_ticket.scheduling");
    let plan = Box::new(ana.world.promise_plan(&World::selection("basic", 1)));
    ana.provider_says(Event::Planned { plan });
    assert_eq!(ana.the_only_call(), CallName::CreateSchedule);
    ana
}

fn promised() -> Ana {
    let mut ana = on_its_way();
    ana.it_answers(made());
    assert_eq!(ana.the_only_call(), CallName::TellSchedule);
    ana.it_answers(CallAnswer::ScheduleTold);
    assert_eq!(ana.at(), "downgrade_ticket.scheduled");
    assert!(ana.stage.is_set_aside() && !ana.stage.is_in_progress());
    assert_eq!(ana.heard(Tell::TicketScheduled), 1);
    ana
}

fn lowered(ana: &Ana) -> Vec<changeover::domain::change::ItemFacts> {
    let promise = ana.stage.promise().expect("a promise").plan.deal.clone();
    ana.world.facts_after(&promise).items
}

fn looks(ana: &mut Ana, facts: SubscriptionFacts) {
    let facts = Box::new(facts);
    ana.provider_says(Event::StandingSeen { facts });
}

#[test]
fn a_promise_that_has_come_true_switches_the_contract_and_takes_its_schedule_away() {
    let mut ana = promised();
    let facts = ana.world.standing(Some(SCHEDULE), lowered(&ana));
    let day = ana.stage.promise().expect("a promise").plan.at;
    looks(&mut ana, facts.clone());
    assert_eq!(ana.at(), "downgrade_ticket.scheduled", "not before its day");
    ana.now = day;
    looks(&mut ana, facts);
    assert_eq!(
        ana.world.contract.lines[1].quantity, 1,
        "the contract follows at once"
    );
    assert_eq!(ana.the_only_call(), CallName::ReleaseHold);
    ana.it_answers(CallAnswer::HoldReleased);
    assert_eq!(ana.at(), "active");
    assert_eq!(ana.heard(Tell::Activated), 1);
}

#[test]
fn what_was_released_is_put_back_while_the_contract_holds_the_same() {
    let mut ana = promised();
    let gone = ana.world.standing(None, ana.world.facts_before().items);
    looks(&mut ana, gone.clone());
    assert_eq!(ana.at(), "downgrade_ticket.scheduling");
    assert!(
        ana.stage.is_set_aside(),
        "it leaves the contract's place to others"
    );

    let mut ana = promised();
    ana.world.contract.lines[1].quantity = 7;
    looks(&mut ana, gone);
    assert_eq!(ana.at(), "cancelled");
    assert_eq!(ana.heard(Tell::TicketReplaced), 1);
    assert_eq!(ana.live, []);
}

#[test]
fn a_contract_that_holds_something_else_takes_the_promise_away_at_the_provider_too() {
    let mut ana = promised();
    ana.world.contract.lines[1].quantity = 7;
    let stands = ana.world.standing(Some(SCHEDULE), ana.world.facts_before().items);
    looks(&mut ana, stands);
    assert_eq!(ana.the_only_call(), CallName::ReleaseHold);
    ana.it_answers(CallAnswer::HoldReleased);
    assert_eq!(ana.at(), "cancelled");
    assert_eq!(ana.heard(Tell::TicketReplaced), 1);
}

#[test]
fn a_promise_can_be_taken_back_at_every_step() {
    let mut early = on_its_way();
    early.cancels();
    assert_eq!(
        early.at(),
        "downgrade_ticket.scheduling",
        "the answer decides what must be undone"
    );
    early.it_answers(made());
    assert_eq!(early.the_only_call(), CallName::ReleaseHold);
    early.it_answers(CallAnswer::HoldReleased);
    assert_eq!(early.at(), "cancelled");

    let mut late = promised();
    late.cancels();
    let gone = CallFailure::WrongState {
        code: "http_400".to_owned(),
    };
    late.it_fails(gone);
    assert_eq!(late.at(), "cancelled", "what is gone is taken away");

    let mut halted = promised();
    halted.cancels();
    halted.it_fails(refused());
    assert_eq!(halted.at(), "downgrade_ticket.scheduling");
    halted.support_retries();
    halted.it_answers(CallAnswer::HoldReleased);
    assert_eq!(halted.at(), "cancelled");
}

#[test]
fn a_schedule_that_cannot_be_told_what_to_do_is_released_again() {
    let mut ana = on_its_way();
    ana.it_answers(made());
    ana.it_fails(refused());
    assert_eq!(ana.the_only_call(), CallName::ReleaseHold);
    ana.it_answers(CallAnswer::HoldReleased);
    assert!(
        matches!(&ana.stage, Stage::TicketOpen { problem: Some(_), .. }),
        "{}",
        ana.at()
    );
}

#[test]
fn a_promise_that_was_not_carried_out_is_never_carried_out_by_guess() {
    let mut ana = promised();
    ana.now = ana.stage.promise().expect("a promise").plan.at;
    let gone = ana.world.standing(None, ana.world.facts_before().items);
    looks(&mut ana, gone);
    assert!(matches!(
        &ana.stage,
        Stage::TicketScheduled { problem: Some(_), .. }
    ));
    assert_eq!(ana.heard(Tell::TicketFell), 1);
    assert_eq!(ana.live, []);
    ana.support_answers(TicketDecision::AtPeriodEnd);
    assert_eq!(ana.at(), "downgrade_ticket.scheduling");
}

/// Ana at the button, over a promise that stands at the provider.
fn over_a_promise() -> (Ana, Quote) {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    let mut quote = ana.world.quote(&World::selection("pro", 5), ana.now);
    quote.releases = Some(World::hold());
    ana.provider_says(Event::Quoted { quote: quote.clone() });
    ana.accepts();
    ana.chooses("pm_old");
    ana.confirms();
    assert_eq!(ana.at(), "payment_confirm.charging");
    (ana, quote)
}

#[test]
fn b10_a_promise_is_released_only_for_the_charge_and_then_the_preview_is_taken_once_more() {
    let (mut ana, quote) = over_a_promise();
    ana.provider_says(Event::Quoted { quote: quote.clone() });
    assert_eq!(ana.the_only_call(), CallName::ReleaseHold);
    ana.it_answers(CallAnswer::HoldReleased);
    let payment = ana.stage.payment().expect("a payment");
    assert_eq!(payment.released, Some(World::hold()));
    let free = Quote {
        releases: None,
        ..quote
    };
    ana.provider_says(Event::Quoted { quote: free });
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
}

#[test]
fn b10_a_promise_that_came_after_the_quote_is_shown_before_it_falls() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    let mut quote = ana.deal().quote;
    quote.releases = Some(Hold::Ending);
    ana.provider_says(Event::Quoted { quote });
    assert_eq!(ana.at(), "quote.pending", "the customer must know");
    assert_eq!(ana.live, []);
}

#[test]
fn z10_what_needs_nobodys_answer_is_promised_by_the_customers_own_yes() {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    let plan = ana.world.promise_plan(&World::selection("pro", 5));
    let quote = plan.deal.quote.clone();
    ana.provider_says(Event::Quoted { quote: quote.clone() });
    let id = quote.id.clone();
    assert_eq!(
        ana.cannot(Event::Accept { quote: id }).code,
        RefusalCode::NotAllowedHere
    );
    let wrong = ana.yes_to(World::money(1));
    assert_eq!(ana.cannot(wrong).code, RefusalCode::AmountDiffers);
    ana.confirms();
    assert_eq!(ana.at(), "downgrade_ticket.scheduling");
    ana.provider_says(Event::Planned { plan: Box::new(plan) });
    ana.it_answers(made());
    ana.it_answers(CallAnswer::ScheduleTold);
    assert_eq!(ana.at(), "downgrade_ticket.scheduled");
    ana.cancels();
    assert_eq!(ana.the_only_call(), CallName::ReleaseHold);
}
