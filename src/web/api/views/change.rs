use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::methods::{OfferedView, paid_by};
use super::next::NextView;
use super::offering::NextStepView;
use super::payment::ReceiptView;
use super::quote::{DriftView, QuoteView};
use super::reference::{SelectionView, SupportView, TermsView};
use super::{CardView, Reader, StuckShort};
use crate::domain::change::{ChangeId, ChargeStep, Party, RefusalCode, Stage};
use crate::engine::ChangeView;
use crate::ports::store::ChangeRow;
use crate::web::problem::{Problem, ProblemBody};

/// One run from a selection to its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeBody {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub reference: String,
    /// Where to read it.
    pub url: String,
    /// Rises with everything that happens to it; the `ETag` is made from it.
    pub version: u64,
    /// The stage.
    #[schema(example = "quote")]
    pub stage: &'static str,
    /// The part of the stage, where it has parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ready")]
    pub sub_stage: Option<&'static str>,
    /// What to do now.
    pub next_action: NextView,
    /// The contract that it changes.
    #[schema(format = Uuid)]
    pub contract: String,
    /// Who is charged: the holder of the contract, or the holder's agency.
    #[schema(format = Uuid)]
    pub account: String,
    /// What the customer wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionView>,
    /// What it costs, once that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<QuoteView>,
    /// Why the quote had to be made again, and what differs, if it had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftView>,
    /// Whether the customer has gone through the billing data of this change.
    pub billing_given: bool,
    /// The card that it is to be paid with, once one is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<CardView>,
    /// The way to pay by which the customer sends the money, once one is chosen: `boleto` or `pix`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "boleto")]
    pub paid_by: Option<&'static str>,
    /// The seller's ways to pay while one can be chosen, in the order in which to show them; a way that is not available says why,
    /// and from when on it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_methods: Vec<OfferedView>,
    /// What came in between, if something did: why the provider's state does not allow it, or why it refused something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProblemBody>)]
    pub problem: Option<Problem>,
    /// What it cost in the end, once it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptView>,
    /// What the customer does next about what is new, once it is active.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub next_steps: Vec<NextStepView>,
    /// For when support has promised it, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<Timestamp>,
    /// How it ended, where it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedView>,
    /// The change whose late money this one honours, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub succeeds: Option<String>,
    /// The change that honours money which came after the end of this one, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub succeeded_by: Option<String>,
    /// What is stuck about it, if something is: support can free it. The customer is told to wait, or what they can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<StuckShort>,
    /// When the stage is given up, if nobody goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Whom the customer can ask.
    pub support: SupportView,
    /// What the customer agrees to with the last button.
    pub terms: TermsView,
    /// Where the customer goes back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Where the customer goes back to after giving up; without one, to `return_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<String>,
    /// The language of the texts.
    #[schema(example = "pt-BR")]
    pub language: &'static str,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// What belongs to it.
    pub links: LinksView,
}

/// A change in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeListed {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub reference: String,
    /// Where to read it.
    pub url: String,
    /// Stage and part in one word.
    #[schema(example = "payment_confirm.declined")]
    pub stage: String,
    /// Whether it is not over.
    pub open: bool,
    /// The change whose late money this one honours, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub succeeds: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

/// How a change was given up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ended)]
pub struct EndedView {
    /// Who gave it up: `customer`, `support`, `provider` or `system`.
    #[schema(example = "customer")]
    pub by: &'static str,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// In which stage.
    #[schema(example = "quote")]
    pub from: &'static str,
}

/// Where to find what belongs to a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeLinks)]
pub struct LinksView {
    /// The contract.
    pub contract: String,
    /// The account.
    pub account: String,
    /// What has happened.
    pub history: String,
    /// To give it up.
    pub cancel: String,
    /// What is asked, answered and said about it, where it is a request to go down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

impl ChangeBody {
    /// The change, in its account's language.
    pub fn of(view: &ChangeView) -> Self {
        Self::told(Reader::new(&view.playbook, Some(view.account.language)), view)
    }

