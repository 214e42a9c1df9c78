//! A seller's catalogue at Stripe: products, prices and tax rates with names by content. What exists is never changed: a new price is a
//! new name, and old contracts keep theirs.

mod compare;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_product::price::{
    CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, CreatePriceTiers, CreatePriceTiersUpTo,
    ListPrice,
};
use stripe_product::product::{CreateProduct, ListProduct};
use stripe_product::{Price as TheirPrice, Product};
use stripe_shared::{PriceBillingScheme, PriceTiersMode};

use super::transport::Transport;
use super::{StripePayments, paging, tax_rates, verdict};
use crate::domain::catalog::{
    AppliedRate, Catalog, IntervalUnit, LineKey, Plan, PlanId, Price, PriceRef, Scheme, SellerId, TaxRate,
    TaxRateRef, Tier,
};
use crate::domain::language::{Language, Texts};
use crate::ports::payments::ReadError;

/// How many products or prices are made at once.
const AT_ONCE: usize = 8;

/// How many ids or lookup keys one list request may name.
const NAMES_MAX: usize = 10;

/// What a push would do, and what stands in its way. Nothing has been made yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushPlan {
    /// One product per plan, and one per item on a plan.
    pub products: Vec<PlannedProduct>,
    /// One price per product, currency, interval and content.
    pub prices: Vec<PlannedPrice>,
    /// One tax rate for each that the seller has written down, and one of nothing where a customer can account for it.
    pub tax_rates: Vec<PlannedTaxRate>,
}

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedProduct {
    /// `seller.plan` or `seller.plan.item`.
    pub id: String,
    /// Its name for people, as it stands on invoices.
    pub name: String,
    /// How it compares with what is there.
    pub state: PushState,
}

/// A price of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPrice {
    /// Its name by content: the `lookup_key`.
    pub name: PriceRef,
    /// The product that it belongs to.
    pub product: String,
    /// Its content.
    pub price: Price,
    /// How it compares with what is there.
    pub state: PushState,
}

/// A tax rate of the seller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTaxRate {
    /// Its name by content.
    pub name: TaxRateRef,
    /// What it is.
    pub rate: AppliedRate,
    /// How it compares with what is there.
    pub state: PushState,
}

/// How something in the catalogue compares with what the provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushState {
    /// It is not there: a push makes it.
    Missing,
    /// It is there as it should be.
    Present {
        /// The provider's id.
        id: String,
    },
    /// It is there and differs. A push leaves it as it is; a person must look.
    Differs {
        /// The provider's id.
        id: String,
        /// What differs, one sentence each.
        how: Vec<String>,
    },
}

impl PushPlan {
    /// How many things a push would make.
    pub fn missing(&self) -> usize {
        self.states()
            .filter(|state| **state == PushState::Missing)
            .count()
    }

    /// Whether something is there that differs from the catalogue.
    pub fn differs(&self) -> bool {
        self.states()
            .any(|state| matches!(state, PushState::Differs { .. }))
    }

    fn states(&self) -> impl Iterator<Item = &PushState> {
        let products = self.products.iter().map(|product| &product.state);
        let prices = self.prices.iter().map(|price| &price.state);
        let rates = self.tax_rates.iter().map(|rate| &rate.state);
        products.chain(prices).chain(rates)
    }
}

impl StripePayments {
    /// Compares a catalogue with what the provider has. Changes nothing. Products are named in `language`, the seller's own.
    pub async fn plan_push(
        &self,
        catalog: &Catalog,
        rates: &[TaxRate],
        language: Language,
    ) -> Result<PushPlan, ReadError> {
        let wanted = wanted_products(catalog, language);
        let ids: Vec<String> = wanted.iter().map(|(id, _)| id.clone()).collect();
        let there = products(&self.transport, &ids).await?;
        let products = wanted.into_iter().map(|(id, name)| {
            let state = there
                .get(&id)
                .map_or(PushState::Missing, |found| compare::product(found, &name));
            PlannedProduct { id, name, state }
        });
        let all = catalog.all_prices();
        let names: Vec<String> = all.iter().map(|(name, ..)| name.to_string()).collect();
        let there = prices(&self.transport, &names).await?;
        let prices = all.into_iter().map(|(name, plan, key, price)| {
            let product = product_id(&catalog.seller, &plan, &key);
            let found = there.get(name.as_str());
            let state = found.map_or(PushState::Missing, |found| {
                compare::price(found, &product, &price)
            });
            PlannedPrice {
                name,
                product,
                price,
                state,
            }
        });
        Ok(PushPlan {
            products: products.collect(),
            prices: prices.collect(),
            tax_rates: self.plan_rates(&catalog.seller, rates).await?,
        })
    }

