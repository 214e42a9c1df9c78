//! Paying: from the customer's yes to the money, call by call.

use statig::Outcome;

use super::aborting;
use super::call::{Call, CallAnswer, CallFailure};
use super::decide::Context;
use super::means::Means;
use super::payment::{Confirmation, Consent, PaymentFacts};
use super::promise::Hold;
use super::quote::{Deal, Quote, QuoteId};
use super::refusal::{Refusal, RefusalCode};
use super::stage::{AGAIN_MAX, AbortReason, ChargeStep, OpenInvoice, Payment, Stage};
use super::tell::Tell;
use super::{billing, judging, quoting, vouchers};
use crate::domain::money::Money;

/// The customer chose how to pay. What the seller does not take, or not from them, is refused when it is chosen.
pub(super) fn choose(context: &mut Context<'_>, deal: &Deal, method: &Means) -> Outcome<Stage> {
    if let Err(refusal) = vouchers::terms(context.turn, &deal.quote, method.kind()) {
        return context.refuse(refusal);
    }
    Outcome::Transition(Stage::Choosing {
        deal: deal.clone(),
        method: Some(method.clone()),
        refused: None,
    })
}

/// The customer says yes to an amount. Nothing but exactly the amount on offer is taken for a yes.
pub(super) fn confirm(
    context: &mut Context<'_>,
    deal: &Deal,
    method: Option<&Means>,
    quote: &QuoteId,
    seen: Money,
    consent: &Consent,
) -> Outcome<Stage> {
    if let Err(refusal) = check(context, deal, method, quote, seen, consent) {
        return context.refuse(refusal);
    }
    let Some(customer) = context.turn.account.provider_customer.clone() else {
        let detail = "The provider does not know this customer yet. Send the billing data first.";
        return context.refuse(Refusal::new(RefusalCode::BillingInfoMissing, detail));
    };
    let payment = Payment {
        deal: deal.clone(),
        method: method.cloned(),
        confirmation: Confirmation {
            seen,
            consent: consent.clone(),
        },
        customer,
        subscription: context.turn.contract.subscription.clone(),
        method_set: None,
        subscription_made: false,
        released: None,
        tax_rates_set: None,
        never_happened: 0,
    };
    begin(context, payment)
}

pub(super) fn check(
    context: &Context<'_>,
    deal: &Deal,
    method: Option<&Means>,
    quote: &QuoteId,
    seen: Money,
    consent: &Consent,
) -> Result<(), Refusal> {
    quoting::check(context, deal, quote)?;
    if deal.quote.location_unknown {
        return Err(billing::location_unknown());
    }
    let due = deal.quote.due_today;
    if seen != due {
        let detail = format!(
            "The customer saw {seen}, but {due} is due. Nothing was charged. Show the quote again and confirm with its \
             `due_today`."
        );
        return Err(Refusal::new(RefusalCode::AmountDiffers, detail)
            .at("/seen")
            .expecting(due));
    }
    let terms = &context.turn.playbook.policy.terms.version;
    if consent.terms_version != *terms {
        let detail = format!("The current terms are `{terms}`. Show them and confirm with that version.");
        return Err(Refusal::new(RefusalCode::TermsOutdated, detail).at("/consent/terms_version"));
    }
    if method.is_none() && !deal.quote.needs_no_method() && deal.quote.effective_at.is_none() {
        let detail = "Choose a card first, with `payment-method`, or name one in this request.";
        return Err(Refusal::new(RefusalCode::PaymentMethodMissing, detail).at("/payment_method"));
    }
    // Time may have passed since it was chosen.
    method.map_or(Ok(()), |method| {
        vouchers::terms(context.turn, &deal.quote, method.kind()).map(drop)
    })
}

/// The chosen card becomes the subscription's own, unless it is already; then the preview is taken once more.
fn begin(context: &mut Context<'_>, payment: Payment) -> Outcome<Stage> {
    let step = if set_chosen(context, &payment) {
        ChargeStep::SettingMethod
    } else {
        ChargeStep::Verifying
    };
    Outcome::Transition(Stage::Charging { payment, step })
}

/// Makes the chosen card the subscription's own, unless it is, as far as is known. Says whether it must be waited for.
pub(super) fn set_chosen(context: &mut Context<'_>, payment: &Payment) -> bool {
    let chosen = payment.card_id();
    match payment.subscription.clone() {
        Some(subscription) if chosen.is_some() && chosen.as_ref() != default_method(payment) => {
            context.call(Call::SetDefaultMethod {
                subscription,
                method: chosen,
            });
            true
        }
        _ => false,
    }
}

