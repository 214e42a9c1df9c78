//! Webhooks: who gets which event, what is still to be sent, and when to try again.
//!
//! The queue is decided here and stored with the effect that made the event; `sender` only carries parcels. It knows
//! events as rendered JSON and nothing about what they mean.

mod endpoint;
mod operations;
mod sender;
mod signature;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::endpoint::Endpoint;
pub(super) use self::{endpoint::target, sender::Sender};
use super::file::{Drawer, Write};

/// The endpoint that the program was started with; it is not stored.
const COMMAND_LINE: &str = "we_command_line_";
/// How long a delivery is tried, as Stripe does it.
const TRIED_SECONDS: i64 = 3 * 24 * 60 * 60;
/// The pause after the first failure; each one after it is four times as long. Stripe does not publish its own.
const FIRST_PAUSE_SECONDS: i64 = 5;
/// The longest pause.
const PAUSE_SECONDS_MAX: i64 = 8 * 60 * 60;
/// Deliveries waiting at once; the oldest are given up first.
const QUEUE_MAX: usize = 20_000;
/// Deliveries that one round to one endpoint carries.
const ROUND_MAX: usize = 50;
/// Attempts that the page shows.
const RECENT_MAX: usize = 200;

/// What goes wrong on the way to receivers, on demand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Chaos {
    /// Loses every nth event; 1 loses all, 0 none.
    drop_every: u64,
    /// Sends each event this many times more.
    duplicates: u8,
    /// Sends what is due newest first.
    reorder: bool,
    /// Sends each event this much later.
    delay_seconds: u32,
}

/// What is remembered besides endpoints and deliveries.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Setting {
    made: u64,
    chaos: Chaos,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Delivery {
    endpoint: String,
    event: String,
    kind: String,
    payload: String,
    created: i64,
    due: i64,
    attempts: u32,
}

/// What the sender carries.
#[derive(Debug)]
pub(super) struct Parcel {
    number: u64,
    /// Where to.
    pub(super) url: String,
    /// The body.
    pub(super) payload: String,
    /// What signs it.
    pub(super) secrets: Vec<String>,
}

/// The parcels for one endpoint, in the order in which they are sent.
#[derive(Debug)]
pub(super) struct Round {
    /// Whom they are for; busy until `round_over`.
    pub(super) endpoint: String,
    /// What is sent.
    pub(super) parcels: Vec<Parcel>,
}

/// Endpoints and the queue.
#[derive(Debug)]
pub(super) struct Hooks {
    seed: u64,
    setting: Setting,
    setting_changed: bool,
    endpoints: BTreeMap<String, Endpoint>,
    queue: BTreeMap<u64, Delivery>,
    busy: BTreeSet<String>,
    recent: VecDeque<Value>,
    writes: Vec<Write>,
}

impl Hooks {
    /// No endpoints yet. The seed decides what identifiers and secrets look like.
    pub(super) fn new(seed: u64) -> Hooks {
        Hooks {
            seed,
            setting: Setting::default(),
            setting_changed: false,
            endpoints: BTreeMap::new(),
            queue: BTreeMap::new(),
            busy: BTreeSet::new(),
            recent: VecDeque::new(),
            writes: Vec::new(),
        }
    }

    /// Puts back what the durable file holds in one of its drawers.
    pub(super) fn restore(&mut self, drawer: Drawer, id: &str, body: &[u8]) -> Result<(), serde_json::Error> {
        match drawer {
            Drawer::Endpoints => {
                self.endpoints
                    .insert(id.to_owned(), serde_json::from_slice(body)?);
            }
            Drawer::Deliveries => {
                let number = id.parse().unwrap_or_default();
                self.queue.insert(number, serde_json::from_slice(body)?);
            }
            _ => self.setting = serde_json::from_slice(body)?,
        }
        Ok(())
    }

