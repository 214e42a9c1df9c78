//! What both sides are shown of a request: what will be lost, what was said, and who said it.

use jiff::Timestamp;

use super::{CommentWords, FormWords};
use crate::domain::account::{Contract, HeldLine};
use crate::domain::catalog::{Differences, Direction, Losses, Selection, SellerId};
use crate::domain::change::{Actor, ChangeId, Event, Refusal, RefusalCode, Stage, TicketAsk, TicketMaker};
use crate::domain::metering::UsedAgainst;
use crate::engine::{ChangeView, Engine, EngineError, HistoryEntry};
use crate::ports::store::{NoteKind, PageAsk};

/// A request to go down, or one that is about to be made.
#[derive(Debug, Clone)]
pub struct TicketView {
    /// The change that it is.
    pub change: ChangeView,
    /// How it came about; before it is made, how it would.
    pub ask: TicketAsk,
    /// Who made it, and when; nothing before it is made.
    pub filed: Option<Filed>,
    /// What will be lost.
    pub losses: Losses,
    /// What is used now against what will be allowed; nothing where the contract ends.
    pub usage: Vec<UsedAgainst>,
    /// When it takes effect, as far as that is known: the promised day, else the next renewal.
    pub effective_at: Option<Timestamp>,
    /// What was said when it was made; nothing where nothing was, or where it was erased.
    pub words: Option<FormWords>,
    /// What was said about it since, oldest first.
    pub comments: Vec<SaidAbout>,
}

/// Who made a request, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidAbout {
    /// Which side said it.
    pub by: TicketMaker,
    /// Whether it is for support alone.
    pub internal: bool,
    /// The words; nothing where they were erased.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Engine {
    /// Reads a request to go down; of a draft, what it would be. Any seller's, where none is named.
    pub async fn ticket(
        &self,
        change: ChangeId,
        seller: Option<&SellerId>,
    ) -> Result<TicketView, EngineError> {
        let found = self.store().situation(change).await?;
        let situation = found
            .filter(|found| seller.is_none_or(|seller| found.change.seller == *seller))
            .ok_or_else(|| EngineError::no_change(change))?;
        let view = self.standing_on(situation).await?.view(self.now(), None);
        let brought = self.filed(change).await?;
        if brought.is_none() && !would_be_a_ticket(&view) {
            let detail = "This change is no request to go down: it goes by a quote.";
            return Err(Refusal::new(RefusalCode::NotAllowedHere, detail).into());
        }
        let (filed, ask, wanted) = match brought {
            Some(brought) => (Some(brought.filed), brought.ask, brought.wanted),
            None => (None, TicketAsk::default(), None),
        };
        let ask = view.stage.ask().cloned().unwrap_or(ask);
        let wanted = view.stage.selection().cloned().or(wanted);
        let catalog = &view.playbook.catalog;
        let losses = Losses::of(catalog, &view.contract, wanted.as_ref().filter(|_| !ask.ends));
        let (words, comments) = self.said_about(change, &ask).await?;
        let after = wanted.as_ref().filter(|_| !ask.ends && !view.stage.is_terminal());
        let usage = match after.and_then(|wanted| held_then(&view, wanted)) {
            Some(after) => self.usage_against(&view.contract, &after).await?,
            None => Vec::new(),
        };
        Ok(TicketView {
            effective_at: effective_at(&view),
            usage,
            filed,
            losses,
            words,
            comments,
            ask,
            change: view,
        })
    }

    /// The fact by which a change became a request. It is among its first.
    async fn filed(&self, change: ChangeId) -> Result<Option<Brought>, EngineError> {
        let page = PageAsk { after: 0, limit: 200 };
        for entry in self.store().journal(change, page).await? {
            let said: HistoryEntry = serde_json::from_slice(&entry.content)?;
            let stage = crate::domain::change::read_stage(said.stage.get().as_bytes())?;
            let ask = match (&said.event, &stage) {
                (Event::TicketBrought { ask, .. }, _)
                | (Event::FileTicket { .. } | Event::AskQuote, Stage::TicketOpen { ask, .. })
                | (Event::Confirm { .. }, Stage::TicketScheduling { ask, .. }) => ask.clone(),
                _ => continue,
            };
            return Ok(Some(Brought {
                filed: Filed {
                    actor: said.actor,
                    at: entry.at,
                },
                ask,
                wanted: stage.selection().cloned(),
            }));
        }
        Ok(None)
    }

    async fn said_about(
        &self,
        change: ChangeId,
        ask: &TicketAsk,
    ) -> Result<(Option<FormWords>, Vec<SaidAbout>), EngineError> {
        let (mut words, mut comments) = (None, Vec::new());
        for note in self.store().ticket_notes(change).await? {
            let data = note.data.as_deref();
            if note.kind == NoteKind::Form {
                if ask.form.as_ref().is_some_and(|form| form.row == note.id) {
                    words = data.map(serde_json::from_slice).transpose()?;
                }
                continue;
            }
            let said: Option<CommentWords> = data.map(serde_json::from_slice).transpose()?;
            comments.push(SaidAbout {
                by: note.author,
                internal: note.kind == NoteKind::Internal,
                text: said.map(|said| said.text),
                at: note.at,
            });
        }
        Ok((words, comments))
    }
}

/// A request as it was made.
struct Brought {
    filed: Filed,
    ask: TicketAsk,
    wanted: Option<Selection>,
}

/// Whether what is chosen so far becomes a request, by the seller's rules.
fn would_be_a_ticket(view: &ChangeView) -> bool {
    let Stage::Draft { selection, .. } = &view.stage else {
        return false;
    };
    let (catalog, policy) = (&view.playbook.catalog, &view.playbook.policy);
    let Ok(target) = catalog.resolve(selection, Some(&view.contract)) else {
        return false;
    };
    let differences = Differences::between(catalog, Some(&view.contract), selection, &target);
    policy.direction.decide(&differences) == Some(&Direction::Ticket)
}

/// The promised day, or else the next renewal of what is charged at the provider.
fn effective_at(view: &ChangeView) -> Option<Timestamp> {
    match &view.stage {
        Stage::TicketScheduled { at, .. } => Some(*at),
        Stage::Active { receipt, .. } => Some(receipt.at),
        stage if stage.is_terminal() => None,
        _ => view.contract.periods.iter().map(|period| period.end).min(),
    }
}

/// The contract as it would be, for what it would allow; nothing where that cannot be had.
fn held_then(view: &ChangeView, wanted: &Selection) -> Option<Contract> {
    let target = view.playbook.catalog.resolve(wanted, Some(&view.contract)).ok()?;
    let lines = target.into_iter().map(HeldLine::outside);
    Some(Contract {
        plan: wanted.plan.clone(),
        options: wanted.options.clone(),
        lines: lines.collect(),
        ..view.contract.clone()
    })
}
