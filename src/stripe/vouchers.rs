//! Money that the customer sends: one-off invoices, the vouchers that ask for them, and credit on the customer's balance.

use stripe_billing::invoice::{
    CreateInvoice, CreateInvoicePaymentSettings, CreateInvoicePaymentSettingsPaymentMethodTypes,
    CreateInvoicePendingInvoiceItemsBehavior, CreatePreviewInvoiceInvoiceItems,
    CreatePreviewInvoiceInvoiceItemsPriceData, FinalizeInvoiceInvoice, ListInvoice, Period as InvoicePeriod,
};
use stripe_billing::invoice_item::{CreateInvoiceItem, ListInvoiceItem, Period};
use stripe_billing::subscription::{
    UpdateSubscription, UpdateSubscriptionAddInvoiceItems, UpdateSubscriptionAddInvoiceItemsPeriod,
    UpdateSubscriptionAddInvoiceItemsPeriodEnd, UpdateSubscriptionAddInvoiceItemsPeriodEndType,
    UpdateSubscriptionAddInvoiceItemsPeriodStart, UpdateSubscriptionAddInvoiceItemsPeriodStartType,
    UpdateSubscriptionAddInvoiceItemsPriceData,
};
use stripe_billing::{Invoice, InvoiceItem};
use stripe_client_core::{RequestBuilder, StripeRequest as _};
use stripe_core::customer_balance_transaction::{
    CreateCustomerCustomerBalanceTransaction, ListCustomerCustomerBalanceTransaction,
};
use stripe_core::payment_intent::{
    ConfirmPaymentIntent, ConfirmPaymentIntentPaymentMethodData,
    ConfirmPaymentIntentPaymentMethodDataBillingDetails,
    ConfirmPaymentIntentPaymentMethodDataBillingDetailsAddress, ConfirmPaymentIntentPaymentMethodDataBoleto,
    ConfirmPaymentIntentPaymentMethodDataType, ConfirmPaymentIntentPaymentMethodOptions,
    ConfirmPaymentIntentPaymentMethodOptionsBoleto, ConfirmPaymentIntentPaymentMethodOptionsPix,
};
use stripe_shared::{CustomerBalanceTransaction, PaymentIntentNextAction};

use super::facts::at;
use super::transport::Transport;
use super::{known, marks, paging, reads};
use crate::domain::account::{BillingIdentity, TaxId};
use crate::domain::catalog::VoucherTerms;
use crate::domain::change::{Call, CallAnswer, InvoiceStatus, OutsideCredit, Voucher, VoucherKind};
use crate::domain::money::Currency;
use crate::ports::payments::{Found, Marks, ReadError};

/// How far the provider's clock may differ from ours where a list is long, in seconds.
const CLOCKS_DIFFER_MAX: i64 = 24 * 3600;

/// The request of a call of this room; `None` for the others.
pub(super) fn request(
    call: &Call,
    marks: &Marks,
    identity: Option<&BillingIdentity>,
) -> Option<RequestBuilder> {
    Some(match call {
        Call::DraftInvoice {
            customer,
            currency,
            voucher,
            prorated_at,
        } => {
            let mut settings = CreateInvoicePaymentSettings::new();
            settings.payment_method_types = Some(vec![match voucher {
                VoucherKind::Boleto => CreateInvoicePaymentSettingsPaymentMethodTypes::Boleto,
                VoucherKind::Pix => CreateInvoicePaymentSettingsPaymentMethodTypes::Pix,
            }]);
            CreateInvoice::new()
                .auto_advance(false)
                .collection_method(stripe_shared::InvoiceCollectionMethod::ChargeAutomatically)
                .currency(theirs(*currency)?)
                .customer(customer.as_str())
                .metadata(marks::of_one_off(marks, *prorated_at, *voucher))
                .payment_settings(settings)
                .pending_invoice_items_behavior(CreateInvoicePendingInvoiceItemsBehavior::Exclude)
                .build()
        }
        Call::AddInvoiceLine {
            invoice,
            customer,
            description,
            amount,
            from,
            until,
        } => CreateInvoiceItem::new()
            .amount(amount.amount)
            .currency(theirs(amount.currency)?)
            .customer(customer.as_str())
            .description(description.as_str())
            .discountable(false)
            .invoice(invoice.as_str())
            .metadata(marks::of_effect(marks))
            .period(Period::new(until.as_second(), from.as_second()))
            .build(),
        Call::FinalizeInvoice { invoice, .. } => FinalizeInvoiceInvoice::new(invoice.as_str())
            .auto_advance(false)
            .build(),
        Call::IssueVoucher { intent, terms, .. } => voucher(intent, *terms, identity?)?,
        Call::CreditBalance {
            customer,
            invoice,
            amount,
        } => CreateCustomerCustomerBalanceTransaction::new(
            customer.as_str(),
            amount.amount.checked_neg()?,
            theirs(amount.currency)?,
        )
        .description(format!("Paid too late: {invoice}"))
        .metadata(marks::of_effect(marks))
        .build(),
        _ => return None,
    })
}