    /// Makes what is missing, products first, and says what is there afterwards. It may be broken off and repeated at any
    /// point: names are unique at the provider, and the same request is sent under the same key.
    pub async fn push(&self, plan: &PushPlan) -> Result<PushPlan, ReadError> {
        let mut pushed = plan.clone();
        let mut wishes: Vec<Wish<'_>> = Vec::new();
        for product in &mut pushed.products {
            wishes.push(self.make_product(product).boxed());
        }
        all_of(wishes).await?;
        let mut wishes: Vec<Wish<'_>> = Vec::new();
        for price in &mut pushed.prices {
            wishes.push(self.make_price(price).boxed());
        }
        for rate in &mut pushed.tax_rates {
            wishes.push(self.make_rate(rate).boxed());
        }
        all_of(wishes).await?;
        Ok(pushed)
    }

    async fn plan_rates(
        &self,
        seller: &SellerId,
        rates: &[TaxRate],
    ) -> Result<Vec<PlannedTaxRate>, ReadError> {
        if rates.is_empty() {
            return Ok(Vec::new());
        }
        let there = tax_rates::there(&self.transport).await?;
        let planned = rates.iter().flat_map(TaxRate::forms).map(|rate| {
            let name = rate.name_at(seller);
            let found = there.get(name.as_str());
            let state = found.map_or(PushState::Missing, |found| {
                compare::state(found.id.to_string(), tax_rates::differences(found, &rate))
            });
            PlannedTaxRate { name, rate, state }
        });
        Ok(planned.collect())
    }

    async fn make_rate(&self, planned: &mut PlannedTaxRate) -> Result<(), ReadError> {
        if planned.state == PushState::Missing {
            let request = tax_rates::new_rate(planned.name.as_str(), &planned.rate)?;
            let made = make(&self.transport, planned.name.as_str(), &request).await?;
            let id = made.id.to_string();
            planned.state = PushState::Present { id };
        }
        Ok(())
    }

    async fn make_product(&self, product: &mut PlannedProduct) -> Result<(), ReadError> {
        if product.state == PushState::Missing {
            let request = CreateProduct::new(product.name.as_str()).id(product.id.as_str());
            let made = make(&self.transport, &product.id, &request).await?;
            let id = made.id.to_string();
            product.state = PushState::Present { id };
        }
        Ok(())
    }

    async fn make_price(&self, price: &mut PlannedPrice) -> Result<(), ReadError> {
        if price.state == PushState::Missing {
            let request = new_price(price)?;
            let made = make(&self.transport, price.name.as_str(), &request).await?;
            let id = made.id.to_string();
            price.state = PushState::Present { id };
        }
        Ok(())
    }
}

/// Something to be made.
type Wish<'w> = BoxFuture<'w, Result<(), ReadError>>;

