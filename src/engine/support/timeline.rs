//! Everything about a change in the order of time.

use jiff::Timestamp;
use serde_json::Value;

use super::{TimelineKind, TimelineLine};
use crate::domain::change::{Actor, ChangeId, read_stage};
use crate::engine::{Engine, EngineError, LastMove};
use crate::ports::store::{
    ChangeRow, Channel, Departed, Departure, Dossier, EffectRow, EffectStatus, InboundLine, JournalEntry,
    PageAsk,
};

/// The most lines of history that are told; those of the beginning are left out first.
const HISTORY_MAX: u64 = 1000;

/// The most characters of an event's facts.
const FACTS_MAX: usize = 6000;

/// The most of a page.
const PAGE: u32 = 200;

impl Engine {
    pub(super) async fn timeline(&self, dossier: &Dossier) -> Result<Vec<TimelineLine>, EngineError> {
        let row = &dossier.situation.change;
        let mut lines: Vec<TimelineLine> = Vec::new();
        let mut after = row.version.saturating_sub(HISTORY_MAX);
        loop {
            let page = self
                .store()
                .journal(row.id, PageAsk { after, limit: PAGE })
                .await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for entry in &page {
                lines.push(journalled(entry)?);
            }
        }
        lines.extend(dossier.effects.iter().filter_map(called));
        lines.extend(dossier.inbound.iter().map(heard));
        lines.extend(dossier.departures.iter().map(left));
        // Stable: what has one time stays in the order of its kind.
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }

    /// What moved a change last, as its history says.
    pub(in crate::engine) async fn last_move(
        &self,
        change: &ChangeRow,
    ) -> Result<Option<LastMove>, EngineError> {
        let entry = self.entry(change.id, change.version).await?;
        let Some(line) = entry.as_ref().map(journalled).transpose()? else {
            return Ok(None);
        };
        Ok(line.actor.map(|actor| LastMove {
            event: line.what,
            actor,
            at: line.at,
        }))
    }

    async fn entry(&self, change: ChangeId, seq: u64) -> Result<Option<JournalEntry>, EngineError> {
        let page = PageAsk {
            after: seq.saturating_sub(1),
            limit: 1,
        };
        Ok(self.store().journal(change, page).await?.into_iter().next())
    }
}

/// Read leniently: a line that a newer program has written is told as far as it can be.
fn journalled(entry: &JournalEntry) -> Result<TimelineLine, EngineError> {
    let content: Value = serde_json::from_slice(&entry.content)?;
    Ok(TimelineLine {
        at: entry.at,
        kind: TimelineKind::Journal,
        what: what_happened(&content["event"]),
        actor: serde_json::from_value::<Actor>(content["actor"].clone()).ok(),
        how: led_to(&content["stage"])?,
        evidence: vec![
            ("line", entry.seq.to_string()),
            ("hash", hex::encode(entry.hash)),
            ("asked for", asked_for(&content["effects"])),
            ("facts", facts(&content["event"])),
        ],
        mail: None,
    })
}

/// Where a line of history led: stage and part, as far as this program knows it.
pub(super) fn led_to(stage: &Value) -> Result<String, EngineError> {
    Ok(match read_stage(&serde_json::to_vec(stage)?) {
        Ok(stage) => stage.full_name(),
        Err(_) => stage["stage"].as_str().unwrap_or("unknown").to_owned(),
    })
}

/// What a line of history asked of the outside world, by name.
fn asked_for(effects: &Value) -> String {
    let names = effects.as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    names.join(", ")
}

/// All that the event says. What is personal in it stands in rows of its own, and is only named here.
fn facts(event: &Value) -> String {
    let said = serde_json::to_string_pretty(event).unwrap_or_default();
    if said.chars().count() <= FACTS_MAX {
        return said;
    }
    let beginning: String = said.chars().take(FACTS_MAX).collect();
    format!("{beginning} …")
}

/// The word of the event, with the call that it is about, where it is about one.
pub(super) fn what_happened(event: &Value) -> String {
    let word = event["event"].as_str().unwrap_or("unknown");
    match event["call"].as_str() {
        Some(call) => format!("{word}: {call}"),
        None => word.to_owned(),
    }
}

/// So many attempts, in words.
fn attempts(count: u32) -> String {
    match count {
        1 => "1 attempt".to_owned(),
        count => format!("{count} attempts"),
    }
}

fn time_or_nothing(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn called(effect: &EffectRow) -> Option<TimelineLine> {
    let status = match effect.status {
        EffectStatus::Intent => "not accepted yet",
        EffectStatus::Unknown => "answer unknown",
        EffectStatus::Succeeded => "done",
        EffectStatus::Declined => "not done",
        EffectStatus::Abandoned => "done, and undone",
    };
    Some(TimelineLine {
        at: effect.first_sent_at?,
        kind: TimelineKind::Call,
        what: effect.name.as_str().to_owned(),
        actor: None,
        how: format!("{status}, after {}", attempts(effect.attempts)),
        evidence: vec![
            ("call", effect.id.to_string()),
            ("idempotency key", effect.key.clone()),
            ("attempts", effect.attempts.to_string()),
            ("key is good until", time_or_nothing(effect.key_deadline)),
            ("last answer", effect.last_error.clone().unwrap_or_default()),
        ],
        mail: None,
    })
}

fn heard(line: &InboundLine) -> TimelineLine {
    TimelineLine {
        at: line.received_at,
        kind: TimelineKind::Webhook,
        what: line.event_type.clone(),
        actor: None,
        how: line.object.clone().unwrap_or_default(),
        evidence: vec![("event", line.event_id.clone())],
        mail: None,
    }
}

fn left(departure: &Departure) -> TimelineLine {
    let how = match departure.departed {
        Departed::Sent => "has left".to_owned(),
        Departed::Waiting(at) => format!("leaves at {at}, {} so far", attempts(departure.row.attempts)),
        Departed::GivenUp => format!("given up after {}", attempts(departure.row.attempts)),
    };
    TimelineLine {
        at: departure.row.at,
        kind: match departure.row.channel {
            Channel::Mail => TimelineKind::Mail,
            Channel::Event => TimelineKind::Event,
        },
        what: departure.row.topic.clone(),
        actor: None,
        how,
        evidence: vec![
            ("id", departure.row.id.to_string()),
            ("attempts", departure.row.attempts.to_string()),
            ("last answer", departure.last_error.clone().unwrap_or_default()),
        ],
        mail: (departure.row.channel == Channel::Mail).then_some(departure.row.id),
    }
}
