//! The wallet: an account's cards, outside of any change. Which there are and what each is used for; adding one, making one the
//! default, taking one away. What changes something at the provider is an *order*: kept with its exact requests before anything
//! leaves, worked off by the worker, and told once it has really happened.

mod order;
mod uses;
mod working;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fingerprint::digest;
use super::{Asked, Engine, EngineError, Reply, journal};
use crate::domain::account::{Account, AccountId, ContractId, Permission};
use crate::domain::catalog::Playbook;
use crate::domain::change::{ChangeId, Decline, Party, Refusal, RefusalCode, permitted};
use crate::ports::payments::CardSetup;
use crate::ports::store::{CardOrderRecord, CardOrderRow, ClientAnswer, JournalEntry, PageAsk, Written};
use crate::ports::wallet::{CardCall, KeptCard, Wallet};
pub use order::{CardEvent, CardLine, CardOrder, CardWish};

use super::pace::later;
use order::FIRST_LOOK;
use uses::in_use;

/// How often an order is tried that meets another one.
const TRIES_MAX: usize = 8;

/// What an account's cards are used for.
#[derive(Debug, Clone)]
pub struct WalletView {
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// Whose they are.
    pub account: Account,
    /// The cards.
    pub cards: Vec<CardInWallet>,
    /// Cards that are being given, and orders on their way.
    pub orders: Vec<CardOrder>,
    /// Why a card that is being given was refused last, by its setup.
    pub refused: BTreeMap<String, Decline>,
}

/// A card, and what it is used for.
#[derive(Debug, Clone)]
pub struct CardInWallet {
    /// The card.
    pub kept: KeptCard,
    /// Whether it pays whatever has no card of its own.
    pub default: bool,
    /// The contracts whose next renewals it pays.
    pub renews: Vec<ContractId>,
    /// The open changes that are to be paid with it.
    pub pays: Vec<ChangeId>,
}

impl CardInWallet {
    /// Whether anything would be left without a card.
    pub fn is_used(&self) -> bool {
        self.default || !self.renews.is_empty() || !self.pays.is_empty()
    }
}

impl Engine {
    /// The cards of an account, with what each is used for, as the provider says it now.
    pub async fn wallet(&self, account: AccountId, asked: &Asked) -> Result<WalletView, EngineError> {
        let seller = self.sellers().get(&asked.seller)?;
        let account = self.account_of(account, &asked.seller).await?;
        let Some(customer) = account.provider_customer.clone() else {
            return Ok(WalletView {
                playbook: seller.playbook.clone(),
                account,
                cards: Vec::new(),
                orders: Vec::new(),
                refused: BTreeMap::new(),
            });
        };
        let Wallet { cards, default } = seller.payments.wallet(&customer).await?;
        let uses = self.uses_of_cards(&account, default.as_deref(), asked).await?;
        let cards = cards.into_iter().map(|kept| {
            let id = kept.card.id.clone();
            let of = |uses: &[(String, ContractId)]| {
                let own = uses.iter().filter(|(card, _)| *card == id);
                own.map(|(_, contract)| *contract).collect()
            };
            CardInWallet {
                default: default.as_ref() == Some(&id),
                renews: of(&uses.renewals),
                pays: uses
                    .changes
                    .iter()
                    .filter(|(card, _)| *card == id)
                    .map(|(_, change)| *change)
                    .collect(),
                kept,
            }
        });
        let cards = cards.collect();
        let mut orders = Vec::new();
        let mut refused = BTreeMap::new();
        for row in self.store().card_orders(account.id).await? {
            let order = CardOrder::read(&row)?;
            if let CardWish::Keep { setup } = &order.wish
                && let Some(why) = order.refused
            {
                refused.insert(setup.clone(), why);
            }
            orders.push(order);
        }
        Ok(WalletView {
            playbook: seller.playbook.clone(),
            account,
            cards,
            orders,
            refused,
        })
    }