/// Does all of these, a few at once; the account's own pace holds for each. The first that fails ends it.
async fn all_of(wishes: Vec<Wish<'_>>) -> Result<(), ReadError> {
    stream::iter(wishes)
        .buffered(AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await
}

async fn make<R>(transport: &Transport, what: &str, request: &R) -> Result<R::Output, ReadError>
where
    R: StripeRequest + Sync,
    R::Output: miniserde::Deserialize,
{
    let body = request.build().body.unwrap_or_default();
    let key = format!(
        "changeover-catalog-{}",
        hex::encode(&Sha256::digest(body.as_bytes())[..16])
    );
    let key = IdempotencyKey::new(key).map_err(|_| paging::broken(what, "its key is too long"))?;
    let sent = request
        .customize()
        .request_strategy(RequestStrategy::Idempotent(key))
        .send(transport)
        .await;
    sent.map_err(|unread| verdict::of_read(what, unread))
}

fn product_id(seller: &SellerId, plan: &PlanId, key: &LineKey) -> String {
    match key {
        LineKey::Plan => format!("{seller}.{plan}"),
        LineKey::Item(item) => format!("{seller}.{plan}.{item}"),
    }
}

/// Ids with names: plans as they are called, items with their plan, because that is what an invoice shows.
fn wanted_products(catalog: &Catalog, language: Language) -> Vec<(String, String)> {
    let seller = &catalog.seller;
    let in_language = |texts: &Texts| texts.get(&language).or_else(|| texts.values().next()).cloned();
    let name_of = |plan: &Plan| in_language(&plan.name).unwrap_or_else(|| plan.id.to_string());
    let mut wanted = Vec::new();
    for plan in &catalog.plans {
        wanted.push((product_id(seller, &plan.id, &LineKey::Plan), name_of(plan)));
        for offer in catalog.offers_on(&plan.id) {
            let item = catalog.item(&offer.item).and_then(|item| in_language(&item.name));
            let item = item.unwrap_or_else(|| offer.item.to_string());
            let key = LineKey::Item(offer.item.clone());
            wanted.push((
                product_id(seller, &plan.id, &key),
                format!("{item} ({})", name_of(plan)),
            ));
        }
    }
    wanted
}

async fn products(transport: &Transport, ids: &[String]) -> Result<BTreeMap<String, Product>, ReadError> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(NAMES_MAX) {
        let request = ListProduct::new().ids(some.to_vec()).build();
        let page: Vec<Product> = paging::all(transport, "products", request).await?;
        found.extend(page.into_iter().map(|product| (product.id.to_string(), product)));
    }
    Ok(found)
}

async fn prices(transport: &Transport, keys: &[String]) -> Result<BTreeMap<String, TheirPrice>, ReadError> {
    let mut found = BTreeMap::new();
    for some in keys.chunks(NAMES_MAX) {
        let request = ListPrice::new()
            .lookup_keys(some.to_vec())
            .expand(["data.tiers".to_owned()])
            .build();
        for price in paging::all::<TheirPrice>(transport, "prices", request).await? {
            if let Some(key) = price.lookup_key.clone() {
                found.insert(key, price);
            }
        }
    }
    Ok(found)
}

fn new_price(planned: &PlannedPrice) -> Result<CreatePrice, ReadError> {
    let what = planned.name.as_str();
    let currency = planned.price.currency.code().to_ascii_lowercase();
    let currency: stripe_types::Currency = currency
        .parse()
        .map_err(|_| paging::broken(what, "its currency is not one of the provider's"))?;
    let unit = match planned.price.interval.unit() {
        IntervalUnit::Month => CreatePriceRecurringInterval::Month,
        IntervalUnit::Year => CreatePriceRecurringInterval::Year,
    };
    let mut recurring = CreatePriceRecurring::new(unit);
    recurring.interval_count = Some(u64::from(planned.price.interval.count()));
    let request = CreatePrice::new(currency)
        .lookup_key(what)
        .product(planned.product.as_str())
        .recurring(recurring);
    let (mode, tiers) = match &planned.price.scheme {
        Scheme::PerUnit { unit } => return Ok(request.unit_amount(*unit)),
        Scheme::Graduated { tiers } => (PriceTiersMode::Graduated, tiers),
        Scheme::Volume { tiers } => (PriceTiersMode::Volume, tiers),
    };
    let tiers: Result<Vec<_>, _> = tiers.iter().map(|tier| new_tier(what, tier)).collect();
    Ok(request
        .billing_scheme(PriceBillingScheme::Tiered)
        .tiers_mode(mode)
        .tiers(tiers?))
}

fn new_tier(what: &str, tier: &Tier) -> Result<CreatePriceTiers, ReadError> {
    let up_to = match tier.up_to {
        None => CreatePriceTiersUpTo::Inf,
        Some(last) => CreatePriceTiersUpTo::I64(
            i64::try_from(last).map_err(|_| paging::broken(what, "a tier is too long"))?,
        ),
    };
    let mut made = CreatePriceTiers::new(up_to);
    made.unit_amount = Some(tier.unit);
    made.flat_amount = (tier.flat != 0).then_some(tier.flat);
    Ok(made)
}
