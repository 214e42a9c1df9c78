//! The state chart, asked of `decide` itself so that it cannot lie: every sample of a stage meets every sample of an event,
//! brought by every party, in every sample of a world.
//!
//! Knows the machine and its samples. Draws and prints; never decides.

mod mermaid;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::actor::{Actor, Party};
use super::call::Effect;
use super::decide::{Decision, decide};
use super::refusal::RefusalCode;
use super::samples::{self, EventSample, NOW, StageSample, World};
use super::stage_name::StageName;
use super::timetable::shown_as;
use crate::domain::catalog::StageName as PolicyStage;

pub use mermaid::mermaid;
pub use table::table;

/// One way out of a stage, or one refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The stage of the product that it leaves.
    pub stage: StageName,
    /// The stage and its part, such as `payment_confirm.charging`.
    pub from: String,
    /// What is special about the sample of the stage; empty where nothing is.
    pub from_detail: &'static str,
    /// The word of the event.
    pub event: &'static str,
    /// What is special about the sample of the event; empty where nothing is.
    pub event_detail: &'static str,
    /// Who brings it.
    pub party: Party,
    /// Where it leads. Several, where that depends on the account or on the seller's policy.
    pub outcomes: BTreeSet<Outcome>,
}

/// What an event leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A stage, perhaps the same one.
    Leads {
        /// The stage and its part.
        to: String,
        /// What is asked of the outside world, by name, in order.
        asks: Vec<&'static str>,
        /// Whether the contract switches.
        switches: bool,
    },
    /// A clear no.
    Refused(RefusalCode),
}

/// The parties, as the chart names them.
pub(super) fn party_word(party: Party) -> &'static str {
    match party {
        Party::Customer => "customer",
        Party::Support => "support",
        Party::Provider => "provider",
        Party::System => "timer",
    }
}

/// Every stage sample with every event sample, brought by every party; in the order of the samples.
pub fn transitions() -> Vec<Transition> {
    let worlds = [
        World::subscribed(),
        World::unsaved(),
        World::always_asked(),
        World::newcomer(),
    ];
    let actors = [
        Actor::customer("owner", None),
        Actor::support("agent_7", Some("they asked by phone".to_owned())),
        Actor::provider(),
        Actor::system(),
    ];
    let events = samples::events();
    let mut all = Vec::new();
    for stage in samples::stages() {
        for event in &events {
            for actor in &actors {
                all.push(ask(&worlds, &stage, event, actor));
            }
        }
    }
    all
}

fn ask(worlds: &[World], sample: &StageSample, event: &EventSample, actor: &Actor) -> Transition {
    let outcomes = worlds
        .iter()
        .map(
            |world| match decide(&sample.stage, &event.event, world.turn(actor, NOW)) {
                Ok(decision) => leads(&decision),
                Err(refusal) => Outcome::Refused(refusal.code),
            },
        )
        .collect();
    Transition {
        stage: sample.stage.name(),
        from: sample.stage.full_name(),
        from_detail: sample.detail,
        event: event.event.name(),
        event_detail: event.detail,
        party: actor.party,
        outcomes,
    }
}

fn leads(decision: &Decision) -> Outcome {
    let asks = decision.effects.iter().map(|effect| match effect {
        Effect::Call(call) => call.name().as_str(),
        Effect::Tell(tell) => tell.as_str(),
    });
    Outcome::Leads {
        to: decision.stage.full_name(),
        asks: asks.collect(),
        switches: decision.contract.is_some(),
    }
}

impl Transition {
    /// The stages that it leads to.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Leads { to, .. } => Some(to.as_str()),
            Outcome::Refused(_) => None,
        })
    }
}

/// From stage and part to stage and part: who brings which events along.
type Edges = BTreeMap<(String, String), BTreeMap<Party, BTreeSet<&'static str>>>;

/// The edges between stages and their parts, parallel ones merged. They follow from the program alone: asked for once.
static EDGES: LazyLock<Edges> = LazyLock::new(|| {
    let mut edges = Edges::new();
    for transition in transitions() {
        for to in transition.targets() {
            let parties = edges.entry((transition.from.clone(), to.to_owned())).or_default();
            parties
                .entry(transition.party)
                .or_default()
                .insert(transition.event);
        }
    }
    edges
});

/// Every step from a stage and its part to another, such as from `quote.ready` to `billing_info.asking`.
pub fn moves() -> BTreeSet<(String, String)> {
    EDGES.keys().cloned().collect()
}

/// The steps between the stages that a workflow file speaks of.
pub fn steps() -> BTreeSet<(PolicyStage, PolicyStage)> {
    let of_part = |part: &str| {
        let name = part.split('.').next();
        let stage = StageName::ALL
            .into_iter()
            .find(|stage| Some(stage.as_str()) == name);
        stage.and_then(shown_as)
    };
    EDGES
        .keys()
        .filter_map(|(from, to)| Some((of_part(from)?, of_part(to)?)))
        .filter(|(from, to)| from != to)
        .collect()
}

/// The parts of each stage, in the order of the samples.
fn parts() -> Vec<(StageName, Vec<String>)> {
    let samples = samples::stages();
    let of = |name| {
        let mut parts: Vec<String> = Vec::new();
        for sample in samples.iter().filter(|sample| sample.stage.name() == name) {
            let part = sample.stage.full_name();
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    };
    StageName::ALL.map(|name| (name, of(name))).into()
}
