//! What is decided about together: the world, the kept answers, the webhooks and the clock; and what of it has to become
//! durable. Nothing here waits.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    Options, SandboxError,
    clock::Clock,
    core::{Call, Record, World},
    delivery::Hooks,
    error::ApiError,
    file::{Drawer, Write},
    idempotency::Answers,
};

/// Everything that is decided about together.
pub(super) struct State {
    pub(super) world: World,
    pub(super) answers: Answers,
    pub(super) hooks: Hooks,
    pub(super) clock: Clock,
    /// Decides what identifiers look like.
    pub(super) seed: u64,
    /// How often a sandbox was opened on this file.
    pub(super) starts: u64,
    /// Whether seed and starts are on their way to the file.
    began: bool,
}

impl State {
    /// What the file holds, or an empty world.
    pub(super) fn restore(options: &Options, rows: Vec<Write>) -> Result<State, SandboxError> {
        let (mut records, mut settings, mut rest) = (Vec::new(), BTreeMap::new(), Vec::new());
        for Write {
            drawer,
            kind,
            id,
            body,
        } in rows
        {
            let body = body.unwrap_or_default();
            match drawer {
                Drawer::World => records.push(Record {
                    kind,
                    id,
                    body: Some(body),
                }),
                Drawer::Settings => {
                    settings.insert(id, body);
                }
                Drawer::Answers | Drawer::Endpoints | Drawer::Deliveries => rest.push((drawer, id, body)),
            }
        }
        let number = |name: &str| -> Result<Option<u64>, serde_json::Error> {
            settings
                .get(name)
                .map(|body| serde_json::from_slice(body))
                .transpose()
        };
        let seed = number("seed")?.unwrap_or(options.seed);
        let starts = number("starts")?.unwrap_or(0).saturating_add(1);
        let mut answers = Answers::default();
        let mut hooks = Hooks::new(seed);
        for (drawer, id, body) in rest {
            match drawer {
                Drawer::Answers => answers.restore(id, &body)?,
                _ => hooks.restore(drawer, &id, &body)?,
            }
        }
        if let Some(body) = settings.get("webhooks") {
            hooks.restore(Drawer::Settings, "webhooks", body)?;
        }
        let stored = settings
            .get("clock")
            .map(|body| serde_json::from_slice(body))
            .transpose()?;
        let clock = Clock::new(Arc::clone(&options.real_time), stored, options.frozen_at);
        let world = if records.is_empty() {
            World::new(seed)
        } else {
            World::restore(records)?
        };
        Ok(State {
            world,
            answers,
            hooks,
            clock,
            starts,
            seed,
            began: false,
        })
    }

    /// Does one API operation: on webhook endpoints here, on everything else in the world.
    pub(super) fn perform(&mut self, call: &Call<'_>) -> Result<Value, ApiError> {
        match self
            .hooks
            .perform(call.operation, call.path, call.params, call.now)
        {
            Some(outcome) => outcome,
            None => self.world.perform(call),
        }
    }

    /// Queues the events that were made since the last time.
    pub(super) fn queue_events(&mut self, now: i64) {
        for event in self.world.take_events() {
            self.hooks.enqueue(&event, now);
        }
    }

    /// Everything that has to become durable.
    pub(super) fn take_writes(&mut self) -> Vec<Write> {
        let now = self.clock.now();
        self.queue_events(now);
        let mut writes: Vec<_> = self
            .world
            .take_changes()
            .into_iter()
            .map(|record| Write {
                drawer: Drawer::World,
                kind: record.kind,
                id: record.id,
                body: record.body,
            })
            .collect();
        writes.append(&mut self.answers.take_writes());
        writes.append(&mut self.hooks.take_writes());
        if !std::mem::replace(&mut self.began, true) {
            let number =
                |name: &str, value: u64| Write::put(Drawer::Settings, name, value.to_string().into_bytes());
            writes.extend([number("seed", self.seed), number("starts", self.starts)]);
        }
        if let Some(setting) = self.clock.take_change(!writes.is_empty())
            && let Ok(body) = serde_json::to_vec(&setting)
        {
            writes.push(Write::put(Drawer::Settings, "clock", body));
        }
        writes
    }
}
