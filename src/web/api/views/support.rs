use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::MoneyView;
use super::history::ActorView;
use crate::domain::change::stuck::{Action, Plan, Stuck};
use crate::domain::language::Language;
use crate::engine::{Act, Case, CaseLine, ChangeView, TimelineKind, TimelineLine};
use crate::ports::store::{ChangeRow, Departed, Departure, EffectRow, EffectStatus};

/// What is stuck about a change, in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StuckInShort)]
pub struct StuckShort {
    /// What, as a stable word.
    #[schema(example = "charge_halted")]
    pub code: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// What it means, for the seller's people.
    pub meaning: &'static str,
}

/// One thing that is stuck.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stuck)]
pub struct StuckView {
    /// What, as a stable word.
    #[schema(example = "charge_halted")]
    pub code: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// The facts, with their ids at the provider.
    pub evidence: Vec<EvidenceView>,
    /// What helps here and can safely be done now.
    #[schema(example = json!(["retry", "cancel", "note"]))]
    pub actions: Vec<&'static str>,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    /// What it is.
    #[schema(example = "invoice")]
    pub name: &'static str,
    /// What is known.
    #[schema(example = "in_1TDnZ2")]
    pub value: String,
}

/// A change in a list of support's.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseListed {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub reference: String,
    /// Where to read everything about it.
    pub url: String,
    /// Whose product it changes.
    #[schema(example = "clint")]
    pub seller: String,
    /// Whose plan it changes.
    #[schema(format = Uuid)]
    pub account: String,
    /// Stage and part in one word.
    #[schema(example = "payment_confirm.charging")]
    pub stage: String,
    /// Whether it is not over.
    pub open: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// What is stuck about it, the most serious first.
    pub stuck: Vec<StuckView>,
}

/// Everything that is kept about a change, without personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// The change, as in a list.
    #[serde(flatten)]
    pub line: CaseListed,
    /// Rises with everything that happens to it; the `ETag` is made from it.
    pub version: u64,
    /// The contract that it changes.
    #[schema(format = Uuid)]
    pub contract: String,
    /// The provider's id of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The provider's id of the subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The provider's id of the last invoice that it spoke of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// When it is looked at next by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_look_at: Option<Timestamp>,
    /// What can safely be done now.
    #[schema(example = json!(["retry", "cancel", "note"]))]
    pub actions: Vec<&'static str>,
    /// Its calls to the provider, oldest first.
    pub calls: Vec<CallView>,
    /// Its mails and events, oldest first.
    pub outgoing: Vec<OutgoingView>,
    /// All of it in the order of time, with the provider's webhooks.
    pub timeline: Vec<TimelineView>,
}

/// A call to the provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SupportCall)]
pub struct CallView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Which.
    #[schema(example = "update_subscription")]
    pub name: &'static str,
    /// `intent`, `unknown`, `succeeded`, `declined` or `abandoned`.
    #[schema(example = "succeeded")]
    pub status: &'static str,
    /// How often it was sent.
    pub attempts: u32,
    /// The idempotency key, by which the provider's log knows it.
    pub key: String,
    /// When it was first sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_sent_at: Option<Timestamp>,
    /// When it is tried (again), while it is not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
}

/// A mail or an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SupportOutgoing)]
pub struct OutgoingView {
    /// `mail` or `event`.
    #[schema(example = "mail")]
    pub channel: &'static str,
    /// What it says.
    #[schema(example = "activated")]
    pub topic: String,
    /// `sent`, `waiting` or `given_up`.
    #[schema(example = "sent")]
    pub status: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When the fact was journalled.
    pub at: Timestamp,
}

/// One line of a timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SupportTimelineLine)]
pub struct TimelineView {
    /// When.
    pub at: Timestamp,
    /// `journal`, `call`, `webhook`, `mail` or `event`.
    #[schema(example = "journal")]
    pub kind: &'static str,
    /// What, in a word.
    #[schema(example = "confirm")]
    pub what: String,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorView>,
    /// Where it led, or how it stands.
    #[schema(example = "payment_confirm.charging")]
    pub how: String,
}

/// What an action of support did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Acted)]
pub struct ActedView {
    /// The change.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    pub reference: String,
    /// Its version afterwards; the `ETag` is made from it.
    pub version: u64,
    /// Its stage and part afterwards.
    pub stage: String,
    /// The action.
    #[schema(example = "retry")]
    pub action: &'static str,
    /// Whether nothing was done: only said.
    pub dry_run: bool,
    /// What it does, step by step.
    pub steps: Vec<String>,
    /// The most that it can charge; nothing where it charges nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges: Option<MoneyView>,
    /// The most that it can give back; nothing where it gives nothing back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives_back: Option<MoneyView>,
}

