use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::catalog::QuantityView;
use super::price::PriceView;
use super::reference::{SelectionView, SupportView};
use super::{MoneyView, Reader};
use crate::domain::account::{Contract, ContractStatus, HeldLine, LinePlace, Period};
use crate::domain::catalog::{LineKey, Selection};
use crate::domain::change::{ChangeId, Party, Stage};
use crate::engine::ChangeView;

/// What an account holds now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contract)]
pub struct ContractBody {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Where to read it.
    pub url: String,
    /// Rises with every write.
    pub version: u64,
    /// Whose it is.
    #[schema(format = Uuid)]
    pub account: String,
    /// The plan.
    pub plan: HeldPlan,
    /// The currency of all its lines.
    #[schema(example = "BRL")]
    pub currency: &'static str,
    /// Whether it is in force.
    pub status: StatusView,
    /// When it ends, where it is set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// What is held, line by line, the plan first.
    pub lines: Vec<LineView>,
    /// The same as a selection, to start editing from.
    pub selection: SelectionView,
    /// The running periods, one per interval that is charged at the provider.
    pub periods: Vec<PeriodView>,
    /// The day of the month on which it renews; a month that is too short renews on its last day.
    pub anchor_day: i8,
    /// The subscription at the provider, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The person who is financially responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// The change that is open on it, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_change: Option<OpenChangeView>,
    /// What is promised for the end of the period or another day, if something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_change: Option<ScheduledChangeView>,
    /// Whom to ask.
    pub support: SupportView,
    /// When it was concluded here.
    pub created_at: Timestamp,
}

/// A contract in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractListed {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Where to read it.
    pub url: String,
    /// The plan.
    pub plan: HeldPlan,
    /// The currency of all its lines.
    #[schema(example = "BRL")]
    pub currency: &'static str,
    /// Whether it is in force.
    pub status: StatusView,
    /// The subscription at the provider, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
}

/// A plan that is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldPlan {
    /// Its id.
    #[schema(example = "growth")]
    pub id: String,
    /// Its name.
    #[schema(example = "Growth")]
    pub name: String,
}

/// Whether a contract is in force.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContractStatus)]
pub enum StatusView {
    /// Nobody holds it yet: its first change is open.
    Proposed,
    /// In force.
    Active,
    /// In force until `ends_at`.
    Ending,
    /// No longer in force.
    Cancelled,
}

/// One line that is held.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldLine)]
pub struct LineView {
    /// `plan`, or `item:` and the item's id.
    #[schema(example = "item:device")]
    pub key: String,
    /// What it is called beside its number.
    pub name: String,
    /// How many are bought.
    pub quantity: u64,
    /// What a unit costs: the price that this line was bought at.
    pub price: PriceView,
    /// What the line costs per interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<MoneyView>,
    /// Where it is charged: `provider`, or `outside` where it was bought in another way and cannot be changed here.
    #[schema(example = "provider")]
    pub charged: &'static str,
    /// Whether its quantity can be changed here.
    pub editable: bool,
    /// Which quantities can be bought, where it can be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantities: Option<QuantityView>,
}

/// A running period, from one renewal to the next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodView {
    /// Of the lines with this interval.
    #[schema(example = "month")]
    pub interval: String,
    /// When it began.
    pub start: Timestamp,
    /// When it ends and the next one begins.
    pub end: Timestamp,
    /// The day of its end, as people read it.
    pub renews_on: String,
}

/// What is promised on a contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledChange)]
pub struct ScheduledChangeView {
    /// The change's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    pub reference: String,
    /// Where to read it.
    pub url: String,
    /// Where to take it back.
    pub cancel_url: String,
    /// What will be held; nothing where the contract ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionView>,
    /// From when on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Timestamp>,
    /// That day, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<String>,
    /// Whether the customer can take it back: what the seller's staff has set, they cannot.
    pub withdrawable: bool,
}

/// The change that is open on a contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenChange)]
pub struct OpenChangeView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub reference: String,
    /// Where to read it and go on with it.
    pub url: String,
}