fn theirs(currency: Currency) -> Option<stripe_types::Currency> {
    currency.code().to_ascii_lowercase().parse().ok()
}

/// A voucher names who pays; a boleto does so for the tax authorities too.
fn voucher(intent: &str, terms: VoucherTerms, identity: &BillingIdentity) -> Option<RequestBuilder> {
    let mut details = ConfirmPaymentIntentPaymentMethodDataBillingDetails::new();
    let mut address = ConfirmPaymentIntentPaymentMethodDataBillingDetailsAddress::new();
    let has = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    address.line1 = has(&identity.address.line1);
    address.line2 = has(&identity.address.line2);
    address.city = has(&identity.address.city);
    address.state = has(&identity.address.state);
    address.postal_code = has(&identity.address.postal_code);
    address.country = has(&identity.address.country);
    details.address = Some(address);
    details.email = Some(identity.fiscal_email.clone());
    details.name = Some(identity.legal_name.clone());
    let mut options = ConfirmPaymentIntentPaymentMethodOptions::new();
    let mut data = match terms {
        VoucherTerms::Boleto { days } => {
            let mut boleto = ConfirmPaymentIntentPaymentMethodOptionsBoleto::new();
            boleto.expires_after_days = Some(days);
            options.boleto = Some(boleto);
            let mut data =
                ConfirmPaymentIntentPaymentMethodData::new(ConfirmPaymentIntentPaymentMethodDataType::Boleto);
            let number = identity.tax_id.as_ref()?.formatted();
            data.boleto = Some(ConfirmPaymentIntentPaymentMethodDataBoleto::new(number));
            data
        }
        VoucherTerms::Pix { seconds } => {
            let mut pix = ConfirmPaymentIntentPaymentMethodOptionsPix::new();
            pix.expires_after_seconds = Some(seconds);
            options.pix = Some(pix);
            details.tax_id = identity.tax_id.as_ref().map(TaxId::formatted);
            ConfirmPaymentIntentPaymentMethodData::new(ConfirmPaymentIntentPaymentMethodDataType::Pix)
        }
    };
    data.billing_details = Some(details);
    let request = ConfirmPaymentIntent::new(intent)
        .payment_method_data(data)
        .payment_method_options(options);
    Some(request.build())
}

/// The update with the credits of money that was paid outside of the subscription; `None` where a credit is not in order.
pub(super) fn with_credits(
    request: UpdateSubscription,
    credits: &[OutsideCredit],
) -> Option<UpdateSubscription> {
    let items = self::credits(credits)?;
    Some(if items.is_empty() {
        request
    } else {
        request.add_invoice_items(items)
    })
}

/// What is credited of money that the subscription does not know of, as lines beside its own prorations.
fn credits(credits: &[OutsideCredit]) -> Option<Vec<UpdateSubscriptionAddInvoiceItems>> {
    let one = |credit: &OutsideCredit| {
        let mut price = UpdateSubscriptionAddInvoiceItemsPriceData::new(
            theirs(credit.amount.currency)?,
            credit.product.as_str(),
        );
        price.unit_amount = Some(credit.amount.amount);
        let mut end = UpdateSubscriptionAddInvoiceItemsPeriodEnd::new(
            UpdateSubscriptionAddInvoiceItemsPeriodEndType::Timestamp,
        );
        end.timestamp = Some(credit.until.as_second());
        let mut start = UpdateSubscriptionAddInvoiceItemsPeriodStart::new(
            UpdateSubscriptionAddInvoiceItemsPeriodStartType::Timestamp,
        );
        start.timestamp = Some(credit.from.as_second());
        let mut item = UpdateSubscriptionAddInvoiceItems::new();
        item.period = Some(UpdateSubscriptionAddInvoiceItemsPeriod::new(end, start));
        item.price_data = Some(price);
        item.quantity = Some(1);
        Some(item)
    };
    credits.iter().map(one).collect()
}

