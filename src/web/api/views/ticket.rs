use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use super::reference::{SelectionView, SupportView};
use super::usage::UsedView;
use crate::domain::catalog::{FieldKind, FormField, ItemLoss, LineKey, Losses, PlanId, Prefill, Selection};
use crate::domain::change::{Party, Stage};
use crate::engine::{ChangeView, SaidAbout, TicketView};
use crate::text;
use crate::web::problem::Message;

/// A request to go down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketBody {
    /// The change that it is.
    #[schema(format = Uuid)]
    pub change: String,
    /// Its number, as both sides quote it: the change's reference. Nothing before it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub number: Option<String>,
    /// Stage and part in one word.
    #[schema(example = "downgrade_ticket.open")]
    pub stage: String,
    /// What is to be held afterwards; nothing where the contract is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<SelectionView>,
    /// Whether the whole contract is to end.
    pub ends_contract: bool,
    /// What will be lost.
    pub losing: LosingView,
    /// When it takes effect, as far as that is known: the promised day, else the next renewal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Timestamp>,
    /// That day, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<String>,
    /// Who made it and by which way; nothing before it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed: Option<FiledView>,
    /// What the seller asks, and what was answered.
    pub form: FormView,
    /// What was said about it since, oldest first.
    pub comments: Vec<CommentView>,
    /// Whether the customer can take it back now.
    pub withdrawable: bool,
    /// The code of what stood in the way when it was to be applied, if something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The same for the customer: what is the matter, and what they can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem_message: Option<Message>,
    /// Whom to ask.
    pub support: SupportView,
    /// The language of the texts.
    #[schema(example = "pt-BR")]
    pub language: &'static str,
}

/// What will be lost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Losing)]
pub struct LosingView {
    /// The plan that is left, where another one or none follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<LostPlan>,
    /// Each item of which there will be less.
    pub items: Vec<LostItem>,
    /// What is counted: how much of it is used now, and how much will be allowed.
    pub usage: Vec<UsedView>,
}

/// From plan to plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct LostPlan {
    /// The plan that is left.
    pub from: PlanShort,
    /// The one that follows; nothing where the contract ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<PlanShort>,
}

/// A plan in a few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanShort {
    /// Its id.
    #[schema(example = "growth")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// For whom it is.
    pub summary: String,
}

/// An item of which there will be less.
#[derive(Debug, Serialize, ToSchema)]
pub struct LostItem {
    /// Its id.
    #[schema(example = "device")]
    pub item: String,
    /// Its name beside a number.
    pub name: String,
    /// How many are bought now.
    pub held: u64,
    /// How many will be.
    pub wanted: u64,
    /// How many can be used now: what the plan includes, and what is bought.
    pub limit_now: u64,
    /// How many can be used then.
    pub limit_then: u64,
}

/// Who made a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiledView {
    /// Which side entered it: `customer` or `support`.
    pub by: &'static str,
    /// The customer's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Who exactly, as an opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// By which way: `product`, `mail` or `support`.
    pub channel: &'static str,
    /// Whose request it is: `customer` or `support`. Only they, and support, can take it back.
    pub made_by: &'static str,
    /// From which address it came, where it came by mail; for support alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What the seller asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketForm)]
pub struct FormView {
    /// A sentence above it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intro: String,
    /// In the order in which they are shown.
    pub fields: Vec<FieldView>,
}

/// One question.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketField)]
pub struct FieldView {
    /// Its name in requests.
    #[schema(example = "reason")]
    pub id: String,
    /// As it is asked.
    pub label: String,
    /// A sentence that helps.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What can be answered: `text`, `choice`, `number`, `email` or `date`.
    #[schema(value_type = String, example = "choice")]
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: bool,
    /// How many characters an answer has at most.
    pub max_length: u32,
    /// What can be chosen, for a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceView>,
    /// What was answered; before that, what is known already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A possible answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketChoice)]
pub struct ChoiceView {
    /// Its name in requests.
    pub id: String,
    /// As it is shown.
    pub label: String,
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketComment)]
pub struct CommentView {
    /// Which side said it: `customer` or `support`.
    pub by: &'static str,
    /// Whether it is for support alone.
    pub internal: bool,
    /// The words; nothing where they were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl TicketBody {
    /// The request; `for_support` with what is for support alone.
    pub fn of(view: &TicketView, for_support: bool) -> Self {
        let change = &view.change;
        let reader = Reader::new(&change.playbook, Some(change.account.language));
        Self::told(reader, view, for_support)
    }

