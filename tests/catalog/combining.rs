//! What has to be there together, what is on top of what, and what becomes of it on another plan.

use changeover::domain::catalog::{Differences, ItemId, OptionId, Playbook, SelectionProblem, Service};
use jiff::tz::TimeZone;

use super::*;
use crate::support::shipped;

/// A selection of another seller than Clint.
pub fn wanted(plan: &str, code: &str, interval: Interval, quantities: &[(&str, u64)]) -> Selection {
    Selection {
        currency: currency(code),
        interval,
        ..selection(plan, quantities)
    }
}

/// The same, with these options of an item.
fn with(mut selection: Selection, item: &str, options: &[&str]) -> Selection {
    let options = options.iter().map(|option| option.parse().expect("an option id"));
    selection.options.insert(named(item), options.collect());
    selection
}

fn named(item: &str) -> ItemId {
    item.parse().expect("an item id")
}

/// A contract that holds this selection at the provider.
pub fn holding(playbook: &Playbook, selection: &Selection) -> Contract {
    let target = playbook
        .catalog
        .resolve(selection, None)
        .expect("what can be held");
    let lines = target.into_iter().map(|line| HeldLine {
        outside: None,
        place: LinePlace::Provider {
            item: format!("si_{}", line.key),
        },
        key: line.key,
        price_ref: line.price_ref,
        price: line.price,
        quantity: line.quantity,
        debit: None,
    });
    Contract {
        seller: playbook.seller.id.clone(),
        plan: selection.plan.clone(),
        currency: selection.currency,
        lines: lines.collect(),
        options: selection.options.clone(),
        subscription: Some("sub_1".to_owned()),
        ..anas_contract(vec![], None)
    }
}

fn codes(problems: &[SelectionProblem]) -> Vec<&'static str> {
    problems.iter().map(SelectionProblem::code).collect()
}

/// The codes of what is wrong with it.
fn refused(playbook: &Playbook, wanted: &Selection, held: Option<&Contract>) -> Vec<&'static str> {
    let meant = playbook.catalog.understood(wanted, held);
    codes(
        &playbook
            .catalog
            .resolve(&meant, held)
            .expect_err("it cannot be had"),
    )
}

#[test]
fn z1_a_plan_is_always_had_with_exactly_one_package() {
    let zenvia = shipped("zenvia");
    let on = |quantities: &[(&str, u64)]| wanted("expert", "BRL", Interval::MONTH, quantities);
    assert_eq!(refused(&zenvia, &on(&[]), None), ["group_incomplete"]);
    let two = with(on(&[("package-s", 1), ("package-m", 1)]), "package-s", &["sms"]);
    assert_eq!(
        refused(&zenvia, &with(two, "package-m", &["sms"]), None),
        ["group_exceeded"]
    );
    let problems = zenvia.catalog.resolve(&on(&[]), None).expect_err("no package");
    assert_eq!(problems[0].instead(), ["package-s", "package-m", "package-l"]);
    assert_eq!(
        problems[0].to_string(),
        "one of `channel-package` is needed beside the plan: `package-s`, `package-m` or `package-l`"
    );
    let whole = with(on(&[("package-m", 1)]), "package-m", &["sms", "whatsapp"]);
    let lines = zenvia
        .catalog
        .resolve(&whole, None)
        .expect("a plan and its package");
    let keys: Vec<_> = lines.iter().map(|line| line.key.to_string()).collect();
    assert_eq!(keys, ["plan", "item:package-m"]);
}

#[test]
fn z3_channels_are_chosen_from_the_list_within_the_packages_bounds() {
    let zenvia = shipped("zenvia");
    let small = |options: &[&str]| {
        let selection = wanted("starter", "USD", Interval::MONTH, &[("package-s", 1)]);
        with(selection, "package-s", options)
    };
    assert_eq!(refused(&zenvia, &small(&[]), None), ["options_out_of_bounds"]);
    let four = small(&["sms", "email", "rcs", "voice"]);
    assert_eq!(refused(&zenvia, &four, None), ["options_out_of_bounds"]);
    assert_eq!(refused(&zenvia, &small(&["fax"]), None), ["unknown_option"]);
    let held = holding(&zenvia, &small(&["sms"]));
    // Other channels of the same package: no price moves, and it is a change all the same.
    let other = small(&["email", "whatsapp"]);
    let target = zenvia.catalog.resolve(&other, Some(&held)).expect("possible");
    let differences = Differences::between(&zenvia.catalog, Some(&held), &other, &target);
    assert!(!differences.nothing && differences.moves.is_empty());
    assert_eq!(differences.rechosen, [named("package-s")].into());
}

