//! A seller's own tax rates at Stripe: recognised by the name that their content gives them, made where they are missing, never changed.
//!
//! Stripe lets nobody choose the id of a rate and finds none by a name, so that the name is a mark in its metadata and the whole list of
//! active rates is read. Source: Stripe API reference, "The Tax Rate object".

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest as _};
use stripe_product::tax_rate::{CreateTaxRate, ListTaxRate};
use stripe_shared::TaxRate as TheirRate;

use super::paging::{self, broken};
use super::transport::Transport;
use crate::domain::catalog::AppliedRate;
use crate::ports::payments::ReadError;

/// Carries the name by content.
const NAME: &str = "changeover_tax_rate";

/// Stands on rates of nothing for customers who account for the tax.
const REVERSED: &str = "changeover_reverse_charge";

const WHAT: &str = "tax rates";

/// The rates that are there and can be used, by their names. Of two with the same name the older one counts.
pub(super) async fn there(transport: &Transport) -> Result<BTreeMap<String, TheirRate>, ReadError> {
    let request = ListTaxRate::new().active(true).build();
    let all: Vec<TheirRate> = paging::all(transport, WHAT, request).await?;
    let named = all.into_iter().filter_map(|rate| {
        let name = rate.metadata.as_ref()?.get(NAME)?.clone();
        Some((name, rate))
    });
    Ok(named.collect())
}

/// The ids of rates by these names; one that is not there is left out.
pub(super) async fn ids(
    transport: &Transport,
    names: &[String],
) -> Result<BTreeMap<String, String>, ReadError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let there = there(transport).await?;
    let known = names
        .iter()
        .filter_map(|name| Some((name.clone(), there.get(name)?.id.to_string())));
    Ok(known.collect())
}

/// The request that makes one.
pub(super) fn new_rate(name: &str, applied: &AppliedRate) -> Result<CreateTaxRate, ReadError> {
    let rate = &applied.rate;
    // Stripe's client takes this number alone. It is made of an exact decimal and written as one; nothing is reckoned with it.
    let percentage: f64 = applied
        .percentage()
        .normalize()
        .to_string()
        .parse()
        .map_err(|_| broken(name, "its percentage cannot be written"))?;
    let mut marks = std::collections::HashMap::from([(NAME.to_owned(), name.to_owned())]);
    if applied.reversed {
        marks.insert(REVERSED.to_owned(), "true".to_owned());
    }
    let request = CreateTaxRate::new(rate.name.as_str(), rate.inside, percentage)
        .country(rate.country.as_str())
        .metadata(marks);
    Ok(match &rate.state {
        Some(state) => request.state(state.as_str()),
        None => request,
    })
}

/// What differs between a rate that is there and what its name stands for.
pub(super) fn differences(found: &TheirRate, applied: &AppliedRate) -> Vec<String> {
    let mut how = Vec::new();
    let rate = &applied.rate;
    if found.display_name != rate.name {
        how.push(format!("it is called `{}`", found.display_name));
    }
    if percentage(found) != Some(applied.percentage().normalize()) {
        how.push(format!("it is {} %", found.percentage));
    }
    if found.inclusive != rate.inside {
        how.push("it is inside of prices where it should not be, or the reverse".to_owned());
    }
    how
}

/// The shortest decimal that means the number which was sent.
pub(super) fn percentage(rate: &TheirRate) -> Option<Decimal> {
    let sent = rate.effective_percentage.unwrap_or(rate.percentage).to_string();
    sent.parse::<Decimal>().ok().map(|read| read.normalize())
}

/// Whether it is one of ours for customers who account for the tax.
pub(super) fn is_reversed(rate: &TheirRate) -> bool {
    let marks = rate.metadata.as_ref();
    marks.is_some_and(|marks| marks.contains_key(REVERSED))
}

/// The request that sets the rates of a subscription. An empty value takes all away, which a list cannot say.
pub(super) fn set(subscription: &str, rates: &[String]) -> RequestBuilder {
    let mut request = RequestBuilder::new(StripeMethod::Post, format!("/subscriptions/{subscription}"));
    request.body = Some(form("default_tax_rates", rates));
    request
}

/// A list of rates as a form carries it.
pub(super) fn form(key: &str, rates: &[String]) -> String {
    if rates.is_empty() {
        return format!("{key}=");
    }
    let pairs = rates.iter().enumerate();
    let pairs: Vec<String> = pairs.map(|(at, rate)| format!("{key}[{at}]={rate}")).collect();
    pairs.join("&")
}
