//! Random walks: whatever people, banks, clocks and a provider with a ledger of its own do, the promises hold.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use changeover::domain::catalog::Selection;
use changeover::domain::change::samples::{self, World};
use changeover::domain::change::{
    Actor, Call, Effect, Event, Question, Quote, QuoteId, Stage, StageName, Tell, TicketDecision, next_wake,
    question,
};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prop_assert;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::ana::{Ana, owner, support};
use super::ledger::Ledger;

fn by_people(ana: &Ana) -> Vec<(Event, Actor)> {
    let mut all: Vec<Event> = vec![
        Event::AskQuote,
        Event::PassBillingInfo,
        Event::ChooseMethod {
            method: World::by_card("pm_new"),
        },
        Event::ChooseMethod {
            method: World::by_card("pm_old"),
        },
        Event::ChooseMethod {
            method: World::by_boleto(),
        },
        Event::GiveBillingInfo {
            identity: World::identity(1),
        },
        Event::GiveBillingInfo {
            identity: World::identity(2),
        },
    ];
    if let Some(quote) = ana.stage.deal().map(|deal| deal.quote.clone()) {
        let accept = |quote: &QuoteId| Event::Accept { quote: quote.clone() };
        all.extend([accept(&quote.id), accept(&quote.id)]);
        all.extend([
            ana.yes_to(quote.due_today),
            ana.yes_to(quote.due_today),
            ana.yes_to(World::money(1)),
        ]);
    }
    let mut all: Vec<(Event, Actor)> = all.into_iter().map(|event| (event, owner())).collect();
    let decisions = [TicketDecision::ApplyNow, TicketDecision::AskMoney];
    all.extend(decisions.map(|decision| (Event::AnswerTicket { decision }, support())));
    all.push((Event::Retry, support()));
    all
}

/// What seldom happens: giving up, other wishes, timers.
fn seldom(luck: u8) -> (Event, Actor) {
    let why = "enough".to_owned();
    match luck % 6 {
        0 => (Event::Cancel { why }, owner()),
        1 => (Event::Cancel { why }, support()),
        2 => (Event::TimeUp, Actor::system()),
        3 => (Event::Remind { nth: 0 }, Actor::system()),
        4 => (
            Event::Select {
                selection: World::selection("pro", 7),
            },
            owner(),
        ),
        _ => (
            Event::Select {
                selection: World::selection("basic", 1),
            },
            owner(),
        ),
    }
}

/// What the provider says by itself or when asked; nothing when it has nothing to say.
fn by_provider(ana: &Ana, ledger: &mut Ledger, luck: u8) -> Option<Event> {
    if let Some(call) = ana.live.first() {
        let name = call.name();
        return Some(match ledger.answers(ana, &call.clone(), luck) {
            Ok(answer) => Event::Done { call: name, answer },
            Err(failure) => Event::Failed { call: name, failure },
        });
    }
    match question(&ana.stage)? {
        Question::Payment => {
            ledger.moves(luck);
            let facts = ledger.facts(ana);
            Some(Event::PaymentSeen { facts })
        }
        Question::Quote => {
            let quote = ana.world.quote(ana.stage.selection()?, ana.now);
            Some(Event::Quoted { quote })
        }
        Question::QuoteAgain => {
            let agreed = ana.stage.deal()?.quote.clone();
            let moved = i64::from(luck.is_multiple_of(8));
            let due_today = World::money(agreed.due_today.amount + moved);
            Some(Event::Quoted {
                quote: Quote { due_today, ..agreed },
            })
        }
        // The provider's schedules are told in stories, not met at random.
        Question::Plan | Question::Standing => None,
    }
}

/// One step that was made, and where everything stands after it.
struct Step<'a> {
    ana: &'a Ana,
    before: &'a Stage,
    event: &'a Event,
    ledger: &'a Ledger,
}

type Kept = Result<(), TestCaseError>;