#[test]
fn s4_packs_can_be_bought_once_the_add_on_is_held_and_not_with_it() {
    let seller = shipped("activecampaign");
    let on = |quantities: &[(&str, u64)]| {
        let all: Vec<_> = [("contacts", 1000)].iter().chain(quantities).copied().collect();
        wanted("plus", "BRL", Interval::MONTH, &all)
    };
    let without = holding(&seller, &on(&[]));
    let both = on(&[("sms", 1), ("sms-credits", 2)]);
    assert_eq!(refused(&seller, &both, Some(&without)), ["needs_item"]);
    assert_eq!(
        refused(&seller, &on(&[("sms-credits", 2)]), Some(&without)),
        ["needs_item"]
    );
    let with_sms = holding(&seller, &on(&[("sms", 1)]));
    let lines = seller
        .catalog
        .resolve(&both, Some(&with_sms))
        .expect("now it can be had");
    assert_eq!(lines.len(), 4);
    // Held packs cannot stay without what they are on top of.
    let mut full = with_sms.clone();
    full.lines.extend(
        lines
            .iter()
            .filter(|line| line.key == key("item:sms-credits"))
            .map(|line| HeldLine {
                outside: None,
                place: LinePlace::Provider {
                    item: "si_packs".to_owned(),
                },
                key: line.key.clone(),
                price_ref: line.price_ref.clone(),
                price: line.price.clone(),
                quantity: line.quantity,
                debit: None,
            }),
    );
    assert_eq!(
        refused(&seller, &on(&[("sms-credits", 2)]), Some(&full)),
        ["needs_item"]
    );
    assert!(
        seller.catalog.resolve(&both, Some(&full)).is_ok(),
        "what is held stays possible"
    );
}

#[test]
fn a10_an_add_on_that_the_other_plan_does_not_offer_ends_with_the_change_and_its_packs_too() {
    let seller = shipped("activecampaign");
    let full = wanted(
        "pro",
        "EUR",
        Interval::MONTH,
        &[
            ("contacts", 2500),
            ("seat", 2),
            ("sms", 1),
            ("custom-reporting", 1),
        ],
    );
    let held = holding(&seller, &full);
    let down = Selection {
        plan: "starter".parse().expect("a plan"),
        ..full.clone()
    };
    let meant = seller.catalog.understood(&down, Some(&held));
    let kept: Vec<_> = meant.quantities.keys().map(ToString::to_string).collect();
    assert_eq!(kept, ["contacts", "seat"]);
    let target = seller.catalog.resolve(&meant, Some(&held)).expect("possible");
    let differences = Differences::between(&seller.catalog, Some(&held), &meant, &target);
    assert_eq!(
        differences.dropped,
        [named("sms"), named("custom-reporting")].into()
    );
    // Who asks for more of it than is held means to buy it: that is refused, and says where it can be had.
    let mut more = down;
    more.quantities.insert(named("sms-credits"), 1);
    assert!(refused(&seller, &more, Some(&held)).contains(&"ineligible"));
}

#[test]
fn s1_the_sms_add_on_can_be_had_on_plus_pro_and_enterprise_only() {
    let seller = shipped("activecampaign");
    for plan in &seller.catalog.plans {
        let selection = wanted(
            plan.id.as_str(),
            "USD",
            Interval::YEAR,
            &[("contacts", 1000), ("sms", 1)],
        );
        let answer = seller.catalog.resolve(&selection, None);
        let name = plan.name.values().next().expect("a name");
        let wide = ["Plus", "Pro", "Enterprise"]
            .iter()
            .any(|tier| name.ends_with(tier));
        let sold = wide
            && plan
                .family
                .as_ref()
                .is_some_and(|family| family.as_str() != "sales");
        assert_eq!(answer.is_ok(), sold, "{}", plan.id);
        if let Err(problems) = answer {
            assert!(problems[0].to_string().contains("`plus`"), "{}", problems[0]);
        }
    }
}

