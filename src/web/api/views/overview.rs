use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ContractBody, MoneyView, Reader};
use crate::domain::account::{Contract, ContractStatus, LinePlace, Permission};
use crate::domain::catalog::LineKey;
use crate::domain::change::{Actor, Stage, SubscriptionStatus, permitted};
use crate::engine::{ChangeView, Overview, Renewal};

/// A contract as a page about it shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContractOverview)]
pub struct OverviewBody {
    /// The contract itself.
    pub contract: ContractBody,
    /// How it stands: `proposed`, `active`, `ending`, `cancelled`, or from the provider `past_due`, `unpaid`, `paused`, `trialing`,
    /// `incomplete`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// When it was concluded: the date of adhesion.
    pub concluded_at: Timestamp,
    /// The same, as people read it.
    pub concluded_on: String,
    /// Where each line is edited, and what could be added.
    pub edits: Vec<EditView>,
    /// The next renewal.
    pub renewal: RenewalView,
    /// The change that is open, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingView>,
    /// What the person that was named may do; left out where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may: Option<MayView>,
}

/// Where a line is edited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EditLink)]
pub struct EditView {
    /// `plan`, or `item:` and the item's id.
    #[schema(example = "item:device")]
    pub key: String,
    /// What it is called beside its number.
    pub name: String,
    /// How many are held.
    pub held: u64,
    /// The screen of the workflow file.
    #[schema(example = "quantities")]
    pub screen: String,
    /// The address in the seller's product.
    #[schema(example = "https://app.clint.example/quantities?contract=0197&line=item:device")]
    pub url: String,
}

/// The next renewal.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Renewal)]
pub struct RenewalView {
    /// Whether `amount` is what the provider says now; otherwise why there is none: `unknown` where it cannot be asked just now, `none`
    /// where nothing renews.
    #[schema(example = "known")]
    pub state: &'static str,
    /// When, where one is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The same, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// What will be charged, taxes included and balance used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<MoneyView>,
    /// What it is for, taxes included, before balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<MoneyView>,
    /// When the provider was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
}

/// A change that is open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingChange)]
pub struct PendingView {
    /// Its name between people.
    pub reference: String,
    /// Where to read it and go on with it.
    pub url: String,
    /// Its stage: `quote.ready`, `downgrade_ticket.scheduled`.
    pub stage: String,
    /// For when it is promised, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<Timestamp>,
}

/// What a person may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = May)]
pub struct MayView {
    /// Change the plan.
    pub change_plan: bool,
    /// See to the cards.
    pub wallet: bool,
    /// See to all that has to do with money.
    pub billing: bool,
    /// Who may change the plan, in the reader's language: to be named where this person may not.
    pub who_can: Vec<String>,
}

impl OverviewBody {
    /// The contract, for this reader, and for this person if one is named.
    pub fn of(reader: Reader<'_>, overview: &Overview, actor: Option<&Actor>) -> Self {
        let contract = &overview.contract;
        let open = overview.open.as_deref();
        Self {
            contract: ContractBody::of(reader, contract, open.map(|view| view.change.id))
                .with_promise(reader, overview.promised.as_deref()),
            status: status(overview),
            concluded_at: contract.created_at,
            concluded_on: reader.day(contract.created_at),
            edits: edits(reader, contract),
            renewal: renewal(reader, overview),
            pending: open.map(PendingView::of),
            may: actor.map(|actor| MayView::of(reader, actor)),
        }
    }
}

/// What was paid for in another way, and what is over, is not edited here.
fn edits(reader: Reader<'_>, contract: &Contract) -> Vec<EditView> {
    if contract.status == ContractStatus::Cancelled || contract.is_proposed() {
        return Vec::new();
    }
    let catalog = &reader.playbook.catalog;
    let items = catalog.items.iter().filter(|item| {
        let held = contract.line(&LineKey::Item(item.id.clone())).is_some();
        held || catalog.offer(&contract.plan, &item.id).is_some()
    });
    let keys = [LineKey::Plan]
        .into_iter()
        .chain(items.map(|item| LineKey::Item(item.id.clone())));
    let here = keys.filter(|key| {
        let line = contract.line(key);
        line.is_none_or(|line| line.place != LinePlace::Outside)
    });
    here.filter_map(|key| EditView::of(reader, contract, &key))
        .collect()
}

