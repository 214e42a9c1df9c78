//! Calls into requests: async-stripe's builders, taken apart into the path and body that async-stripe itself would send.

use stripe_billing::invoice::{PayInvoice, VoidInvoiceInvoice};
use stripe_billing::subscription::{
    CancelSubscription, CreateSubscription, CreateSubscriptionAutomaticTax,
    CreateSubscriptionBillingCycleAnchorConfig, CreateSubscriptionBillingMode,
    CreateSubscriptionBillingModeType, CreateSubscriptionItems, CreateSubscriptionPaymentBehavior,
    UpdateSubscription, UpdateSubscriptionItems, UpdateSubscriptionPaymentBehavior,
    UpdateSubscriptionProrationBehavior,
};
use stripe_billing::tax_id::{CreateCustomerTaxId, CreateCustomerTaxIdType, DeleteCustomerTaxId};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest as _};
use stripe_core::customer::{CreateCustomer, OptionalFieldsCustomerAddress, UpdateCustomer};
use stripe_core::refund::CreateRefund;

use super::{marks, schedules, tax_rates, transport, vouchers};
use jiff::tz::TimeZone;

use crate::domain::account::{BillingIdentity, PostalAddress, TaxId, TaxIdKind};
use crate::domain::catalog::Anchoring;
use crate::domain::change::{Call, FirstPeriod, Hold, QuotedTarget};
use crate::ports::payments::{Marks, PrepareError, Prepared, Preparing};

/// The exact request of a call.
pub(super) fn prepare(call: &Call, preparing: Preparing<'_>) -> Result<Prepared, PrepareError> {
    if !in_path(call).into_iter().flatten().all(super::is_id) {
        return Err(cannot(call, "one of its ids is not one of the provider's"));
    }
    let request = match call {
        Call::SaveCustomer { customer: None, .. } => {
            new_customer(identity(call, preparing)?, preparing).build()
        }
        Call::SaveCustomer {
            customer: Some(customer),
            ..
        } => same_customer(customer, identity(call, preparing)?, preparing).build(),
        Call::AddTaxId { customer, .. } => tax_id(call, customer, identity(call, preparing)?)?.build(),
        Call::RemoveTaxId { customer, tax_id } => {
            DeleteCustomerTaxId::new(customer.as_str(), tax_id.as_str()).build()
        }
        // An empty value takes the subscription's own default away.
        Call::SetDefaultMethod { subscription, method } => UpdateSubscription::new(subscription.as_str())
            .default_payment_method(method.as_deref().unwrap_or_default())
            .build(),
        Call::SetTaxRates { subscription, rates } => tax_rates::set(subscription, rates),
        Call::UpdateSubscription { .. } => charged_update(call, preparing.marks)?.build(),
        Call::CreateSubscription { .. } => new_subscription(call, preparing)?.build(),
        Call::PayInvoice { invoice, method, .. } => PayInvoice::new(invoice.as_str())
            .payment_method(method.as_str())
            .off_session(false)
            .build(),
        Call::VoidInvoice { invoice, .. } => VoidInvoiceInvoice::new(invoice.as_str()).build(),
        Call::LowerSubscription {
            subscription,
            targets,
        }
        | Call::SwitchSubscription {
            subscription,
            targets,
            ..
        } => uncharged_update(subscription, targets, preparing.marks).build(),
        Call::CreateSchedule { subscription } => schedules::create(subscription),
        Call::TellSchedule { schedule, plan } => schedules::tell(schedule, plan, preparing.marks),
        Call::EndAtPeriodEnd { subscription } => schedules::ends(subscription, true),
        Call::ReleaseHold { subscription, hold } => schedules::release(subscription, hold),
        Call::CancelSubscription { subscription } => CancelSubscription::new(subscription.as_str()).build(),
        // The payment that is given back is a fact of the paid invoice; it is added when the request leaves.
        Call::Refund { amount, .. } => CreateRefund::new()
            .amount(amount.amount)
            .metadata(marks::of_effect(preparing.marks))
            .build(),
        Call::DraftInvoice { .. }
        | Call::AddInvoiceLine { .. }
        | Call::FinalizeInvoice { .. }
        | Call::IssueVoucher { .. }
        | Call::CreditBalance { .. } => vouchers::request(call, preparing.marks, preparing.identity)
            .ok_or_else(|| cannot(call, "something of the billing data or the amounts is missing"))?,
    };
    finish(call, &request)
}

