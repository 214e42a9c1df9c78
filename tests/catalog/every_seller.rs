//! Every workflow file that comes with the program, under random selections, valid and not: never a panic, never an estimate
//! that an independent reckoning of the provider contradicts, and nothing that is refused without saying why and where.

use std::collections::{BTreeMap, BTreeSet};

use changeover::app::shipped_workflows;
use changeover::domain::catalog::{
    Differences, EstimateInstant, Options, Place, Playbook, Selection, SelectionProblem, Service, TargetLine,
    estimate,
};
use proptest::prelude::*;

use super::provider::{Provider, after, change};
use super::*;

/// A customer of this seller who holds nothing yet; Clint's plans are paid in another way.
fn newcomer(playbook: &Playbook, selection: &Selection) -> Contract {
    let mut contract = Contract {
        seller: playbook.seller.id.clone(),
        plan: selection.plan.clone(),
        currency: selection.currency,
        lines: Vec::new(),
        ..anas_contract(vec![], None)
    };
    let outside = playbook.seller.id.as_str() == "clint";
    let own = playbook.catalog.plan(&selection.plan);
    let price = own.and_then(|plan| plan.price(selection.currency, selection.interval));
    if let Some(price) = price.filter(|_| outside) {
        contract.lines.push(HeldLine {
            price: price.clone(),
            place: LinePlace::Outside,
            ..held("plan", 0, 1, None)
        });
    }
    contract
}

/// What becomes of a selection: the lines, or why not.
fn answer(
    playbook: &Playbook,
    wanted: &Selection,
    held: Option<&Contract>,
    now: Timestamp,
) -> Result<(Selection, Vec<TargetLine>), Vec<SelectionProblem>> {
    let service = Service {
        since: at("2026-01-01T00:00:00Z"),
        now,
        time_zone: &playbook.seller.time_zone,
    };
    let meant = playbook.catalog.understood(wanted, held);
    let lines = playbook.catalog.resolve(&meant, held)?;
    let too_soon = playbook.catalog.too_soon(&meant, held, &service);
    if too_soon.is_empty() {
        Ok((meant, lines))
    } else {
        Err(too_soon)
    }
}

/// How much later somebody chooses, what they choose, and whether they look at what the page offers them.
type Step = (i64, Selection, bool);

/// What is nearly possible, made possible as a page would help to: random selections of many items seldom are.
fn mended(playbook: &Playbook, drawn: &Selection, held: Option<&Contract>) -> Selection {
    let catalog = &playbook.catalog;
    let mut wanted = drawn.clone();
    wanted.currency = held.map_or(playbook.seller.currencies[0], |held| held.currency);
    // A plan that is paid in another way stays as it is.
    let elsewhere = held.and_then(|held| Some((held, held.line(&LineKey::Plan)?)));
    if let Some((held, line)) = elsewhere.filter(|(_, line)| line.place.place() == Place::Outside) {
        wanted.plan = held.plan.clone();
        wanted.interval = line.price.interval;
    }
    let Some(plan) = catalog.plan_called(&wanted.plan) else {
        return wanted;
    };
    if plan.price(wanted.currency, wanted.interval).is_none() {
        wanted.interval = Interval::MONTH;
    }
    for item in &catalog.items {
        let Some(offer) = catalog.offer(&plan.id, &item.id) else {
            wanted.quantities.remove(&item.id);
            continue;
        };
        let on_top_of_nothing = item.needs.as_ref().is_some_and(|needs| {
            let has = |need| held.is_some_and(|held| held.bought(need) > 0) && wanted.quantity(need) > 0;
            !needs.items.iter().any(has)
        });
        if on_top_of_nothing {
            wanted.quantities.remove(&item.id);
        } else if !offer.quantities.allows(wanted.quantity(&item.id)) {
            wanted.quantities.insert(item.id.clone(), offer.quantities.min);
        }
    }
    for group in &catalog.groups {
        let members: Vec<_> = catalog.members(&group.id).map(|item| item.id.clone()).collect();
        let chosen = members.iter().find(|item| wanted.quantity(item) > 0);
        let chosen = chosen.unwrap_or(&members[0]).clone();
        wanted.quantities.retain(|item, _| !members.contains(item));
        wanted.quantities.insert(chosen, 1);
    }
    for item in &catalog.items {
        let Some(rule) = &item.options else { continue };
        let table = catalog.rate_table(&rule.of).expect("a table");
        let own = wanted.options.entry(item.id.clone()).or_default();
        let rows = table.rows.iter().map(|row| row.id.clone());
        own.extend(rows.take(usize::from(own.is_empty())));
        while own.len() as u64 > rule.max {
            own.pop_last();
        }
    }
    wanted
}

/// What became of so many selections.
#[derive(Debug, Default, Clone, Copy)]
struct Met {
    /// First purchases, priced as the provider prices them.
    first: usize,
    /// Changes of what is held, priced so.
    updates: usize,
    /// Those that could not be had.
    refused: usize,
}

