//! Amounts that a request puts on the invoice beside what it changes: `add_invoice_items` of an update, `invoice_items` of a preview.
//! They may be negative. Source: Stripe API reference, `price_data` of both.

use crate::sandbox::core::World;
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::invoices::{Line, Pricing};
use crate::sandbox::core::params::{Metadata, Params};
use crate::sandbox::error::ApiError;

impl World {
    /// The lines under `key`, for a subscription in this currency.
    pub(super) fn added_lines(
        &self,
        ids: &mut Ids,
        params: &Params<'_>,
        key: &str,
        subscription: (&str, &str),
    ) -> Result<Vec<Line>, ApiError> {
        let mut lines = Vec::new();
        for item in params.children(key)? {
            lines.push(self.added_line(ids, &item, subscription)?);
        }
        Ok(lines)
    }

    fn added_line(
        &self,
        ids: &mut Ids,
        item: &Params<'_>,
        (subscription, currency): (&str, &str),
    ) -> Result<Line, ApiError> {
        item.only(&["period", "price_data", "quantity"])?;
        let data = item
            .child("price_data")?
            .ok_or_else(|| item.missing("price_data"))?;
        data.only(&["currency", "product", "unit_amount"])?;
        if data.needed_text("currency")?.to_ascii_lowercase() != currency {
            return Err(data.refuse("currency", "The subscription has another currency."));
        }
        let product = self
            .products
            .find(data.needed_text("product")?, &data.name("product"))?;
        let quantity = item.count("quantity")?.unwrap_or(1);
        let unit = data.needed_integer("unit_amount")?;
        let amount = i64::try_from(quantity)
            .ok()
            .and_then(|quantity| unit.checked_mul(quantity));
        let amount = amount.ok_or_else(|| data.refuse("unit_amount", "The amount is too large."))?;
        let (from, until) = match item.child("period")? {
            Some(period) => (instant(&period, "start")?, instant(&period, "end")?),
            None => (self.now, self.now),
        };
        if until < from {
            return Err(item.refuse("period", "A period must not end before it starts."));
        }
        Ok(Line {
            id: ids.next("il"),
            amount,
            currency: currency.to_owned(),
            description: Some(product.name.clone()),
            quantity: Some(quantity),
            from,
            until,
            proration: false,
            pricing: Some(Pricing {
                price: ids.next("price"),
                product: product.id.clone(),
                unit_amount_decimal: Some(unit.to_string()),
            }),
            subscription: Some(subscription.to_owned()),
            subscription_item: None,
            invoice_item: Some(ids.next("ii")),
            metadata: Metadata::new(),
            taxes: Vec::new(),
        })
    }
}

/// An end of a period: an instant, or an object that names one.
fn instant(period: &Params<'_>, key: &str) -> Result<i64, ApiError> {
    if period.raw(key).is_some_and(serde_json::Value::is_object) {
        let named = period.child(key)?.ok_or_else(|| period.missing(key))?;
        if named.needed_text("type")? != "timestamp" {
            return Err(named
                .refuse("type", "The sandbox knows `timestamp` here.")
                .with_code("sandbox_unsupported"));
        }
        return named.needed_integer("timestamp");
    }
    period.needed_integer(key)
}
