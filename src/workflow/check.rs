//! Whether a workflow that can be read can also be run: nothing is missing that a customer would run into.

mod combining;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::report::{Finding, Report};
use super::{CHARGE_MAX, Workflow};
use crate::domain::catalog::{
    BillingInfoPolicy, Catalog, Condition, Differences, Direction, DirectionTable, Interval, Playbook,
    ProrationPolicy, ScreenEnd, StageName,
};
use crate::domain::money::Money;

/// How many prices one subscription can carry. Source: Stripe, Subscriptions, "up to 20 items".
const ITEMS_MAX: usize = 20;

/// One step that a change can take, as the machine knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageEdge {
    /// From here,
    pub from: StageName,
    /// to there.
    pub to: StageName,
}

/// Everything that can be said from the file alone; add [`check_stages`] with the machine's edges.
pub fn check(workflow: &Workflow) -> Report {
    let mut report = Report::default();
    let book = &workflow.playbook;
    prices(book, &mut report);
    provider_limits(&book.catalog, &mut report);
    combining::check(&book.catalog, &mut report);
    directions(&book.policy.direction, &mut report);
    screens(book, &mut report);
    billing_days(book, &mut report);
    taxes(book, &mut report);
    if !workflow.samples.is_empty() {
        report.warning(format!("{} entries are sample data", workflow.samples.len()));
    }
    report
}

/// Whether every stage that a screen shows can be reached and left again by these edges. The first stage is Draft; Active
/// need not be left.
pub fn check_stages(book: &Playbook, edges: &[StageEdge]) -> Vec<Finding> {
    let mut reached = BTreeSet::from([StageName::Draft]);
    loop {
        let next = edges
            .iter()
            .filter(|edge| reached.contains(&edge.from))
            .map(|edge| edge.to);
        let grown: BTreeSet<_> = reached.iter().copied().chain(next).collect();
        if grown == reached {
            break;
        }
        reached = grown;
    }
    let mut report = Report::default();
    for stage in shown(book) {
        if !reached.contains(&stage) {
            report.error(format!("no change ever comes to the stage `{stage}`"));
        }
        if stage != StageName::Active && edges.iter().all(|edge| edge.from != stage) {
            report.error(format!("a change never leaves the stage `{stage}`"));
        }
    }
    report.findings
}

/// What a first subscription costs is reckoned here where its renewals fall on the last day of a shorter month, and taxes are not.
fn taxes(book: &Playbook, report: &mut Report) {
    let policy = &book.policy;
    if policy.provider_reckons_taxes() && policy.proration == ProrationPolicy::Day {
        report.warning(
            "the provider reckons the taxes, and parts of a period are charged by days: an account whose billing day is the 29th, \
             30th or 31st gets no first quote in a month before a shorter one",
        );
    }
}

/// Every plan has a price in every currency for each interval it is sold in, and so has every offer on it.
fn prices(book: &Playbook, report: &mut Report) {
    for plan in &book.catalog.plans {
        let intervals: BTreeSet<Interval> = plan.prices.iter().map(|price| price.interval).collect();
        for (currency, interval) in book
            .seller
            .currencies
            .iter()
            .flat_map(|currency| intervals.iter().map(move |i| (*currency, *i)))
        {
            if plan.price(currency, interval).is_none() {
                report.error(format!(
                    "plan `{}` has no price in {currency} per {interval}",
                    plan.id
                ));
            }
            for offer in book.catalog.offers_on(&plan.id) {
                let billed = offer.billed.interval(interval);
                if offer.price(currency, billed).is_none() {
                    let (item, plan) = (&offer.item, &plan.id);
                    report.error(format!(
                        "`{item}` on `{plan}` has no price in {currency} per {billed}"
                    ));
                }
            }
        }
    }
    for item in &book.catalog.items {
        if book.catalog.plans_allowing(&item.id).is_empty() {
            report.warning(format!("item `{}` is offered on no plan", item.id));
        }
    }
}

fn provider_limits(catalog: &Catalog, report: &mut Report) {
    for plan in &catalog.plans {
        let lines = 1 + catalog.offers_on(&plan.id).count();
        if lines > ITEMS_MAX {
            report.error(format!(
                "plan `{}` can have {lines} lines, the provider takes {ITEMS_MAX}",
                plan.id
            ));
        }
    }
    for offer in &catalog.offers {
        for price in &offer.prices {
            let (item, plan, most) = (&offer.item, &offer.plan, offer.quantities.max);
            if price.amount(most).is_ok_and(|amount| amount.amount > CHARGE_MAX) {
                report.warning(format!(
                    "{most} of `{item}` on `{plan}` cost more than one charge can carry"
                ));
            }
            if price.amount(1).is_ok_and(Money::is_zero) {
                report.warning(format!("the first unit of `{item}` on `{plan}` is free"));
            }
        }
    }
}

