//! Random months of a contract: what is counted is never lost, credits add up, and what is told is told once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::domain::account::{Contract, HeldLine, LinePlace};
use crate::domain::catalog::{Credit, LineKey, Playbook, Share};
use crate::domain::change::samples::{NOW, World as Sample};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Use {
        meter: usize,
        units: u64,
        hours_ago: i64,
    },
    Buy {
        seats: u64,
    },
    Wait {
        hours: i64,
    },
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_usize, 0..60_u64, 0..900_i64).prop_map(|(meter, units, hours_ago)| Step::Use { meter, units, hours_ago }),
        2 => (0..8_u64).prop_map(|seats| Step::Buy { seats }),
        4 => (0..500_i64).prop_map(|hours| Step::Wait { hours }),
        3 => Just(Step::Look),
    ]
}

fn word<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

fn units(units: u64) -> Quantity {
    Quantity::whole(units).expect("a quantity")
}

fn rules(past_limit: PastLimit) -> LimitRules {
    LimitRules {
        past_limit,
        alerts: vec![50, 100],
        overage: vec![UnitPrice {
            currency: word("BRL"),
            amount: 7,
            per: 3,
        }],
        late: Late::Refused,
        closes_after: SignedDuration::from_hours(2),
    }
}

fn share(item: Option<&str>, of: u64) -> Share {
    Share {
        plans: Vec::new(),
        item: item.map(word),
        units: of,
    }
}

/// A meter with an allowance, one that stops, and one that spends credits which seats grant.
fn metering() -> Metering {
    let meter = |id: &str, against, past_limit| Meter {
        id: word(id),
        name: [].into(),
        decimals: 0,
        measures: Measures::Use,
        against,
        rules: rules(past_limit),
        sample: true,
    };
    Metering {
        credits: vec![Limits {
            credits: word("sms"),
            rules: rules(PastLimit::Stops),
        }],
        meters: vec![
            meter(
                "syncs",
                Against::Allowance(vec![share(None, 100)]),
                PastLimit::GoesOn,
            ),
            meter(
                "tests",
                Against::Allowance(vec![share(None, 90)]),
                PastLimit::Stops,
            ),
            meter(
                "sent",
                Against::Credits {
                    credits: word("sms"),
                    rates: Rates::Flat("1.5".parse().expect("a rate")),
                },
                PastLimit::GoesOn,
            ),
        ],
    }
}

fn counting(mut playbook: Playbook) -> Playbook {
    playbook.metering = metering();
    playbook.catalog.credits = vec![Credit {
        id: word("sms"),
        name: [].into(),
        grants: vec![share(Some("seat"), 40)],
    }];
    playbook
}

struct Life {
    playbook: Playbook,
    contract: Contract,
    book: Book,
    lines: Vec<CreditLine>,
    closed: Vec<Tally>,
    overages: Vec<Overage>,
    told: BTreeSet<(Pot, Timestamp, u16)>,
    counted: BTreeMap<Pot, Quantity>,
    now: Timestamp,
}