#[test]
fn s2_an_annual_charge_grants_its_credits_every_month() {
    let seller = shipped("activecampaign");
    let plan = "plus".parse().expect("a plan");
    let offer = seller.catalog.offer(&plan, &named("sms")).expect("an offer");
    for code in ["EUR", "USD", "BRL"] {
        let [month, year] = [Interval::MONTH, Interval::YEAR].map(|interval| {
            let price = offer.price(currency(code), interval).expect("a price");
            price.amount(1).expect("an amount").amount
        });
        assert!(
            year > 9 * month && year < 12 * month,
            "{code}: {month} a month, {year} a year"
        );
    }
    // Whatever the charge, the same number every month.
    let granted = seller.catalog.granted(&plan, Some(&named("sms")));
    let told: Vec<_> = granted
        .iter()
        .map(|(credit, units)| (credit.id.as_str(), *units))
        .collect();
    assert_eq!(told, [("sms", 1000)]);
}

#[test]
fn an_offer_that_asks_for_time_on_the_service_is_open_from_its_day() {
    let mut playbook = shipped("sharpspring");
    for offer in &mut playbook.catalog.offers {
        offer.after = Some(Interval::MONTH);
    }
    let wanted = wanted("licence-s", "USD", Interval::MONTH, &[("direct-support", 1)]);
    let since = at("2026-01-31T12:00:00Z");
    let asked = |now: &str| {
        let service = Service {
            since,
            now: at(now),
            time_zone: &TimeZone::UTC,
        };
        playbook.catalog.too_soon(&wanted, None, &service)
    };
    let early = asked("2026-02-27T12:00:00Z");
    assert_eq!(codes(&early), ["too_soon"]);
    assert!(
        early[0].to_string().contains("2026-02-28T12:00:00Z"),
        "{}",
        early[0]
    );
    assert!(asked("2026-02-28T12:00:00Z").is_empty());
}

#[test]
fn what_is_kept_on_another_plan_keeps_its_price_and_its_quantity() {
    let mut playbook = shipped("sharpspring");
    for item in &mut playbook.catalog.items {
        item.on_another_plan = changeover::domain::catalog::OnAnotherPlan::Keep;
    }
    let small = wanted("licence-s", "USD", Interval::MONTH, &[("direct-support", 1)]);
    let held = holding(&playbook, &small);
    let large = Selection {
        plan: "licence-l".parse().expect("a plan"),
        ..small
    };
    let target = playbook.catalog.resolve(&large, Some(&held)).expect("possible");
    let kept = target
        .iter()
        .find(|line| line.key == key("item:direct-support"))
        .expect("it is kept");
    let before = held.line(&key("item:direct-support")).expect("it is held");
    assert_eq!(
        (&kept.price_ref, kept.quantity),
        (&before.price_ref, before.quantity)
    );
}

#[test]
fn a4_a_plan_is_understood_by_its_other_names() {
    let seller = shipped("activecampaign");
    let asked = wanted("professional", "EUR", Interval::MONTH, &[("contacts", 1000)]);
    let meant = seller.catalog.understood(&asked, None);
    assert_eq!(meant.plan.as_str(), "pro");
    assert!(seller.catalog.resolve(&meant, None).is_ok());
}

#[test]
fn choices_that_belong_to_nothing_are_left_out_and_unknown_ones_are_told() {
    let zenvia = shipped("zenvia");
    let moved = with(
        wanted("starter", "BRL", Interval::MONTH, &[("package-m", 1)]),
        "package-m",
        &["sms"],
    );
    let meant = zenvia
        .catalog
        .understood(&with(moved.clone(), "package-s", &["email"]), None);
    assert_eq!(meant, moved);
    let unknown = with(moved, "package-xl", &["email"]);
    assert_eq!(refused(&zenvia, &unknown, None), ["unknown_item"]);
    let of_plan = with(
        wanted("plus", "EUR", Interval::MONTH, &[("contacts", 1000)]),
        "contacts",
        &["email"],
    );
    assert_eq!(
        refused(&shipped("activecampaign"), &of_plan, None),
        ["without_options"]
    );
    assert!("E-Mail".parse::<OptionId>().is_err());
}
