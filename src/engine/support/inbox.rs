//! What waits for a person: changes about which something is stuck, and requests to go down, in one list.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::domain::account::{Account, Contract};
use crate::domain::catalog::SellerId;
use crate::domain::change::Stage;
use crate::domain::change::stuck::{NOT_LONG, Stuck};
use crate::domain::money::Money;
use crate::engine::{Engine, EngineError};
use crate::ports::store::{ChangeRow, Concern, Search};

/// How many candidates are looked at for one list. What is beyond comes up as soon as what is older is done.
const READ_MAX: usize = 1000;

/// How many a look at the store brings.
const PAGE: u32 = 200;

/// Which of what waits is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxSearch {
    /// Of this seller; of all where none is named.
    pub seller: Option<SellerId>,
    /// In which order.
    pub sort: InboxSort,
    /// Requests to go down alone, or what is stuck alone.
    pub requests: Option<bool>,
}

/// In which order it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InboxSort {
    /// The longest waiting first.
    #[default]
    Age,
    /// The most money first. Amounts of one currency stand together: none is worth more or less than another here.
    Money,
}

/// One thing that waits.
#[derive(Debug, Clone)]
pub struct InboxLine {
    /// The change.
    pub change: ChangeRow,
    /// What is stuck about it, the most serious first.
    pub stuck: Vec<Stuck>,
    /// Whose it is.
    pub account: Account,
    /// Since when it waits.
    pub since: Timestamp,
    /// What is at stake: what is due today or, where nothing is, what renews; before there is a quote, what is held.
    pub money: Option<Money>,
}

impl InboxLine {
    /// Whether it is a request that a person answers.
    pub fn is_request(&self) -> bool {
        matches!(
            self.change.stage_name.as_str(),
            "downgrade_ticket.held" | "downgrade_ticket.open"
        )
    }
}

/// All that waits.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    /// In the order that was wanted.
    pub lines: Vec<InboxLine>,
    /// Whether there is more than was looked at.
    pub more: bool,
}

impl Engine {
    /// What waits for a person.
    pub async fn inbox(&self, wanted: &InboxSearch) -> Result<Inbox, EngineError> {
        let mut search = Search {
            seller: wanted.seller.clone(),
            concern: Some(Concern {
                now: self.now(),
                overdue: NOT_LONG,
            }),
            or_waiting: true,
            limit: PAGE,
            ..Search::default()
        };
        let mut inbox = Inbox::default();
        let mut read = 0;
        loop {
            let rows = self.store().find_changes(search.clone()).await?;
            let last_page = rows.len() < PAGE as usize;
            read += rows.len();
            search.after = rows.last().map(|row| row.id);
            for row in rows {
                inbox.lines.extend(self.waits(row).await?);
            }
            if last_page {
                break;
            }
            if read >= READ_MAX {
                inbox.more = true;
                break;
            }
        }
        if let Some(requests) = wanted.requests {
            inbox.lines.retain(|line| line.is_request() == requests);
        }
        match wanted.sort {
            InboxSort::Age => inbox.lines.sort_by_key(|line| line.since),
            InboxSort::Money => inbox.lines.sort_by_key(|line| {
                let money = line.money.map(|money| (money.currency, Reverse(money.amount)));
                (money.is_none(), money, line.since)
            }),
        }
        Ok(inbox)
    }

    async fn waits(&self, change: ChangeRow) -> Result<Option<InboxLine>, EngineError> {
        let Some(dossier) = self.store().dossier(change.id).await? else {
            return Ok(None);
        };
        let holdings = self.holdings(dossier).await?;
        let contract = &holdings.dossier.situation.contract;
        let stuck = holdings.stuck();
        let line = InboxLine {
            since: { stuck.iter().map(|stuck| stuck.since).min() }.unwrap_or(change.entered_at),
            money: at_stake(holdings.stage.as_ref(), contract),
            account: holdings.dossier.situation.account.clone(),
            change,
            stuck,
        };
        let waits = !line.stuck.is_empty() || line.is_request();
        Ok(waits.then_some(line))
    }
}

/// What is due today or, where nothing is, what renews; before there is a quote, what is held.
pub(super) fn at_stake(stage: Option<&Stage>, contract: &Contract) -> Option<Money> {
    if let Some(deal) = stage.and_then(Stage::deal) {
        let renews = deal.quote.recurring.first().map(|recurring| recurring.amount);
        let due = deal.quote.due_today;
        return Some(renews.filter(|_| due.is_zero()).unwrap_or(due));
    }
    let amounts = contract.lines.iter();
    let amounts: Result<Vec<Money>, _> = amounts.map(|line| line.price.amount(line.quantity)).collect();
    Money::sum(contract.currency, amounts.ok()?).ok()
}