    /// The change, as it is told to this reader.
    pub fn told(reader: Reader<'_>, view: &ChangeView) -> Self {
        let (row, stage) = (&view.change, &view.stage);
        let plan = stage
            .selection()
            .map_or(&view.contract.plan, |selection| &selection.plan);
        let quote = stage.deal().map(|deal| &deal.quote);
        Self {
            id: row.id.to_string(),
            reference: row.reference.to_string(),
            url: address(row.id),
            version: row.version,
            stage: stage.name().as_str(),
            sub_stage: Some(stage.sub_stage()).filter(|part| !part.is_empty()),
            next_action: NextView::of(reader, row.id, &view.next_action),
            contract: row.contract.to_string(),
            account: row.account.to_string(),
            selection: stage.selection().map(SelectionView::of),
            quote: quote.map(|quote| QuoteView::of(reader, plan, quote)),
            drift: drift(stage).map(|drift| DriftView::of(reader, plan, drift, quote)),
            billing_given: billing_given(stage),
            payment_method: CardView::of_stage(stage),
            paid_by: paid_by(stage),
            payment_methods: OfferedView::of_change(reader, view),
            problem: problem(stage).map(|problem| problem.told_in(reader.language)),
            receipt: match stage {
                Stage::Active { receipt, .. } => Some(ReceiptView::of(reader, receipt)),
                _ => None,
            },
            next_steps: match stage {
                Stage::Active { deal, .. } => NextStepView::of_deal(reader, deal),
                _ => Vec::new(),
            },
            scheduled_for: match stage {
                Stage::TicketScheduled { at, .. } => Some(*at),
                _ => None,
            },
            ended: ended(stage),
            succeeds: row.succeeds.map(|over| over.to_string()),
            succeeded_by: view.successor.map(|successor| successor.to_string()),
            stuck: view.stuck.first().map(StuckShort::of),
            deadline: view.deadline(),
            support: SupportView::of(reader),
            terms: TermsView::of(reader),
            return_url: row.return_url.clone(),
            cancel_url: row.cancel_url.clone(),
            language: reader.language.tag(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            links: LinksView::of(row, stage),
        }
    }
}

impl ChangeListed {
    /// The change's row in a list.
    pub fn of(row: &ChangeRow) -> Self {
        Self {
            id: row.id.to_string(),
            reference: row.reference.to_string(),
            url: address(row.id),
            stage: row.stage_name.clone(),
            open: row.open || row.is_promised(),
            succeeds: row.succeeds.map(|over| over.to_string()),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl LinksView {
    fn of(row: &ChangeRow, stage: &Stage) -> Self {
        let own = address(row.id);
        Self {
            contract: format!("/v1/contracts/{}", row.contract),
            account: format!("/v1/accounts/{}", row.account),
            history: format!("{own}/history"),
            cancel: format!("{own}/cancel"),
            ticket: stage.ask().map(|_| format!("{own}/ticket")),
        }
    }
}

fn address(id: ChangeId) -> String {
    format!("/v1/changes/{id}")
}

fn drift(stage: &Stage) -> Option<&crate::domain::change::Drift> {
    match stage {
        Stage::QuotePending { drift, .. } | Stage::QuoteReady { drift, .. } => drift.as_deref(),
        _ => None,
    }
}

/// Past the billing data there is no stage that is reached without them.
fn billing_given(stage: &Stage) -> bool {
    match stage {
        Stage::QuotePending { billing_given, .. } | Stage::QuoteReady { billing_given, .. } => *billing_given,
        Stage::BillingSaving { .. } | Stage::Choosing { .. } => true,
        _ => stage.payment().is_some(),
    }
}

fn problem(stage: &Stage) -> Option<Problem> {
    match stage {
        Stage::Draft { problem, .. } | Stage::BillingInfo { problem, .. } => {
            problem.clone().map(Problem::from)
        }
        Stage::Charging {
            step: ChargeStep::Halted { code, .. },
            ..
        } => {
            let detail =
                format!("The payment provider refused the charge (`{code}`). Support looks into it.");
            Some(Problem::refusal(RefusalCode::ProviderRefused, detail))
        }
        _ => None,
    }
}

fn ended(stage: &Stage) -> Option<EndedView> {
    match stage {
        Stage::Cancelled { by, why, from } => Some(EndedView {
            by: match by {
                Party::Customer => "customer",
                Party::Support => "support",
                Party::Provider => "provider",
                Party::System => "system",
            },
            why: Some(why.clone()),
            from: from.as_str(),
        }),
        Stage::Expired { from } => Some(EndedView {
            by: "system",
            why: None,
            from: from.as_str(),
        }),
        _ => None,
    }
}
