//! What does not end by itself: it is stuck, and support sees that it is, why, and what can be done. And what both sides hold
//! fits together, or is a finding that only a person can decide.

use changeover::domain::account::ContractStatus;
use changeover::domain::change::Party;
use changeover::domain::change::stuck::{Stuck, StuckCode};
use changeover::domain::reconcile::{FindingCode, Repair};
use changeover::ports::store::EffectStatus;

use super::Story;
use crate::inquest::Shown;
use crate::store::Tables;
use crate::world::World;

/// What is stuck after days without any fault can only be something that a person must look at.
fn passes_by_itself(code: StuckCode) -> bool {
    matches!(
        code,
        StuckCode::WorkFailing
            | StuckCode::WorkerAbsent
            | StuckCode::OutcomeUnknown
            | StuckCode::CallPutOff
            | StuckCode::SettlingLong
            | StuckCode::AbortWaits
            | StuckCode::QuoteUnavailable
            | StuckCode::PaymentUnreadable
            | StuckCode::OutcomeRefused
            | StuckCode::QuoteDrift
            // It says nothing about whether the change itself goes on.
            | StuckCode::ComparisonDiffers
    )
}

/// Promise 4 and I25: every change is over, or visibly stuck.
pub(super) fn ends_or_is_seen(world: &World, story: &Story, shown: &Shown) {
    let row = &story.row;
    let Some(case) = shown.cases.get(&row.id) else {
        world.witness.breaks("I25", format!("{} is not shown", row.id));
        return;
    };
    let effects = story.effects.iter();
    let owed: Vec<String> = effects
        .filter(|effect| {
            matches!(effect.status, EffectStatus::Intent | EffectStatus::Unknown) || !effect.consumed
        })
        .map(|effect| format!("{} {:?} {:?}", effect.name, effect.status, effect.last_error))
        .collect();
    for stuck in &case.stuck {
        world.count(format!("stuck: {}", stuck.code));
        is_explained(world, story, stuck);
    }
    let lasting = case.stuck.iter().any(|stuck| !passes_by_itself(stuck.code));
    if (row.open || !owed.is_empty()) && !lasting {
        let codes: Vec<&str> = case.stuck.iter().map(|stuck| stuck.code.as_str()).collect();
        let what = format!(
            "{} is still in {} since {}: {codes:?} {owed:?}",
            row.id, row.stage_name, row.entered_at
        );
        world.witness.breaks("P4", what);
    }
    if case.stuck.is_empty() == shown.listed.contains(&row.id) {
        let what = format!("{}: stuck {}, listed otherwise", row.id, !case.stuck.is_empty());
        world.witness.breaks("I25", what);
    }
}

/// I25: whoever acts for support says why, for good.
pub(super) fn support_says_why(world: &World, story: &Story) {
    for entry in &story.history {
        let said = entry.actor.reason.as_deref().unwrap_or_default();
        if entry.actor.party == Party::Support && said.trim().is_empty() {
            let what = format!("`{}` of {} without a reason", entry.event.name(), story.row.id);
            world.witness.breaks("I25", what);
        }
    }
}

fn is_explained(world: &World, story: &Story, stuck: &Stuck) {
    let nothing_can_be_done = matches!(
        stuck.code,
        StuckCode::UnknownMachineVersion | StuckCode::RulesMissing
    );
    let explained = stuck.since <= world.now()
        && !stuck.evidence.is_empty()
        && stuck.actions.is_empty() == nothing_can_be_done;
    if !explained {
        world.witness.breaks(
            "I25",
            format!("{} is stuck without a word: {stuck:?}", story.row.id),
        );
    }
}

/// I16, after the sweep: what is safe to repair was repaired, and what only a person can decide is kept for them.
pub(super) fn both_sides_fit(world: &World, tables: &Tables, shown: &Shown) {
    for (contract, compared) in &shown.compared {
        for (finding, _) in &compared.findings {
            world.count(format!(
                "found: {} {}",
                finding.code.as_str(),
                finding.repair.as_str()
            ));
            let (code, object) = (finding.code, &finding.evidence.object);
            if finding.repair != Repair::Human {
                let what = format!(
                    "{contract}: {} at {object} was left: {:?}",
                    code.as_str(),
                    finding.repair
                );
                world.witness.breaks("I16", what);
            }
            let held = tables.contracts.values().any(|contract| {
                contract.status == ContractStatus::Active && contract.subscription.as_ref() == Some(object)
            });
            let left_over = matches!(
                code,
                FindingCode::ProviderAhead | FindingCode::DuplicateSubscription | FindingCode::UnknownObject
            );
            if held && left_over {
                let what = format!("{object} is held, and a comparison says {}", code.as_str());
                world.witness.breaks("I14", what);
            }
            let kept = tables.findings.get(contract).into_iter().flatten();
            if !kept
                .into_iter()
                .any(|row| row.code == code && row.evidence.object == *object)
            {
                world.witness.breaks(
                    "I25",
                    format!("{contract}: {} at {object} is not kept", code.as_str()),
                );
            }
        }
    }
}

/// Whether a person was asked to decide about an invoice.
pub(super) fn is_left_to_a_person(tables: &Tables, invoice: &str) -> bool {
    let mut kept = tables.findings.values().flatten();
    kept.any(|row| row.evidence.object == invoice && row.repair == Repair::Human.as_str())
}