    /// Begins to keep a new card. The secret goes to the customer's browser and nowhere else; that the card is there is learned
    /// from the provider, whether or not the browser comes back.
    pub async fn begin_card(
        &self,
        account: AccountId,
        asked: &Asked,
    ) -> Result<(CardSetup, bool), EngineError> {
        let before = self.replay(asked).await?.map(|reply| reply.answer);
        let (account, customer) = self.customer_of(account, asked).await?;
        let own = asked.key.as_ref().map_or_else(
            || self.parts.ids.new_id(self.now()).to_string(),
            |key| digest(key.key.as_bytes()),
        );
        let key = format!("changeover-{}-card-{own}", account.id);
        let payments = &self.sellers().get(&asked.seller)?.payments;
        let begun = payments.begin_card_setup(&customer, &key).await?;
        let answer = ClientAnswer {
            status: 200,
            body: serde_json::to_vec(&begun.id)?,
        };
        if let Some(before) = before {
            return Ok((begun, before == answer));
        }
        let wish = CardWish::Keep {
            setup: begun.id.clone(),
        };
        let order = self.new_order(&account, wish, Vec::new(), asked)?;
        match self.keep_order(&account, order, asked, &answer).await? {
            Written::Replayed(kept) => Ok((begun, kept == answer)),
            Written::KeyReused => Err(EngineError::KeyReused),
            Written::Stale => Err(EngineError::Contended),
            _ => Ok((begun, false)),
        }
    }

    /// Orders that this card pays from now on: whatever has no card of its own, and the next renewals of every contract.
    pub async fn make_card_default(
        &self,
        account: AccountId,
        card: &str,
        asked: &Asked,
        present: &(dyn Fn(&CardOrder) -> Result<ClientAnswer, serde_json::Error> + Sync),
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let (account, customer) = self.customer_of(account, asked).await?;
        let wallet = self.wallet(account.id, asked).await?;
        let face = find(&wallet, card)?.kept.card.clone();
        if let Some(change) = self.paying_change(&account).await? {
            let detail = format!(
                "The change `{change}` is being paid just now, with a card of its own. Wait for its end, then try again."
            );
            return Err(Refusal::new(RefusalCode::PaymentInFlight, detail).into());
        }
        let card = card.to_owned();
        let mut calls = vec![CardCall::SetDefault {
            customer,
            card: card.clone(),
        }];
        for contract in self.store().contracts_of(account.id).await? {
            calls.extend(
                contract
                    .subscription
                    .map(|subscription| CardCall::SetOfSubscription {
                        subscription,
                        card: card.clone(),
                    }),
            );
        }
        let mut order = self.new_order(&account, CardWish::MakeDefault { card }, calls, asked)?;
        order.face = Some(face);
        self.ordered(&account, order, asked, present).await
    }

    /// Orders that the provider forgets a card. One that is used is not taken away: the refusal names what uses it.
    pub async fn remove_card(
        &self,
        account: AccountId,
        card: &str,
        asked: &Asked,
        present: &(dyn Fn(&CardOrder) -> Result<ClientAnswer, serde_json::Error> + Sync),
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let (account, _) = self.customer_of(account, asked).await?;
        let wallet = self.wallet(account.id, asked).await?;
        let found = find(&wallet, card)?;
        if found.is_used() {
            return Err(in_use(found).into());
        }
        let face = found.kept.card.clone();
        let card = card.to_owned();
        let calls = vec![CardCall::Detach { card: card.clone() }];
        let mut order = self.new_order(&account, CardWish::Remove { card }, calls, asked)?;
        order.face = Some(face);
        self.ordered(&account, order, asked, present).await
    }

    /// What has happened to an account's cards.
    pub async fn card_history(
        &self,
        account: AccountId,
        page: PageAsk,
        asked: &Asked,
    ) -> Result<Vec<(u64, CardLine)>, EngineError> {
        let account = self.account_of(account, &asked.seller).await?;
        let lines = self.store().card_journal(account.id, page).await?;
        let read = lines.iter().map(|line| Ok((line.seq, CardLine::read(line)?)));
        read.collect()
    }

