//! Orders about cards, and the lines of a wallet's history, as they are stored.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::account::{AccountId, CardMove};
use crate::domain::change::{Actor, Decline, PaymentMethod};
use crate::engine::EngineError;
use crate::engine::pace::{KEY_LIFE, later};
use crate::ports::payments::{PrepareError, Prepared};
use crate::ports::store::{CardOrderRow, JournalEntry};
use crate::ports::wallet::CardCall;

/// How soon a card that is being given is looked for the first time. A webhook is faster.
pub(super) const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(5);

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "wish")]
pub enum CardWish {
    /// A new card: the customer gives it to the provider.
    Keep {
        /// The provider's id of the beginning.
        setup: String,
    },
    /// This card pays from now on.
    MakeDefault {
        /// The card.
        card: String,
    },
    /// The provider forgets this card.
    Remove {
        /// The card.
        card: String,
    },
}

/// An order, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardOrder {
    /// The form of this record.
    v: u32,
    /// Its id.
    pub id: Uuid,
    /// Whose cards.
    pub account: AccountId,
    /// What is wanted.
    pub wish: CardWish,
    /// By whom.
    pub actor: Actor,
    /// Since when.
    pub since: Timestamp,
    /// What is owed to the provider, in order; made once, and never again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) calls: Vec<OwedCall>,
    /// How often the call that is next, or the look, was tried.
    #[serde(default)]
    pub(super) attempts: u32,
    /// Why the last attempt came to nothing, without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
    /// Why the bank refused the card that is being given, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Decline>,
    /// The card that it is about, as people recognise it, where it was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) face: Option<PaymentMethod>,
    /// A card that came without the name on it: it is taken away again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) nameless: bool,
}

/// A call that an order owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwedCall {
    pub(super) call: CardCall,
    pub(super) request: Prepared,
    pub(super) key: String,
    /// After this the key tells nothing more.
    pub(super) key_deadline: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) done: bool,
}

/// One line of a wallet's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// The form of this record.
    v: u32,
    /// What happened.
    pub event: CardEvent,
    /// The order that it belongs to.
    pub order: Uuid,
    /// Who did it.
    pub actor: Actor,
    /// The provider's id of the card, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The card as people recognise it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// The idempotency keys under which something may leave from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// When, by the line itself.
    #[serde(skip)]
    pub at: Option<Timestamp>,
}

/// What happened in a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardEvent {
    /// Somebody began to give a card.
    AddBegan,
    /// The card is there.
    CardAdded,
    /// It came without the name on it, and is taken away again.
    CardNameless,
    /// It never came.
    AddGivenUp,
    /// Somebody wished another default card.
    DefaultWished,
    /// It pays from now on.
    DefaultChanged,
    /// Somebody wished a card away.
    RemovalWished,
    /// It is gone.
    CardRemoved,
    /// The provider does not do what was wished.
    OrderFailed,
}

impl CardEvent {
    /// The word by which the outbox and the API know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddBegan => "add_began",
            Self::CardAdded => "card_added",
            Self::CardNameless => "card_nameless",
            Self::AddGivenUp => "add_given_up",
            Self::DefaultWished => "default_wished",
            Self::DefaultChanged => "card_default_changed",
            Self::RemovalWished => "removal_wished",
            Self::CardRemoved => "card_removed",
            Self::OrderFailed => "card_order_failed",
        }
    }

    /// What the seller's systems and the customer hear of it; nothing of what has changed nothing.
    pub(super) fn told_as(self) -> Option<CardMove> {
        match self {
            Self::CardAdded => Some(CardMove::Added),
            Self::DefaultChanged => Some(CardMove::PaysRenewals),
            Self::CardRemoved => Some(CardMove::Removed),
            _ => None,
        }
    }
}

impl CardOrder {
    /// A new order, with the requests that it will send.
    pub(super) fn new(
        id: Uuid,
        account: AccountId,
        wish: CardWish,
        calls: Vec<CardCall>,
        actor: &Actor,
        now: Timestamp,
        prepare: impl Fn(&CardCall) -> Result<Prepared, PrepareError>,
    ) -> Result<Self, EngineError> {
        let mut order = Self {
            v: 1,
            id,
            account,
            wish,
            actor: actor.clone(),
            since: now,
            calls: Vec::new(),
            attempts: 0,
            last_error: None,
            refused: None,
            face: None,
            nameless: false,
        };
        for call in calls {
            let request = prepare(&call)?;
            order.owes(call, request, now);
        }
        Ok(order)
    }

    /// Adds a call that is owed from now on.
    pub(super) fn owes(&mut self, call: CardCall, request: Prepared, now: Timestamp) {
        let key = format!("changeover-wallet-{}-{}", self.id, self.calls.len() + 1);
        self.calls.push(OwedCall {
            call,
            request,
            key,
            key_deadline: later(now, KEY_LIFE),
            done: false,
        });
    }

    /// The order of a stored row.
    pub(super) fn read(row: &CardOrderRow) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(&row.content)
    }

    /// Whether an account has one such order at a time. Cards can be given beside each other.
    pub(super) fn is_alone(&self) -> bool {
        !matches!(self.wish, CardWish::Keep { .. })
    }

    /// The card that it is about, where that is known.
    pub fn card(&self) -> Option<&str> {
        match &self.wish {
            CardWish::Keep { .. } => None,
            CardWish::MakeDefault { card } | CardWish::Remove { card } => Some(card),
        }
    }

    /// The line of history that begins it.
    pub(super) fn began(&self) -> CardLine {
        let event = match self.wish {
            CardWish::Keep { .. } => CardEvent::AddBegan,
            CardWish::MakeDefault { .. } => CardEvent::DefaultWished,
            CardWish::Remove { .. } => CardEvent::RemovalWished,
        };
        CardLine {
            keys: self.calls.iter().map(|call| call.key.clone()).collect(),
            ..self.line(event, self.actor.clone(), None)
        }
    }

    /// A line of history about it.
    pub(super) fn line(&self, event: CardEvent, actor: Actor, card: Option<&PaymentMethod>) -> CardLine {
        CardLine {
            v: 1,
            event,
            order: self.id,
            actor,
            card: card
                .map(|card| card.id.clone())
                .or(self.card().map(str::to_owned)),
            shown: card.or(self.face.as_ref()).map(ToString::to_string),
            keys: Vec::new(),
            at: None,
        }
    }
}

impl CardLine {
    /// A stored line.
    pub(super) fn read(entry: &JournalEntry) -> Result<Self, serde_json::Error> {
        let line: Self = serde_json::from_slice(&entry.content)?;
        Ok(Self {
            at: Some(entry.at),
            ..line
        })
    }
}
