//! What an account's people must hear of that is no step of a change: facts about its contract and its cards.
//!
//! Facts only, without names and addresses: they are kept in the outbox and sent to the seller's systems, and whoever writes
//! the mail looks the words up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, ContractEvent, ContractId};
use crate::domain::catalog::LineKey;
use crate::domain::money::Money;

/// Something to be told, as an outgoing event and, where the customer must hear of it, as a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The contract that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// What happened.
    #[serde(flatten)]
    pub fact: NoticeFact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum NoticeFact {
    /// What is held was changed past this program.
    ChangedElsewhere {
        /// Each line that moved.
        lines: Vec<LineMove>,
    },
    /// The contract will end.
    Ending {
        /// Then.
        at: Timestamp,
    },
    /// The contract does not end after all.
    Continues,
    /// The contract has ended.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// A renewal was paid.
    Renewed {
        /// What was charged for it.
        amount: Money,
        /// When the new period ends.
        until: Timestamp,
    },
    /// A renewal was not paid.
    PastDue {
        /// What is open, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        /// Since when, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// Where it can be paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pay_url: Option<String>,
    },
    /// Something happened to a card on file.
    Card {
        /// What.
        what: CardMove,
        /// Its brand, such as `visa`.
        brand: String,
        /// Its last four digits.
        last4: String,
        /// The month in which it expires, 1 to 12.
        exp_month: u8,
        /// The year in which it expires.
        exp_year: u16,
    },
    /// An agency asks whether its client's card may pay.
    PayerAsked {
        /// The agency.
        agency: AccountId,
        /// Until when the client can answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Where it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

/// One line that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineMove {
    /// Which line.
    pub key: LineKey,
    /// How many were held.
    pub from: u64,
    /// How many are.
    pub to: u64,
}

/// What happened to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardMove {
    /// It was added.
    Added,
    /// It was removed.
    Removed,
    /// It pays the renewals from now on.
    PaysRenewals,
}

impl NoticeFact {
    /// The type of the outgoing event.
    pub fn topic(&self) -> &'static str {
        match self {
            Self::ChangedElsewhere { .. } => "contract.changed_elsewhere",
            Self::Ending { .. } => "contract.ending",
            Self::Continues => "contract.continues",
            Self::Ended { .. } => "contract.ended",
            Self::Renewed { .. } => "contract.renewed",
            Self::PastDue { .. } => "contract.past_due",
            Self::Card { what, .. } => match what {
                CardMove::Added => "account.card_added",
                CardMove::Removed => "account.card_removed",
                CardMove::PaysRenewals => "account.card_pays_renewals",
            },
            Self::PayerAsked { .. } => "account.payer_asked",
        }
    }

    /// Whether the customer is written, too. A renewal as expected is the provider's receipt and nothing more.
    pub fn is_mailed(&self) -> bool {
        !matches!(self, Self::Renewed { .. })
    }
}

impl Notice {
    /// What is to be told of what one look at a contract has shown, each with the place of its event. All lines that somebody
    /// has changed are one notice, in the place of the first.
    pub fn of_contract(contract: ContractId, events: &[ContractEvent]) -> Vec<(usize, Self)> {
        let mut notices: Vec<(usize, NoticeFact)> = Vec::new();
        let mut edited: Option<(usize, Vec<LineMove>)> = None;
        for (place, event) in events.iter().enumerate() {
            let fact = match event {
                ContractEvent::Renewed { period, amount } => NoticeFact::Renewed {
                    amount: *amount,
                    until: period.end,
                },
                ContractEvent::SetToEnd { at } => NoticeFact::Ending { at: *at },
                ContractEvent::EndWithdrawn => NoticeFact::Continues,
                ContractEvent::Ended { at } => NoticeFact::Ended { at: *at },
                ContractEvent::EditedElsewhere { key, from, to } => {
                    let (_, lines) = edited.get_or_insert((place, Vec::new()));
                    lines.push(LineMove {
                        key: key.clone(),
                        from: *from,
                        to: *to,
                    });
                    continue;
                }
                // What nobody here understands is support's business, and nobody else is told.
                ContractEvent::Unrecognised { .. } => continue,
            };
            notices.push((place, fact));
        }
        notices.extend(edited.map(|(place, lines)| (place, NoticeFact::ChangedElsewhere { lines })));
        let about = |fact| Self {
            contract: Some(contract),
            fact,
        };
        notices
            .into_iter()
            .map(|(place, fact)| (place, about(fact)))
            .collect()
    }
}
