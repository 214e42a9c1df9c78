//! What is told of an account outside of its changes: the rows that ask for it, and the mails that they become.

use jiff::Timestamp;

use super::{item_name, plan_name, sender, to_account};
use crate::domain::account::{Account, Contract, LineMove, Notice, NoticeFact};
use crate::domain::catalog::{LineKey, Playbook};
use crate::domain::language::{Language, said};
use crate::engine::{Engine, EngineError};
use crate::ports::mail::{CardFace, ChangedBy, Held, Holding, Letter, News};
use crate::ports::store::{Channel, OutboxRow};

/// Whom a notice is for, and the name of the fact that it tells of: the same fact is told once, however often it is written.
pub(in crate::engine) struct Telling<'a> {
    /// Who is told.
    pub(in crate::engine) account: &'a Account,
    /// Names the journalled fact, such as a contract and the number of its entry.
    pub(in crate::engine) fact: String,
    /// When it was journalled.
    pub(in crate::engine) at: Timestamp,
}

impl Engine {
    /// The rows that tell of something outside of any change: always an event, and a mail where the customer must hear of it.
    pub(in crate::engine) fn notice_rows(
        &self,
        telling: &Telling<'_>,
        notice: &Notice,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let facts = serde_json::to_vec(notice)?;
        let topic = notice.fact.topic();
        let mail = notice.fact.is_mailed().then_some((Channel::Mail, "mail"));
        let row = |(channel, way)| OutboxRow {
            id: self.parts.ids.new_id(telling.at),
            dedupe_key: format!("{}.{topic}.{way}", telling.fact),
            channel,
            seller: telling.account.seller.clone(),
            account: telling.account.id,
            topic: topic.to_owned(),
            entry: None,
            facts: facts.clone(),
            at: telling.at,
            attempts: 0,
            leaves: self.leaves(channel, &telling.account.seller),
        };
        Ok([Some((Channel::Event, "event")), mail]
            .into_iter()
            .flatten()
            .map(row)
            .collect())
    }

    /// The mail of a notice; `None` when there is nothing to tell after all.
    pub(super) async fn notice_letter(&self, row: &OutboxRow) -> Result<Option<Letter>, EngineError> {
        // Whoever else tells of something outside of a change has facts of its own, and writes the letter itself.
        let Ok(notice) = serde_json::from_slice::<Notice>(&row.facts) else {
            return Ok(None);
        };
        let found = self.store().account(row.account).await?;
        // Erased since: nobody is left to be told.
        let Some(account) = found
            .map(|(account, _)| account)
            .filter(|account| !account.email.is_empty())
        else {
            return Ok(None);
        };
        let playbook = self.sellers().get(&row.seller)?.playbook.clone();
        let Some(news) = self.notice_news(&notice, &account, &playbook).await? else {
            return Ok(None);
        };
        Ok(Some(Letter {
            dedupe_key: row.dedupe_key.clone(),
            to: to_account(&account),
            language: account.language,
            sender: sender(&playbook),
            reference: None,
            time_zone: playbook.seller.time_zone.clone(),
            at: row.at,
            news,
        }))
    }

    async fn notice_news(
        &self,
        notice: &Notice,
        account: &Account,
        playbook: &Playbook,
    ) -> Result<Option<News>, EngineError> {
        let language = account.language;
        Ok(Some(match &notice.fact {
            NoticeFact::ChangedElsewhere { lines } => {
                let contract = match notice.contract {
                    Some(id) => self.store().contract(id).await?,
                    None => None,
                };
                let Some(contract) = contract else {
                    return Ok(None);
                };
                News::Changed {
                    by: ChangedBy::Elsewhere,
                    held: held(&contract, lines, playbook, language),
                }
            }
            NoticeFact::Ending { at } => News::ContractEnding { at: *at },
            NoticeFact::Continues => News::ContractContinues,
            NoticeFact::Ended { at } => News::ContractEnded { at: *at },
            NoticeFact::Renewed { .. } => return Ok(None),
            NoticeFact::PastDue {
                amount,
                since,
                pay_url,
            } => News::PastDue {
                amount: *amount,
                since: *since,
                pay_url: pay_url.clone(),
            },
            NoticeFact::Card {
                what,
                brand,
                last4,
                exp_month,
                exp_year,
            } => News::Card {
                what: *what,
                card: CardFace {
                    brand: brand.clone(),
                    last4: last4.clone(),
                    expiry: Some((*exp_month, *exp_year)),
                },
            },
            NoticeFact::PayerAsked { agency, until, url } => {
                let Some((agency, _)) = self.store().account(*agency).await? else {
                    return Ok(None);
                };
                News::PayerAsked {
                    agency: agency.name,
                    until: *until,
                    url: url.clone(),
                }
            }
        }))
    }
}

/// What is held now, line by line; a line that did not move is as it was.
fn held(contract: &Contract, moved: &[LineMove], playbook: &Playbook, language: Language) -> Held {
    let mut holdings: Vec<Holding> = Vec::new();
    let items = contract.lines.iter().filter(|line| line.key != LineKey::Plan);
    for line in items {
        let before = moved
            .iter()
            .find(|one| one.key == line.key)
            .map_or(line.quantity, |one| one.from);
        holdings.push(Holding {
            name: item_name(playbook, &line.key, language),
            before,
            after: line.quantity,
        });
    }
    let gone = moved
        .iter()
        .filter(|one| one.to == 0 && one.key != LineKey::Plan && contract.line(&one.key).is_none());
    holdings.extend(gone.map(|one| Holding {
        name: item_name(playbook, &one.key, language),
        before: one.from,
        after: 0,
    }));
    let plan = playbook.catalog.plan(&contract.plan);
    Held {
        plan: plan
            .and_then(|plan| said(&plan.name, language))
            .map_or_else(|| plan_name(&contract.plan), str::to_owned),
        holdings,
        renewal: None,
    }
}