/// What is held changes, and what that costs is charged at once. Whether it is taxed, the subscription knows: no word on it may come with
/// an update that waits. Source: Stripe, "Pending updates", supported attributes.
fn charged_update(call: &Call, marks: &Marks) -> Result<UpdateSubscription, PrepareError> {
    let Call::UpdateSubscription {
        subscription,
        targets,
        prorated_at,
        credits,
        ..
    } = call
    else {
        return Err(cannot(call, "it changes no subscription"));
    };
    let request = UpdateSubscription::new(subscription.as_str())
        .items(held_items(targets))
        .metadata(marks::of_subscription(marks, *prorated_at))
        .payment_behavior(waiting(targets))
        .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice)
        .proration_date(prorated_at.as_second());
    vouchers::with_credits(request, credits).ok_or_else(|| cannot(call, "a credit is not in order"))
}

/// Nothing is charged and nothing is given back: less is held, or what is held was paid in another way.
fn uncharged_update(subscription: &str, targets: &[QuotedTarget], marks: &Marks) -> UpdateSubscription {
    UpdateSubscription::new(subscription)
        .items(held_items(targets))
        .metadata(marks::of_effect(marks))
        .proration_behavior(UpdateSubscriptionProrationBehavior::None)
}

/// The ids of a call that become a part of its path.
fn in_path(call: &Call) -> [Option<&str>; 2] {
    match call {
        Call::SaveCustomer { customer, .. } => [customer.as_deref(), None],
        Call::AddTaxId { customer, .. } | Call::CreditBalance { customer, .. } => [Some(customer), None],
        Call::RemoveTaxId { customer, tax_id } => [Some(customer), Some(tax_id)],
        Call::SetDefaultMethod { subscription, .. }
        | Call::SetTaxRates { subscription, .. }
        | Call::UpdateSubscription { subscription, .. }
        | Call::LowerSubscription { subscription, .. }
        | Call::SwitchSubscription { subscription, .. }
        | Call::EndAtPeriodEnd { subscription }
        | Call::CreateSchedule { subscription }
        | Call::CancelSubscription { subscription }
        | Call::ReleaseHold {
            subscription,
            hold: Hold::Ending,
        } => [Some(subscription), None],
        Call::TellSchedule { schedule, .. } => [Some(schedule), None],
        Call::ReleaseHold {
            subscription,
            hold: Hold::Schedule { schedule },
        } => [Some(subscription), Some(schedule)],
        Call::PayInvoice { invoice, .. }
        | Call::VoidInvoice { invoice, .. }
        | Call::FinalizeInvoice { invoice, .. } => [Some(invoice), None],
        Call::IssueVoucher { intent, .. } => [Some(intent), None],
        Call::CreateSubscription { .. }
        | Call::Refund { .. }
        | Call::DraftInvoice { .. }
        | Call::AddInvoiceLine { .. } => [None, None],
    }
}

fn identity<'a>(call: &Call, preparing: Preparing<'a>) -> Result<&'a BillingIdentity, PrepareError> {
    preparing
        .identity
        .ok_or_else(|| cannot(call, "the billing data is missing"))
}

fn cannot(call: &Call, why: &str) -> PrepareError {
    PrepareError {
        call: call.name().as_str(),
        why: why.to_owned(),
    }
}

fn new_customer(identity: &BillingIdentity, preparing: Preparing<'_>) -> CreateCustomer {
    CreateCustomer::new()
        .name(identity.legal_name.as_str())
        .email(identity.fiscal_email.as_str())
        .address(address(&identity.address))
        .preferred_locales([preparing.account.language.tag().to_owned()])
        .metadata(marks::of_customer(preparing.marks, preparing.account.id))
}

fn same_customer(customer: &str, identity: &BillingIdentity, preparing: Preparing<'_>) -> UpdateCustomer {
    UpdateCustomer::new(customer)
        .name(identity.legal_name.as_str())
        .email(identity.fiscal_email.as_str())
        .address(address(&identity.address))
        .preferred_locales([preparing.account.language.tag().to_owned()])
        .metadata(marks::of_customer(preparing.marks, preparing.account.id))
}

