//! What must leave: mails and events. Each row leaves at least once and, but for a crash in the very moment of sending, at
//! most once; a second copy carries the same id, so that the receiver can tell.

use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::pace::{BATCH, later};
use super::{CrashPoint, Engine, EngineError};
use crate::domain::account::{BillingIdentity, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::change::{StageName, StoredStageError};
use crate::domain::money::Money;
use crate::measures;
use crate::ports::hooks::{HookFailure, OutgoingEvent};
use crate::ports::mail::MailFailure;
use crate::ports::store::{Channel, OutboxRow, OutboxUpdate};

/// The waits between attempts, in seconds; after the last the row is given up and shown to support.
const RETRY_LADDER: [i64; 10] = [5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400];

/// How long what only a newer node can tell waits for one.
const WAIT_FOR_NEWER: SignedDuration = SignedDuration::from_mins(5);

/// The JSON body of an outgoing event.
#[derive(Debug, Serialize)]
pub struct EventBody {
    /// Its id: the same at every attempt.
    pub id: String,
    /// What it says, such as `change.activated`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the fact was journalled, as the Standard Webhooks specification calls it.
    pub timestamp: Timestamp,
    /// The same, under the name that it has in lists.
    pub created_at: Timestamp,
    /// The facts.
    pub data: EventData,
}

/// What an event is about.
#[derive(Debug, Serialize)]
pub struct EventData {
    /// The change, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Its name between people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The account.
    pub account: String,
    /// The contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The stage that the fact led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageName>,
    /// The billing data, in `change.billing_data` only: for the seller's tax-invoice system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<BillingIdentity>,
    /// Further facts.
    pub facts: Box<RawValue>,
}

/// Which billing data an event speaks of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BillingFacts {
    /// The row that keeps them.
    pub(super) billing_data: Option<Uuid>,
}

/// How much an event says was given back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RefundFacts {
    /// The amount.
    pub(super) amount: Money,
}

/// What facts outside of a change say of where they belong.
#[derive(Debug, Deserialize)]
struct AboutContract {
    #[serde(default)]
    contract: Option<ContractId>,
}

/// Which reminder of its stage a reminder is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReminderFacts {
    /// 0 for the first.
    pub(super) nth: usize,
}

impl Engine {
    /// Sends what must leave until the process is about to end and what was claimed has left, until the returned future is
    /// dropped, or until a test crashes it.
    pub async fn send(&self) -> Result<(), EngineError> {
        while !self.is_retiring() {
            match self.send_once().await {
                Ok(0) => {
                    let mail = self.store().next_outbox().await.ok().flatten();
                    let card = self.store().next_card_order().await.ok().flatten();
                    let next = [mail, card].into_iter().flatten().min();
                    self.nap(next, &self.parts.bell.outbox).await;
                }
                Ok(_) => {}
                Err(crash @ EngineError::Crashed(_)) => return Err(crash),
                Err(problem) => {
                    tracing::error!(%problem, "the outbox could not be worked off");
                    self.rest().await;
                }
            }
        }
        Ok(())
    }

    /// Whether a row has to be sent. An event that no system of the seller is called for is read in the feed, and nowhere else.
    pub(super) fn leaves(&self, channel: Channel, seller: &SellerId) -> bool {
        channel == Channel::Mail || self.parts.hooks.wants(seller)
    }

    /// Claims one batch of what must leave and sends it, and of what was ordered about cards. Gives how much it claimed.
    pub async fn send_once(&self) -> Result<usize, EngineError> {
        let claimed = self.store().claim_outbox(self.now(), self.lease, BATCH).await?;
        let count = claimed.len();
        let mut sending = stream::iter(claimed)
            .map(|row| self.dispatch(row))
            .buffer_unordered(BATCH as usize);
        while let Some(done) = sending.next().await {
            done?;
        }
        Ok(count + self.work_on_cards().await?)
    }

    async fn dispatch(&self, row: OutboxRow) -> Result<(), EngineError> {
        self.reach(CrashPoint::OutboxClaimed)?;
        let sent = match row.channel {
            Channel::Mail => self.mail(&row).await,
            Channel::Event => self.call_hook(&row).await,
        };
        self.reach(CrashPoint::OutboxSent)?;
        let update = match sent {
            Ok(update) => update,
            Err(crash @ EngineError::Crashed(_)) => return Err(crash),
            // Only a newer node can tell it: it waits for one, however long that takes.
            Err(problem @ EngineError::StoredStage(StoredStageError::Newer(_))) => OutboxUpdate::Again {
                at: later(self.now(), WAIT_FOR_NEWER),
                error: problem.to_string(),
            },
            Err(problem) => self.again(&row, problem.to_string()),
        };
        count(row.channel, &update);
        match &update {
            OutboxUpdate::Sent => {}
            OutboxUpdate::Again { error, .. } => {
                tracing::warn!(outbox = %row.id, topic = row.topic, attempt = row.attempts, %error, "something did not leave yet");
            }
            OutboxUpdate::GivenUp { error } => {
                tracing::error!(outbox = %row.id, topic = row.topic, attempt = row.attempts, %error, "something is given up and will never leave");
            }
        }
        self.store().settle_outbox(row.id, update).await?;
        self.reach(CrashPoint::OutboxSettled)
    }

