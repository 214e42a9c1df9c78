use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Limit, MeterId, Pot, Quantity};
use crate::domain::account::ContractId;
use crate::domain::catalog::CreditId;
use crate::domain::money::Money;

/// What was used of one contract in the periods that are not closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    /// Rises by one with every write; 0 before the first.
    pub version: u64,
    /// How many lines the history of its credits has.
    pub lines: u64,
    /// One per pot and open period, the older first.
    pub tallies: Vec<Tally>,
}

/// What was used of one pot in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Of what.
    pub pot: Pot,
    /// When the period began.
    pub start: Timestamp,
    /// When it ends, exclusive.
    pub end: Timestamp,
    /// How much.
    pub used: Quantity,
    /// How much of it through which meter, where several spend the same credits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_meter: BTreeMap<MeterId, Quantity>,
    /// The time of the newest report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// How much could be used; nothing where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Of which hundredths of the limit people were told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<u16>,
    /// Up to how many credits the history of the contract tells of.
    #[serde(default)]
    pub announced: Quantity,
}

/// One line of the history of a contract's credits: it is only ever added to, and its sum is the balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditLine {
    /// From 1, without a gap in one contract.
    pub seq: u64,
    /// Which credits.
    pub credits: CreditId,
    /// The beginning of the month that they are of.
    pub month: Timestamp,
    /// What happened.
    pub kind: CreditKind,
    /// How many.
    pub amount: Quantity,
    /// When.
    pub at: Timestamp,
    /// The report that spent them, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

/// What happened to credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// They came: with the month, or with what was bought in it.
    Granted,
    /// They were spent by use.
    Spent,
    /// They were not used, and are gone with their month.
    Lapsed,
}

/// What went beyond a limit in a period that is closed, and costs something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overage {
    /// Of what.
    pub pot: Pot,
    /// When the period began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// How much was used.
    pub used: Quantity,
    /// How much could have been.
    pub limit: Limit,
    /// What is due for the rest.
    pub amount: Money,
}

impl Overage {
    /// Names the charge for good: whoever closes the same period again, because a database has lost that it was closed, makes the same
    /// name and the same key, and finds what was charged.
    pub fn mark(&self, contract: ContractId) -> Uuid {
        let mut hasher = Sha256::new();
        hasher.update(contract.0.as_bytes());
        hasher.update(self.pot.to_string());
        hasher.update(self.start.as_millisecond().to_be_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl Book {
    /// The tally of this pot that `at` falls into.
    pub fn tally(&self, pot: &Pot, at: Timestamp) -> Option<&Tally> {
        self.tallies
            .iter()
            .find(|tally| tally.pot == *pot && tally.start <= at && at < tally.end)
    }

    /// The newest tally of this pot.
    pub fn newest(&self, pot: &Pot) -> Option<&Tally> {
        self.tallies
            .iter()
            .filter(|tally| tally.pot == *pot)
            .max_by_key(|tally| tally.end)
    }

    /// The next line of the history of credits.
    pub(super) fn line(
        &mut self,
        tally: (CreditId, Timestamp),
        kind: CreditKind,
        amount: Quantity,
        at: Timestamp,
    ) -> CreditLine {
        self.lines = self.lines.saturating_add(1);
        let (credits, month) = tally;
        CreditLine {
            seq: self.lines,
            credits,
            month,
            kind,
            amount,
            at,
            report: None,
        }
    }

    /// What of it differs from what it was, to be written.
    pub fn changed_since(&self, before: &Self) -> Vec<Tally> {
        let new = |tally: &&Tally| !before.tallies.contains(tally);
        self.tallies.iter().filter(new).cloned().collect()
    }
}

impl Tally {
    /// How much is left; nothing where there is no limit, or one in money.
    pub fn left(&self) -> Option<Quantity> {
        match self.limit? {
            Limit::Count(limit) => Some(limit.less(self.used)),
            Limit::Money(_) => None,
        }
    }
}