/// Every field, also the empty ones: they clear what an earlier address had there.
fn address(address: &PostalAddress) -> OptionalFieldsCustomerAddress {
    OptionalFieldsCustomerAddress {
        line1: Some(address.line1.clone()),
        line2: Some(address.line2.clone()),
        city: Some(address.city.clone()),
        state: Some(address.state.clone()),
        postal_code: Some(address.postal_code.clone()),
        country: Some(address.country.clone()),
    }
}

fn tax_id(
    call: &Call,
    customer: &str,
    identity: &BillingIdentity,
) -> Result<CreateCustomerTaxId, PrepareError> {
    let Some(tax_id) = &identity.tax_id else {
        return Err(cannot(call, "the billing data has no tax number"));
    };
    let kind = match tax_id.kind() {
        TaxIdKind::Cnpj => CreateCustomerTaxIdType::BrCnpj,
        TaxIdKind::Cpf => CreateCustomerTaxIdType::BrCpf,
        TaxIdKind::EuVat | TaxIdKind::PtNif => CreateCustomerTaxIdType::EuVat,
        TaxIdKind::EsNif => CreateCustomerTaxIdType::EsCif,
        TaxIdKind::GbVat => CreateCustomerTaxIdType::GbVat,
        TaxIdKind::ChVat => CreateCustomerTaxIdType::ChVat,
        TaxIdKind::NoVat => CreateCustomerTaxIdType::NoVat,
        TaxIdKind::ClRut => CreateCustomerTaxIdType::ClTin,
        TaxIdKind::MxRfc => CreateCustomerTaxIdType::MxRfc,
        TaxIdKind::ArCuit => CreateCustomerTaxIdType::ArCuit,
        TaxIdKind::CoNit => CreateCustomerTaxIdType::CoNit,
        TaxIdKind::PeRuc => CreateCustomerTaxIdType::PeRuc,
        TaxIdKind::UyRut => CreateCustomerTaxIdType::UyRuc,
        TaxIdKind::UsEin => CreateCustomerTaxIdType::UsEin,
        TaxIdKind::CaBn => CreateCustomerTaxIdType::CaBn,
        TaxIdKind::AuAbn => CreateCustomerTaxIdType::AuAbn,
        TaxIdKind::FrSiren | TaxIdKind::FrSiret => {
            return Err(cannot(call, "the provider takes no tax number of this kind"));
        }
    };
    Ok(CreateCustomerTaxId::new(customer, kind, at_the_provider(tax_id)))
}

/// A tax number as the provider's own examples write it. Source: Stripe, "Customer tax IDs", supported types.
fn at_the_provider(tax_id: &TaxId) -> String {
    let number = tax_id.normalised();
    match tax_id.kind() {
        TaxIdKind::PtNif => format!("PT{number}"),
        TaxIdKind::GbVat => format!("GB{number}"),
        TaxIdKind::NoVat => format!("{number}MVA"),
        TaxIdKind::ChVat => format!("{} MWST", tax_id.formatted()),
        TaxIdKind::CaBn | TaxIdKind::AuAbn => number.to_owned(),
        _ => tax_id.formatted(),
    }
}

/// How an update waits for its money. One that takes items away cannot wait, and is made only where nothing is due: should
/// something be due after all, it is refused as a whole. Source: Stripe, "Pending updates", supported attributes.
fn waiting(targets: &[QuotedTarget]) -> UpdateSubscriptionPaymentBehavior {
    let takes_away = |target: &QuotedTarget| target.item.is_some() && target.quantity == 0;
    if targets.iter().any(takes_away) {
        UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete
    } else {
        UpdateSubscriptionPaymentBehavior::PendingIfIncomplete
    }
}

