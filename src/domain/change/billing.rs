//! Billing data: when it is asked for, and how it reaches the provider's customer.

use statig::Outcome;

use super::call::{Call, CallAnswer, CallFailure};
use super::decide::{AccountFact, Context};
use super::event::IdentityRef;
use super::quote::{Deal, Drift, DriftCause};
use super::refusal::{FieldProblem, Refusal, RefusalCode};
use super::stage::{BillingStep, Stage};
use super::tell::Tell;
use crate::domain::account::BillingField;
use crate::domain::catalog::BillingInfoPolicy;

/// Where an accepted quote leads: to the billing data, or past it.
pub(super) fn after_accept(context: &mut Context<'_>, deal: &Deal, billing_given: bool) -> Outcome<Stage> {
    let always = context.turn.playbook.policy.billing_info == BillingInfoPolicy::Always;
    if deal.quote.location_unknown {
        return Outcome::Transition(Stage::BillingInfo {
            deal: deal.clone(),
            problem: Some(location_unknown()),
        });
    }
    match context.turn.billing {
        Some(_) if billing_given => choosing(deal),
        Some(on_file) if !always => save(context, deal, &on_file.identity.clone(), false),
        _ => Outcome::Transition(Stage::BillingInfo {
            deal: deal.clone(),
            problem: None,
        }),
    }
}

/// The customer gave billing data. `unfinished` says that data which were given before did not all reach the provider.
pub(super) fn give(
    context: &mut Context<'_>,
    deal: &Deal,
    identity: &IdentityRef,
    unfinished: bool,
) -> Outcome<Stage> {
    let before = context.turn.billing.map(|on_file| &on_file.identity.tax_hash);
    let requote = unfinished || before != Some(&identity.tax_hash);
    context.account.push(AccountFact::Identity(identity.clone()));
    save(context, deal, identity, requote)
}

/// The customer goes on with what is on file.
pub(super) fn pass(context: &mut Context<'_>, deal: &Deal, unfinished: bool) -> Outcome<Stage> {
    match context.turn.billing {
        Some(on_file) => save(context, deal, &on_file.identity.clone(), unfinished),
        None => context.refuse(Refusal::new(
            RefusalCode::BillingInfoMissing,
            "This account has no billing data yet. Send it with `billing-info`.",
        )),
    }
}

/// Starts with the first thing that the provider does not have yet; where it has everything, goes on at once.
fn save(context: &mut Context<'_>, deal: &Deal, identity: &IdentityRef, requote: bool) -> Outcome<Stage> {
    let customer = context.turn.account.provider_customer.clone();
    let saved = context
        .turn
        .billing
        .and_then(|on_file| on_file.saved_hash.as_deref());
    if let Some(customer) = &customer
        && saved == Some(identity.hash.as_str())
    {
        return tax_number(context, deal, identity, customer, requote);
    }
    context.call(Call::SaveCustomer {
        customer,
        identity: identity.row,
    });
    saving(deal, identity, BillingStep::Customer, requote)
}

/// Brings the provider's tax number in line: the new one is added before an outdated one goes.
fn tax_number(
    context: &mut Context<'_>,
    deal: &Deal,
    identity: &IdentityRef,
    customer: &str,
    requote: bool,
) -> Outcome<Stage> {
    let held = context
        .turn
        .billing
        .and_then(|on_file| on_file.saved_tax_id.as_ref());
    match held {
        Some((_, hash)) if *hash == identity.tax_id_hash => finished(context, deal, requote),
        None if identity.tax_id_hash.is_empty() => finished(context, deal, requote),
        Some((outdated, _)) if identity.tax_id_hash.is_empty() => {
            let outdated = outdated.clone();
            remove(context, deal, identity, customer, outdated, requote)
        }
        _ => {
            context.call(Call::AddTaxId {
                customer: customer.to_owned(),
                identity: identity.row,
            });
            saving(deal, identity, BillingStep::AddTaxId, requote)
        }
    }
}

fn remove(
    context: &mut Context<'_>,
    deal: &Deal,
    identity: &IdentityRef,
    customer: &str,
    outdated: String,
    requote: bool,
) -> Outcome<Stage> {
    context.call(Call::RemoveTaxId {
        customer: customer.to_owned(),
        tax_id: outdated,
    });
    saving(deal, identity, BillingStep::RemoveTaxId, requote)
}