    /// Adds an endpoint that the program was started with.
    pub(super) fn listen_from_start(&mut self, nth: usize, url: &str, secret: &str, now: i64) {
        let id = format!("{COMMAND_LINE}{nth}");
        let endpoint = Endpoint::new(id.clone(), url.to_owned(), secret.to_owned(), now);
        self.endpoints.insert(id, endpoint);
    }

    fn store(&mut self, endpoint: Endpoint) {
        if let Ok(body) = serde_json::to_vec(&endpoint) {
            self.writes
                .push(Write::put(Drawer::Endpoints, endpoint.id.clone(), body));
        }
        self.endpoints.insert(endpoint.id.clone(), endpoint);
    }

    /// Hexadecimal digits that differ from all before them.
    fn word(&mut self, digits: usize) -> String {
        let number = self.next_number();
        let mut word = hex::encode(Sha256::digest(format!("webhooks {} {number}", self.seed)));
        word.truncate(digits);
        word
    }

    fn next_number(&mut self) -> u64 {
        self.setting.made = self.setting.made.saturating_add(1);
        self.setting_changed = true;
        self.setting.made
    }

    /// Queues a rendered event for everybody who wants it.
    pub(super) fn enqueue(&mut self, event: &Value, now: i64) {
        let text = |name: &str| {
            event
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (id, kind) = (text("id"), text("type"));
        let receivers: Vec<_> = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.wants(&kind))
            .map(|endpoint| endpoint.id.clone())
            .collect();
        let mut event = event.clone();
        event["pending_webhooks"] = json!(receivers.len());
        let payload = event.to_string();
        for endpoint in receivers {
            let due = now.saturating_add(i64::from(self.setting.chaos.delay_seconds));
            for _ in 0..=self.setting.chaos.duplicates {
                let number = self.next_number();
                let every = self.setting.chaos.drop_every;
                if every != 0 && number.is_multiple_of(every) {
                    self.note(json!({ "event": id, "type": kind, "endpoint": endpoint, "at": now, "outcome": "dropped" }));
                    continue;
                }
                let (endpoint, event, kind, payload) =
                    (endpoint.clone(), id.clone(), kind.clone(), payload.clone());
                self.put(
                    number,
                    Delivery {
                        endpoint,
                        event,
                        kind,
                        payload,
                        created: now,
                        due,
                        attempts: 0,
                    },
                );
            }
        }
        while self.queue.len() > QUEUE_MAX {
            let Some(oldest) = self.queue.keys().next().copied() else {
                break;
            };
            self.give_up(oldest, "given up: the queue is full", now);
        }
    }

    fn put(&mut self, number: u64, delivery: Delivery) {
        if let Ok(body) = serde_json::to_vec(&delivery) {
            self.writes
                .push(Write::put(Drawer::Deliveries, number.to_string(), body));
        }
        self.queue.insert(number, delivery);
    }

    /// What is due at `now`, one round for each endpoint that is not busy with another. Those endpoints are busy then.
    pub(super) fn take_due(&mut self, now: i64) -> Vec<Round> {
        let mut rounds: BTreeMap<String, Vec<Parcel>> = BTreeMap::new();
        let mut lost = Vec::new();
        for (number, delivery) in &self.queue {
            if delivery.due > now || self.busy.contains(&delivery.endpoint) {
                continue;
            }
            let Some(endpoint) = self.endpoints.get(&delivery.endpoint) else {
                lost.push(*number);
                continue;
            };
            let parcels = rounds.entry(endpoint.id.clone()).or_default();
            if parcels.len() < ROUND_MAX {
                let (url, payload) = (endpoint.url.clone(), delivery.payload.clone());
                parcels.push(Parcel {
                    number: *number,
                    url,
                    payload,
                    secrets: endpoint.secrets(now),
                });
            }
        }
        for number in lost {
            self.give_up(number, "given up: the endpoint is gone", now);
        }
        self.busy.extend(rounds.keys().cloned());
        let reorder = self.setting.chaos.reorder;
        let ordered = rounds.into_iter().map(|(endpoint, mut parcels)| {
            if reorder {
                parcels.reverse();
            }
            Round { endpoint, parcels }
        });
        ordered.collect()
    }