impl StuckShort {
    /// In short.
    pub fn of(stuck: &Stuck) -> Self {
        Self {
            code: stuck.code.as_str(),
            since: stuck.since,
            meaning: stuck.code.meaning(),
        }
    }
}

impl StuckView {
    fn of(stuck: &Stuck) -> Self {
        let evidence = stuck.evidence.iter().map(|fact| EvidenceView {
            name: fact.name,
            value: fact.value.clone(),
        });
        Self {
            code: stuck.code.as_str(),
            since: stuck.since,
            meaning: stuck.code.meaning(),
            advice: stuck.code.advice(),
            evidence: evidence.collect(),
            actions: words(&stuck.actions),
        }
    }
}

fn words(actions: &[Action]) -> Vec<&'static str> {
    actions.iter().map(|action| action.as_str()).collect()
}

impl CaseListed {
    /// The change's line in a list.
    pub fn of(line: &CaseLine) -> Self {
        Self::from_parts(&line.change, &line.stuck)
    }

    fn from_parts(row: &ChangeRow, stuck: &[Stuck]) -> Self {
        Self {
            id: row.id.to_string(),
            reference: row.reference.to_string(),
            url: format!("/v1/support/changes/{}", row.id),
            seller: row.seller.to_string(),
            account: row.account.to_string(),
            stage: row.stage_name.clone(),
            open: row.open,
            created_at: row.created_at,
            updated_at: row.updated_at,
            stuck: stuck.iter().map(StuckView::of).collect(),
        }
    }
}

impl CaseView {
    /// Everything about it.
    pub fn of(case: &Case) -> Self {
        Self {
            line: CaseListed::from_parts(&case.change, &case.stuck),
            version: case.change.version,
            contract: case.change.contract.to_string(),
            customer: case.account.provider_customer.clone(),
            subscription: case.contract.subscription.clone(),
            invoice: case.change.invoice.clone(),
            next_look_at: case.due_at,
            actions: words(&case.actions),
            calls: case.effects.iter().map(CallView::of).collect(),
            outgoing: case.departures.iter().map(OutgoingView::of).collect(),
            timeline: case.timeline.iter().map(TimelineView::of).collect(),
        }
    }
}

impl CallView {
    fn of(effect: &EffectRow) -> Self {
        let (status, over) = match effect.status {
            EffectStatus::Intent => ("intent", false),
            EffectStatus::Unknown => ("unknown", false),
            EffectStatus::Succeeded => ("succeeded", true),
            EffectStatus::Declined => ("declined", true),
            EffectStatus::Abandoned => ("abandoned", true),
        };
        Self {
            id: effect.id.to_string(),
            name: effect.name.as_str(),
            status,
            attempts: effect.attempts,
            key: effect.key.clone(),
            first_sent_at: effect.first_sent_at,
            next_try_at: (!over).then_some(effect.next_try_at),
        }
    }
}

impl OutgoingView {
    fn of(departure: &Departure) -> Self {
        Self {
            channel: match departure.row.channel {
                crate::ports::store::Channel::Mail => "mail",
                crate::ports::store::Channel::Event => "event",
            },
            topic: departure.row.topic.clone(),
            status: match departure.departed {
                Departed::Sent => "sent",
                Departed::Waiting(_) => "waiting",
                Departed::GivenUp => "given_up",
            },
            attempts: departure.row.attempts,
            at: departure.row.at,
        }
    }
}

impl TimelineView {
    fn of(line: &TimelineLine) -> Self {
        Self {
            at: line.at,
            kind: match line.kind {
                TimelineKind::Journal => "journal",
                TimelineKind::Call => "call",
                TimelineKind::Webhook => "webhook",
                TimelineKind::Mail => "mail",
                TimelineKind::Event => "event",
            },
            what: line.what.clone(),
            actor: line.actor.clone().map(ActorView::of),
            how: line.how.clone(),
        }
    }
}

impl ActedView {
    /// What was done, or would be.
    pub fn of(act: Act, view: &ChangeView, plan: &Plan) -> Self {
        let money = |amount| MoneyView::of(Language::En, amount);
        Self {
            id: view.change.id.to_string(),
            reference: view.change.reference.to_string(),
            version: view.change.version,
            stage: view.change.stage_name.clone(),
            action: act.action.as_str(),
            dry_run: act.dry_run,
            steps: plan
                .steps
                .iter()
                .map(crate::domain::change::stuck::Consequence::told)
                .collect(),
            charges: plan.charges.map(money),
            gives_back: plan.gives_back.map(money),
        }
    }
}