/// The card that the subscription is charged on now, as far as is known.
fn default_method(payment: &Payment) -> Option<&String> {
    let quoted = payment.deal.quote.held_method.as_ref();
    payment.method_set.as_ref().or(quoted)
}

/// The preview was taken once more. The same amounts: charge. Others: nothing is charged, the customer is asked again.
pub(super) fn verified(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    quote: &Quote,
) -> Outcome<Stage> {
    if *step != ChargeStep::Verifying {
        return Outcome::Super;
    }
    let agreed = &payment.deal.quote;
    if !agreed.same_amounts(quote) || quote.location_unknown {
        return aborting::unwind(context, payment, &AbortReason::AmountMoved, None);
    }
    if let Some(outcome) = set_tax_rates(context, payment, quote) {
        return outcome;
    }
    if let Some(voucher) = payment.voucher() {
        return vouchers::begin(context, payment, voucher);
    }
    if let Some(hold) = &quote.releases {
        // Promised since the customer saw the quote: they must know that it falls.
        if agreed.releases.is_none() && payment.released.is_none() {
            return aborting::unwind(context, payment, &AbortReason::AmountMoved, None);
        }
        return release(context, payment, hold);
    }
    if payment.method_set.is_none() && agreed.held_method != quote.held_method {
        // Somebody has changed the card at the provider meanwhile: the one that was agreed on is charged, no other.
        let mut payment = payment.clone();
        payment.deal.quote.held_method.clone_from(&quote.held_method);
        return begin(context, payment);
    }
    let customer = payment.customer.clone();
    let targets = agreed.targets.clone();
    let step = match (&payment.subscription, agreed.first_period) {
        (Some(subscription), _) => {
            let (subscription, prorated_at) = (subscription.clone(), agreed.prorated_at);
            context.call(Call::UpdateSubscription {
                subscription,
                customer,
                targets,
                prorated_at,
                credits: agreed.outside_credits(),
            });
            ChargeStep::Updating
        }
        (None, Some(first_period)) => {
            let method = payment.card_id();
            context.call(Call::CreateSubscription {
                customer,
                targets,
                first_period,
                method,
                automatic_tax: context.turn.playbook.policy.provider_reckons_taxes(),
                tax_rates: wanted_tax_rates(quote).unwrap_or_default(),
            });
            ChargeStep::Creating
        }
        (None, None) => return aborting::unwind(context, payment, &AbortReason::AmountMoved, None),
    };
    Outcome::Transition(Stage::Charging {
        payment: payment.clone(),
        step,
    })
}

fn wanted_tax_rates(quote: &Quote) -> Option<Vec<String>> {
    quote.tax_rates.as_ref().map(|rates| rates.wanted.clone())
}

/// The subscription is taxed by the rates that the quote was reckoned with, before anything is charged; then the preview is taken once
/// more. Nothing where it is already.
fn set_tax_rates(context: &mut Context<'_>, payment: &Payment, quote: &Quote) -> Option<Outcome<Stage>> {
    let rates = quote.tax_rates.as_ref()?;
    let subscription = payment.subscription.clone()?;
    if rates.wanted == rates.held || payment.tax_rates_set.as_ref() == Some(&rates.wanted) {
        return None;
    }
    context.call(Call::SetTaxRates {
        subscription,
        rates: rates.wanted.clone(),
    });
    let mut payment = payment.clone();
    payment.deal.quote.tax_rates.clone_from(&quote.tax_rates);
    Some(Outcome::Transition(Stage::Charging {
        payment,
        step: ChargeStep::SettingTaxRates,
    }))
}

/// What stands at the provider for a promise is taken away; then the preview is taken once more.
fn release(context: &mut Context<'_>, payment: &Payment, hold: &Hold) -> Outcome<Stage> {
    let Some(subscription) = payment.subscription.clone() else {
        return Outcome::Super;
    };
    context.call(Call::ReleaseHold {
        subscription,
        hold: hold.clone(),
    });
    Outcome::Transition(Stage::Charging {
        payment: payment.clone(),
        step: ChargeStep::Releasing { hold: hold.clone() },
    })
}

