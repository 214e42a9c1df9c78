//! What the provider has beside what the catalogue says. Knows both forms of a price, and changes neither.

use stripe_product::{Price as TheirPrice, Product};
use stripe_shared::{PriceBillingScheme, PriceTiersMode, RecurringInterval};

use super::PushState;
use crate::domain::catalog::{IntervalUnit, Price, Scheme, Tier};

/// A product, by its name and whether it can be sold.
pub(super) fn product(found: &Product, name: &str) -> PushState {
    let mut how = Vec::new();
    if !found.active {
        how.push("it is archived".to_owned());
    }
    if found.name != name {
        how.push(format!("it is called `{}`", found.name));
    }
    state(found.id.to_string(), how)
}

/// A price, by everything that its name stands for.
pub(super) fn price(found: &TheirPrice, product: &str, price: &Price) -> PushState {
    let mut how = Vec::new();
    let mut check = |same: bool, what: &str| {
        if !same {
            how.push(what.to_owned());
        }
    };
    let currency = found.currency.to_string();
    check(found.active, "it is archived");
    check(
        found.product.id().as_str() == product,
        "it belongs to another product",
    );
    check(
        currency.eq_ignore_ascii_case(price.currency.code()),
        "it is in another currency",
    );
    let unit = match price.interval.unit() {
        IntervalUnit::Month => RecurringInterval::Month,
        IntervalUnit::Year => RecurringInterval::Year,
    };
    let recurs = found.recurring.as_ref().is_some_and(|recurring| {
        recurring.interval == unit && recurring.interval_count == u64::from(price.interval.count())
    });
    check(recurs, "it is charged in another interval");
    check(same_scheme(found, &price.scheme), "its amounts differ");
    state(found.id.to_string(), how)
}

pub(super) fn state(id: String, how: Vec<String>) -> PushState {
    if how.is_empty() {
        PushState::Present { id }
    } else {
        PushState::Differs { id, how }
    }
}

fn same_scheme(found: &TheirPrice, scheme: &Scheme) -> bool {
    let (mode, tiers) = match scheme {
        Scheme::PerUnit { unit } => {
            return found.billing_scheme == PriceBillingScheme::PerUnit
                && found.transform_quantity.is_none()
                && found.unit_amount == Some(*unit);
        }
        Scheme::Graduated { tiers } => (PriceTiersMode::Graduated, tiers),
        Scheme::Volume { tiers } => (PriceTiersMode::Volume, tiers),
    };
    let theirs = found.tiers.as_deref().unwrap_or_default();
    let same = |(theirs, ours): (&stripe_shared::PriceTier, &Tier)| {
        let up_to = ours.up_to.and_then(|last| i64::try_from(last).ok());
        theirs.up_to == up_to
            && theirs.unit_amount.unwrap_or(0) == ours.unit
            && theirs.flat_amount.unwrap_or(0) == ours.flat
    };
    found.tiers_mode.as_ref() == Some(&mode)
        && theirs.len() == tiers.len()
        && theirs.iter().zip(tiers).all(same)
}
