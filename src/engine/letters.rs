//! From a journalled fact to the mail that tells of it.

use super::outbox::RefundFacts;
use super::tickets::{CommentWords, NoteFacts};
use super::{Engine, EngineError};
use crate::domain::account::Account;
use crate::domain::catalog::{LineKey, Playbook};
use crate::domain::change::{Deal, Party, Receipt, Stage, StageName, Tell, deadline};
use crate::domain::language::{Language, said};
use crate::ports::mail::{Address, Holding, Letter, News, Sender};
use crate::ports::store::{ChangeRow, OutboxRow};

/// Whether a fact is told by mail. What the customer sees on the screen at that very moment is not mailed too; what happens
/// behind their back, and what is final, is.
pub(super) fn is_mailed(tell: Tell, stage: &Stage) -> bool {
    match tell {
        Tell::Activated
        | Tell::Reminder
        | Tell::Expired
        | Tell::TicketReceived
        | Tell::TicketScheduled
        | Tell::TicketHeld
        | Tell::TicketAnswered
        | Tell::TicketReplaced
        | Tell::TicketFell
        | Tell::Refunded => true,
        Tell::Cancelled => matches!(
            stage,
            Stage::Cancelled { by, from, .. } if *by != Party::Customer || *from == StageName::PaymentConfirm
        ),
        Tell::QuoteReady | Tell::BillingData | Tell::AuthenticationNeeded | Tell::Declined => false,
    }
}

impl Engine {
    /// Writes the letter that an outbox row asks for; `None` when there is nothing to tell after all.
    pub(super) async fn letter(&self, row: &OutboxRow) -> Result<Option<Letter>, EngineError> {
        let Some((change, seq)) = row.entry else {
            return Ok(None);
        };
        let stage = self.stage_after(change, seq).await?;
        let (Some(stage), Some(situation)) = (stage, self.store().situation(change).await?) else {
            return Err(EngineError::no_change(change));
        };
        let change = situation.change;
        let playbook = self
            .sellers()
            .playbook(self.store(), &change.seller, &change.workflow)
            .await?;
        let mut to = to_account(&situation.account);
        let news = match row.topic.as_str() {
            "nota_fiscal" => {
                let Some(news) = Self::fiscal_news(row, &stage)? else {
                    return Ok(None);
                };
                if let Some(billing) = &situation.billing
                    && let Some(identity) = self.store().identity(billing.identity.row).await?
                {
                    to = Address {
                        name: Some(identity.legal_name),
                        email: identity.fiscal_email,
                    };
                }
                news
            }
            "ticket_answered" => match self.said_by_support(row, &change).await? {
                Some(news) => news,
                None => return Ok(None),
            },
            "refunded" => match refunded(row, &stage) {
                Some(news) => news,
                None => return Ok(None),
            },
            topic => match news(topic, &stage, &change, &playbook, &situation.account) {
                Some(news) => news,
                None => return Ok(None),
            },
        };
        Ok(Some(Letter {
            dedupe_key: row.dedupe_key.clone(),
            to,
            language: situation.account.language,
            sender: sender(&playbook),
            reference: change.reference.0,
            time_zone: playbook.seller.time_zone.clone(),
            at: row.at,
            news,
        }))
    }
}

impl Engine {
    /// What support wrote to the customer; nothing where it was erased since.
    async fn said_by_support(
        &self,
        row: &OutboxRow,
        change: &ChangeRow,
    ) -> Result<Option<News>, EngineError> {
        let NoteFacts { note } = serde_json::from_slice(&row.facts)?;
        let Some(data) = self.words_of(change.id, note).await? else {
            return Ok(None);
        };
        let CommentWords { text } = serde_json::from_slice(&data)?;
        Ok(Some(News::TicketAnswered {
            ticket: change.reference.0.clone(),
            words: text,
        }))
    }
}

fn to_account(account: &Account) -> Address {
    Address {
        name: Some(account.name.clone()),
        email: account.email.clone(),
    }
}

fn sender(playbook: &Playbook) -> Sender {
    let seller = &playbook.seller;
    Sender {
        name: seller.name.clone(),
        from: Address {
            name: Some(seller.sender.name.clone()),
            email: seller.sender.email.clone(),
        },
        support: seller
            .support
            .url
            .clone()
            .unwrap_or_else(|| seller.support.email.clone()),
    }
}

fn news(
    topic: &str,
    stage: &Stage,
    change: &ChangeRow,
    playbook: &Playbook,
    account: &Account,
) -> Option<News> {
    match (topic, stage) {
        ("activated", Stage::Active { deal, receipt }) => {
            Some(confirmed(deal, receipt, playbook, account.language))
        }
        ("reminder", stage) => Some(News::Reminder {
            deadline: deadline(stage, &playbook.policy, change.entered_at)?,
            resume_url: change.return_url.clone(),
        }),
        ("expired", _) => Some(News::Expired),
        (
            "cancelled",
            Stage::Cancelled {
                by: Party::Support,
                from: StageName::DowngradeTicket,
                why,
            },
        ) => Some(News::TicketDeclined {
            ticket: change.reference.0.clone(),
            why: why.clone(),
        }),
        ("cancelled", _) => Some(News::Cancelled),
        ("ticket_received", _) => Some(News::TicketReceived {
            ticket: change.reference.0.clone(),
        }),
        ("ticket_replaced", _) => Some(News::TicketReplaced {
            ticket: change.reference.0.clone(),
        }),
        ("ticket_fell", _) => Some(News::TicketFell {
            ticket: change.reference.0.clone(),
        }),
        ("ticket_held", _) => Some(News::TicketHeld {
            ticket: change.reference.0.clone(),
        }),
        ("ticket_scheduled", Stage::TicketScheduled { at, .. }) => Some(News::TicketScheduled {
            ticket: change.reference.0.clone(),
            at: *at,
        }),
        _ => None,
    }
}

/// What was given back: the row says how much, or else the receipt.
fn refunded(row: &OutboxRow, stage: &Stage) -> Option<News> {
    let amount = match (serde_json::from_slice::<RefundFacts>(&row.facts), stage) {
        (Ok(facts), _) => facts.amount,
        (Err(_), Stage::Active { receipt, .. }) => receipt.excess?,
        (Err(_), _) => return None,
    };
    Some(News::Refunded { amount })
}

fn confirmed(deal: &Deal, receipt: &Receipt, playbook: &Playbook, language: Language) -> News {
    let quote = &deal.quote;
    let holdings = quote.holdings.iter().filter(|moved| moved.key != LineKey::Plan);
    let named = holdings.map(|moved| Holding {
        name: item_name(playbook, &moved.key, language),
        before: moved.before,
        after: moved.after,
    });
    let plan = playbook.catalog.plan(&deal.selection.plan);
    let next = quote.recurring.iter().min_by_key(|recurring| recurring.renews_at);
    News::Confirmed {
        holdings: named.collect(),
        plan: plan
            .and_then(|plan| said(&plan.name, language))
            .unwrap_or_default()
            .to_owned(),
        charged: receipt.charged,
        recurring: next.map_or(quote.due_today, |next| next.amount),
        next_renewal: next.map(|next| next.renews_at),
        receipt_url: receipt.url.clone(),
    }
}

fn item_name(playbook: &Playbook, key: &LineKey, language: Language) -> String {
    let item = key.item().and_then(|item| playbook.catalog.item(item));
    let named = item.and_then(|item| said(&item.plural, language));
    named.map_or_else(|| key.to_string(), str::to_owned)
}
