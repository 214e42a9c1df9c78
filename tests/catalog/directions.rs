//! Which way a change goes: each seller's own table, never a comparison of prices.

use changeover::domain::catalog::{Condition, Differences, Direction, Playbook};

use super::combining::{holding, wanted};
use super::*;
use crate::support::shipped;

/// Which way it goes from what is held, and the conditions that hold.
fn way(playbook: &Playbook, held: &Contract, wanted: &Selection) -> (String, Vec<Condition>) {
    let meant = playbook.catalog.understood(wanted, Some(held));
    let target = playbook
        .catalog
        .resolve(&meant, Some(held))
        .expect("it can be had");
    let differences = Differences::between(&playbook.catalog, Some(held), &meant, &target);
    let direction = match playbook.policy.direction.decide(&differences) {
        Some(Direction::Immediate) => "immediate",
        Some(Direction::AtPeriodEnd) => "at_period_end",
        Some(Direction::Ticket) => "ticket",
        Some(Direction::Refused(_)) => "refused",
        None => "nothing",
    };
    (direction.to_owned(), differences.holds)
}

#[test]
fn a9_down_removing_unbundling_and_another_product_are_tickets_and_all_else_is_immediate() {
    let seller = shipped("activecampaign");
    let of = |plan: &str, interval: Interval, items: &[(&str, u64)]| wanted(plan, "EUR", interval, items);
    let held = [("contacts", 5000), ("seat", 2), ("custom-reporting", 1)];
    let month = Interval::MONTH;
    let contract = holding(&seller, &of("pro", month, &held));
    for (selection, expected) in [
        (of("pro", month, &held), "nothing"),
        (
            of(
                "pro",
                month,
                &[("contacts", 10_000), ("seat", 2), ("custom-reporting", 1)],
            ),
            "immediate",
        ),
        (
            of(
                "pro",
                month,
                &[("contacts", 2500), ("seat", 2), ("custom-reporting", 1)],
            ),
            "ticket",
        ),
        // More of one and less of another is less.
        (
            of(
                "pro",
                month,
                &[("contacts", 10_000), ("seat", 1), ("custom-reporting", 1)],
            ),
            "ticket",
        ),
        (of("pro", month, &[("contacts", 5000), ("seat", 2)]), "ticket"),
        (of("enterprise", month, &held), "immediate"),
        (of("plus", month, &held), "ticket"),
        (of("bundle-pro", month, &held), "immediate"),
        (of("bundle-enterprise", month, &held), "immediate"),
        (
            of("sales-pro", month, &[("contacts", 5000), ("seat", 2)]),
            "ticket",
        ),
        (of("pro", Interval::YEAR, &held), "immediate"),
    ] {
        let (direction, holds) = way(&seller, &contract, &selection);
        assert_eq!(direction, expected, "{selection:?}: {holds:?}");
    }
    let bundled = holding(&seller, &of("bundle-pro", Interval::YEAR, &held));
    let back = of("pro", Interval::YEAR, &held);
    let (direction, holds) = way(&seller, &bundled, &back);
    assert_eq!(direction, "ticket");
    assert!(holds.contains(&Condition::Unbundled) && holds.contains(&Condition::FamilyChanges));
    let monthly = of("bundle-pro", month, &held);
    assert_eq!(way(&seller, &bundled, &monthly).0, "ticket");
}

#[test]
fn z10_up_and_down_are_the_same_button() {
    let zenvia = shipped("zenvia");
    let of = |plan: &str, package: &str| {
        let mut selection = wanted(plan, "BRL", Interval::MONTH, &[(package, 1)]);
        let channels = [String::from("sms").try_into().expect("an option")];
        selection
            .options
            .insert(package.parse().expect("an item"), channels.into());
        selection
    };
    let held = holding(&zenvia, &of("expert", "package-m"));
    for (plan, package, expected) in [
        ("enterprise", "package-m", Condition::PlanHigher),
        ("starter", "package-m", Condition::PlanLower),
        ("expert", "package-l", Condition::ChoiceHigher),
        ("expert", "package-s", Condition::ChoiceLower),
    ] {
        let (direction, holds) = way(&zenvia, &held, &of(plan, package));
        assert_eq!(direction, "immediate", "{plan} {package}");
        assert!(holds.contains(&expected), "{holds:?}");
        // Another package is one choice instead of another, not one item less and one more.
        assert!(!holds.contains(&Condition::ItemRemoved) && !holds.contains(&Condition::AnyQuantityLower));
    }
}

#[test]
fn a_currency_is_refused_in_the_sellers_own_words() {
    let zenvia = shipped("zenvia");
    let mut selection = wanted("expert", "BRL", Interval::MONTH, &[("package-m", 1)]);
    let channels = [String::from("sms").try_into().expect("an option")];
    selection
        .options
        .insert("package-m".parse().expect("an item"), channels.into());
    let held = holding(&zenvia, &selection);
    selection.currency = currency("USD");
    let answer = zenvia
        .policy
        .direction
        .of_plan(&zenvia.catalog, &held, &selection);
    assert!(matches!(answer, Some(Direction::Refused(_))), "{answer:?}");
}

#[test]
fn rows_can_be_limited_to_items_and_plans() {
    let text = include_str!("../../workflows/sharpspring.toml").replace(
        "[[directions]]\nthen = \"immediate\"",
        "[[directions]]\nwhen = [\"item_removed\"]\nitems = [\"direct-support\"]\nfrom = [\"licence-m\"]\nthen = \"ticket\"\n\n\
         [[directions]]\nthen = \"immediate\"",
    );
    let playbook = Workflow::parse("sharpspring.toml", &text)
        .expect("sound")
        .playbook;
    let of = |plan: &str, items: &[(&str, u64)]| wanted(plan, "USD", Interval::MONTH, items);
    let both = [("sales-optimiser", 1), ("direct-support", 1)];
    let held = holding(&playbook, &of("licence-m", &both));
    assert_eq!(
        way(&playbook, &held, &of("licence-m", &[("sales-optimiser", 1)])).0,
        "ticket"
    );
    assert_eq!(
        way(&playbook, &held, &of("licence-m", &[("direct-support", 1)])).0,
        "immediate"
    );
    let elsewhere = holding(&playbook, &of("licence-l", &both));
    assert_eq!(
        way(&playbook, &elsewhere, &of("licence-l", &[("sales-optimiser", 1)])).0,
        "immediate"
    );
}