/// Every kind of change that a customer can ask for has an answer.
fn directions(table: &DirectionTable, report: &mut Report) {
    for holds in kinds_of_change() {
        let named: Vec<_> = holds.iter().map(ToString::to_string).collect();
        let change = Differences {
            holds,
            ..Differences::default()
        };
        if table.decide(&change).is_none() {
            let kind = if named == ["first_contract"] {
                "a first contract".to_owned()
            } else {
                named.join(" + ")
            };
            report.error(format!("no rule in `directions` speaks of {kind}"));
            // One example is enough: a rule without conditions at the end mends them all.
            return;
        }
    }
}

/// What can hold alone: more conditions only ever let more rules match. Rows that are limited to some items or plans do not
/// count, because they are not there for every change.
fn kinds_of_change() -> Vec<Vec<Condition>> {
    use Condition::{
        AnyQuantityHigher, AnyQuantityLower, ChoiceChanges, FirstContract, IntervalChanges, OptionsChange,
        PlanChanges, PlanHigher, PlanLower, PlanStays,
    };
    let alone = [
        AnyQuantityHigher,
        AnyQuantityLower,
        IntervalChanges,
        ChoiceChanges,
        OptionsChange,
    ];
    let stays = alone.into_iter().map(|condition| vec![PlanStays, condition]);
    // A new customer, another plan, and another one in place of a plan that is no longer sold.
    let others = [
        vec![FirstContract],
        vec![PlanChanges, PlanHigher],
        vec![PlanChanges, PlanLower],
        vec![PlanChanges],
    ];
    others.into_iter().chain(stays).collect()
}

/// The provider counts months in UTC. East of Greenwich a local midnight is still the day before there, and the days of the
/// month would drift apart: the first of March would renew on the 28th.
fn billing_days(book: &Playbook, report: &mut Report) {
    let east = |second| {
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        book.seller.time_zone.to_offset(at).seconds() > 0
    };
    // A winter and a summer; which of them has the clock forward depends on the hemisphere.
    let (january, july) = (1_767_225_600, 1_782_864_000);
    if book.policy.proration == ProrationPolicy::Day && (east(january) || east(july)) {
        report.error(
            "proration by days needs a time zone at or west of UTC: the provider counts months in UTC",
        );
    }
}

/// Every stage that a change can come to is on a screen, and one button confirms.
fn screens(book: &Playbook, report: &mut Report) {
    let shown = shown(book);
    let answers =
        |wanted: fn(&Direction) -> bool| book.policy.direction.rules.iter().any(|rule| wanted(&rule.then));
    let mut needed = vec![StageName::Draft, StageName::Active];
    if answers(|then| matches!(then, Direction::Immediate | Direction::AtPeriodEnd)) {
        needed.extend([StageName::Quote, StageName::PaymentConfirm]);
        needed.push(StageName::BillingInfo);
    }
    if answers(|then| matches!(then, Direction::Ticket)) {
        needed.push(StageName::DowngradeTicket);
    }
    for stage in needed {
        if !shown.contains(&stage) {
            report.error(format!("the stage `{stage}` is on no screen"));
        }
    }
    let confirming = book
        .policy
        .screens
        .iter()
        .filter(|screen| screen.ends_with == ScreenEnd::Confirm);
    let confirming: Vec<_> = confirming.collect();
    match confirming.as_slice() {
        [one] if !one.stages.contains(&StageName::PaymentConfirm) => {
            report.error(format!(
                "screen `{}` ends with confirm, but nothing is paid on it",
                one.id
            ));
        }
        [_] => {}
        [] => report.error("no screen ends with `confirm`: nobody could buy"),
        _ => report.error("two screens end with `confirm`: which one charges?"),
    }
    let separate = book
        .policy
        .screens
        .iter()
        .any(|screen| screen.stages == [StageName::BillingInfo]);
    if book.policy.billing_info == BillingInfoPolicy::Always && !separate {
        report.warning("billing data is always asked for, but shares its screen with other stages");
    }
}

fn shown(book: &Playbook) -> BTreeSet<StageName> {
    book.policy
        .screens
        .iter()
        .flat_map(|screen| screen.stages.iter().copied())
        .collect()
}