/// A call of the charge did its work.
pub(super) fn done(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    answer: &CallAnswer,
) -> Outcome<Stage> {
    let mut payment = Payment {
        never_happened: 0,
        ..payment.clone()
    };
    match (step, answer) {
        (ChargeStep::SettingMethod, CallAnswer::MethodSet) => {
            payment.method_set = payment.card_id();
            Outcome::Transition(Stage::Charging {
                payment,
                step: ChargeStep::Verifying,
            })
        }
        (ChargeStep::SettingTaxRates, CallAnswer::TaxRatesSet) => {
            payment.tax_rates_set = wanted_tax_rates(&payment.deal.quote);
            Outcome::Transition(Stage::Charging {
                payment,
                step: ChargeStep::Verifying,
            })
        }
        (ChargeStep::Drafting, CallAnswer::InvoiceDrafted { invoice }) => {
            vouchers::drafted(context, &payment, invoice, 0)
        }
        (ChargeStep::Listing { invoice, lines }, CallAnswer::InvoiceLineAdded) => {
            vouchers::drafted(context, &payment, invoice, lines + 1)
        }
        (
            ChargeStep::Updating
            | ChargeStep::Finalizing { .. }
            | ChargeStep::Issuing { .. }
            | ChargeStep::Switching { .. },
            CallAnswer::Payment(facts),
        ) => judging::judge(context, &payment, facts),
        (ChargeStep::Releasing { hold }, CallAnswer::HoldReleased) => {
            payment.released = Some(hold.clone());
            Outcome::Transition(Stage::Charging {
                payment,
                step: ChargeStep::Verifying,
            })
        }
        (ChargeStep::Creating, CallAnswer::Payment(facts)) => {
            made(&mut payment, facts);
            judging::judge(context, &payment, facts)
        }
        (ChargeStep::Paying { invoice }, CallAnswer::Payment(facts)) => {
            if judging::speaks_of(facts, invoice) {
                return judging::judge(context, &payment, facts);
            }
            let invoice = invoice.clone();
            Outcome::Transition(settling(payment, invoice))
        }
        _ => Outcome::Super,
    }
}

/// Notes the subscription that this change made, so that an abort ends it.
pub(super) fn made(payment: &mut Payment, facts: &PaymentFacts) {
    payment.subscription = Some(facts.subscription.clone());
    payment.subscription_made = true;
    payment.method_set = payment.card_id();
}

/// A call of the charge is over without having done its work.
pub(super) fn failed(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    failure: &CallFailure,
) -> Outcome<Stage> {
    let invoice = match step {
        // No call is in flight: what fails now is not the charge's.
        ChargeStep::Verifying | ChargeStep::Halted { .. } => return Outcome::Super,
        ChargeStep::Paying { invoice }
        | ChargeStep::Issuing { invoice }
        | ChargeStep::Switching { invoice } => Some(invoice.clone()),
        // What has become of a draft does not matter: it cannot be paid, and another one is made.
        ChargeStep::SettingMethod
        | ChargeStep::SettingTaxRates
        | ChargeStep::Releasing { .. }
        | ChargeStep::Updating
        | ChargeStep::Creating
        | ChargeStep::Drafting
        | ChargeStep::Listing { .. }
        | ChargeStep::Finalizing { .. } => None,
    };
    match (failure, invoice) {
        (CallFailure::NeverHappened { .. }, invoice) => again(context, payment, step, invoice),
        // Paid, voided or in flight meanwhile: the provider is asked which.
        (CallFailure::WrongState { .. }, Some(invoice)) => {
            Outcome::Transition(settling(payment.clone(), invoice))
        }
        (CallFailure::Declined(decline), Some(invoice)) if payment.voucher().is_some() => {
            let reason = AbortReason::CardRefused { decline: *decline };
            aborting::void(context, payment, &reason, &invoice.id)
        }
        (CallFailure::Declined(reason), Some(invoice)) => {
            context.tell(Tell::Declined);
            Outcome::Transition(Stage::Declined {
                payment: payment.clone(),
                invoice,
                reason: *reason,
            })
        }
        (CallFailure::Declined(decline), None) => aborting::unwind(
            context,
            payment,
            &AbortReason::CardRefused { decline: *decline },
            None,
        ),
        // It is gone already: that is what was wanted.
        (CallFailure::WrongState { .. }, None) if matches!(step, ChargeStep::Releasing { .. }) => {
            Outcome::Transition(Stage::Charging {
                payment: payment.clone(),
                step: ChargeStep::Verifying,
            })
        }
        (CallFailure::WrongState { code }, None) => halt(payment, code, "", None),
        (CallFailure::Refused { code, message }, invoice) => halt(payment, code, message, invoice),
    }
}