/// The items of an update: existing ones by their id, a quantity of zero takes an item away, what is neither held nor
/// wanted is left out.
fn held_items(targets: &[QuotedTarget]) -> Vec<UpdateSubscriptionItems> {
    let wanted = targets.iter().filter_map(|target| {
        let mut item = UpdateSubscriptionItems::new();
        match (&target.item, target.quantity) {
            (None, 0) => return None,
            (Some(id), 0) => {
                item.id = Some(id.clone());
                item.deleted = Some(true);
            }
            (id, quantity) => {
                item.id.clone_from(id);
                item.price = Some(target.price.clone());
                item.quantity = Some(quantity);
            }
        }
        Some(item)
    });
    wanted.collect()
}

/// The first subscription, with the beginning that was quoted: what is told about its renewals depends on how they fall.
fn new_subscription(call: &Call, preparing: Preparing<'_>) -> Result<CreateSubscription, PrepareError> {
    let Call::CreateSubscription {
        customer,
        targets,
        first_period,
        method,
        automatic_tax,
        tax_rates,
    } = call
    else {
        return Err(cannot(call, "it makes no subscription"));
    };
    let wanted = targets.iter().filter(|target| target.quantity > 0).map(|target| {
        let mut item = CreateSubscriptionItems::new();
        item.price = Some(target.price.clone());
        item.quantity = Some(target.quantity);
        item
    });
    let request = CreateSubscription::new()
        .customer(customer.as_str())
        .items(wanted.collect::<Vec<_>>())
        .billing_mode(CreateSubscriptionBillingMode::new(
            CreateSubscriptionBillingModeType::Flexible,
        ))
        .collection_method(stripe_shared::SubscriptionCollectionMethod::ChargeAutomatically)
        .metadata(marks::of_subscription(preparing.marks, first_period.starts_at))
        .payment_behavior(CreateSubscriptionPaymentBehavior::DefaultIncomplete);
    let mut request = begins(request, *first_period);
    if *automatic_tax {
        request = request.automatic_tax(CreateSubscriptionAutomaticTax::new(true));
    } else if !tax_rates.is_empty() {
        request = request.default_tax_rates(tax_rates.as_slice());
    }
    Ok(match method {
        Some(method) => request.default_payment_method(method.as_str()),
        None => request,
    })
}

/// Start and first renewal, pinned where they can be: else the provider would count from the moment at which the request
/// happens to arrive.
fn begins(request: CreateSubscription, first: FirstPeriod) -> CreateSubscription {
    let start = first.starts_at.as_second();
    match first.anchoring {
        Anchoring::BeginsNow => request,
        Anchoring::FirstRenewal => request
            .backdate_start_date(start)
            .billing_cycle_anchor(first.anchor.as_second()),
        Anchoring::DayOfMonth(day) => {
            let time = first.anchor.to_zoned(TimeZone::UTC);
            let mut config = CreateSubscriptionBillingCycleAnchorConfig::new(i64::from(day));
            config.hour = Some(i64::from(time.hour()));
            config.minute = Some(i64::from(time.minute()));
            config.second = Some(i64::from(time.second()));
            request
                .backdate_start_date(start)
                .billing_cycle_anchor_config(config)
        }
    }
}

fn finish(call: &Call, request: &RequestBuilder) -> Result<Prepared, PrepareError> {
    as_it_leaves(request).ok_or_else(|| cannot(call, "it would only read"))
}

/// The request, as it leaves; nothing where it would only read.
pub(super) fn as_it_leaves(request: &RequestBuilder) -> Option<Prepared> {
    let method = match request.method {
        StripeMethod::Post => "POST",
        StripeMethod::Delete => "DELETE",
        StripeMethod::Get => return None,
    };
    Some(Prepared {
        method: method.to_owned(),
        path: transport::full_path(request),
        body: in_order(request.body.as_deref().unwrap_or_default()),
        api_version: stripe_shared::version::VERSION.to_string(),
    })
}

/// The body with its metadata sorted: async-stripe writes it in the order of a hash map, which differs from run to run.
fn in_order(body: &str) -> String {
    let mut pairs: Vec<&str> = body.split('&').collect();
    let is_metadata = |pair: &&str| pair.starts_with("metadata[");
    if let Some(first) = pairs.iter().position(is_metadata) {
        let count = pairs[first..].iter().take_while(|pair| is_metadata(pair)).count();
        pairs[first..first + count].sort_unstable();
    }
    pairs.join("&")
}
