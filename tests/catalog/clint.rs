//! What Clint sells and how its customers may change it (rows C1 to C10 of the sellers' list).

use changeover::domain::account::Permission;
use changeover::domain::catalog::{
    Condition, Differences, Direction, LineMove, Place, PlanId, SelectionProblem,
};

use super::*;

fn direction_of(contract: &Contract, wanted: &Selection) -> (Differences, Option<Direction>) {
    let workflow = clint();
    let catalog = &workflow.playbook.catalog;
    let target = catalog
        .resolve(wanted, Some(contract))
        .expect("a possible selection");
    let differences = Differences::between(catalog, Some(contract), wanted, &target);
    let direction = workflow.playbook.policy.direction.decide(&differences).cloned();
    (differences, direction)
}

fn with_two_devices() -> Contract {
    let period = days("2026-03-10", "2026-04-10");
    anas_contract(
        vec![held("item:device", 9_700, 2, Some((19_400, period)))],
        Some(period),
    )
}

#[test]
fn c1_only_the_owner_may_change_and_the_others_read_who_can() {
    let roles = clint().playbook.policy.roles;
    let role = |name: &str| name.parse().expect("a role");
    let allowed = |name: &str| roles.allow(&role(name), &[], Permission::ChangePlan);
    assert_eq!(allowed("owner"), Ok(()));
    for other in ["admin", "member", "janitor"] {
        let refusal = allowed(other).expect_err("not the owner");
        assert_eq!(refusal.who_can, [role("owner")]);
        assert!(refusal.to_string().ends_with("who has it: owner"));
    }
}

