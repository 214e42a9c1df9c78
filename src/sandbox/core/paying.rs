//! The only place where a card is charged. What a payment means for its invoice and subscription is theirs to say.

use super::World;
use super::cards::Decline;
use super::charges::Charge;
use super::intents::Status;
use super::payment_intents::PaymentIntent;
use super::payment_methods::{attach_to, card_error};
use crate::sandbox::error::ApiError;

/// Whether the customer is there to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    OnSession,
    OffSession,
}

/// How an attempt to charge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Paid,
    /// The holder of the card must confirm first.
    ActionNeeded,
    Declined(Decline),
}

const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    reason: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};

const AUTHENTICATION_FAILED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    reason: None,
    message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

impl World {
    /// Tries to collect an intent with a card.
    pub(super) fn attempt(
        &mut self,
        intent: &str,
        method: &str,
        presence: Presence,
    ) -> Result<Outcome, ApiError> {
        self.payment_intents.edit(intent)?.payment_method = Some(method.to_owned());
        let invoice = self.payment_intents.have(intent)?.invoice.clone();
        if let Some(invoice) = &invoice {
            self.note_attempt(invoice)?;
        }
        let kept = self.payment_methods.have(method)?;
        if !kept.card()?.asks(presence == Presence::OffSession, kept.set_up) {
            return self.charge(intent);
        }
        if presence == Presence::OffSession {
            if let Some(invoice) = &invoice {
                self.tell_action_required(invoice)?;
            }
            self.refuse_payment(intent, &AUTHENTICATION_REQUIRED, true)?;
            return Ok(Outcome::Declined(AUTHENTICATION_REQUIRED));
        }
        let waiting = self.payment_intents.edit(intent)?;
        waiting.status = Status::RequiresAction;
        let shown = self.show::<PaymentIntent>(intent)?;
        self.emit("payment_intent.requires_action", shown);
        if let Some(invoice) = &invoice {
            self.invoice_asks_for_action(invoice)?;
        }
        Ok(Outcome::ActionNeeded)
    }

    /// What the bank's page answers to a payment.
    pub(super) fn authenticate_payment(&mut self, intent: &str, approved: bool) -> Result<(), ApiError> {
        if self.payment_intents.find(intent, "intent")?.status != Status::RequiresAction {
            return Err(
                ApiError::invalid("This PaymentIntent does not wait for authentication.")
                    .with_code("payment_intent_unexpected_state"),
            );
        }
        if approved {
            self.charge(intent)?;
            return Ok(());
        }
        self.refuse_payment(intent, &AUTHENTICATION_FAILED, false)
    }

    /// A 402 that carries the intent as it is now, and names the charge that failed, if there was one.
    pub(super) fn payment_error(&self, intent: &str, decline: &Decline) -> Result<ApiError, ApiError> {
        let remembered = self.payment_intents.have(intent)?.last_error.as_ref();
        let charge = remembered.and_then(|error| error.get("charge")?.as_str());
        let error = ApiError {
            charge: charge.map(Box::from),
            ..card_error(decline)
        };
        Ok(error.with_object("payment_intent", self.show::<PaymentIntent>(intent)?))
    }

    /// Charges the card, whose holder has confirmed as far as it asked.
    fn charge(&mut self, intent: &str) -> Result<Outcome, ApiError> {
        let method = self
            .payment_intents
            .have(intent)?
            .payment_method
            .clone()
            .unwrap_or_default();
        if let Some(decline) = self.payment_methods.have(&method)?.card()?.on_charge {
            self.refuse_payment(intent, &decline, true)?;
            return Ok(Outcome::Declined(decline));
        }
        let paid = self.take_the_money(intent)?;
        let saves = paid.setup_future_usage.clone();
        let customer = paid.customer.clone();
        let invoice = paid.invoice.clone();
        if let (Some(usage), Some(customer)) = (saves, customer) {
            attach_to(self, &method, &customer, "payment_method")?;
            self.payment_methods.edit(&method)?.set_up |= usage == "off_session";
        }
        let shown = self.show::<PaymentIntent>(intent)?;
        self.emit("payment_intent.succeeded", shown);
        if let Some(invoice) = invoice {
            self.invoice_was_paid(&invoice)?;
        }
        Ok(Outcome::Paid)
    }

    pub(super) fn refuse_payment(
        &mut self,
        intent: &str,
        decline: &Decline,
        at_the_bank: bool,
    ) -> Result<(), ApiError> {
        let charge = if at_the_bank {
            Some(self.record_charge(intent, Some(decline))?)
        } else {
            None
        };
        self.refuse_intent(intent, decline, charge.as_deref())?;
        if let Some(invoice) = self.payment_intents.have(intent)?.invoice.clone() {
            self.invoice_was_refused(&invoice)?;
        }
        Ok(())
    }

    /// The whole amount is there: a charge is recorded, and the intent has succeeded.
    pub(super) fn take_the_money(&mut self, intent: &str) -> Result<&mut PaymentIntent, ApiError> {
        let charge = self.record_charge(intent, None)?;
        let paid = self.payment_intents.edit(intent)?;
        paid.status = Status::Succeeded;
        paid.amount_received = paid.amount;
        paid.latest_charge = Some(charge);
        paid.last_error = None;
        Ok(paid)
    }

    pub(super) fn record_charge(
        &mut self,
        intent: &str,
        decline: Option<&Decline>,
    ) -> Result<String, ApiError> {
        let id = self.memory.ids.next("ch");
        let intent = self.payment_intents.have(intent)?;
        let method = self
            .payment_methods
            .have(intent.payment_method.as_deref().unwrap_or_default())?;
        let charge = Charge::new(id.clone(), self.now, intent, method, decline);
        self.add(
            charge,
            if decline.is_some() {
                "charge.failed"
            } else {
                "charge.succeeded"
            },
        );
        Ok(id)
    }
}
