//! What happens to a contract past the changes that its owner makes here.

use changeover::domain::account::{
    ContractEvent, ContractFact, ObservedItem, ObservedPrice, RenewedLine, observe,
};

use super::*;

const NOW: &str = "2026-04-10T04:00:00Z";

fn march() -> Period {
    days("2026-03-10", "2026-04-10")
}

fn april() -> Period {
    days("2026-04-10", "2026-05-10")
}

fn ana() -> Contract {
    anas_contract(
        vec![
            held("item:device", 9_700, 2, Some((19_400, march()))),
            held("item:user-seat", 4_990, 1, Some((4_990, march()))),
        ],
        Some(march()),
    )
}

fn renewal(period: Period) -> ContractFact {
    let line = |item: &str, amount| RenewedLine {
        item: item.to_owned(),
        amount: brl(amount),
        period,
    };
    ContractFact::Renewed(vec![
        line("si_item:device", 19_400),
        line("si_item:user-seat", 4_990),
    ])
}

fn seen(line: &str, unit: i64, quantity: u64) -> ObservedItem {
    let HeldLine {
        key,
        price_ref,
        price,
        ..
    } = held(line, unit, quantity, None);
    let price = Some(ObservedPrice {
        key,
        price_ref,
        price,
    });
    ObservedItem {
        item: format!("si_{line}"),
        price,
        quantity,
    }
}

#[test]
fn a_renewal_moves_the_period_and_every_debit_on() {
    let after = observe(&ana(), &renewal(april()), at(NOW));
    assert_eq!(
        after.events,
        [ContractEvent::Renewed {
            period: april(),
            amount: brl(24_390)
        }]
    );
    assert_eq!(after.contract.periods, [april()]);
    let debits: Vec<_> = after
        .contract
        .lines
        .iter()
        .filter_map(|line| line.debit)
        .collect();
    assert!(
        debits
            .iter()
            .all(|debit| debit.from == april().start && debit.until == april().end)
    );
    assert_eq!(debits.len(), 2);
    assert_eq!(after.contract.version, 2);
}

#[test]
fn i20_a_fact_that_is_known_changes_nothing() {
    let facts = [
        renewal(april()),
        ContractFact::SetToCancel(Some(april().end)),
        ContractFact::Items(vec![seen("item:device", 9_700, 3)]),
        ContractFact::Cancelled,
    ];
    for fact in facts {
        let once = observe(&ana(), &fact, at(NOW));
        assert!(!once.events.is_empty());
        let twice = observe(&once.contract, &fact, at(NOW));
        assert_eq!(twice.events, [], "{fact:?}");
        assert_eq!(twice.contract, once.contract, "{fact:?}");
    }
}

#[test]
fn b4_an_older_renewal_told_late_never_goes_back() {
    let renewed = observe(&ana(), &renewal(april()), at(NOW)).contract;
    let late = observe(&renewed, &renewal(march()), at(NOW));
    assert_eq!(late.events, []);
    assert_eq!(late.contract, renewed);
}

#[test]
fn b4_a_line_that_came_later_takes_no_debit_from_a_period_that_is_over() {
    let mut renewed = observe(&ana(), &renewal(april()), at(NOW)).contract;
    for line in &mut renewed.lines {
        line.debit = None;
    }
    let late = observe(&renewed, &renewal(march()), at(NOW));
    assert_eq!((late.events.len(), late.contract), (0, renewed));
}

#[test]
fn an_end_that_is_set_can_be_withdrawn() {
    let end = march().end;
    let ending = observe(&ana(), &ContractFact::SetToCancel(Some(end)), at(NOW)).contract;
    assert_eq!(ending.status, ContractStatus::Ending { at: end });
    let again = observe(&ending, &ContractFact::SetToCancel(None), at(NOW));
    assert_eq!(again.events, [ContractEvent::EndWithdrawn]);
    assert_eq!(again.contract.status, ContractStatus::Active);
}

#[test]
fn when_the_extras_end_the_plan_that_was_bought_elsewhere_stays() {
    let after = observe(&ana(), &ContractFact::Cancelled, at(NOW));
    assert_eq!(after.events, [ContractEvent::Ended { at: at(NOW) }]);
    assert_eq!(after.contract.status, ContractStatus::Active);
    assert_eq!(after.contract.lines.len(), 1);
    assert_eq!(
        (after.contract.subscription, after.contract.periods),
        (None, vec![])
    );
}

#[test]
fn when_everything_ends_so_does_the_contract_and_nothing_revives_it() {
    let mut only_extras = ana();
    only_extras.lines.remove(0);
    let ended = observe(&only_extras, &ContractFact::Cancelled, at(NOW)).contract;
    assert_eq!(ended.status, ContractStatus::Cancelled);
    let late = observe(&ended, &renewal(april()), at(NOW));
    assert_eq!((late.events.len(), late.contract), (0, ended));
}

#[test]
fn an_edit_at_the_provider_is_taken_over_line_by_line() {
    let items = vec![
        seen("item:device", 9_700, 5),
        seen("item:whatsapp-device", 14_700, 1),
    ];
    let after = observe(&ana(), &ContractFact::Items(items), at(NOW));
    let edited = |line: &str, from, to| ContractEvent::EditedElsewhere {
        key: key(line),
        from,
        to,
    };
    assert_eq!(
        after.events,
        [
            edited("item:user-seat", 1, 0),
            edited("item:device", 2, 5),
            edited("item:whatsapp-device", 0, 1),
        ]
    );
    assert_eq!(after.contract.quantity(&key("item:device")), 5);
    assert_eq!(
        after.contract.quantity(&LineKey::Plan),
        1,
        "what is outside is not the provider's to take away"
    );
}

#[test]
fn what_this_program_did_not_sell_is_pointed_out_and_not_taken_over() {
    let mut items = vec![seen("item:device", 9_700, 2), seen("item:user-seat", 4_990, 1)];
    items.push(ObservedItem {
        item: "si_foreign".to_owned(),
        price: None,
        quantity: 1,
    });
    let after = observe(&ana(), &ContractFact::Items(items), at(NOW));
    assert_eq!(
        after.events,
        [ContractEvent::Unrecognised {
            item: "si_foreign".to_owned()
        }]
    );
    assert_eq!(after.contract, ana());
}

#[test]
fn a_contract_is_stored_and_read_back_unchanged() {
    let stored = serde_json::to_string(&ana()).expect("it can be written");
    let read: Contract = serde_json::from_str(&stored).expect("it can be read");
    assert_eq!(read, ana());
}