/// Follows a customer from one selection to the next, beside the provider.
fn follow(playbook: &Playbook, steps: &[Step]) -> Met {
    let mut now = 1_767_268_800_i64;
    let mut provider = Provider::new(now);
    let mut contract: Option<Contract> = None;
    let mut met = Met::default();
    for (later, drawn, sensible) in steps {
        now += later;
        let wanted = &if *sensible {
            mended(playbook, drawn, contract.as_ref())
        } else {
            drawn.clone()
        };
        let present = Timestamp::from_second(now).expect("a near instant");
        let renewed = contract.as_ref().is_some_and(|held| {
            let ends = held.periods.iter().map(|period| period.end);
            ends.min().is_some_and(|end| present >= end)
        });
        if renewed {
            break;
        }
        let first = newcomer(playbook, wanted);
        let outside = first
            .lines
            .iter()
            .any(|line| line.place.place() == Place::Outside);
        let held = contract.as_ref().or(outside.then_some(&first));
        let (meant, target) = match answer(playbook, wanted, held, present) {
            Ok(answer) => answer,
            Err(problems) => {
                assert!(!problems.is_empty(), "a refusal says why");
                for problem in problems {
                    assert!(!problem.to_string().is_empty());
                    let pointer = problem.pointer();
                    assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
                }
                met.refused += 1;
                continue;
            }
        };
        let before = contract.clone().unwrap_or_else(|| first.clone());
        let differences = Differences::between(&playbook.catalog, held, &meant, &target);
        let direction = playbook.policy.direction.decide(&differences);
        assert!(
            differences.nothing || direction.is_some(),
            "every change has a direction: {differences:?}"
        );
        let charged: Vec<TargetLine> = target
            .iter()
            .filter(|line| line.place == Place::Provider && line.quantity > 0)
            .cloned()
            .collect();
        if charged.is_empty() {
            continue;
        }
        let policy = playbook.policy.proration;
        let zone = &playbook.seller.time_zone;
        let running = contract.as_ref().unwrap_or(&before);
        let instant = EstimateInstant::for_change(Some(running), &target, policy, 10, present, zone)
            .expect("inside the calendar");
        let told = estimate(&before.lines, &target, &instant).expect("amounts that fit");
        let mut expected: Vec<_> = told.lines.iter().map(|line| line.amount.amount).collect();
        expected.sort_unstable();
        if expected.is_empty() {
            continue;
        }
        let (previewed, really, subscription) =
            change(&mut provider, &before, &charged, &instant, policy, now);
        let expected = (expected, told.total.amount);
        assert_eq!(previewed, expected, "previewed at {present} for {told:?}");
        assert_eq!(really, expected, "charged at {present}");
        let held_now = after(&before, &charged, &told, &instant, &subscription);
        match contract {
            None => met.first += 1,
            Some(_) => met.updates += 1,
        }
        contract = Some(Contract {
            plan: meant.plan.clone(),
            options: meant.options.clone(),
            ..held_now
        });
    }
    met
}

/// Selections that mostly can be had, and often cannot: from the file's own words, and a few that are not in it.
fn selections(playbook: &Playbook) -> impl Strategy<Value = Selection> + use<> {
    let catalog = playbook.catalog.clone();
    let mut plans: Vec<_> = catalog.plans.iter().map(|plan| plan.id.clone()).collect();
    plans.extend(catalog.plans.iter().flat_map(|plan| plan.aliases.clone()));
    plans.push("unheard-of".parse().expect("a plan id"));
    let mut currencies = playbook.seller.currencies.clone();
    currencies.extend([playbook.seller.currencies[0]; 4]);
    currencies.push(currency("KWD"));
    let intervals = vec![Interval::MONTH, Interval::MONTH, Interval::MONTH, Interval::YEAR];
    let rows: Vec<_> = catalog
        .rates
        .iter()
        .flat_map(|table| &table.rows)
        .map(|row| row.id.clone())
        .collect();
    let quantity = |offer: &changeover::domain::catalog::Offer| {
        let rule = offer.quantities;
        let steps = (rule.max - rule.min) / rule.step;
        let allowed = (0..=steps.min(40)).prop_map(move |nth| rule.min + nth * rule.step);
        prop_oneof![6 => allowed, 3 => Just(0), 1 => 0..=rule.max.saturating_add(3)]
    };
    let items: Vec<_> = catalog
        .items
        .iter()
        .filter_map(|item| {
            let offer = catalog.offers.iter().find(|offer| offer.item == item.id)?;
            let options = prop::collection::btree_set(
                prop::sample::select(if rows.is_empty() {
                    vec!["none".parse().expect("an id")]
                } else {
                    rows.clone()
                }),
                0..4,
            );
            let chosen = if item.options.is_some() {
                options.boxed()
            } else {
                Just(BTreeSet::new()).boxed()
            };
            Some((Just(item.id.clone()), quantity(offer), chosen))
        })
        .collect();
    let parts = (
        prop::sample::select(plans),
        prop::sample::select(currencies),
        prop::sample::select(intervals),
        items,
    );
    parts.prop_map(|(plan, currency, interval, items)| {
        let mut quantities = BTreeMap::new();
        let mut options = Options::new();
        for (item, quantity, chosen) in items {
            quantities.insert(item.clone(), quantity);
            if !chosen.is_empty() {
                options.insert(item, chosen);
            }
        }
        Selection {
            plan,
            quantities,
            options,
            currency,
            interval,
        }
    })
}

#[test]
fn no_selection_of_any_seller_panics_or_is_priced_otherwise_than_the_provider_does() {
    for (name, text) in shipped_workflows() {
        let playbook = Workflow::parse(name, text).expect("a sound file").playbook;
        let step = (
            0_i64..6 * 86_400,
            selections(&playbook),
            prop::bool::weighted(0.6),
        );
        let steps = prop::collection::vec(step, 1..6);
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(96)
        };
        let met = std::cell::Cell::new(Met::default());
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let run = runner.run(&steps, |steps| {
            let (before, now) = (met.get(), follow(&playbook, &steps));
            met.set(Met {
                first: before.first + now.first,
                updates: before.updates + now.updates,
                refused: before.refused + now.refused,
            });
            Ok(())
        });
        if let Err(failure) = run {
            panic!("{name}: {failure}");
        }
        let met = met.get();
        let enough = met.first > 30 && met.updates > 30 && met.refused > 30;
        assert!(enough, "{name}: too little was met: {met:?}");
    }
}
