//! The `expand` parameter: identifiers become the objects that they name, and what is shown on request only is shown.

use serde_json::{Map, Value};

use super::World;
use super::charges::{Charge, Refund};
use super::customers::Customer;
use super::invoices::Invoice;
use super::params::Params;
use super::payment_intents::PaymentIntent;
use super::payment_methods::PaymentMethod;
use super::prices::Price;
use super::products::Product;
use super::schedules::Schedule;
use super::setup_intents::SetupIntent;
use super::subscriptions::Subscription;
use crate::sandbox::error::ApiError;

/// Stripe expands four levels deep. `data` of a list is a level: it refuses `data.payments.data.payment.charge`.
/// Source: stripe/stripe-java, issue 2011.
const LEVELS_MAX: usize = 4;

/// Expands everything that the call asks for in its answer.
pub(super) fn expand(world: &World, answer: &mut Value, params: &Params<'_>) -> Result<(), ApiError> {
    for (index, path) in params.texts("expand")?.into_iter().enumerate() {
        let param = format!("expand[{index}]");
        let steps: Vec<&str> = path.split('.').collect();
        if steps.len() > LEVELS_MAX {
            return Err(
                ApiError::invalid("You cannot expand more than 4 levels of a property.").with_param(param),
            );
        }
        let found = follow(world, answer, &steps);
        if !found {
            let message = format!("This property cannot be expanded ({path}).");
            return Err(ApiError::invalid(message).with_param(param));
        }
    }
    Ok(())
}

/// Follows one path. Wrong only if it names what can be expanded nowhere; what is null, or absent from an empty list,
/// stays as it is.
fn follow(world: &World, value: &mut Value, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return true;
    };
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter_mut().all(|value| follow(world, value, steps)),
        Value::Object(fields) => {
            if !fields.contains_key(*step) {
                let Some(included) = on_request(world, fields, step) else {
                    return false;
                };
                fields.insert((*step).to_owned(), included);
            }
            let Some(field) = fields.get_mut(*step) else {
                return false;
            };
            if let Value::String(id) = field {
                match pointed(world, step, id) {
                    Some(object) => *field = object,
                    None => return false,
                }
            } else if rest.is_empty() && (field.is_number() || field.is_boolean()) {
                return false;
            }
            follow(world, field, rest)
        }
        _ => false,
    }
}

/// The object that an identifier in the field of this name points at.
fn pointed(world: &World, field: &str, id: &str) -> Option<Value> {
    match field {
        "customer" => world.show::<Customer>(id).ok(),
        "payment_method" | "default_payment_method" => world.show::<PaymentMethod>(id).ok(),
        "subscription" => world.show::<Subscription>(id).ok(),
        "schedule" => world.show::<Schedule>(id).ok(),
        "invoice" | "latest_invoice" => world.show::<Invoice>(id).ok(),
        "payment_intent" => world.show::<PaymentIntent>(id).ok(),
        "setup_intent" | "pending_setup_intent" => world.show::<SetupIntent>(id).ok(),
        "charge" | "latest_charge" => world.show::<Charge>(id).ok(),
        "refund" => world.show::<Refund>(id).ok(),
        "product" => world.show::<Product>(id).ok(),
        "price" | "default_price" => world.show::<Price>(id).ok(),
        _ => None,
    }
}

/// What an object shows only when asked.
fn on_request(world: &World, object: &Map<String, Value>, field: &str) -> Option<Value> {
    let id = object.get("id")?.as_str()?;
    match (object.get("object")?.as_str()?, field) {
        ("invoice", "payments") => Some(world.payments_of(id)),
        ("invoice", "confirmation_secret") => Some(world.confirmation_secret_of(id)),
        ("price", "tiers") => world.prices.get(id).map(Price::render_tiers),
        ("charge", "refunds") => Some(world.refunds_of(id)),
        ("customer", "tax_ids") => Some(world.tax_ids_of(id)),
        ("customer", "subscriptions") => Some(world.subscriptions_of(id)),
        _ => None,
    }
}
