//! From a journalled fact to the mail that tells of it.

mod notices;

pub(super) use notices::Telling;

use super::outbox::{RefundFacts, ReminderFacts};
use super::tickets::{CommentWords, NoteFacts};
use super::{Engine, EngineError};
use crate::domain::account::Account;
use crate::domain::catalog::{LineKey, PlanId, Playbook};
use crate::domain::change::{self, Deal, Party, Quote, Receipt, Stage, StageName, Tell, deadline};
use crate::domain::language::{Language, said};
use crate::ports::mail::{Address, Holding, Letter, News, NextStep, Renewal, Sender, Voucher, VoucherKind};
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
        | Tell::Refunded
        | Tell::VoucherIssued
        | Tell::PaidTooLate => true,
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
            return match self.letter_about_use(row).await? {
                Some(letter) => Ok(Some(letter)),
                None => self.notice_letter(row).await,
            };
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
            "reminder" => {
                let (go_on, language) = (self.resume_url(&change).await?, situation.account.language);
                match reminder(row, &stage, &change, go_on, &playbook, language) {
                    Some(news) => news,
                    None => return Ok(None),
                }
            }
            topic => match news(topic, &stage, &change, &playbook, &situation.account) {
                Some(news) => news,
                None => return Ok(None),
            },
        };
        if to.email.is_empty() {
            // Erased since: nobody is left to be told.
            return Ok(None);
        }
        Ok(Some(Letter {
            dedupe_key: row.dedupe_key.clone(),
            to,
            language: situation.account.language,
            sender: sender(&playbook),
            reference: Some(change.reference.0),
            time_zone: playbook.seller.time_zone.clone(),
            at: row.at,
            news,
        }))
    }
}

/// A letter to an account about something outside of its changes; nothing where it was erased since: nobody is left to be told.
pub(super) fn letter_to(
    account: &Account,
    row: &OutboxRow,
    playbook: &Playbook,
    news: News,
) -> Option<Letter> {
    (!account.email.is_empty()).then(|| Letter {
        dedupe_key: row.dedupe_key.clone(),
        to: to_account(account),
        language: account.language,
        sender: sender(playbook),
        reference: None,
        time_zone: playbook.seller.time_zone.clone(),
        at: row.at,
        news,
    })
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
            Some(confirmed(deal, receipt, change, playbook, account.language))
        }
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
        ("voucher_issued", stage) => voucher(stage, playbook, account.language, false),
        ("paid_too_late", stage) => Some(News::Credited {
            amount: stage.payment()?.deal.quote.due_today,
        }),
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

/// What a customer who waits is written. The first mail in a stage tells what it waits for: the quote, the refused card, the bank's
/// question. Whoever went on at once has seen it on the screen, and is not written at all; later ones only remind.
fn reminder(
    row: &OutboxRow,
    stage: &Stage,
    change: &ChangeRow,
    resume_url: String,
    playbook: &Playbook,
    language: Language,
) -> Option<News> {
    let until = deadline(stage, &playbook.policy, change.entered_at)?;
    let resume_url = Some(resume_url);
    let first = serde_json::from_slice::<ReminderFacts>(&row.facts).is_ok_and(|facts| facts.nth == 0);
    let own = match stage {
        Stage::Settling { voucher: Some(_), .. } => voucher(stage, playbook, language, true),
        _ if !first => None,
        Stage::QuoteReady { deal, .. } => Some(News::QuoteReady {
            due_today: deal.quote.due_today,
            holds_until: deal.quote.expires_at.min(until),
            renewal: renewal(&deal.quote),
            resume_url: resume_url.clone(),
        }),
        Stage::ActionRequired { payment, .. } => Some(News::AuthenticationNeeded {
            amount: payment.deal.quote.due_today,
            deadline: until,
            action_url: resume_url.clone(),
        }),
        Stage::Declined { payment, reason, .. } => Some(News::Declined {
            amount: payment.deal.quote.due_today,
            reason: reason.as_str().to_owned(),
            resume_url: resume_url.clone(),
        }),
        Stage::Choosing {
            deal,
            refused: Some(reason),
            ..
        } => Some(News::Declined {
            amount: deal.quote.due_today,
            reason: reason.as_str().to_owned(),
            resume_url: resume_url.clone(),
        }),
        _ => None,
    };
    Some(own.unwrap_or(News::Reminder {
        deadline: until,
        resume_url,
    }))
}

/// The boleto or Pix that a change waits for.
fn voucher(stage: &Stage, playbook: &Playbook, language: Language, again: bool) -> Option<News> {
    let Stage::Settling {
        payment,
        voucher: Some(voucher),
        ..
    } = stage
    else {
        return None;
    };
    let rule = playbook.policy.method(voucher.kind.kind());
    Some(News::Voucher(Voucher {
        kind: match voucher.kind {
            change::VoucherKind::Boleto => VoucherKind::Boleto,
            change::VoucherKind::Pix => VoucherKind::Pix,
        },
        amount: payment.deal.quote.due_today,
        pay_until: voucher.expires_at,
        code: Some(voucher.code.clone()),
        url: voucher.url.clone(),
        releases: rule
            .and_then(|rule| said(&rule.releases, language))
            .map(str::to_owned),
        again,
    }))
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

fn confirmed(
    deal: &Deal,
    receipt: &Receipt,
    change: &ChangeRow,
    playbook: &Playbook,
    language: Language,
) -> News {
    let quote = &deal.quote;
    let holdings = quote.holdings.iter().filter(|moved| moved.key != LineKey::Plan);
    let named = holdings.map(|moved| Holding {
        name: item_name(playbook, &moved.key, language),
        before: moved.before,
        after: moved.after,
    });
    let next = renewal(quote);
    News::Confirmed {
        holdings: named.collect(),
        plan: plan_name(playbook, &deal.selection.plan, language),
        charged: receipt.charged,
        recurring: next.map_or(quote.due_today, |next| next.amount),
        next_renewal: next.map(|next| next.at),
        receipt_url: receipt.url.clone(),
        contract: Some(change.contract.to_string()),
        next_steps: next_steps(deal, playbook, language),
    }
}

/// The next renewal that a quote tells of.
fn renewal(quote: &Quote) -> Option<Renewal> {
    let next = quote
        .recurring
        .iter()
        .min_by_key(|recurring| recurring.renews_at)?;
    Some(Renewal {
        amount: next.amount,
        at: next.renews_at,
    })
}

fn plan_name(playbook: &Playbook, plan: &PlanId, language: Language) -> String {
    let named = playbook
        .catalog
        .plan(plan)
        .and_then(|plan| said(&plan.name, language));
    named.map_or_else(|| plan.to_string(), str::to_owned)
}

/// What to do about what is new: the seller's words, and the page that leads on.
fn next_steps(deal: &Deal, playbook: &Playbook, language: Language) -> Vec<NextStep> {
    let steps = deal.next_steps(&playbook.catalog).into_iter();
    steps
        .map(|step| NextStep {
            text: said(&step.text, language).unwrap_or_default().to_owned(),
            url: step.url.clone(),
        })
        .collect()
}

fn item_name(playbook: &Playbook, key: &LineKey, language: Language) -> String {
    let item = key.item().and_then(|item| playbook.catalog.item(item));
    let named = item.and_then(|item| said(&item.plural, language));
    named.map_or_else(|| key.to_string(), str::to_owned)
}