/// One thing reached the provider: on to the next.
pub(super) fn saved(
    context: &mut Context<'_>,
    deal: &Deal,
    identity: &IdentityRef,
    step: BillingStep,
    answer: &CallAnswer,
    requote: bool,
) -> Outcome<Stage> {
    match (step, answer) {
        (BillingStep::Customer, CallAnswer::CustomerSaved { customer }) => {
            context.account.push(AccountFact::Customer {
                customer: customer.clone(),
                identity_hash: identity.hash.clone(),
            });
            tax_number(context, deal, identity, customer, requote)
        }
        (BillingStep::AddTaxId, CallAnswer::TaxIdAdded { tax_id }) => {
            let hash = identity.tax_id_hash.clone();
            context.account.push(AccountFact::TaxId {
                tax_id: tax_id.clone(),
                hash,
            });
            let held = context
                .turn
                .billing
                .and_then(|on_file| on_file.saved_tax_id.clone());
            match (held, context.turn.account.provider_customer.clone()) {
                (Some((outdated, _)), Some(customer)) => {
                    remove(context, deal, identity, &customer, outdated, requote)
                }
                _ => finished(context, deal, requote),
            }
        }
        (BillingStep::RemoveTaxId, CallAnswer::TaxIdRemoved) => finished(context, deal, requote),
        _ => Outcome::Super,
    }
}

/// The provider refuses the data: the customer is asked again. A tax number that could not be taken away is not worth that.
pub(super) fn not_saved(
    context: &mut Context<'_>,
    deal: &Deal,
    identity: &IdentityRef,
    step: BillingStep,
    failure: &CallFailure,
    requote: bool,
) -> Outcome<Stage> {
    match step {
        BillingStep::RemoveTaxId => finished(context, deal, requote),
        BillingStep::Customer | BillingStep::AddTaxId => {
            context.account.push(AccountFact::Identity(identity.clone()));
            let problem = Some(refused(failure));
            Outcome::Transition(Stage::BillingInfo {
                deal: deal.clone(),
                problem,
            })
        }
    }
}

/// What a call brings back after the change is over is still true of the account. Which data it was given is not known here
/// any more: it is noted under no hash, so that the next change saves it again.
pub(super) fn late(context: &mut Context<'_>, answer: &CallAnswer) -> Outcome<Stage> {
    let held = context.turn.account.provider_customer.as_ref();
    match answer {
        CallAnswer::CustomerSaved { customer } if held.is_none_or(|held| held == customer) => {
            context.account.push(AccountFact::Customer {
                customer: customer.clone(),
                identity_hash: String::new(),
            });
        }
        CallAnswer::TaxIdAdded { tax_id } => context.account.push(AccountFact::TaxId {
            tax_id: tax_id.clone(),
            hash: String::new(),
        }),
        _ => {}
    }
    Outcome::Handled
}

fn saving(deal: &Deal, identity: &IdentityRef, step: BillingStep, requote: bool) -> Outcome<Stage> {
    Outcome::Transition(Stage::BillingSaving {
        deal: deal.clone(),
        identity: identity.clone(),
        step,
        requote,
    })
}

/// The seller's tax-invoice system hears of the data; the customer goes on to pay, or sees a quote with the new taxes.
fn finished(context: &mut Context<'_>, deal: &Deal, requote: bool) -> Outcome<Stage> {
    context.tell(Tell::BillingData);
    if !requote {
        return choosing(deal);
    }
    let drift = Drift {
        replaced: deal.quote.clone(),
        why: DriftCause::BillingDataChanged,
    };
    Outcome::Transition(Stage::QuotePending {
        selection: deal.selection.clone(),
        billing_given: true,
        drift: Some(Box::new(drift)),
    })
}

fn choosing(deal: &Deal) -> Outcome<Stage> {
    Outcome::Transition(Stage::Choosing {
        deal: deal.clone(),
        method: None,
        refused: None,
    })
}

/// The provider cannot tell from the address which taxes are due: what of it to look at.
pub(super) fn location_unknown() -> Refusal {
    let detail = "The payment provider cannot tell from this address which taxes are due. Let the customer correct its country, state \
                  and postal code, and send the billing data again.";
    let look_at = |field: BillingField, detail: &str| FieldProblem {
        pointer: format!("/{}", field.name()),
        code: "location_unknown".to_owned(),
        detail: detail.to_owned(),
        instead: Vec::new(),
    };
    Refusal::new(RefusalCode::BillingLocationUnknown, detail)
        .at("/postal_code")
        .listing(vec![
            look_at(
                BillingField::PostalCode,
                "No place has this postal code, or it lies in another state.",
            ),
            look_at(BillingField::State, "It may be another one."),
            look_at(BillingField::Country, "It may be another one."),
        ])
}

fn refused(failure: &CallFailure) -> Refusal {
    if failure.code() == CallFailure::LOCATION_UNKNOWN {
        return location_unknown();
    }
    let said = match failure {
        CallFailure::NeverHappened { .. } => {
            let detail = "The billing data has not reached the payment provider. Send it again.";
            return Refusal::new(RefusalCode::BillingInfoInvalid, detail);
        }
        CallFailure::Refused { message, .. } => message.as_str(),
        CallFailure::WrongState { code } => code.as_str(),
        CallFailure::Declined(decline) => decline.as_str(),
    };
    let detail =
        format!("The payment provider did not take this billing data: {said}. Correct it and send it again.");
    Refusal::new(RefusalCode::BillingInfoInvalid, detail)
}
