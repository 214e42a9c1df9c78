//! Who hears what of a book: mails and events, each once per fact.

use serde::{Deserialize, Serialize};

use crate::domain::account::{Account, AccountId, Contract, ContractId, ContractStatus};
use crate::domain::catalog::Playbook;
use crate::domain::language::{Language, said};
use crate::domain::metering::{Happening, Limit, PastLimit, Pot, Quantity, called};
use crate::engine::letters::letter_to;
use crate::engine::{Engine, EngineError};
use crate::ports::mail::{Letter, News};
use crate::ports::store::{Channel, OutboxRow};

/// The facts of an event or mail about a contract's use.
#[derive(Debug, Serialize, Deserialize)]
struct UsageFacts {
    /// The contract.
    contract: ContractId,
    /// What happened.
    happening: Happening,
}

impl Engine {
    /// Who hears of an account's use: the account itself, and the agency whose client it is.
    fn hearers(contract: &Contract) -> impl Iterator<Item = AccountId> {
        let agency = contract.client.as_ref().map(|client| client.agency);
        [Some(contract.account), agency].into_iter().flatten()
    }

    /// What leaves when something other than a plan change has moved what a contract entitles to: an edit or an end at the provider.
    /// A plan change says it itself, by `change.activated`.
    pub(in crate::engine) fn tell_entitlements(
        &self,
        before: &Contract,
        after: &Contract,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let entitles = |contract: &Contract| {
            let lines = contract.lines.iter();
            let held: Vec<_> = lines.map(|line| (line.key.clone(), line.quantity)).collect();
            let over = contract.status == ContractStatus::Cancelled;
            (contract.plan.clone(), over, held)
        };
        if entitles(before) == entitles(after) {
            return Ok(Vec::new());
        }
        let facts = serde_json::json!({ "contract": after.id, "version": after.version });
        Ok(vec![OutboxRow {
            id: self.parts.ids.new_id(self.now()),
            dedupe_key: format!("{}.entitlements.{}.event", after.id, after.version),
            channel: Channel::Event,
            seller: after.seller.clone(),
            account: after.account,
            topic: "entitlements.changed".to_owned(),
            entry: None,
            facts: serde_json::to_vec(&facts)?,
            at: self.now(),
            attempts: 0,
            leaves: self.leaves(Channel::Event, &after.seller),
        }])
    }

    /// What must leave about these happenings.
    pub(super) fn tell_usage(
        &self,
        contract: &Contract,
        playbook: &Playbook,
        happenings: &[Happening],
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let mut rows = Vec::new();
        for happening in happenings {
            let facts = serde_json::to_vec(&UsageFacts {
                contract: contract.id,
                happening: happening.clone(),
            })?;
            let fact = fact_of(contract.id, happening);
            let row = |channel, account: AccountId| OutboxRow {
                id: self.parts.ids.new_id(self.now()),
                dedupe_key: match channel {
                    Channel::Event => format!("{fact}.event"),
                    Channel::Mail => format!("{fact}.{account}.mail"),
                },
                channel,
                seller: contract.seller.clone(),
                account,
                topic: topic(happening).to_owned(),
                entry: None,
                facts: facts.clone(),
                at: self.now(),
                attempts: 0,
                leaves: self.leaves(channel, &contract.seller),
            };
            rows.push(row(Channel::Event, contract.account));
            if is_mailed(happening, playbook) {
                rows.extend(Self::hearers(contract).map(|account| row(Channel::Mail, account)));
            }
        }
        Ok(rows)
    }