#[test]
fn c3_the_target_names_every_line_with_its_price_and_how_it_moves() {
    let wanted = selection("growth", &[("device", 4), ("user-seat", 3)]);
    let contract = with_two_devices();
    let target = clint()
        .playbook
        .catalog
        .resolve(&wanted, Some(&contract))
        .expect("possible");
    let shown: Vec<_> = target
        .iter()
        .map(|line| {
            (
                line.key.to_string(),
                line.quantity,
                line.place,
                line.amount().expect("fits").amount,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("plan".to_owned(), 1, Place::Outside, 59_700),
            ("item:device".to_owned(), 4, Place::Provider, 38_800),
            ("item:user-seat".to_owned(), 3, Place::Provider, 14_970),
        ]
    );
    let (differences, _) = direction_of(&contract, &wanted);
    assert_eq!(
        differences.moves[&key("item:device")],
        LineMove { from: 2, to: 4 }
    );
    assert_eq!(
        differences.moves[&key("item:user-seat")],
        LineMove { from: 0, to: 3 }
    );
    assert_eq!(differences.moves.len(), 2);
}

#[test]
fn c5_extras_are_monthly_whatever_the_plans_interval_is() {
    let book = clint().playbook;
    let mut contract = anas_contract(Vec::new(), None);
    let yearly = book
        .catalog
        .plan(&contract.plan)
        .and_then(|plan| plan.price(contract.currency, Interval::YEAR));
    contract.lines[0].price = yearly.expect("a yearly price").clone();
    let wanted = Selection {
        interval: Interval::YEAR,
        ..selection("growth", &[("device", 1)])
    };
    let target = clint()
        .playbook
        .catalog
        .resolve(&wanted, Some(&contract))
        .expect("possible");
    let device = target
        .iter()
        .find(|line| line.key == key("item:device"))
        .expect("wanted");
    assert_eq!(device.price.interval, Interval::MONTH);
    assert!(
        device
            .price_ref
            .as_str()
            .starts_with("clint.growth.device.brl.month.")
    );
}

#[test]
fn c9_the_whatsapp_device_is_refused_on_start_and_the_refusal_names_the_plans_that_allow_it() {
    let catalog = clint().playbook.catalog;
    for plan in ["growth", "elite"] {
        assert!(
            catalog
                .resolve(&selection(plan, &[("whatsapp-device", 7)]), None)
                .is_ok()
        );
    }
    let refused = catalog
        .resolve(&selection("start", &[("whatsapp-device", 1)]), None)
        .expect_err("not on Start");
    let [SelectionProblem::Ineligible { allowed_on, .. }] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    assert_eq!(
        allowed_on.iter().map(PlanId::as_str).collect::<Vec<_>>(),
        ["growth", "elite"]
    );
}

#[test]
fn a_plan_without_any_extras_is_a_selection_too() {
    for plan in ["start", "growth", "elite"] {
        let target = clint()
            .playbook
            .catalog
            .resolve(&selection(plan, &[]), None)
            .expect("possible");
        assert_eq!(target.len(), 1);
        assert_eq!((&target[0].key, target[0].quantity), (&LineKey::Plan, 1));
    }
}

#[test]
fn another_plan_prices_every_line_anew_and_is_told_by_its_place_in_the_list() {
    let period = days("2026-03-10", "2026-04-10");
    let extras = vec![held("plan", 59_700, 1, None), held("item:device", 9_700, 2, None)];
    let mut contract = anas_contract(extras, Some(period));
    contract.lines.remove(0);
    let catalog = clint().playbook.catalog;
    for (plan, direction, other, unit) in [
        ("elite", Condition::PlanHigher, Condition::PlanLower, 8_700),
        ("start", Condition::PlanLower, Condition::PlanHigher, 9_700),
    ] {
        let wanted = selection(plan, &[("device", 2)]);
        let target = catalog.resolve(&wanted, Some(&contract)).expect("possible");
        assert_eq!(target[1].amount(), Ok(brl(2 * unit)));
        assert!(
            target[1]
                .price_ref
                .as_str()
                .starts_with(&format!("clint.{plan}.device."))
        );
        let differences = Differences::between(&catalog, Some(&contract), &wanted, &target);
        assert!(
            differences.holds.contains(&Condition::PlanChanges) && differences.holds.contains(&direction)
        );
        assert!(!differences.holds.contains(&other) && !differences.nothing);
        assert!(differences.moves.is_empty(), "the quantity stays");
    }
}

#[test]
fn c10_more_is_immediate_less_is_a_ticket_another_plan_is_for_support() {
    let contract = with_two_devices();
    let direction = |wanted: &Selection| direction_of(&contract, wanted).1;
    assert_eq!(
        direction(&selection("growth", &[("device", 3)])),
        Some(Direction::Immediate)
    );
    assert_eq!(
        direction(&selection("growth", &[("device", 1)])),
        Some(Direction::Ticket)
    );
    assert_eq!(direction(&selection("growth", &[])), Some(Direction::Ticket));
    let mixed = selection("growth", &[("device", 1), ("user-seat", 9)]);
    assert_eq!(direction(&mixed), Some(Direction::Ticket));
    assert_eq!(
        direction(&selection("growth", &[("device", 2)])),
        None,
        "nothing changes"
    );
}

#[test]
fn c10_another_plan_is_refused_with_words_in_every_language() {
    let period = days("2026-03-10", "2026-04-10");
    let mut contract = with_two_devices();
    contract.lines[0] = held("plan", 59_700, 1, Some((59_700, period)));
    let (_, direction) = direction_of(&contract, &selection("elite", &[("device", 2)]));
    let Some(Direction::Refused(texts)) = direction else {
        panic!("{direction:?}")
    };
    assert_eq!(texts.len(), 2);
}

#[test]
fn c2_only_the_held_plan_can_be_edited_and_the_others_lead_to_support() {
    let book = clint().playbook;
    // Growth was bought in another way: the seller's words are there for that too.
    let contract = anas_contract(vec![], None);
    let says = |plan: &str| {
        let wanted = selection(plan, &[]);
        book.policy.direction.of_plan(&book.catalog, &contract, &wanted)
    };
    assert_eq!(says("growth"), None);
    for other in ["start", "elite"] {
        let Some(Direction::Refused(texts)) = says(other) else {
            panic!("{other}")
        };
        assert!(texts.values().all(|text| text.contains("sup")), "{texts:?}");
    }
}

#[test]
fn a_plan_that_was_bought_in_another_way_cannot_be_changed_here() {
    let refused = clint()
        .playbook
        .catalog
        .resolve(&selection("elite", &[]), Some(&anas_contract(vec![], None)));
    let bought_outside = SelectionProblem::BoughtOutside { key: LineKey::Plan };
    assert_eq!(refused, Err(vec![bought_outside]));
}

#[test]
fn all_that_is_wrong_with_a_selection_is_told_at_once() {
    let wanted = Selection {
        currency: currency("USD"),
        ..selection(
            "start",
            &[("device", 101), ("whatsapp-device", 1), ("toaster", 1)],
        )
    };
    let refused = clint()
        .playbook
        .catalog
        .resolve(&wanted, Some(&with_two_devices()))
        .expect_err("all wrong");
    let codes: Vec<_> = refused.iter().map(SelectionProblem::code).collect();
    assert_eq!(
        codes,
        [
            "other_currency",
            "bought_outside",
            "out_of_bounds",
            "ineligible",
            "unknown_item"
        ]
    );
    let unknown = clint().playbook.catalog.resolve(&selection("mega", &[]), None);
    let plan = "mega".parse().expect("a plan id");
    assert_eq!(unknown, Err(vec![SelectionProblem::UnknownPlan { plan }]));
}

#[test]
fn the_refused_quantity_comes_with_its_bounds() {
    let refused = clint()
        .playbook
        .catalog
        .resolve(&selection("elite", &[("device", 501)]), None);
    let item = "device".parse().expect("an item id");
    let bounds = SelectionProblem::OutOfBounds {
        item,
        quantity: 501,
        min: 0,
        max: 500,
        step: 1,
    };
    assert_eq!(refused, Err(vec![bounds]));
}

#[test]
fn an_untouched_line_keeps_its_old_price_and_a_touched_one_takes_the_new() {
    let period = days("2026-03-10", "2026-04-10");
    let old = |line| held(line, 1_000, 2, Some((2_000, period)));
    let contract = anas_contract(vec![old("item:device"), old("item:user-seat")], Some(period));
    let wanted = selection("growth", &[("device", 2), ("user-seat", 3)]);
    let target = clint()
        .playbook
        .catalog
        .resolve(&wanted, Some(&contract))
        .expect("possible");
    let amount = |line: &str| {
        let found = target.iter().find(|target| target.key == key(line));
        found.expect("wanted").amount().expect("fits").amount
    };
    assert_eq!(amount("item:device"), 2_000);
    assert_eq!(amount("item:user-seat"), 14_970);
}

#[test]
fn what_is_held_can_be_selected_again_and_changes_nothing() {
    let contract = with_two_devices();
    let (differences, direction) = direction_of(&contract, &Selection::of_contract(&contract));
    assert!(differences.nothing && differences.moves.is_empty());
    assert_eq!(differences.holds, [Condition::PlanStays]);
    assert_eq!(direction, None);
}

#[test]
fn a_customer_is_led_back_to_listed_addresses_only() {
    let seller = clint().playbook.seller;
    for good in [
        "https://app.clint.example/",
        "https://app.clint.example/conta?x=1",
    ] {
        assert!(seller.may_return_to(good), "{good}");
    }
    for bad in [
        "",
        "https://app.clint.example",
        "https://app.clint.example.evil.example/",
        "https://app.clint.example@evil.example/",
        "http://app.clint.example/",
        "http://127.0.0.1:8080/sample/clint/../../console",
        "http://127.0.0.1:8080/sample/clint/%2E%2e/console",
        "https://app.clint.example/\\evil.example",
        "https://app.clint.example/\r\nx",
        "javascript:alert(1)",
    ] {
        assert!(!seller.may_return_to(bad), "{bad}");
    }
}