    /// The instant of the next delivery to an endpoint that is not busy.
    pub(super) fn next_due(&self) -> Option<i64> {
        let waiting = self
            .queue
            .values()
            .filter(|delivery| !self.busy.contains(&delivery.endpoint));
        waiting.map(|delivery| delivery.due).min()
    }

    /// Takes the outcome of one attempt: the receiver's status, or why there was none.
    pub(super) fn settle(&mut self, parcel: &Parcel, outcome: &Result<u16, String>, now: i64) {
        let Some(delivery) = self.queue.get(&parcel.number) else {
            return;
        };
        let mut delivery = delivery.clone();
        delivery.attempts = delivery.attempts.saturating_add(1);
        let answer = match outcome {
            Ok(status) => status.to_string(),
            Err(why) => why.clone(),
        };
        self.note(
            json!({ "event": delivery.event, "type": delivery.kind, "endpoint": delivery.endpoint,
            "attempt": delivery.attempts, "at": now, "outcome": answer }),
        );
        if matches!(outcome, Ok(200..=299)) {
            self.remove(parcel.number);
            return;
        }
        delivery.due = now.saturating_add(pause_seconds(delivery.attempts));
        if delivery.due > delivery.created.saturating_add(TRIED_SECONDS) {
            self.give_up(parcel.number, "given up: tried for three days", now);
        } else {
            self.put(parcel.number, delivery);
        }
    }

    /// Ends the round of an endpoint, which may be given the next one then.
    pub(super) fn round_over(&mut self, endpoint: &str) {
        self.busy.remove(endpoint);
    }

    fn give_up(&mut self, number: u64, why: &str, now: i64) {
        if let Some(lost) = self.remove(number) {
            tracing::warn!(
                event = lost.event,
                endpoint = lost.endpoint,
                why,
                "a webhook was not delivered"
            );
            self.note(json!({ "event": lost.event, "type": lost.kind, "endpoint": lost.endpoint, "at": now, "outcome": why }));
        }
    }

    fn remove(&mut self, number: u64) -> Option<Delivery> {
        self.writes
            .push(Write::delete(Drawer::Deliveries, number.to_string()));
        self.queue.remove(&number)
    }

    fn note(&mut self, attempt: Value) {
        self.recent.push_back(attempt);
        if self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
    }

    /// Switches chaos on or off.
    pub(super) fn set_chaos(&mut self, chaos: Chaos) {
        self.setting.chaos = chaos;
        self.setting_changed = true;
    }

    /// What the page about webhooks shows. No secrets.
    pub(super) fn report(&self) -> Value {
        let queue = self.queue.values().map(|delivery| {
            json!({ "event": delivery.event, "type": delivery.kind, "endpoint": delivery.endpoint,
                "attempts": delivery.attempts, "due": delivery.due })
        });
        json!({
            "endpoints": self.endpoints.values().map(|endpoint| endpoint.render(false)).collect::<Vec<_>>(),
            "chaos": self.setting.chaos,
            "queued": self.queue.len(),
            "queue": queue.take(RECENT_MAX).collect::<Vec<_>>(),
            "recent": self.recent,
        })
    }

    /// What has to become durable since the last call.
    pub(super) fn take_writes(&mut self) -> Vec<Write> {
        if std::mem::take(&mut self.setting_changed)
            && let Ok(body) = serde_json::to_vec(&self.setting)
        {
            self.writes.push(Write::put(Drawer::Settings, "webhooks", body));
        }
        std::mem::take(&mut self.writes)
    }
}

/// How long to wait after this many attempts.
fn pause_seconds(attempts: u32) -> i64 {
    let factor = 4_i64.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE_SECONDS.saturating_mul(factor).min(PAUSE_SECONDS_MAX)
}