impl ContractBody {
    /// The contract, with the change that is open on it.
    pub fn of(reader: Reader<'_>, contract: &Contract, open: Option<ChangeId>) -> Self {
        let (status, ends_at) = status(contract);
        let lines = contract.lines.iter();
        let periods = contract.periods.iter();
        Self {
            id: contract.id.to_string(),
            url: address(contract),
            version: contract.version,
            account: contract.account.to_string(),
            plan: HeldPlan::of(reader, contract),
            currency: contract.currency.code(),
            status,
            ends_at,
            lines: lines.map(|line| LineView::of(reader, contract, line)).collect(),
            selection: SelectionView::of(&Selection::of_contract(contract)),
            periods: periods.map(|period| PeriodView::of(reader, *period)).collect(),
            anchor_day: contract.anchor_day,
            subscription: contract.subscription.clone(),
            responsible: contract.responsible.clone(),
            open_change: open.map(|id| OpenChangeView {
                id: id.to_string(),
                reference: id.reference().0,
                url: format!("/v1/changes/{id}"),
            }),
            scheduled_change: None,
            support: SupportView::of(reader),
            created_at: contract.created_at,
        }
    }
}

impl ContractBody {
    /// The same, with what is promised on it.
    #[must_use]
    pub fn with_promise(mut self, reader: Reader<'_>, promised: Option<&ChangeView>) -> Self {
        self.scheduled_change = promised.map(|view| {
            let ask = view.stage.ask().cloned().unwrap_or_default();
            let at = match &view.stage {
                Stage::TicketScheduled { at, .. } => Some(*at),
                _ => None,
            };
            let id = view.change.id;
            ScheduledChangeView {
                id: id.to_string(),
                reference: id.reference().0,
                url: format!("/v1/changes/{id}"),
                cancel_url: format!("/v1/changes/{id}/cancel"),
                selection: view
                    .stage
                    .selection()
                    .filter(|_| !ask.ends)
                    .map(SelectionView::of),
                effective_at: at,
                effective_on: at.map(|at| reader.day(at)),
                withdrawable: ask.may_be_taken_back_by(Party::Customer),
            }
        });
        self
    }
}

impl ContractListed {
    /// The contract's row in a list.
    pub fn of(reader: Reader<'_>, contract: &Contract) -> Self {
        Self {
            id: contract.id.to_string(),
            url: address(contract),
            plan: HeldPlan::of(reader, contract),
            currency: contract.currency.code(),
            status: status(contract).0,
            subscription: contract.subscription.clone(),
        }
    }
}

impl HeldPlan {
    fn of(reader: Reader<'_>, contract: &Contract) -> Self {
        Self {
            id: contract.plan.to_string(),
            name: reader.line_name(&contract.plan, &LineKey::Plan),
        }
    }
}

impl LineView {
    fn of(reader: Reader<'_>, contract: &Contract, line: &HeldLine) -> Self {
        let offer = line
            .key
            .item()
            .and_then(|item| reader.playbook.catalog.offer(&contract.plan, item));
        let outside = line.place == LinePlace::Outside;
        let editable = offer.filter(|_| !outside && contract.status != ContractStatus::Cancelled);
        Self {
            key: line.key.to_string(),
            name: reader.line_name(&contract.plan, &line.key),
            quantity: line.quantity,
            price: PriceView::of(reader, &line.price),
            amount: line
                .price
                .amount(line.quantity)
                .ok()
                .map(|amount| reader.money(amount)),
            charged: if outside { "outside" } else { "provider" },
            editable: editable.is_some(),
            quantities: editable.map(QuantityView::of),
        }
    }
}

impl PeriodView {
    fn of(reader: Reader<'_>, period: Period) -> Self {
        Self {
            interval: period.interval.to_string(),
            start: period.start,
            end: period.end,
            renews_on: reader.day(period.end),
        }
    }
}

fn address(contract: &Contract) -> String {
    format!("/v1/contracts/{}", contract.id)
}

fn status(contract: &Contract) -> (StatusView, Option<Timestamp>) {
    match contract.status {
        _ if contract.is_proposed() => (StatusView::Proposed, None),
        ContractStatus::Active => (StatusView::Active, None),
        ContractStatus::Ending { at } => (StatusView::Ending, Some(at)),
        ContractStatus::Cancelled => (StatusView::Cancelled, None),
    }
}
