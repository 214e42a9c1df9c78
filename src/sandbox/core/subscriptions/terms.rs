//! The terms that creating, changing and previewing a subscription share.

use super::Subscription;
use serde_json::Value;

use super::reckon::Proration;
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::{Anchor, next_day_of_month};
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::invoices::calls::no_method;
use crate::sandbox::core::invoices::{Collected, Line};
use crate::sandbox::core::params::Params;
use crate::sandbox::core::paying::Presence;
use crate::sandbox::core::payment_methods::owned_by;
use crate::sandbox::core::taxes::{expect_location, expect_one_way, read_automatic_tax};
use crate::sandbox::error::{ApiError, ErrorKind};

/// What becomes of a change whose money does not come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaymentBehavior {
    /// `allow_incomplete`: it takes effect, and the subscription is behind.
    Allow,
    /// `default_incomplete`: it takes effect, and waits to be confirmed.
    Wait,
    /// `error_if_incomplete`: it does not happen.
    Refuse,
    /// `pending_if_incomplete`: it takes effect when it is paid.
    Hold,
}

impl PaymentBehavior {
    pub(super) fn read(params: &Params<'_>) -> Result<PaymentBehavior, ApiError> {
        match params.text("payment_behavior")? {
            None | Some("allow_incomplete") => Ok(PaymentBehavior::Allow),
            Some("default_incomplete") => Ok(PaymentBehavior::Wait),
            Some("error_if_incomplete") => Ok(PaymentBehavior::Refuse),
            Some("pending_if_incomplete") => Ok(PaymentBehavior::Hold),
            Some(other) => {
                Err(params.refuse("payment_behavior", format!("Invalid payment_behavior: {other}")))
            }
        }
    }
}

pub(super) fn read_proration(params: &Params<'_>) -> Result<Proration, ApiError> {
    let word = params.text("proration_behavior")?;
    Proration::parse(word).ok_or_else(|| params.refuse("proration_behavior", "Invalid proration_behavior."))
}

pub(super) fn presence(params: &Params<'_>) -> Result<Presence, ApiError> {
    let absent = params.flag("off_session")?.unwrap_or(false);
    Ok(if absent {
        Presence::OffSession
    } else {
        Presence::OnSession
    })
}

/// Whether the billing mode that a request asks for, or gets, is the flexible one.
pub(super) fn read_flexible(params: &Params<'_>) -> Result<bool, ApiError> {
    match params.child("billing_mode")? {
        Some(mode) => Ok(mode.needed_text("type")? != "classic"),
        None => Ok(true),
    }
}

pub(super) fn read_anchor(params: &Params<'_>, now: i64) -> Result<Option<Anchor>, ApiError> {
    match (
        params.integer("billing_cycle_anchor")?,
        params.child("billing_cycle_anchor_config")?,
    ) {
        (Some(_), Some(_)) => Err(params.refuse(
            "billing_cycle_anchor",
            "You may only specify one of billing_cycle_anchor, billing_cycle_anchor_config.",
        )),
        (Some(at), None) if at <= now => Err(params.refuse(
            "billing_cycle_anchor",
            "billing_cycle_anchor must be in the future.",
        )),
        (Some(at), None) => Ok(Some(Anchor::at(at))),
        (None, Some(config)) => {
            config.only(&["day_of_month", "hour", "minute", "second"])?;
            let small = |key: &str, default: i64, most: i64| -> Result<i8, ApiError> {
                let value = config.integer(key)?.unwrap_or(default);
                let fits = i8::try_from(value).ok().filter(|_| value >= 0 && value <= most);
                fits.ok_or_else(|| config.refuse(key, format!("Invalid {key}.")))
            };
            config.needed_integer("day_of_month")?;
            let day = small("day_of_month", 1, 31)?.max(1);
            let time = (
                small("hour", 0, 23)?,
                small("minute", 0, 59)?,
                small("second", 0, 59)?,
            );
            Ok(Some(Anchor {
                at: next_day_of_month(now, day, time)?,
                day: Some(day),
            }))
        }
        (None, None) => Ok(None),
    }
}

