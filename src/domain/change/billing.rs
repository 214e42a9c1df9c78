//! Billing data: when it is asked for, and how it reaches the provider's customer.

use statig::Outcome;

use super::call::{Call, CallAnswer, CallFailure, Tell};
use super::decide::{AccountFact, BillingOnFile, Context};
use super::event::IdentityRef;
use super::quote::{Deal, Drift, DriftCause};
use super::refusal::{Refusal, RefusalCode};
use super::stage::{BillingStep, Stage};
use crate::domain::catalog::BillingInfoPolicy;

/// Where an accepted quote leads: to the billing data, or past it.
pub(super) fn after_accept(context: &mut Context<'_>, deal: &Deal, billing_given: bool) -> Outcome<Stage> {
    let always = context.turn.playbook.policy.billing_info == BillingInfoPolicy::Always;
    match context.turn.billing {
        Some(_) if billing_given => choosing(deal),
        Some(on_file) if !always => save(context, deal, &on_file.identity.clone(), false),
        _ => Outcome::Transition(Stage::BillingInfo {
            deal: deal.clone(),
            problem: None,
        }),
    }
}

/// The customer gave billing data.
pub(super) fn give(context: &mut Context<'_>, deal: &Deal, identity: &IdentityRef) -> Outcome<Stage> {
    let before = context.turn.billing.map(|on_file| &on_file.identity.tax_hash);
    let requote = before != Some(&identity.tax_hash);
    context.account.push(AccountFact::Identity(identity.clone()));
    save(context, deal, identity, requote)
}

/// The customer goes on with what is on file.
pub(super) fn pass(context: &mut Context<'_>, deal: &Deal) -> Outcome<Stage> {
    match context.turn.billing {
        Some(on_file) => save(context, deal, &on_file.identity.clone(), false),
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
    if customer.is_some() && saved == Some(identity.hash.as_str()) {
        return finished(context, deal, requote);
    }
    context.call(Call::SaveCustomer {
        customer,
        identity: identity.row,
    });
    saving(deal, identity, BillingStep::Customer, requote)
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
    let held_tax_id = context
        .turn
        .billing
        .and_then(|on_file| on_file.saved_tax_id.clone());
    match (step, answer) {
        (BillingStep::Customer, CallAnswer::CustomerSaved { customer }) => {
            context.account.push(AccountFact::Customer {
                customer: customer.clone(),
                identity_hash: identity.hash.clone(),
            });
            if held_tax_id.is_some_and(|(_, hash)| hash == identity.tax_id_hash) {
                return finished(context, deal, requote);
            }
            context.call(Call::AddTaxId {
                customer: customer.clone(),
                identity: identity.row,
            });
            saving(deal, identity, BillingStep::AddTaxId, requote)
        }
        (BillingStep::AddTaxId, CallAnswer::TaxIdAdded { tax_id }) => {
            let hash = identity.tax_id_hash.clone();
            context.account.push(AccountFact::TaxId {
                tax_id: tax_id.clone(),
                hash,
            });
            match (held_tax_id, context.turn.account.provider_customer.clone()) {
                (Some((outdated, _)), Some(customer)) => {
                    context.call(Call::RemoveTaxId {
                        customer,
                        tax_id: outdated,
                    });
                    saving(deal, identity, BillingStep::RemoveTaxId, requote)
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

/// What a call brings back after the change is over is still true of the account.
pub(super) fn late(context: &mut Context<'_>, answer: &CallAnswer) -> Outcome<Stage> {
    if let (CallAnswer::CustomerSaved { customer }, Some(BillingOnFile { identity, .. })) =
        (answer, context.turn.billing)
    {
        context.account.push(AccountFact::Customer {
            customer: customer.clone(),
            identity_hash: identity.hash.clone(),
        });
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

fn refused(failure: &CallFailure) -> Refusal {
    let said = match failure {
        CallFailure::Refused { message, .. } => message.as_str(),
        CallFailure::WrongState { code } => code.as_str(),
        CallFailure::Declined(decline) => decline.as_str(),
    };
    let detail =
        format!("The payment provider did not take this billing data: {said}. Correct it and send it again.");
    Refusal::new(RefusalCode::BillingInfoInvalid, detail)
}