    /// The letter about what is used on a contract.
    pub(in crate::engine) async fn letter_about_use(
        &self,
        row: &OutboxRow,
    ) -> Result<Option<Letter>, EngineError> {
        let Ok(UsageFacts { contract, happening }) = serde_json::from_slice(&row.facts) else {
            return Ok(None);
        };
        let contract = self.contract_of(contract, &row.seller).await?;
        let account = self.account_of(row.account, &row.seller).await?;
        let holder = self.account_of(contract.account, &row.seller).await?;
        let playbook = self.sellers().get(&row.seller)?.playbook.clone();
        let news = usage_news(&happening, &playbook, &account, &holder);
        Ok(news.and_then(|news| letter_to(&account, row, &playbook, news)))
    }
}

/// What the mail of a happening says.
fn usage_news(
    happening: &Happening,
    playbook: &Playbook,
    reader: &Account,
    holder: &Account,
) -> Option<News> {
    let Happening::LimitReached {
        pot,
        percent,
        used,
        limit,
        end,
        ..
    } = happening
    else {
        return None;
    };
    let language = reader.language;
    let rules = playbook.metering.rules(pot)?;
    let price = match limit {
        Limit::Money(money) => rules.price(money.currency),
        Limit::Count(_) => rules.overage.first().copied(),
    };
    Some(News::LimitReached {
        what: pot_name(playbook, pot, language),
        of: (reader.id != holder.id).then(|| holder.name.clone()),
        percent: *percent,
        used: *used,
        limit: *limit,
        reached: limit.is_reached(100, *used, price),
        stops: rules.past_limit == PastLimit::Stops,
        charged: !rules.overage.is_empty(),
        until: *end,
    })
}

/// What a pot is called beside a number.
pub(in crate::engine) fn pot_name(playbook: &Playbook, pot: &Pot, language: Language) -> String {
    let named = called(playbook, pot).and_then(|texts| said(texts, language));
    named.map_or_else(|| pot.to_string(), str::to_owned)
}

fn is_mailed(happening: &Happening, playbook: &Playbook) -> bool {
    match happening {
        Happening::LimitReached { pot, .. } => playbook.metering.rules(pot).is_some(),
        Happening::CreditsGranted { .. }
        | Happening::CreditsLapsed { .. }
        | Happening::PeriodClosed { .. }
        | Happening::OverageCharged { .. }
        | Happening::OverageRefused { .. } => false,
    }
}

fn topic(happening: &Happening) -> &'static str {
    match happening {
        Happening::CreditsGranted { .. } => "credits.granted",
        Happening::CreditsLapsed { .. } => "credits.lapsed",
        Happening::LimitReached { .. } => "usage.limit_reached",
        Happening::PeriodClosed { .. } => "usage.period_closed",
        Happening::OverageCharged { .. } => "usage.overage_charged",
        Happening::OverageRefused { .. } => "usage.overage_refused",
    }
}

/// Names a fact for good: whoever finds it again tells nobody twice.
fn fact_of(contract: ContractId, happening: &Happening) -> String {
    match happening {
        Happening::CreditsGranted {
            credits,
            amount,
            balance,
            until,
        } => {
            // Packs that are bought in one month are facts of their own.
            let upto = granted_up_to(*amount, *balance);
            format!("{contract}.credits.{credits}.{}.{upto}", until.as_millisecond())
        }
        Happening::CreditsLapsed { credits, month, .. } => {
            format!("{contract}.lapsed.{credits}.{}", month.as_millisecond())
        }
        Happening::LimitReached {
            pot, percent, start, ..
        } => {
            format!("{contract}.limit.{pot}.{}.{percent}", start.as_millisecond())
        }
        Happening::OverageCharged { pot, start, .. } => {
            format!("{contract}.overage.{pot}.{}", start.as_millisecond())
        }
        Happening::OverageRefused { pot, start, .. } => {
            format!("{contract}.refused.{pot}.{}", start.as_millisecond())
        }
        Happening::PeriodClosed { pot, start, .. } => {
            format!("{contract}.closed.{pot}.{}", start.as_millisecond())
        }
    }
}

fn granted_up_to(amount: Quantity, balance: Quantity) -> String {
    format!("{amount}-{balance}")
}
