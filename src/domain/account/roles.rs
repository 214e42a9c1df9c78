//! Who may do what: the seller's own role names with their permissions, and single permissions that people have besides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::catalog::RoleId;
use crate::domain::language::Texts;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Start, carry on and confirm plan changes.
    ChangePlan,
    /// All that has to do with money: plan changes, the wallet, and what is held.
    Billing,
    /// See what is held and what it costs.
    View,
    /// Create clients and save their settings, for people of an agency.
    ManageClients,
    /// Add, choose and remove cards outside any change.
    Wallet,
}

/// The roles that people can have in an account of one seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// In the order in which they are named to people.
    pub all: Vec<RoleRule>,
    /// The single permissions that a person can have besides a role, as they are named to people. Others count for nothing.
    pub single: BTreeMap<Permission, Texts>,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    /// As the seller's product calls it.
    pub id: RoleId,
    /// As it is named to people.
    pub name: Texts,
    /// What people in it may do.
    pub permissions: BTreeSet<Permission>,
}

/// A person may not do what they asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the role `{role}` does not have the permission `{needs}`; who has it: {}", who(.who_can, .or_with))]
pub struct MayNot {
    /// The role that asked.
    pub role: RoleId,
    /// What it would have needed.
    pub needs: Permission,
    /// The roles that may.
    pub who_can: Vec<RoleId>,
    /// The single permissions with which anybody may.
    pub or_with: Vec<Permission>,
}

fn who(roles: &[RoleId], single: &[Permission]) -> String {
    let roles = roles.iter().map(RoleId::as_str);
    let single = single.iter().map(|permission| permission.as_str());
    roles.chain(single).collect::<Vec<_>>().join(", ")
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ChangePlan,
        Self::Billing,
        Self::View,
        Self::ManageClients,
        Self::Wallet,
    ];

    /// The word by which files and bodies know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangePlan => "change_plan",
            Self::Billing => "billing",
            Self::View => "view",
            Self::ManageClients => "manage_clients",
            Self::Wallet => "wallet",
        }
    }

    /// Whether somebody who has this may do what needs the other.
    pub fn includes(self, other: Self) -> bool {
        self == other
            || other == Self::View
            || (self == Self::Billing && matches!(other, Self::ChangePlan | Self::Wallet))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a permission; there are change_plan, billing, view, manage_clients, wallet")]
pub struct UnknownPermission(String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(word: &str) -> Result<Self, UnknownPermission> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == word)
            .ok_or_else(|| UnknownPermission(word.chars().take(40).collect()))
    }
}

impl RoleRule {
    /// Whether people in it may do what needs this.
    pub fn may(&self, needs: Permission) -> bool {
        self.permissions.iter().any(|own| own.includes(needs))
    }
}

impl Roles {
    /// Whether a person in this role, with these single permissions besides, may do what needs this one; the refusal names who
    /// may. An unknown role may nothing, and a single permission counts only where the seller's file has it.
    pub fn allow(&self, role: &RoleId, single: &[Permission], needs: Permission) -> Result<(), MayNot> {
        let by_role = self.all.iter().any(|rule| rule.id == *role && rule.may(needs));
        let by_permission = single
            .iter()
            .any(|own| self.single.contains_key(own) && own.includes(needs));
        if by_role || by_permission {
            return Ok(());
        }
        let who_can = self.all.iter().filter(|rule| rule.may(needs));
        Err(MayNot {
            role: role.clone(),
            needs,
            who_can: who_can.map(|rule| rule.id.clone()).collect(),
            or_with: self
                .single
                .keys()
                .copied()
                .filter(|own| own.includes(needs))
                .collect(),
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
