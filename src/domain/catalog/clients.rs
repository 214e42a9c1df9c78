//! What an agency settles for each of its clients: the fields of the form, as the seller's file names them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ItemId, MeterId, PlanId, ServiceId};
use crate::domain::language::Texts;

/// The form of a seller whose customers are agencies that have clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRules {
    /// The plans that are licences of clients: what the retail price is a price of.
    pub licences: Vec<PlanId>,
    /// Whether the agency enters a retail price of the licence.
    pub retail: bool,
    /// Whether the seller's direct support is switched per client.
    pub direct_support: bool,
    /// Services that are managed by the agency or by the client, and enabled each.
    pub services: Vec<ServiceRule>,
    /// What a client has of something before it is charged.
    pub allowances: Vec<AllowanceRule>,
    /// What a client may use of something in a month.
    pub limits: Vec<LimitRule>,
}

/// A service that is switched per client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRule {
    /// Its name in addresses and bodies.
    pub id: ServiceId,
    /// Its name for people.
    pub name: Texts,
    /// The items that are charged for it: one of each while it is enabled. None where it is part of the licence.
    pub items: BTreeSet<ItemId>,
    /// Who manages it until the agency says otherwise.
    pub managed_by: ManagedBy,
}

/// Who manages a service of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagedBy {
    /// The agency alone: the client's people cannot start a change of it.
    Agency,
    /// The client, and the agency.
    Client,
}

/// An allowance that is entered per client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowanceRule {
    /// What is counted.
    pub id: MeterId,
    /// Its name for people.
    pub name: Texts,
    /// What a new client has.
    pub default: u64,
    /// The most that can be entered.
    pub max: u64,
}

/// A monthly limit that is entered per client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRule {
    /// What is limited.
    pub id: MeterId,
    /// Its name for people.
    pub name: Texts,
    /// The forms in which it can be entered.
    pub kinds: BTreeSet<LimitKind>,
    /// The most that can be entered as a count.
    pub max: u64,
}

/// How a limit is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// So many.
    Count,
    /// So much money.
    Money,
}

impl ClientRules {
    /// The rule of a service.
    pub fn service(&self, id: &ServiceId) -> Option<&ServiceRule> {
        self.services.iter().find(|service| service.id == *id)
    }

    /// The service that an item is charged for.
    pub fn service_of(&self, item: &ItemId) -> Option<&ServiceRule> {
        self.services.iter().find(|service| service.items.contains(item))
    }
}