    async fn ordered(
        &self,
        account: &Account,
        order: CardOrder,
        asked: &Asked,
        present: &(dyn Fn(&CardOrder) -> Result<ClientAnswer, serde_json::Error> + Sync),
    ) -> Result<Reply, EngineError> {
        let answer = present(&order)?;
        let written = self.keep_order(account, order, asked, &answer).await?;
        match written {
            Written::CustomerBusy => Err(Refusal::new(
                RefusalCode::PaymentInFlight,
                "Another order about this account's cards is on its way. Try again in a moment.",
            )
            .into()),
            written => Reply::to(written, answer)?.ok_or(EngineError::Contended),
        }
    }

    fn new_order(
        &self,
        account: &Account,
        wish: CardWish,
        calls: Vec<CardCall>,
        asked: &Asked,
    ) -> Result<CardOrder, EngineError> {
        let payments = &self.sellers().get(&asked.seller)?.payments;
        let now = self.now();
        CardOrder::new(
            self.parts.ids.new_id(now),
            account.id,
            wish,
            calls,
            &asked.actor,
            now,
            |call| payments.prepare_card_call(call),
        )
    }

    /// Writes a new order with the line of history that begins it. Somebody may add a line at the same moment: then the next one
    /// is tried.
    async fn keep_order(
        &self,
        account: &Account,
        order: CardOrder,
        asked: &Asked,
        answer: &ClientAnswer,
    ) -> Result<Written, EngineError> {
        let now = self.now();
        for _ in 0..TRIES_MAX {
            let entry = self.card_entry(account.id, &order.began()).await?;
            let record = CardOrderRecord {
                order: CardOrderRow {
                    id: order.id,
                    seller: account.seller.clone(),
                    account: account.id,
                    version: 1,
                    content: serde_json::to_vec(&order)?,
                    alone: order.is_alone(),
                    open: true,
                    next_try_at: Some(if order.is_alone() {
                        now
                    } else {
                        later(now, FIRST_LOOK)
                    }),
                    at: now,
                },
                expected_version: 0,
                entries: vec![entry],
                outbox: Vec::new(),
                request: asked.keeping(answer),
            };
            match self.store().record_card_order(record).await? {
                Written::Stale => {}
                written => {
                    self.parts.bell.ring();
                    return Ok(written);
                }
            }
        }
        Ok(Written::Stale)
    }

    /// The next line of a wallet's history.
    pub(super) async fn card_entry(
        &self,
        account: AccountId,
        line: &CardLine,
    ) -> Result<JournalEntry, EngineError> {
        let (seq, head) = journal::head(|page| self.store().card_journal(account, page)).await?;
        Ok(journal::entry(
            seq + 1,
            self.now(),
            serde_json::to_vec(line)?,
            head,
        ))
    }

    /// The account of a command, which whoever acts may give about its cards, and its customer at the provider.
    async fn customer_of(&self, account: AccountId, asked: &Asked) -> Result<(Account, String), EngineError> {
        let account = self.account_of(account, &asked.seller).await?;
        may(&self.sellers().get(&asked.seller)?.playbook, asked)?;
        let Some(customer) = account.provider_customer.clone() else {
            let detail = "The provider does not know this customer yet: it has no cards. Billing data, which a first change \
                          asks for, makes it known.";
            return Err(Refusal::new(RefusalCode::BillingInfoMissing, detail).into());
        };
        Ok((account, customer))
    }
}

fn find<'w>(wallet: &'w WalletView, card: &str) -> Result<&'w CardInWallet, Refusal> {
    let found = wallet.cards.iter().find(|one| one.kept.card.id == card);
    found.ok_or_else(|| {
        let detail = "This card is not one of this customer's. List the cards.";
        Refusal::new(RefusalCode::PaymentMethodUnusable, detail)
    })
}

/// Whether whoever acts may do so: a person who may see to cards, or the seller's own systems.
fn may(playbook: &Playbook, asked: &Asked) -> Result<(), Refusal> {
    if asked.actor.party != Party::Customer {
        return Ok(());
    }
    permitted(playbook, &asked.actor, Permission::Wallet)
}