    async fn mail(&self, row: &OutboxRow) -> Result<OutboxUpdate, EngineError> {
        let Some(letter) = self.letter(row).await? else {
            tracing::info!(outbox = %row.id, topic = row.topic, "there is nothing to tell after all");
            return Ok(OutboxUpdate::Sent);
        };
        Ok(match self.parts.mailer.send(&letter).await {
            Ok(()) => OutboxUpdate::Sent,
            Err(MailFailure::Permanent(error)) => OutboxUpdate::GivenUp { error },
            Err(MailFailure::Temporary(error)) => self.again(row, error),
        })
    }

    async fn call_hook(&self, row: &OutboxRow) -> Result<OutboxUpdate, EngineError> {
        if !self.parts.hooks.wants(&row.seller) {
            // The seller reads the feed instead.
            return Ok(OutboxUpdate::Sent);
        }
        let body = self.event_body(row).await?;
        let event = OutgoingEvent {
            id: body.id.clone(),
            seller: row.seller.clone(),
            topic: body.kind.clone(),
            at: row.at,
            sent_at: self.now(),
            body: serde_json::to_vec(&body)?,
        };
        Ok(match self.parts.hooks.deliver(&event).await {
            Ok(()) => OutboxUpdate::Sent,
            Err(failure @ HookFailure::Gone) => OutboxUpdate::GivenUp {
                error: failure.to_string(),
            },
            Err(failure @ HookFailure::Busy(wait)) => match self.again(row, failure.to_string()) {
                OutboxUpdate::Again { at, error } => OutboxUpdate::Again {
                    at: at.max(later(self.now(), wait)),
                    error,
                },
                given_up => given_up,
            },
            Err(failure @ HookFailure::Failed(_)) => self.again(row, failure.to_string()),
        })
    }

    /// The body of an event: what a receiver is sent, and what the feed shows.
    pub async fn event_body(&self, row: &OutboxRow) -> Result<EventBody, EngineError> {
        let mut data = EventData {
            change: None,
            reference: None,
            account: row.account.to_string(),
            contract: None,
            stage: None,
            billing: None,
            facts: RawValue::from_string(String::from_utf8_lossy(&row.facts).into_owned())?,
        };
        if let Some((change, seq)) = row.entry
            && let Some(situation) = self.store().situation(change).await?
        {
            data.stage = self.stage_after(change, seq).await?.map(|stage| stage.name());
            data.change = Some(change.to_string());
            data.reference = Some(situation.change.reference.0);
            data.contract = Some(situation.contract.id.to_string());
        }
        if row.entry.is_none() {
            let about: AboutContract = serde_json::from_slice(&row.facts)?;
            data.contract = about.contract.map(|contract| contract.to_string());
        }
        if row.topic == "billing_data" {
            data.billing = self.fiscal_data(row).await?;
        }
        Ok(EventBody {
            id: format!("evt_{}", row.id.simple()),
            kind: kind_of(&row.topic),
            timestamp: row.at,
            created_at: row.at,
            data,
        })
    }

    /// The billing data that the row was written with: the account's may be others by now.
    async fn fiscal_data(&self, row: &OutboxRow) -> Result<Option<BillingIdentity>, EngineError> {
        let BillingFacts { billing_data } = serde_json::from_slice(&row.facts)?;
        match billing_data {
            Some(row) => Ok(self.store().identity(row).await?),
            None => Ok(None),
        }
    }

    fn again(&self, row: &OutboxRow, error: String) -> OutboxUpdate {
        // This attempt is already counted.
        let step = usize::try_from(row.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        match RETRY_LADDER.get(step) {
            Some(seconds) => {
                let wait = SignedDuration::from_secs(*seconds);
                OutboxUpdate::Again {
                    at: later(self.now(), wait),
                    error,
                }
            }
            None => OutboxUpdate::GivenUp { error },
        }
    }
}

/// The type of an event: what is told of a change has no room of its own in its topic.
fn kind_of(topic: &str) -> String {
    if topic.contains('.') {
        topic.to_owned()
    } else {
        format!("change.{topic}")
    }
}

fn count(channel: Channel, update: &OutboxUpdate) {
    let channel = match channel {
        Channel::Mail => "mail",
        Channel::Event => "event",
    };
    let outcome = match update {
        OutboxUpdate::Sent => "sent",
        OutboxUpdate::Again { .. } => "again",
        OutboxUpdate::GivenUp { .. } => "given_up",
    };
    measures::left(channel, outcome);
}
