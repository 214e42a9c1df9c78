//! Prices, and what a quantity costs.

mod scheme;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::scheme::{Scheme, whole};
use super::calendar::{Interval, Unit};
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::rounding::whole_units;
use super::shown::{CURSOR, joined, stands};
use super::{World, currencies, products};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Price {
    pub(super) id: String,
    created: i64,
    active: bool,
    pub(super) currency: String,
    pub(super) product: String,
    /// `None` for a price that is paid once.
    pub(super) interval: Option<Interval>,
    lookup_key: Option<String>,
    nickname: Option<String>,
    tax_behavior: String,
    metadata: Metadata,
    scheme: Scheme,
}

stands!(Price, prices, "price", "price", "price.updated");

impl Price {
    /// What `quantity` of it costs for one interval, in minor units.
    pub(super) fn amount(&self, quantity: u64) -> Result<i64, ApiError> {
        let too_large = || ApiError::invalid("The amount is too large.");
        whole_units(self.scheme.amount(quantity).ok_or_else(too_large)?)
    }

    /// The unit amount that a line shows, if there is one.
    pub(super) fn unit_amount_decimal(&self) -> Option<String> {
        self.scheme.unit().map(|unit| unit.normalize().to_string())
    }

    /// Whether its amounts contain the tax.
    pub(super) fn contains_tax(&self) -> bool {
        self.tax_behavior == "inclusive"
    }

    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    pub(super) fn render_tiers(&self) -> Value {
        self.scheme.render_tiers()
    }

    fn render(&self, _: &World) -> Value {
        let recurring = self.interval.map(|interval| {
            json!({
                "interval": interval.unit.as_str(),
                "interval_count": interval.count,
                "meter": null,
                "trial_period_days": null,
                "usage_type": "licensed",
            })
        });
        json!({
            "id": self.id,
            "object": "price",
            "active": self.active,
            "billing_scheme": self.scheme.name(),
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": recurring,
            "tax_behavior": self.tax_behavior,
            "tiers_mode": self.scheme.mode(),
            "transform_quantity": null,
            "type": if self.interval.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.scheme.unit().and_then(whole),
            "unit_amount_decimal": self.unit_amount_decimal(),
        })
    }

    /// The same price as the older object that subscription items still carry.
    pub(super) fn render_plan(&self) -> Value {
        let interval = self.interval.unwrap_or(Interval {
            unit: Unit::Month,
            count: 1,
        });
        joined([
            json!({
                "id": self.id,
                "object": "plan",
                "active": self.active,
                "amount": self.scheme.unit().and_then(whole),
                "amount_decimal": self.unit_amount_decimal(),
                "billing_scheme": self.scheme.name(),
                "created": self.created,
                "currency": self.currency,
                "interval": interval.unit.as_str(),
                "interval_count": interval.count,
            }),
            json!({
                "livemode": false,
                "metadata": self.metadata,
                "meter": null,
                "nickname": self.nickname,
                "product": self.product,
                "tiers_mode": self.scheme.mode(),
                "transform_usage": null,
                "trial_period_days": null,
                "usage_type": "licensed",
            }),
        ])
    }
}

fn read_interval(params: &Params<'_>) -> Result<Option<Interval>, ApiError> {
    let Some(recurring) = params.child("recurring")? else {
        return Ok(None);
    };
    recurring.only(&["interval", "interval_count", "usage_type"])?;
    if recurring
        .text("usage_type")?
        .is_some_and(|usage| usage != "licensed")
    {
        return Err(recurring.refuse("usage_type", "The sandbox has no metered prices."));
    }
    let word = recurring.needed_text("interval")?;
    let unit =
        Unit::parse(word).ok_or_else(|| recurring.refuse("interval", format!("Invalid interval: {word}")))?;
    let interval = Interval {
        unit,
        count: recurring.integer("interval_count")?.unwrap_or(1),
    };
    if !interval.is_allowed() {
        return Err(recurring.refuse(
            "interval_count",
            "An interval has at least one unit and at most three years.",
        ));
    }
    Ok(Some(interval))
}

