//! Who may change a contract: the seller's own role names, some of which may.

use serde::{Deserialize, Serialize};

use crate::domain::catalog::RoleId;
use crate::domain::language::Texts;

/// The roles that people can have in an account of one seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// In the order in which they are named to people.
    pub all: Vec<RoleRule>,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    /// As the seller's product calls it.
    pub id: RoleId,
    /// As it is named to people.
    pub name: Texts,
    /// Whether it may change the plan.
    pub may_change: bool,
}

/// A person's role does not allow what they asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the role `{role}` may not change the plan; who may: {}", join(.who_can))]
pub struct MayNotChange {
    /// The role that asked.
    pub role: RoleId,
    /// The roles that may.
    pub who_can: Vec<RoleId>,
}

fn join(roles: &[RoleId]) -> String {
    roles.iter().map(RoleId::as_str).collect::<Vec<_>>().join(", ")
}

impl Roles {
    /// Whether this role may change the plan; the refusal names those that may. An unknown role may not.
    pub fn may_change(&self, role: &RoleId) -> Result<(), MayNotChange> {
        if self.all.iter().any(|rule| rule.id == *role && rule.may_change) {
            return Ok(());
        }
        let who_can = self
            .all
            .iter()
            .filter(|rule| rule.may_change)
            .map(|rule| rule.id.clone())
            .collect();
        Err(MayNotChange {
            role: role.clone(),
            who_can,
        })
    }

    /// How a role is named to people.
    pub fn name(&self, role: &RoleId) -> Option<&Texts> {
        self.all
            .iter()
            .find(|rule| rule.id == *role)
            .map(|rule| &rule.name)
    }
}
