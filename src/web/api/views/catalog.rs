use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use super::availability::{AvailabilityView, ElsewhereView, NeedsView, OptionsView};
use super::offering::{
    FamilyView, FeatureValueView, FeatureView, GrantView, GroupView, NextStepView, PrerequisiteView,
    RateTableView, values,
};
use super::price::PriceView;
use super::reference::{SupportView, TermsView};
use crate::domain::account::{Contract, ContractStatus, Permission};
use crate::domain::catalog::{
    AutomaticChanges, Direction, LineKey, Offer, Plan, PlanId, Price, Selection, Service,
};

/// What a seller sells, in one language, for the pages on which its customers choose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Catalog)]
pub struct CatalogView {
    /// The seller.
    pub seller: String,
    /// Its product's name for people.
    pub name: String,
    /// The language of the texts below.
    #[schema(example = "pt-BR")]
    pub language: &'static str,
    /// The languages that the seller serves, its own first.
    pub languages: Vec<&'static str>,
    /// The currencies that it sells in, its own first.
    pub currencies: Vec<&'static str>,
    /// The products that plans belong to, where there is more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub families: Vec<FamilyView>,
    /// The plans, from the smallest to the largest.
    pub plans: Vec<PlanView>,
    /// Items of which so many must be in every selection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub groups: Vec<GroupView>,
    /// What plans and packages are compared by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub features: Vec<FeatureView>,
    /// What each use costs in credits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rates: Vec<RateTableView>,
    /// What has to be met outside before some items can be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub prerequisites: Vec<PrerequisiteView>,
    /// Whether the seller itself ever changes what a customer holds: `never`.
    #[schema(example = "never")]
    pub automatic_changes: &'static str,
    /// The roles that people can have in an account, and which of them may change the plan.
    pub roles: Vec<RoleView>,
    /// How a customer may pay, and what the seller says about it.
    pub payment_methods: Vec<MethodView>,
    /// Whom to ask about prices and everything else.
    pub support: SupportView,
    /// What the customer agrees to with the last button.
    pub terms: TermsView,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    /// Its id.
    #[schema(example = "growth")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// One sentence about whom it is for.
    pub summary: String,
    /// What it costs.
    pub prices: Vec<PriceView>,
    /// Whether the contract holds it. Without a contract in the request, no plan is held.
    pub held: bool,
    /// Whether a customer with this contract can choose it here. Without a contract in the request, every plan is.
    pub editable: bool,
    /// Why it cannot be chosen here, as the seller puts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// Other ids by which it can be named in a request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub aliases: Vec<String>,
    /// The product that it belongs to, where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// How high it stands: of two plans the one with the larger number is higher.
    pub level: usize,
    /// What it has of each feature; what is not named it does not have.
    pub features: BTreeMap<String, FeatureValueView>,
    /// What it grants every month.
    pub grants: Vec<GrantView>,
    /// What the customer does next once it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<NextStepView>,
    /// What can be bought on top.
    pub items: Vec<ItemView>,
    /// What cannot, and on which plans it can.
    pub elsewhere: Vec<ElsewhereView>,
    /// Whether its name or price is invented for demonstration.
    pub sample: bool,
}

/// An item on a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanItem)]
pub struct ItemView {
    /// Its id.
    #[schema(example = "device")]
    pub id: String,
    /// Its name in the singular.
    pub name: String,
    /// Its name beside a number.
    pub plural: String,
    /// A sentence that helps to choose a quantity; may be empty.
    pub help: String,
    /// How many the contract has bought; none where it holds another plan.
    pub held: u64,
    /// Which quantities can be bought.
    pub quantities: QuantityView,
    /// In which interval it is charged; nothing where it goes with the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "month")]
    pub billed_every: Option<String>,
    /// What it costs.
    pub prices: Vec<PriceView>,
    /// Whether prices or bounds are invented for demonstration.
    pub sample: bool,
    /// Whether it can be bought now; without a contract in the request, everything that is offered can.
    pub available: AvailabilityView,
    /// The group that it is one choice of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it is bought on top of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<NeedsView>,
    /// What is chosen with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<OptionsView>,
    /// What each unit grants every month.
    pub grants: Vec<GrantView>,
    /// The rate tables to be read before it is bought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rates: Vec<String>,
    /// What has to be met outside, by those to whom it applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub prerequisites: Vec<String>,
    /// What it has of each feature.
    pub features: BTreeMap<String, FeatureValueView>,
    /// What the customer does next once it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<NextStepView>,
}