/// The call has provably never happened: once more, under a new key. What would charge is previewed first, because time has
/// passed; should the first request arrive after all, the provider then holds what the second one asks for, and the same
/// instant costs nothing twice.
fn again(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    invoice: Option<OpenInvoice>,
) -> Outcome<Stage> {
    if payment.never_happened >= AGAIN_MAX {
        let said = "The call has never reached the provider, again and again.";
        return halt(payment, "never_happened", said, invoice);
    }
    let payment = Payment {
        never_happened: payment.never_happened + 1,
        ..payment.clone()
    };
    match (step, payment.subscription.clone(), invoice) {
        (ChargeStep::Paying { .. }, Some(subscription), Some(invoice)) => {
            pay(context, payment, subscription, invoice)
        }
        (ChargeStep::Issuing { .. } | ChargeStep::Switching { .. }, _, Some(invoice)) => {
            Outcome::Transition(settling(payment, invoice))
        }
        (ChargeStep::SettingMethod, ..) => begin(context, payment),
        _ => Outcome::Transition(Stage::Charging {
            payment,
            step: ChargeStep::Verifying,
        }),
    }
}

/// The provider is asked where the money is.
pub(super) fn settling(payment: Payment, invoice: OpenInvoice) -> Stage {
    Stage::Settling {
        payment,
        invoice,
        paid: false,
        voucher: None,
    }
}

pub(super) fn halt(
    payment: &Payment,
    code: &str,
    message: &str,
    invoice: Option<OpenInvoice>,
) -> Outcome<Stage> {
    let step = ChargeStep::Halted {
        code: code.to_owned(),
        message: message.to_owned(),
        invoice,
    };
    Outcome::Transition(Stage::Charging {
        payment: payment.clone(),
        step,
    })
}

/// Support orders another attempt, after the provider had refused the request as such.
pub(super) fn retry(context: &mut Context<'_>, payment: &Payment, step: &ChargeStep) -> Outcome<Stage> {
    match step {
        ChargeStep::Halted {
            invoice: Some(invoice),
            ..
        } => Outcome::Transition(settling(payment.clone(), invoice.clone())),
        // It was made without anything to pay: charging it now would be another deal. It is ended, and quoted again.
        ChargeStep::Halted { invoice: None, .. } if payment.subscription_made => {
            aborting::unwind(context, payment, &AbortReason::AmountMoved, None)
        }
        // From the start: where it was the card that could not be set, no other card is charged instead.
        ChargeStep::Halted { invoice: None, .. } => {
            let payment = Payment {
                never_happened: 0,
                ..payment.clone()
            };
            begin(context, payment)
        }
        _ => context.refuse(Refusal::new(
            RefusalCode::PaymentInFlight,
            "The charge is on its way and is tried again by itself; there is nothing to order.",
        )),
    }
}

/// The customer pays the open invoice with another card.
pub(super) fn pay_with(
    context: &mut Context<'_>,
    payment: &Payment,
    invoice: &OpenInvoice,
    method: &Means,
) -> Outcome<Stage> {
    if method.card().is_none() {
        let detail =
            "This payment is on its way by card. Choose another card, or cancel the change and begin again.";
        return context.refuse(Refusal::new(RefusalCode::PaymentMethodUnavailable, detail).at("/method"));
    }
    let Some(subscription) = payment.subscription.clone() else {
        return Outcome::Super;
    };
    let payment = Payment {
        method: Some(method.clone()),
        ..payment.clone()
    };
    pay(context, payment, subscription, invoice.clone())
}

pub(super) fn pay(
    context: &mut Context<'_>,
    payment: Payment,
    subscription: String,
    invoice: OpenInvoice,
) -> Outcome<Stage> {
    let Some(method) = payment.card_id() else {
        return Outcome::Super;
    };
    let customer = payment.customer.clone();
    context.call(Call::PayInvoice {
        invoice: invoice.id.clone(),
        subscription,
        customer,
        method,
    });
    Outcome::Transition(Stage::Charging {
        payment,
        step: ChargeStep::Paying { invoice },
    })
}