impl Step<'_> {
    fn ensure(&self, holds: bool, promise: &str) -> Kept {
        let (from, event, to) = (self.before.full_name(), self.event.name(), self.ana.at());
        let what = || TestCaseError::fail(format!("{promise}: `{from}` -> {event} -> `{to}`"));
        if holds { Ok(()) } else { Err(what()) }
    }

    /// What must hold after every step, whatever happened.
    fn check(&self) -> Kept {
        let Step {
            ana, before, ledger, ..
        } = self;
        let active = ana.stage.name() == StageName::Active;
        let stays = !before.is_terminal() || before.name() == ana.stage.name();
        self.ensure(stays, "I17 what is over stays over")?;
        self.ensure(ana.heard(Tell::Activated) == usize::from(active), "P5 told once")?;
        self.ensure(ledger.paid().len() <= 1, "I2 one paid invoice")?;
        let calls = ana.asked.iter().filter_map(|effect| match effect {
            Effect::Call(call) => Some(call),
            Effect::Tell(_) => None,
        });
        for call in calls {
            self.check_call(call)?;
        }
        let names: BTreeSet<_> = ana.live.iter().map(Call::name).collect();
        self.ensure(names.len() == ana.live.len(), "one live call of a name")?;
        if ana.stage.payment().is_none() && !active {
            let untouched = ledger.paid().is_empty() && !ledger.switched;
            self.ensure(!ledger.payable(), "B1 nobody can pay what was given up")?;
            self.ensure(untouched, "I14 nothing was paid or switched")?;
            self.ensure(!ledger.made, "I14 no subscription is left behind")?;
        }
        self.check_receipt()?;
        let wake = next_wake(&ana.stage, &ana.world.playbook.policy, ana.now, 0, 0, None);
        let looked_after = wake.is_some() || !ana.live.is_empty();
        self.ensure(
            ana.stage.is_terminal() || looked_after,
            "I24 an open change is looked after",
        )
    }

    /// Charges follow the last look, with the amounts that were confirmed, and only while nothing else can be paid.
    fn check_call(&self, call: &Call) -> Kept {
        match call {
            Call::UpdateSubscription { targets, .. } | Call::CreateSubscription { targets, .. } => {
                let Event::Quoted { quote } = self.event else {
                    return self.ensure(false, "P2 a charge follows the last look");
                };
                let same = self.before.payment().is_some_and(|payment| {
                    payment.deal.quote.same_amounts(quote) && payment.confirmation.seen == quote.due_today
                });
                let nothing_else = !self.ledger.payable() && self.ledger.paid().is_empty();
                self.ensure(
                    same && *targets == quote.targets,
                    "P2 the amounts that were confirmed",
                )?;
                self.ensure(nothing_else, "B1 one open invoice at a time")
            }
            Call::FinalizeInvoice { .. } => {
                let nothing_else = !self.ledger.payable() && self.ledger.paid().is_empty();
                self.ensure(nothing_else, "B1 one open invoice at a time")
            }
            Call::SwitchSubscription { .. } => {
                let paid: Vec<i64> = self.ledger.paid().iter().map(|one| one.amount.amount).collect();
                self.ensure(paid == [self.ana.due().amount], "P3 the plan follows the money")
            }
            Call::PayInvoice { invoice, .. } => {
                let asked = self.ledger.invoices.iter().find(|one| one.id == *invoice);
                let due = asked.map(|one| one.amount);
                self.ensure(
                    due == Some(self.ana.due()),
                    "P2 what is paid is what was confirmed",
                )
            }
            _ => Ok(()),
        }
    }

    fn check_receipt(&self) -> Kept {
        let (Stage::Active { deal, receipt }, ledger) = (&self.ana.stage, self.ledger) else {
            return Ok(());
        };
        let agreed = deal.quote.due_today.amount;
        let took: i64 = ledger.paid().iter().map(|invoice| invoice.amount.amount).sum();
        let over = if ledger.lowered { 0 } else { took - agreed };
        let excess = receipt.excess.map_or(0, |excess| excess.amount);
        self.ensure(ledger.switched || ledger.lowered, "I13 the provider holds it")?;
        self.ensure(over >= 0, "I13 it is paid")?;
        self.ensure(excess == over, "I15 the excess is named")?;
        self.ensure(
            ledger.refunded == 0 || ledger.refunded == over,
            "I15 given back once, exactly",
        )
    }
}

fn walk(
    world: World,
    selection: &Selection,
    dice: &[(u8, u8)],
    seen: &RefCell<BTreeSet<String>>,
) -> Result<u32, TestCaseError> {
    let mut ana = Ana::opens(world, selection);
    let mut ledger = Ledger::default();
    let mut steps = 0;
    for (turn, luck) in dice {
        ana.now += SignedDuration::from_secs(1);
        let (event, actor) = next_event(&ana, &mut ledger, *turn, *luck);
        let before = ana.stage.clone();
        match ana.tries(event.clone(), actor) {
            Ok(()) => steps += 1,
            Err(refusal) => {
                let (name, from) = (event.name(), before.full_name());
                let what = format!("`{name}` in `{from}`: {refusal}");
                let is_fact = matches!(name, "done" | "failed" | "payment_seen" | "quoted");
                prop_assert!(!is_fact, "a fact is never refused: {what}");
                prop_assert!(ana.stage == before, "a refusal changes nothing: {what}");
                ana.asked.clear();
            }
        }
        let step = Step {
            ana: &ana,
            before: &before,
            event: &event,
            ledger: &ledger,
        };
        step.check()?;
        seen.borrow_mut().insert(ana.at());
    }
    Ok(steps)
}

fn next_event(ana: &Ana, ledger: &mut Ledger, turn: u8, luck: u8) -> (Event, Actor) {
    if turn % 8 < 4
        && let Some(fact) = by_provider(ana, ledger, luck)
    {
        return (fact, Actor::provider());
    }
    if turn % 32 == 31 {
        return seldom(luck);
    }
    let people = by_people(ana);
    people[usize::from(luck) % people.len()].clone()
}

#[test]
fn random_walks_keep_the_promises() {
    let mut buyer = World::subscribed();
    buyer.contract = World::newcomer().contract;
    let worlds = [
        World::subscribed(),
        World::unsaved(),
        World::always_asked(),
        buyer,
    ];
    let (steps, seen) = (Cell::new(0_u32), RefCell::new(BTreeSet::new()));
    let config = Config {
        cases: 1_500,
        failure_persistence: None,
        ..Config::default()
    };
    let dice = vec((0_u8..=255, 0_u8..=255), 40..160);
    TestRunner::new(config)
        .run(
            &(0..worlds.len(), proptest::bool::ANY, dice),
            |(world, down, dice)| {
                let lower = down && worlds[world].contract.subscription.is_some();
                let selection = if lower {
                    World::selection("basic", 1)
                } else {
                    World::selection("pro", 5)
                };
                let made = walk(worlds[world].clone(), &selection, &dice, &seen)?;
                steps.set(steps.get() + made);
                Ok(())
            },
        )
        .expect("the promises hold");
    let all: BTreeSet<String> = samples::stages()
        .iter()
        .map(|sample| sample.stage.full_name())
        .collect();
    let without_promises: BTreeSet<String> = all
        .into_iter()
        .filter(|name| {
            ![
                "downgrade_ticket.scheduling",
                "downgrade_ticket.scheduled",
                "downgrade_ticket.held",
            ]
            .contains(&name.as_str())
        })
        .collect();
    assert_eq!(*seen.borrow(), without_promises, "the walks come everywhere");
    assert!(steps.get() >= 10_000, "only {} steps", steps.get());
}