const FIELDS: [&str; 12] = [
    "currency",
    "active",
    "billing_scheme",
    "lookup_key",
    "transfer_lookup_key",
    "metadata",
    "nickname",
    "product",
    "product_data",
    "recurring",
    "tiers",
    "tiers_mode",
];

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(
        &[
            &FIELDS[..],
            &["tax_behavior", "unit_amount", "unit_amount_decimal"],
        ]
        .concat(),
    )?;
    let product = match (params.text("product")?, params.child("product_data")?) {
        (Some(_), Some(_)) => {
            return Err(params.refuse("product", "You may only specify one of product, product_data."));
        }
        (Some(product), None) => {
            world.products.find(product, "product")?;
            product.to_owned()
        }
        (None, Some(data)) => {
            data.only(&[
                "id",
                "name",
                "active",
                "metadata",
                "statement_descriptor",
                "unit_label",
            ])?;
            let made = products::make(world, &data)?;
            made["id"].as_str().unwrap_or_default().to_owned()
        }
        (None, None) => return Err(params.missing("product")),
    };
    let price = Price {
        id: world.memory.ids.next("price"),
        created: ask.now,
        active: params.flag("active")?.unwrap_or(true),
        currency: currencies::needed(params, "currency")?,
        product,
        interval: read_interval(params)?,
        lookup_key: take_lookup_key(world, params, None)?,
        nickname: params.owned("nickname")?,
        tax_behavior: params
            .owned("tax_behavior")?
            .unwrap_or_else(|| "unspecified".to_owned()),
        metadata: params.metadata()?,
        scheme: Scheme::read(params)?,
    };
    Ok(world.add(price, "price.created"))
}

/// The lookup key that a price asks for. Keys are unique; with `transfer_lookup_key` it is taken from its holder.
fn take_lookup_key(
    world: &mut World,
    params: &Params<'_>,
    own: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let Some(key) = params.owned("lookup_key")? else {
        return Ok(None);
    };
    let holds = |price: &&Price| price.lookup_key.as_ref() == Some(&key) && Some(price.id.as_str()) != own;
    let holder = world.prices.iter().find(holds).map(|price| price.id.clone());
    if let Some(holder) = holder {
        if params.flag("transfer_lookup_key")? != Some(true) {
            let message = format!("A price (`{holder}`) already uses that lookup key.");
            return Err(params
                .refuse("lookup_key", message)
                .with_code("resource_already_exists"));
        }
        world.change::<Price>(&holder, |price| price.lookup_key = None)?;
    }
    Ok(Some(key))
}

pub(super) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "active",
        "lookup_key",
        "transfer_lookup_key",
        "metadata",
        "nickname",
        "tax_behavior",
    ])?;
    let id = ask.id("price");
    let mut price = world.prices.find(id, "price")?.clone();
    if params.has("lookup_key") {
        price.lookup_key = take_lookup_key(world, params, Some(id))?;
    }
    price.active = params.flag("active")?.unwrap_or(price.active);
    params.set_text("nickname", &mut price.nickname)?;
    if let Some(behavior) = params.owned("tax_behavior")? {
        price.tax_behavior = behavior;
    }
    params.merge_metadata(&mut price.metadata)?;
    world.change::<Price>(id, |kept| *kept = price)?;
    world.show::<Price>(id)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(
        &[
            &CURSOR[..],
            &["created", "active", "currency", "lookup_keys", "product", "type"],
        ]
        .concat(),
    )?;
    let active = params.flag("active")?;
    let currency = params.text("currency")?.map(str::to_ascii_lowercase);
    let product = params.text("product")?;
    let keys = params.texts("lookup_keys")?;
    let recurring = params.text("type")?.map(|kind| kind == "recurring");
    world.page::<Price>(ask, "/v1/prices", |price| {
        active.is_none_or(|active| price.active == active)
            && currency
                .as_ref()
                .is_none_or(|currency| price.currency == *currency)
            && product.is_none_or(|product| price.product == product)
            && recurring.is_none_or(|recurring| price.interval.is_some() == recurring)
            && (keys.is_empty() || price.lookup_key.as_deref().is_some_and(|key| keys.contains(&key)))
    })
}