pub(super) fn read_trial(params: &Params<'_>, now: i64) -> Result<Option<(i64, i64)>, ApiError> {
    let end = match (
        params.integer("trial_period_days")?,
        params.raw("trial_end").and_then(Value::as_str),
    ) {
        (Some(days), _) if days > 0 => Some(now + days * 86_400),
        (Some(_), _) | (None, Some("now")) => None,
        (None, _) => params.integer("trial_end")?,
    };
    match end {
        Some(end) if end <= now => Err(params.refuse("trial_end", "trial_end must be in the future.")),
        end => Ok(end.map(|end| (now, end))),
    }
}

impl World {
    /// Reads what creating and updating have in common and what no money hangs on.
    pub(super) fn read_terms(
        &self,
        subscription: &mut Subscription,
        params: &Params<'_>,
    ) -> Result<(), ApiError> {
        if params.has("default_payment_method") {
            let method = params.owned("default_payment_method")?;
            if let Some(method) = &method {
                owned_by(self, method, &subscription.customer, "default_payment_method")?;
            }
            subscription.default_payment_method = method;
        }
        if let Some(taxed) = read_automatic_tax(params)? {
            if taxed {
                expect_location(self.customers.have(&subscription.customer)?)?;
            }
            subscription.automatic_tax = taxed;
        }
        if let Some(rates) = self.read_rates(params, &subscription.tax_rates)? {
            subscription.tax_rates = rates;
        }
        expect_one_way(&subscription.tax_rates, subscription.automatic_tax, params)?;
        params.set_text("description", &mut subscription.description)?;
        subscription.cancellation.read(params)?;
        if let Some(settings) = params.child("payment_settings")? {
            settings.only(&[
                "save_default_payment_method",
                "payment_method_types",
                "payment_method_options",
            ])?;
            if let Some(choice) = settings.text("save_default_payment_method")? {
                subscription.saves_method = choice == "on_subscription";
            }
        }
        if let Some(method) = params.text("collection_method")? {
            subscription.sends_invoices = method == "send_invoice";
        }
        if let Some(days) = params.integer("days_until_due")? {
            subscription.days_until_due = Some(days);
        }
        if subscription.sends_invoices && subscription.days_until_due.is_none() {
            return Err(params.missing("days_until_due"));
        }
        if !subscription.sends_invoices {
            if params.has("days_until_due") {
                return Err(params.refuse(
                    "days_until_due",
                    "`days_until_due` needs `collection_method=send_invoice`.",
                ));
            }
            subscription.days_until_due = None;
        }
        match params.text("cancel_at")? {
            Some("min_period_end") => subscription.cancel_at = subscription.renews_at(),
            Some("max_period_end") => subscription.cancel_at = subscription.paid_until(),
            Some(_) => {
                return Err(params.refuse("cancel_at", "The sandbox cancels at the end of a period only."));
            }
            None if params.has("cancel_at") => subscription.cancel_at = None,
            None => {}
        }
        if let Some(cancels) = params.flag("cancel_at_period_end")? {
            subscription.set_cancel_at_period_end(cancels, self.now);
        }
        Ok(())
    }

    /// Lines that waited, as they stand on an invoice that takes them.
    pub(super) fn waiting_lines(&self, ids: &mut Ids, subscription: &Subscription) -> Vec<Line> {
        let waiting = self.pending_items(
            &subscription.customer,
            Some(&subscription.id),
            &subscription.currency,
        );
        waiting
            .into_iter()
            .map(|item| Line {
                id: ids.next("il"),
                ..item.line.clone()
            })
            .collect()
    }
}

impl World {
    /// Lets a request go on, or fail, with what came of its payment.
    pub(super) fn bear_with(
        &mut self,
        invoice: &str,
        collected: Collected,
        behavior: PaymentBehavior,
    ) -> Result<(), ApiError> {
        let strict = behavior == PaymentBehavior::Refuse;
        match collected {
            Collected::NoMethod if behavior != PaymentBehavior::Hold => Err(no_method()),
            Collected::Declined(decline) if strict => {
                let intent = self
                    .invoices
                    .have(invoice)?
                    .payment_intent
                    .clone()
                    .unwrap_or_default();
                Err(self.payment_error(&intent, &decline)?)
            }
            Collected::ActionNeeded if strict => Err(ApiError::new(
                402,
                ErrorKind::Card,
                "Payment for this subscription requires additional user action before it can be completed \
                 successfully.",
            )
            .with_code("subscription_payment_intent_requires_action")),
            Collected::Paid | Collected::ActionNeeded | Collected::Declined(_) | Collected::NoMethod => {
                Ok(())
            }
        }
    }
}
