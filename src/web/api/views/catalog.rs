use serde::Serialize;
use utoipa::ToSchema;

use super::reference::{SupportView, TermsView};
use super::{MoneyView, Reader};
use crate::domain::account::{Contract, ContractStatus};
use crate::domain::catalog::{
    Condition, Differences, Direction, LineKey, Offer, Plan, PlanId, Price, Scheme, Tier,
};
use crate::domain::money::Money;

/// What a seller sells, in one language, for the pages on which its customers choose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Catalog)]
pub struct CatalogView {
    /// The seller.
    seller: String,
    /// Its product's name for people.
    name: String,
    /// The language of the texts below.
    #[schema(example = "pt-BR")]
    language: &'static str,
    /// The languages that the seller serves, its own first.
    languages: Vec<&'static str>,
    /// The currencies that it sells in, its own first.
    currencies: Vec<&'static str>,
    /// The plans, from the smallest to the largest.
    plans: Vec<PlanView>,
    /// The roles that people can have in an account, and which of them may change the plan.
    roles: Vec<RoleView>,
    /// How a customer may pay, and what the seller says about it.
    payment_methods: Vec<MethodView>,
    /// Whom to ask about prices and everything else.
    support: SupportView,
    /// What the customer agrees to with the last button.
    terms: TermsView,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
struct PlanView {
    /// Its id.
    #[schema(example = "growth")]
    id: String,
    /// Its name.
    name: String,
    /// One sentence about whom it is for.
    summary: String,
    /// What it costs.
    prices: Vec<PriceView>,
    /// Whether the contract holds it. Without a contract in the request, no plan is held.
    held: bool,
    /// Whether a customer with this contract can choose it here. Without a contract in the request, every plan is.
    editable: bool,
    /// Why it cannot be chosen here, as the seller puts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
    /// What can be bought on top.
    items: Vec<ItemView>,
    /// Whether its name or price is invented for demonstration.
    sample: bool,
}

/// An item on a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanItem)]
struct ItemView {
    /// Its id.
    #[schema(example = "device")]
    id: String,
    /// Its name in the singular.
    name: String,
    /// Its name beside a number.
    plural: String,
    /// A sentence that helps to choose a quantity; may be empty.
    help: String,
    /// How many the contract has bought; none where it holds another plan.
    held: u64,
    /// Which quantities can be bought.
    quantities: QuantityView,
    /// In which interval it is charged; nothing where it goes with the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "month")]
    billed_every: Option<String>,
    /// What it costs.
    prices: Vec<PriceView>,
    /// Whether prices or bounds are invented for demonstration.
    sample: bool,
}

/// Which quantities can be bought: `min`, `min + step`, and so on to `max`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Quantities)]
pub(super) struct QuantityView {
    /// The least.
    min: u64,
    /// The most.
    max: u64,
    /// The distance between two.
    step: u64,
    /// Whether none at all is possible too, although `min` is more than that.
    optional: bool,
    /// How many the plan's own price already contains. What is bought comes on top, and is all that is charged.
    included: u64,
}

/// What one unit costs per interval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Price)]
pub(super) struct PriceView {
    /// How often it is charged.
    #[schema(example = "month")]
    interval: String,
    /// How the quantity becomes an amount.
    #[schema(example = "per_unit")]
    scheme: &'static str,
    /// What each unit costs, where all cost the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<MoneyView>,
    /// The steps of a tiered price, in rising order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<TierView>,
}

/// One step of a tiered price.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tier)]
struct TierView {
    /// The last quantity in it; nothing means without end.
    up_to: Option<u64>,
    /// What each unit in it costs.
    unit: MoneyView,
    /// An amount that is added once.
    flat: MoneyView,
}

/// A role of the seller's product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
struct RoleView {
    /// As the seller's backend asserts it.
    #[schema(example = "owner")]
    id: String,
    /// As it is named to people.
    name: String,
    /// Whether it may change the plan.
    may_change: bool,
}

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethodRule)]
struct MethodView {
    /// Which way.
    #[schema(example = "card")]
    kind: &'static str,
    /// When a payment releases the change and what else the customer should know, in the seller's words.
    note: String,
}

