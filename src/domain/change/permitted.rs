//! Who may do what: the role and the permissions that the seller's backend vouches for, held against the seller's rules.

use super::actor::Actor;
use super::refusal::{Refusal, RefusalCode};
use crate::domain::account::{MayNot, Permission};
use crate::domain::catalog::{Playbook, RoleId};

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