/// Which quantities can be bought: `min`, `min + step`, and so on to `max`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Quantities)]
pub struct QuantityView {
    /// The least.
    pub min: u64,
    /// The most.
    pub max: u64,
    /// The distance between two.
    pub step: u64,
    /// Whether none at all is possible too, although `min` is more than that.
    pub optional: bool,
    /// How many the plan's own price already contains. What is bought comes on top, and is all that is charged.
    pub included: u64,
}

/// A role of the seller's product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleView {
    /// As the seller's backend asserts it.
    #[schema(example = "owner")]
    pub id: String,
    /// As it is named to people.
    pub name: String,
    /// Whether it may change the plan.
    pub may_change: bool,
    /// What else it may do.
    #[schema(example = json!(["change_plan", "billing"]))]
    pub permissions: Vec<&'static str>,
}

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethodRule)]
pub struct MethodView {
    /// Which way.
    #[schema(example = "card")]
    pub kind: &'static str,
    /// When a payment releases the change and what else the customer should know, in the seller's words.
    pub note: String,
}

impl CatalogView {
    /// What is sold, with the plan that the contract holds marked.
    pub fn of(reader: Reader<'_>, holder: Option<(&Contract, &Service<'_>)>) -> Self {
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
            families: FamilyView::all(reader),
            plans: plans.map(|plan| PlanView::of(reader, plan, holder)).collect(),
            groups: GroupView::all(reader),
            features: FeatureView::all(reader),
            rates: RateTableView::all(reader),
            prerequisites: PrerequisiteView::all(reader),
            automatic_changes: match playbook.policy.automatic_changes {
                AutomaticChanges::Never => "never",
            },
            roles: roles
                .map(|role| RoleView {
                    id: role.id.to_string(),
                    name: reader.said(&role.name),
                    may_change: role.may(Permission::ChangePlan),
                    permissions: role.permissions.iter().map(|one| one.as_str()).collect(),
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
    fn of(reader: Reader<'_>, plan: &Plan, holder: Option<(&Contract, &Service<'_>)>) -> Self {
        let contract = holder.map(|(contract, _)| contract);
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
            aliases: plan.aliases.iter().map(ToString::to_string).collect(),
            family: plan.family.as_ref().map(ToString::to_string),
            level: plan.level,
            features: values(reader, &plan.features),
            grants: GrantView::all(reader, &plan.id, None),
            next_step: plan.next_step.as_ref().map(|step| NextStepView::of(reader, step)),
            items: offers
                .filter_map(|offer| ItemView::of(reader, offer, holder))
                .collect(),
            elsewhere: ElsewhereView::all(reader, &plan.id),
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
    let wanted = Selection {
        plan: plan.clone(),
        ..Selection::of_contract(contract)
    };
    let catalog = &reader.playbook.catalog;
    match reader
        .playbook
        .policy
        .direction
        .of_plan(catalog, contract, &wanted)
    {
        Some(Direction::Immediate | Direction::Ticket) => Ok(()),
        Some(Direction::Refused(texts)) => Err(Some(reader.said(texts))),
        Some(Direction::AtPeriodEnd) | None => Err(None),
    }
}

impl ItemView {
    fn of(reader: Reader<'_>, offer: &Offer, holding: Option<(&Contract, &Service<'_>)>) -> Option<Self> {
        use crate::domain::catalog::Billed;
        let contract = holding.map(|(contract, _)| contract);
        let catalog = &reader.playbook.catalog;
        let item = catalog.item(&offer.item)?;
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
            available: AvailabilityView::of(reader, item, offer, holding),
            group: item.group.as_ref().map(ToString::to_string),
            needs: NeedsView::of(item),
            options: OptionsView::of(catalog, item, &offer.plan, contract),
            grants: GrantView::all(reader, &offer.plan, Some(&item.id)),
            rates: item.rates.iter().map(ToString::to_string).collect(),
            prerequisites: catalog
                .prerequisites
                .iter()
                .filter(|one| one.items.contains(&item.id))
                .map(|one| one.id.to_string())
                .collect(),
            features: values(reader, &item.features),
            next_step: item.next_step.as_ref().map(|step| NextStepView::of(reader, step)),
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
