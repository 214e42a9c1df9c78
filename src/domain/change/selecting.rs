//! Choosing: what may be selected, by whom, and which way it goes.

use statig::Outcome;

use super::decide::{Context, Turn};
use super::refusal::{Refusal, RefusalCode};
use super::stage::Stage;
use super::tickets;
use crate::domain::account::Contract;
use crate::domain::catalog::{Catalog, Differences, Direction, Selection, Service, TargetLine};
use crate::domain::language::{Texts, said};

/// Replaces the selection.
pub(super) fn select(context: &mut Context<'_>, selection: &Selection) -> Outcome<Stage> {
    let selection = understood(selection, context.turn);
    let next = check(&selection, context.turn).map(|_| Stage::Draft {
        selection,
        problem: None,
    });
    context.go(next)
}

/// The selection as it is carried out, by the rules of this change.
pub(super) fn understood(selection: &Selection, turn: Turn<'_>) -> Selection {
    turn.playbook.catalog.understood(selection, Some(turn.contract))
}

/// Asks what the selection costs, or turns it into a ticket where the seller's policy says so.
pub(super) fn ask_quote(context: &mut Context<'_>, selection: &Selection) -> Outcome<Stage> {
    match check(selection, context.turn) {
        Err(refusal) => context.refuse(refusal),
        Ok(Direction::Ticket) => tickets::file(context, selection, None),
        Ok(_) => Outcome::Transition(Stage::QuotePending {
            selection: selection.clone(),
            billing_given: false,
            drift: None,
        }),
    }
}

/// Whether the selection can be had, and which way it goes by the seller's policy.
pub(super) fn check(selection: &Selection, turn: Turn<'_>) -> Result<Direction, Refusal> {
    let catalog = &turn.playbook.catalog;
    // The seller's own words about its plans come first: a plan that was bought in another way could not even be resolved.
    let direction = &turn.playbook.policy.direction;
    if let Some(Direction::Refused(texts)) = direction.of_plan(catalog, turn.contract, selection)
        && catalog.plan(&selection.plan).is_some()
    {
        return Err(not_offered(texts, turn));
    }
    let service = Service::of(turn.account, turn.now, &turn.playbook.seller.time_zone);
    let target = to_be_had(catalog, selection, turn.contract, &service)?;
    way(selection, &target, turn)
}

/// The lines of a selection that this contract can have now; else what is wrong with it, field by field.
pub fn to_be_had(
    catalog: &Catalog,
    selection: &Selection,
    contract: &Contract,
    service: &Service<'_>,
) -> Result<Vec<TargetLine>, Refusal> {
    let target = catalog
        .resolve(selection, Some(contract))
        .map_err(|problems| Refusal::of_selection(&problems, "/selection"))?;
    let too_soon = catalog.too_soon(selection, Some(contract), service);
    if too_soon.is_empty() {
        Ok(target)
    } else {
        Err(Refusal::of_too_soon(&too_soon, "/selection", service.now))
    }
}

fn way(selection: &Selection, target: &[TargetLine], turn: Turn<'_>) -> Result<Direction, Refusal> {
    let playbook = turn.playbook;
    let differences = Differences::between(&playbook.catalog, Some(turn.contract), selection, target);
    let support = &playbook.seller.support.email;
    match playbook.policy.direction.decide(&differences) {
        None if differences.nothing => Err(Refusal::new(
            RefusalCode::NothingChanges,
            "This is what the contract holds already. Change a quantity or the plan, then ask again.",
        )),
        Some(direction @ (Direction::Immediate | Direction::Ticket | Direction::AtPeriodEnd)) => {
            Ok(direction.clone())
        }
        Some(Direction::Refused(texts)) => Err(not_offered(texts, turn)),
        None => Err(Refusal::new(
            RefusalCode::ChangeNotOffered,
            format!("This change cannot be made here. The seller's support helps: {support}."),
        )),
    }
}

fn not_offered(texts: &Texts, turn: Turn<'_>) -> Refusal {
    let refusal = |detail: &str| Refusal::new(RefusalCode::ChangeNotOffered, detail).at("/selection/plan");
    match said(texts, turn.account.language) {
        Some(words) => refusal(words).saying(words),
        None => refusal(&format!(
            "Please write to {}.",
            turn.playbook.seller.support.email
        )),
    }
}
