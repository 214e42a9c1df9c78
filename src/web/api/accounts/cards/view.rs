use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::{CardInWallet, CardLine, CardOrder, CardWish, WalletView};
use crate::web::api::views::{CardView, DeclineView, Reader};

/// An account's cards.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Wallet)]
pub struct WalletBody {
    /// The cards, the newest first.
    pub data: Vec<KeptCardView>,
    /// Cards that are being given, and what was ordered and is on its way.
    pub pending: Vec<CardOrderView>,
}

/// A card that the provider keeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeptCard)]
pub struct KeptCardView {
    /// The card.
    #[serde(flatten)]
    pub card: CardView,
    /// Whose name is on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Whether it pays whatever has no card of its own.
    pub default: bool,
    /// The contracts whose next renewals it pays.
    pub renews: Vec<String>,
    /// The open changes that are to be paid with it.
    pub pays: Vec<String>,
    /// Whether it can be removed: only what nothing uses can.
    pub removable: bool,
}

/// An order about a card, on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CardOrder)]
pub struct CardOrderView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What is wanted: `add`, `make_default` or `remove`.
    #[schema(example = "add")]
    pub wish: &'static str,
    /// The card that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The setup by which it is given, for a new card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// Why the card was refused, if it was: the customer can correct it, or give another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined: Option<DeclineView>,
    /// Since when.
    pub since: Timestamp,
}

/// One line of a wallet's history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CardLine)]
pub struct CardLineView {
    /// Its number, from 1.
    pub seq: u64,
    /// What happened.
    #[schema(example = "card_added")]
    pub event: &'static str,
    /// The order that it belongs to.
    #[schema(format = Uuid)]
    pub order: String,
    /// The card, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The card as people recognise it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which side acted.
    #[schema(example = "customer")]
    pub by: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl WalletBody {
    /// The wallet, in its account's language.
    pub fn of(wallet: &WalletView) -> Self {
        Self::told(
            Reader::new(&wallet.playbook, Some(wallet.account.language)),
            wallet,
        )
    }

    /// The same, as it is told to this reader.
    pub fn told(reader: Reader<'_>, wallet: &WalletView) -> Self {
        let pending = wallet.orders.iter().map(|order| CardOrderView::of(reader, order));
        Self {
            data: wallet.cards.iter().map(KeptCardView::of).collect(),
            pending: pending.collect(),
        }
    }
}

impl KeptCardView {
    fn of(card: &CardInWallet) -> Self {
        Self {
            card: CardView::of(&card.kept.card),
            holder: card.kept.holder.clone(),
            default: card.default,
            renews: card.renews.iter().map(ToString::to_string).collect(),
            pays: card.pays.iter().map(ToString::to_string).collect(),
            removable: !card.is_used(),
        }
    }
}

impl CardOrderView {
    pub(super) fn of(reader: Reader<'_>, order: &CardOrder) -> Self {
        let (wish, setup) = match &order.wish {
            CardWish::Keep { setup } => ("add", Some(setup.clone())),
            CardWish::MakeDefault { .. } => ("make_default", None),
            CardWish::Remove { .. } => ("remove", None),
        };
        Self {
            id: order.id.to_string(),
            wish,
            card: order.card().map(str::to_owned),
            setup,
            declined: order.refused.map(|why| DeclineView::of(reader, why)),
            since: order.since,
        }
    }
}

impl CardLineView {
    pub(super) fn of((seq, line): &(u64, CardLine)) -> Self {
        let by = serde_json::to_value(line.actor.party).ok();
        Self {
            seq: *seq,
            event: line.event.as_str(),
            order: line.order.to_string(),
            card: line.card.clone(),
            text: line.shown.clone(),
            by: by
                .and_then(|by| by.as_str().map(str::to_owned))
                .unwrap_or_default(),
            at: line.at,
        }
    }
}
