use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use super::availability::NeedsView;
use super::offering::{
    FamilyView, FeatureValueView, FeatureView, GrantView, GroupView, PrerequisiteView, RateTableView, values,
};
use super::price::PriceView;
use super::reference::{SupportView, TermsView};
use crate::domain::catalog::{Billed, Item, Offer, Plan, Price};

/// What a seller sells, side by side, for people who have no account yet. Amounts are full prices per interval, before tax.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SellerComparison)]
pub struct ComparisonView {
    /// The seller.
    #[schema(example = "zenvia")]
    pub seller: String,
    /// Its product's name for people.
    pub name: String,
    /// The language of the texts below.
    #[schema(example = "es")]
    pub language: &'static str,
    /// The languages that the seller serves, its own first.
    pub languages: Vec<&'static str>,
    /// The currencies that it sells in, its own first.
    pub currencies: Vec<&'static str>,
    /// What is compared: a row each, in the seller's order.
    pub features: Vec<FeatureView>,
    /// The products that plans belong to, where there is more than one.
    pub families: Vec<FamilyView>,
    /// The plans: a column each, from the smallest to the largest.
    pub plans: Vec<ComparedPlan>,
    /// Items of which so many are had with every plan, such as one package.
    pub groups: Vec<GroupView>,
    /// Everything that is had on top of a plan, in the seller's order.
    pub items: Vec<ComparedItem>,
    /// What each use costs in credits.
    pub rates: Vec<RateTableView>,
    /// What has to be met outside before some items can be used.
    pub prerequisites: Vec<PrerequisiteView>,
    /// Whom to ask.
    pub support: SupportView,
    /// The terms of every purchase.
    pub terms: TermsView,
}

/// A plan in a comparison.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedPlan {
    /// Its id.
    #[schema(example = "expert")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// One sentence about whom it is for.
    pub summary: String,
    /// The product that it belongs to, where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// What it costs.
    pub prices: Vec<PriceView>,
    /// What it has of each feature; what is not named it does not have.
    pub features: BTreeMap<String, FeatureValueView>,
    /// What it grants every month.
    pub grants: Vec<GrantView>,
    /// Whether its name or price is invented for demonstration.
    pub sample: bool,
}

/// An item in a comparison.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedItem {
    /// Its id.
    #[schema(example = "package-m")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// A sentence that helps to choose; may be empty.
    pub help: String,
    /// The group that it is one choice of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it is bought on top of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<NeedsView>,
    /// What it has of each feature.
    pub features: BTreeMap<String, FeatureValueView>,
    /// What it costs and grants on each plan that offers it.
    pub on: Vec<ComparedOffer>,
}

/// What an item costs and grants on one plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedOffer {
    /// The plan.
    #[schema(example = "expert")]
    pub plan: String,
    /// How many the plan's own price already contains.
    pub included: u64,
    /// In which interval it is charged; nothing where it goes with the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_every: Option<String>,
    /// What it costs.
    pub prices: Vec<PriceView>,
    /// What each unit grants every month.
    pub grants: Vec<GrantView>,
    /// Whether prices or bounds are invented for demonstration.
    pub sample: bool,
}

impl ComparisonView {
    /// All that is sold, for readers of this language.
    pub fn of(reader: Reader<'_>) -> Self {
        let (seller, catalog) = (&reader.playbook.seller, &reader.playbook.catalog);
        Self {
            seller: seller.id.to_string(),
            name: seller.name.clone(),
            language: reader.language.tag(),
            languages: seller.languages.iter().map(|one| one.tag()).collect(),
            currencies: seller.currencies.iter().map(|one| one.code()).collect(),
            features: FeatureView::all(reader),
            families: FamilyView::all(reader),
            plans: catalog
                .plans
                .iter()
                .map(|one| ComparedPlan::of(reader, one))
                .collect(),
            groups: GroupView::all(reader),
            items: catalog
                .items
                .iter()
                .map(|one| ComparedItem::of(reader, one))
                .collect(),
            rates: RateTableView::all(reader),
            prerequisites: PrerequisiteView::all(reader),
            support: SupportView::of(reader),
            terms: TermsView::of(reader),
        }
    }
}

impl ComparedPlan {
    fn of(reader: Reader<'_>, plan: &Plan) -> Self {
        Self {
            id: plan.id.to_string(),
            name: reader.said(&plan.name),
            summary: reader.said(&plan.summary),
            family: plan.family.as_ref().map(ToString::to_string),
            prices: prices(reader, &plan.prices),
            features: values(reader, &plan.features),
            grants: GrantView::all(reader, &plan.id, None),
            sample: plan.sample,
        }
    }
}

impl ComparedItem {
    fn of(reader: Reader<'_>, item: &Item) -> Self {
        let catalog = &reader.playbook.catalog;
        let plans = catalog.plans.iter();
        let offers = plans.filter_map(|plan| catalog.offer(&plan.id, &item.id));
        Self {
            id: item.id.to_string(),
            name: reader.said(&item.name),
            help: reader.said(&item.help),
            group: item.group.as_ref().map(ToString::to_string),
            needs: NeedsView::of(item),
            features: values(reader, &item.features),
            on: offers.map(|offer| ComparedOffer::of(reader, offer)).collect(),
        }
    }
}

impl ComparedOffer {
    fn of(reader: Reader<'_>, offer: &Offer) -> Self {
        Self {
            plan: offer.plan.to_string(),
            included: offer.included,
            billed_every: match offer.billed {
                Billed::WithPlan => None,
                Billed::Every(interval) => Some(interval.to_string()),
            },
            prices: prices(reader, &offer.prices),
            grants: GrantView::all(reader, &offer.plan, Some(&offer.item)),
            sample: offer.sample,
        }
    }
}

fn prices(reader: Reader<'_>, prices: &[Price]) -> Vec<PriceView> {
    prices.iter().map(|price| PriceView::of(reader, price)).collect()
}
