//! Who may do what: the role and the permissions that the seller's backend vouches for, held against the seller's rules.

use super::actor::Actor;
use super::decide::Turn;
use super::event::Event;
use super::refusal::{Refusal, RefusalCode};
use crate::domain::account::{ClientTerms, Contract, MayNot, Permission};
use crate::domain::catalog::{Playbook, RoleId, Selection};

/// Whether this person may do what needs a permission; the refusal names who may.
pub fn permitted(playbook: &Playbook, actor: &Actor, needs: Permission) -> Result<(), Refusal> {
    let asserted = actor.role.as_deref().unwrap_or_default();
    let Ok(role) = asserted.parse::<RoleId>() else {
        let detail = "A customer's command needs the role of the person who acts, in `actor.role`.";
        return Err(Refusal::new(RefusalCode::RoleNotAllowed, detail).at("/actor/role"));
    };
    let allowed = playbook.policy.roles.allow(&role, &actor.permissions, needs);
    allowed.map_err(|no| refuse(&no))
}

/// Whether this person may bring this event about: by role, by whose people they are, and by who pays.
pub(super) fn may_act(event: &Event, turn: Turn<'_>) -> Result<(), Refusal> {
    let (actor, contract) = (turn.actor, turn.contract);
    let of_the_holder = actor.account.is_none_or(|account| account == contract.account);
    let Some(client) = contract.client.as_deref() else {
        if of_the_holder {
            return permitted(turn.playbook, actor, Permission::ChangePlan);
        }
        return Err(a_stranger());
    };
    let of_the_agency = actor.account == Some(client.agency);
    if !of_the_holder && !of_the_agency {
        return Err(a_stranger());
    }
    let pays = matches!(
        event,
        Event::Accept { .. }
            | Event::GiveBillingInfo { .. }
            | Event::PassBillingInfo
            | Event::ChooseMethod { .. }
            | Event::Confirm { .. }
    );
    if pays && of_the_agency != (client.payer == client.agency) {
        return Err(not_the_payer(client));
    }
    if of_the_holder && !pays {
        if !client.access && !matches!(event, Event::Cancel { .. }) {
            let detail = "The agency has not given the client's people access to client services.";
            return Err(Refusal::new(RefusalCode::ClientAccessClosed, detail));
        }
        if let Event::Opened { selection } | Event::Select { selection } = event {
            by_the_client(selection, client, contract)?;
        }
    }
    let needs = if of_the_agency && !pays {
        Permission::ManageClients
    } else {
        Permission::ChangePlan
    };
    permitted(turn.playbook, actor, needs)
}

/// What the agency manages, the client's people do not start a change of.
fn by_the_client(selection: &Selection, client: &ClientTerms, contract: &Contract) -> Result<(), Refusal> {
    let moved = client.agency_managed.iter().find(|item| {
        let wanted = selection.quantities.get(*item).copied().unwrap_or(0);
        wanted != contract.bought(item)
    });
    match moved {
        None => Ok(()),
        Some(item) => {
            let detail =
                format!("`{item}` is managed by the agency: only its people can start a change of it.");
            let refusal = Refusal::new(RefusalCode::AgencyManaged, detail);
            Err(refusal.at(format!("/selection/quantities/{item}")))
        }
    }
}

fn a_stranger() -> Refusal {
    let detail = "`actor.account` is neither the account that holds the contract nor its agency.";
    Refusal::new(RefusalCode::RoleNotAllowed, detail).at("/actor/account")
}

fn not_the_payer(client: &ClientTerms) -> Refusal {
    let who = if client.payer == client.agency {
        "agency"
    } else {
        "client"
    };
    let detail = format!(
        "The {who} pays for this contract: account `{}`. Only its people can accept, give billing data or a card, and confirm.",
        client.payer
    );
    Refusal::new(RefusalCode::PayerOnly, detail).at("/actor/account")
}

fn refuse(no: &MayNot) -> Refusal {
    let mut who: Vec<String> = no.who_can.iter().map(ToString::to_string).collect();
    who.extend(
        no.or_with
            .iter()
            .map(|permission| format!("whoever has the permission `{permission}`")),
    );
    let role = &no.role;
    let detail = match who.as_slice() {
        [] => format!("Nobody may {} by the seller's rules.", what(no.needs)),
        some => format!(
            "Only {} may {}; this person is `{role}`. Ask one of them to do it, or send them the link.",
            some.join(" or "),
            what(no.needs)
        ),
    };
    Refusal::new(RefusalCode::RoleNotAllowed, detail).at("/actor/role")
}

fn what(needs: Permission) -> &'static str {
    match needs {
        Permission::ChangePlan => "change the plan",
        Permission::Billing => "do what has to do with billing",
        Permission::View => "see this",
        Permission::ManageClients => "manage clients",
        Permission::Wallet => "manage the cards",
    }
}