impl CatalogView {
    /// What is sold, with the plan that the contract holds marked.
    pub fn of(reader: Reader<'_>, contract: Option<&Contract>) -> Self {
        let playbook = reader.playbook;
        let plans = playbook.catalog.plans.iter();
        let roles = playbook.policy.roles.all.iter();
        let methods = playbook.policy.payment_methods.iter();
        Self {
            seller: playbook.seller.id.to_string(),
            name: playbook.seller.name.clone(),
            language: reader.language.tag(),
            languages: playbook.seller.languages.iter().map(|one| one.tag()).collect(),
            currencies: playbook.seller.currencies.iter().map(|one| one.code()).collect(),
            plans: plans.map(|plan| PlanView::of(reader, plan, contract)).collect(),
            roles: roles
                .map(|role| RoleView {
                    id: role.id.to_string(),
                    name: reader.said(&role.name),
                    may_change: role.may_change,
                })
                .collect(),
            payment_methods: methods
                .map(|method| MethodView {
                    kind: method.kind.as_str(),
                    note: reader.said(&method.releases),
                })
                .collect(),
            support: SupportView::of(reader),
            terms: TermsView::of(reader),
        }
    }
}

impl PlanView {
    fn of(reader: Reader<'_>, plan: &Plan, contract: Option<&Contract>) -> Self {
        let held = contract.is_some_and(|contract| contract.plan == plan.id);
        let may = contract.map_or(Ok(()), |contract| may_choose(reader, &plan.id, contract));
        let offers = reader.playbook.catalog.offers_on(&plan.id);
        Self {
            id: plan.id.to_string(),
            name: reader.said(&plan.name),
            summary: reader.said(&plan.summary),
            prices: prices(reader, &plan.prices),
            held,
            editable: may.is_ok(),
            why_not: may.err().flatten(),
            items: offers
                .filter_map(|offer| ItemView::of(reader, offer, contract))
                .collect(),
            sample: plan.sample,
        }
    }
}

/// Whether the seller's rules lead a change to this plan anywhere but to its people.
fn may_choose(reader: Reader<'_>, plan: &PlanId, contract: &Contract) -> Result<(), Option<String>> {
    if contract.status == ContractStatus::Cancelled {
        return Err(None);
    }
    if contract.plan == *plan {
        return Ok(());
    }
    let catalog = &reader.playbook.catalog;
    let higher = catalog.rank(&contract.plan) < catalog.rank(plan);
    let way = if higher {
        Condition::PlanHigher
    } else {
        Condition::PlanLower
    };
    let differences = Differences {
        holds: vec![Condition::PlanChanges, way],
        moves: std::collections::BTreeMap::new(),
        nothing: false,
    };
    match reader.playbook.policy.direction.decide(&differences) {
        Some(Direction::Immediate | Direction::Ticket) => Ok(()),
        Some(Direction::Refused(texts)) => Err(Some(reader.said(texts))),
        Some(Direction::AtPeriodEnd) | None => Err(None),
    }
}

impl ItemView {
    fn of(reader: Reader<'_>, offer: &Offer, contract: Option<&Contract>) -> Option<Self> {
        use crate::domain::catalog::Billed;
        let item = reader.playbook.catalog.item(&offer.item)?;
        let key = LineKey::Item(item.id.clone());
        let holder = contract.filter(|contract| contract.plan == offer.plan);
        Some(Self {
            id: item.id.to_string(),
            name: reader.said(&item.name),
            plural: reader.said(&item.plural),
            help: reader.said(&item.help),
            held: holder.map_or(0, |contract| contract.quantity(&key)),
            quantities: QuantityView::of(offer),
            billed_every: match offer.billed {
                Billed::WithPlan => None,
                Billed::Every(interval) => Some(interval.to_string()),
            },
            prices: prices(reader, &offer.prices),
            sample: offer.sample,
        })
    }
}

impl QuantityView {
    pub(super) fn of(offer: &Offer) -> Self {
        let rule = offer.quantities;
        Self {
            min: rule.min,
            max: rule.max,
            step: rule.step,
            optional: rule.optional,
            included: offer.included,
        }
    }
}

fn prices(reader: Reader<'_>, prices: &[Price]) -> Vec<PriceView> {
    prices.iter().map(|price| PriceView::of(reader, price)).collect()
}

impl PriceView {
    pub(super) fn of(reader: Reader<'_>, price: &Price) -> Self {
        let money = |amount| reader.money(Money::new(amount, price.currency));
        let steps = |tiers: &[Tier]| {
            let step = |tier: &Tier| TierView {
                up_to: tier.up_to,
                unit: money(tier.unit),
                flat: money(tier.flat),
            };
            tiers.iter().map(step).collect()
        };
        let (scheme, unit, tiers) = match &price.scheme {
            Scheme::PerUnit { unit } => ("per_unit", Some(money(*unit)), Vec::new()),
            Scheme::Graduated { tiers } => ("graduated", None, steps(tiers)),
            Scheme::Volume { tiers } => ("volume", None, steps(tiers)),
        };
        Self {
            interval: price.interval.to_string(),
            scheme,
            unit,
            tiers,
        }
    }
}