/// The same, for a preview.
pub(super) fn previewed(credits: &[OutsideCredit]) -> Option<Vec<CreatePreviewInvoiceInvoiceItems>> {
    let one = |credit: &OutsideCredit| {
        let mut price = CreatePreviewInvoiceInvoiceItemsPriceData::new(
            theirs(credit.amount.currency)?,
            credit.product.as_str(),
        );
        price.unit_amount = Some(credit.amount.amount);
        let mut item = CreatePreviewInvoiceInvoiceItems::new();
        item.period = Some(InvoicePeriod::new(
            credit.until.as_second(),
            credit.from.as_second(),
        ));
        item.price_data = Some(price);
        item.quantity = Some(1);
        Some(item)
    };
    credits.iter().map(one).collect()
}

/// What the customer needs for sending the money, while the provider asks for it.
pub(super) fn shown(action: &PaymentIntentNextAction) -> Result<Option<Voucher>, ReadError> {
    if let Some(boleto) = &action.boleto_display_details {
        let (Some(code), Some(until)) = (&boleto.number, boleto.expires_at) else {
            return Ok(None);
        };
        return Ok(Some(Voucher {
            kind: VoucherKind::Boleto,
            code: code.clone(),
            url: boleto.hosted_voucher_url.clone(),
            pdf: boleto.pdf.clone(),
            image: None,
            expires_at: at(until)?,
        }));
    }
    let Some(pix) = &action.pix_display_qr_code else {
        return Ok(None);
    };
    let (Some(code), Some(until)) = (&pix.data, pix.expires_at) else {
        return Ok(None);
    };
    Ok(Some(Voucher {
        kind: VoucherKind::Pix,
        code: code.clone(),
        url: pix.hosted_instructions_url.clone(),
        pdf: None,
        image: pix.image_url_png.clone().or_else(|| pix.image_url_svg.clone()),
        expires_at: at(until)?,
    }))
}

/// Whether the draft of this effect is there. The list is whole from before the effect was made on.
pub(super) async fn drafted(
    transport: &Transport,
    customer: &str,
    marks: &Marks,
) -> Result<Found, ReadError> {
    let Some(made_at) = marks::made_at(marks.effect) else {
        return Ok(Found::Undecidable {
            evidence: "the effect's id does not tell when it was made".to_owned(),
        });
    };
    let request = ListInvoice::new().customer(known(customer)?).build();
    let too_old = move |invoice: &Invoice| invoice.created < made_at - CLOCKS_DIFFER_MAX;
    let found: Vec<Invoice> = paging::until(transport, customer, request, too_old).await?;
    let ours = found
        .iter()
        .find(|invoice| marks::ours(invoice.metadata.as_ref(), marks.effect));
    Ok(match ours.and_then(|invoice| invoice.id.as_ref()) {
        Some(id) => Found::Happened(CallAnswer::InvoiceDrafted {
            invoice: id.to_string(),
        }),
        None => Found::Absent,
    })
}

/// Whether the line of this effect is on the draft.
pub(super) async fn listed(transport: &Transport, invoice: &str, marks: &Marks) -> Result<Found, ReadError> {
    let request = ListInvoiceItem::new().invoice(known(invoice)?).build();
    let found: Vec<InvoiceItem> = paging::all(transport, invoice, request).await?;
    let ours = found
        .iter()
        .any(|item| marks::ours(item.metadata.as_ref(), marks.effect));
    Ok(if ours {
        Found::Happened(CallAnswer::InvoiceLineAdded)
    } else {
        Found::Absent
    })
}

/// Whether the draft is one no longer.
pub(super) async fn finalized(
    transport: &Transport,
    subscription: &str,
    invoice: &str,
) -> Result<Found, ReadError> {
    let facts = reads::payment(transport, subscription, Some(invoice)).await?;
    let draft = facts
        .invoice
        .as_ref()
        .is_none_or(|read| read.status == InvoiceStatus::Draft);
    Ok(if draft {
        Found::Absent
    } else {
        Found::Happened(CallAnswer::Payment(facts))
    })
}

/// Whether the credit of this effect is on the balance.
pub(super) async fn credited(
    transport: &Transport,
    customer: &str,
    marks: &Marks,
) -> Result<Found, ReadError> {
    let request = ListCustomerCustomerBalanceTransaction::new(known(customer)?).build();
    let found: Vec<CustomerBalanceTransaction> = paging::all(transport, customer, request).await?;
    let ours = found
        .iter()
        .find(|movement| marks::ours(movement.metadata.as_ref(), marks.effect));
    Ok(match ours {
        Some(movement) => Found::Happened(CallAnswer::BalanceCredited {
            movement: movement.id.to_string(),
        }),
        None => Found::Absent,
    })
}