    /// The same, as it is told to this reader.
    pub fn told(reader: Reader<'_>, view: &TicketView, for_support: bool) -> Self {
        let change = &view.change;
        let wanted = change.stage.selection().filter(|_| !view.ask.ends);
        let made = view.filed.as_ref();
        let problem = match &change.stage {
            Stage::TicketOpen { problem, .. } | Stage::TicketScheduled { problem, .. } => problem.as_ref(),
            _ => None,
        };
        Self {
            change: change.change.id.to_string(),
            number: made.map(|_| change.change.reference.to_string()),
            stage: change.change.stage_name.clone(),
            wanted: wanted.map(SelectionView::of),
            ends_contract: view.ask.ends,
            losing: LosingView::of(reader, change, &view.losses, view),
            effective_at: view.effective_at,
            effective_on: view.effective_at.map(|at| reader.day(at)),
            filed: FiledView::of(view, for_support),
            form: FormView::of(reader, view, wanted),
            comments: { view.comments.iter() }
                .filter(|said| for_support || !said.internal)
                .map(CommentView::of)
                .collect(),
            withdrawable: made.is_some()
                && !change.stage.is_terminal()
                && !matches!(change.stage, Stage::TicketApplying { .. })
                && view.ask.may_be_taken_back_by(Party::Customer),
            problem: problem.cloned(),
            problem_message: problem.map(|code| Message::of(code, None, reader.language)),
            support: SupportView::of(reader),
            language: reader.language.tag(),
        }
    }
}

impl LosingView {
    fn of(reader: Reader<'_>, change: &ChangeView, losses: &Losses, view: &TicketView) -> Self {
        let plan = losses.plan.as_ref().map(|(from, to)| LostPlan {
            from: PlanShort::of(reader, from),
            to: to.as_ref().map(|to| PlanShort::of(reader, to)),
        });
        let plan_now = &change.contract.plan;
        let item = |loss: &ItemLoss| LostItem {
            item: loss.item.to_string(),
            name: reader.line_name(plan_now, &LineKey::Item(loss.item.clone())),
            held: loss.held,
            wanted: loss.wanted,
            limit_now: loss.limit_now,
            limit_then: loss.limit_then,
        };
        Self {
            plan,
            items: losses.items.iter().map(item).collect(),
            usage: view.usage.iter().map(|used| UsedView::of(reader, used)).collect(),
        }
    }
}

impl PlanShort {
    fn of(reader: Reader<'_>, plan: &PlanId) -> Self {
        let known = reader.playbook.catalog.plan(plan);
        Self {
            id: plan.to_string(),
            name: reader.line_name(plan, &LineKey::Plan),
            summary: known.map_or_else(String::new, |plan| reader.said(&plan.summary)),
        }
    }
}

impl FiledView {
    fn of(view: &TicketView, for_support: bool) -> Option<Self> {
        let filed = view.filed.as_ref()?;
        let words = view.words.as_ref();
        Some(Self {
            by: match filed.actor.party {
                Party::Customer => "customer",
                _ => "support",
            },
            role: filed.actor.role.clone(),
            id: filed.actor.subject.clone(),
            channel: view.ask.channel.as_str(),
            made_by: view.ask.made_by.as_str(),
            from: words.and_then(|words| words.from.clone()).filter(|_| for_support),
            at: filed.at,
        })
    }
}

impl FormView {
    fn of(reader: Reader<'_>, view: &TicketView, wanted: Option<&Selection>) -> Self {
        let form = &view.change.playbook.policy.ticket;
        let field = |field: &FormField| FieldView {
            id: field.id.to_string(),
            label: reader.said(&field.label),
            help: reader.said(&field.help),
            kind: field.kind,
            required: field.required,
            max_length: field.max_length,
            choices: { field.choices.iter() }
                .map(|choice| ChoiceView {
                    id: choice.id.to_string(),
                    label: reader.said(&choice.label),
                })
                .collect(),
            value: match (&view.filed, &view.words) {
                (None, _) => field
                    .prefill
                    .and_then(|prefill| prefilled(reader, view, wanted, prefill)),
                (Some(_), words) => words
                    .as_ref()
                    .and_then(|words| words.fields.get(field.id.as_str()).cloned()),
            },
        };
        Self {
            intro: reader.said(&form.intro),
            fields: form.fields.iter().map(field).collect(),
        }
    }
}

/// What is known already, so that nobody need write it.
fn prefilled(
    reader: Reader<'_>,
    view: &TicketView,
    wanted: Option<&Selection>,
    prefill: Prefill,
) -> Option<String> {
    let account = &view.change.account;
    match prefill {
        Prefill::AccountEmail => Some(account.email.clone()),
        Prefill::AccountName => Some(account.name.clone()),
        Prefill::PeriodEnd => view.effective_at.map(|at| {
            let zone = reader.playbook.seller.time_zone.clone();
            at.to_zoned(zone).date().to_string()
        }),
        Prefill::Wanted => {
            let plan = &view.change.contract.plan;
            let losses = &view.losses;
            let to = losses.plan.as_ref().and_then(|(_, to)| to.as_ref());
            let plans = to.filter(|_| wanted.is_some()).map(|to| {
                format!(
                    "{} → {}",
                    reader.line_name(plan, &LineKey::Plan),
                    reader.line_name(to, &LineKey::Plan)
                )
            });
            let items = losses.items.iter().map(|loss| {
                let name = reader.line_name(plan, &LineKey::Item(loss.item.clone()));
                let (held, wanted) = (
                    text::count(reader.language, loss.held),
                    text::count(reader.language, loss.wanted),
                );
                format!("{name}: {held} → {wanted}")
            });
            Some(plans.into_iter().chain(items).collect::<Vec<_>>().join("\n"))
        }
    }
}

impl CommentView {
    fn of(said: &SaidAbout) -> Self {
        Self {
            by: said.by.as_str(),
            internal: said.internal,
            text: said.text.clone(),
            at: said.at,
        }
    }
}