impl Life {
    fn world(&self) -> World<'_> {
        World {
            playbook: &self.playbook,
            contract: &self.contract,
            limits: &[],
            now: self.now,
        }
    }

    fn look(&mut self) {
        let mut book = self.book.clone();
        let settled = settle(&mut book, &self.world());
        for happening in &settled.happenings {
            if let Happening::LimitReached {
                pot, start, percent, ..
            } = happening
            {
                assert!(
                    self.told.insert((pot.clone(), *start, *percent)),
                    "told twice: {happening:?}"
                );
            }
        }
        self.book = book;
        self.lines.extend(settled.lines);
        self.closed.extend(settled.closed);
        self.overages.extend(settled.overages);
        // Looking again at the same moment finds nothing new.
        let mut again = self.book.clone();
        assert_eq!(settle(&mut again, &self.world()), Settled::default());
        assert_eq!(again, self.book);
    }

    fn report(&mut self, nth: usize, meter: &str, quantity: u64, hours_ago: i64) {
        let mut book = self.book.clone();
        let mut lines = advance(&mut book, &self.world());
        let report = Report {
            id: format!("r{nth}"),
            meter: word(meter),
            variant: None,
            quantity: units(quantity),
            at: self.now - SignedDuration::from_hours(hours_ago),
        };
        let counted = count(&mut book, &report, &self.world());
        if let Ok(Counted {
            allowed: true,
            tally,
            line,
            ..
        }) = counted
        {
            let cost = line.as_ref().map_or(units(quantity), |line| line.amount);
            let sum = self.counted.entry(tally.pot.clone()).or_default();
            *sum = sum.plus(cost).expect("a sum");
            lines.extend(line);
            self.book = book;
            self.lines.extend(lines);
        }
    }

    fn buy(&mut self, seats: u64) {
        let key = LineKey::Item(word("seat"));
        let price = self.contract.lines[0].clone();
        self.contract.lines.retain(|line| line.key != key);
        self.contract.lines.push(HeldLine {
            key,
            quantity: seats,
            place: LinePlace::Outside,
            ..price
        });
    }

    /// What must hold at any time.
    fn adds_up(&self) {
        let mut used: BTreeMap<Pot, Quantity> = BTreeMap::new();
        for tally in self.closed.iter().chain(&self.book.tallies) {
            let sum = used.entry(tally.pot.clone()).or_default();
            *sum = sum.plus(tally.used).expect("a sum");
        }
        for (pot, counted) in &self.counted {
            assert_eq!(
                used[pot], *counted,
                "something of {pot} was lost, or counted twice"
            );
        }
        let seqs: Vec<u64> = self.lines.iter().map(|line| line.seq).collect();
        assert_eq!(
            seqs,
            (1..=self.book.lines).collect::<Vec<_>>(),
            "a gap in the history of credits"
        );
        for tally in self.closed.iter().chain(&self.book.tallies) {
            let Pot::Credits(credits) = &tally.pot else {
                continue;
            };
            let of = |kind| {
                let theirs = self.lines.iter().filter(|line| {
                    line.credits == *credits && line.month == tally.start && line.kind == kind
                });
                theirs.fold(Quantity::ZERO, |sum, line| sum.plus(line.amount).expect("a sum"))
            };
            let closed = self.closed.contains(tally);
            let balance = of(CreditKind::Granted)
                .less(of(CreditKind::Spent))
                .less(of(CreditKind::Lapsed));
            assert_eq!(of(CreditKind::Spent), tally.used);
            assert!(
                of(CreditKind::Spent) <= of(CreditKind::Granted),
                "more was spent than granted"
            );
            let left = if closed {
                Quantity::ZERO
            } else {
                tally.left().unwrap_or_default()
            };
            assert_eq!(balance, left, "the history of credits against the balance");
        }
        let mut periods = BTreeSet::new();
        for overage in &self.overages {
            assert!(
                periods.insert((overage.pot.clone(), overage.start)),
                "two charges for one period"
            );
            let excess = overage.limit.excess(overage.used).expect("units");
            assert_eq!(Ok(overage.amount), rules(PastLimit::GoesOn).overage[0].of(excess));
        }
        for one in self.closed.iter().chain(&self.book.tallies) {
            let meets = |other: &&Tally| {
                other.pot == one.pot
                    && other.start != one.start
                    && other.start < one.end
                    && one.start < other.end
            };
            assert_eq!(
                self.closed.iter().chain(&self.book.tallies).find(meets),
                None,
                "two periods overlap"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_counts_or_is_told_twice(steps in prop::collection::vec(step(), 1..60)) {
        let sample = Sample::subscribed();
        let mut life = Life {
            playbook: counting(sample.playbook),
            contract: sample.contract,
            book: Book::default(),
            lines: Vec::new(),
            closed: Vec::new(),
            overages: Vec::new(),
            told: BTreeSet::new(),
            counted: BTreeMap::new(),
            now: NOW,
        };
        life.look();
        for (nth, step) in steps.into_iter().enumerate() {
            match step {
                Step::Use { meter, units, hours_ago } => {
                    life.report(nth, ["syncs", "tests", "sent"][meter], units, hours_ago);
                }
                Step::Buy { seats } => life.buy(seats),
                Step::Wait { hours } => life.now += SignedDuration::from_hours(hours),
                Step::Look => life.look(),
            }
            life.adds_up();
        }
        life.look();
        life.adds_up();
    }
}