impl EditView {
    fn of(reader: Reader<'_>, contract: &Contract, key: &LineKey) -> Option<Self> {
        let playbook = reader.playbook;
        let screen = playbook.policy.screen_for(key)?;
        let product = playbook.seller.return_urls.first()?;
        let path = screen.path.as_deref().unwrap_or(screen.id.as_str());
        Some(Self {
            key: key.to_string(),
            name: reader.line_name(&contract.plan, key),
            held: contract.quantity(key),
            screen: screen.id.to_string(),
            url: format!("{product}{path}?contract={}&line={key}", contract.id),
        })
    }
}

impl PendingView {
    fn of(view: &ChangeView) -> Self {
        Self {
            reference: view.change.reference.to_string(),
            url: format!("/v1/changes/{}", view.change.id),
            stage: view.stage.full_name(),
            scheduled_for: match &view.stage {
                Stage::TicketScheduled { at, .. } => Some(*at),
                _ => None,
            },
        }
    }
}

impl MayView {
    fn of(reader: Reader<'_>, actor: &Actor) -> Self {
        let may = |needs| permitted(reader.playbook, actor, needs).is_ok();
        let roles = &reader.playbook.policy.roles;
        let by_role = roles.all.iter().filter(|role| role.may(Permission::ChangePlan));
        let single = roles
            .single
            .iter()
            .filter(|(own, _)| own.includes(Permission::ChangePlan));
        let names = by_role.map(|role| &role.name).chain(single.map(|(_, name)| name));
        Self {
            change_plan: may(Permission::ChangePlan),
            wallet: may(Permission::Wallet),
            billing: may(Permission::Billing),
            who_can: names.map(|texts| reader.said(texts)).collect(),
        }
    }
}

fn renewal(reader: Reader<'_>, overview: &Overview) -> RenewalView {
    if overview.unanswered {
        // The day is known from the last look; the amount is the provider's to say.
        let at = overview.contract.periods.iter().map(|period| period.end).min();
        return RenewalView {
            state: "unknown",
            at,
            on: at.map(|at| reader.day(at)),
            ..RenewalView::default()
        };
    }
    let standing = overview.standing.as_ref();
    match standing.and_then(|standing| Some((standing.renewal?, standing.seen_at))) {
        None => RenewalView {
            state: "none",
            as_of: standing.map(|standing| standing.seen_at),
            ..RenewalView::default()
        },
        Some((Renewal { at, total, due }, seen_at)) => RenewalView {
            state: "known",
            at: Some(at),
            on: Some(reader.day(at)),
            amount: Some(reader.money(due)),
            total: Some(reader.money(total)),
            as_of: Some(seen_at),
        },
    }
}

fn status(overview: &Overview) -> &'static str {
    let contract = &overview.contract;
    if contract.is_proposed() {
        return "proposed";
    }
    if contract.status == ContractStatus::Cancelled {
        return "cancelled";
    }
    let ending = matches!(contract.status, ContractStatus::Ending { .. });
    let Some(standing) = &overview.standing else {
        return if ending { "ending" } else { "active" };
    };
    match standing.status {
        SubscriptionStatus::PastDue => "past_due",
        SubscriptionStatus::Unpaid => "unpaid",
        SubscriptionStatus::Trialing => "trialing",
        SubscriptionStatus::Incomplete => "incomplete",
        SubscriptionStatus::Paused => "paused",
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired => "cancelled",
        SubscriptionStatus::Active if standing.paused => "paused",
        SubscriptionStatus::Active if ending || standing.ends_at.is_some() => "ending",
        SubscriptionStatus::Active => "active",
    }
}
