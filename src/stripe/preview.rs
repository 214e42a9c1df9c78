//! What a change would cost, as Stripe computes it. Makes nothing.

use stripe_billing::invoice::{
    CreatePreviewInvoice, CreatePreviewInvoiceAutomaticTax, CreatePreviewInvoiceSubscriptionDetails,
    CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchor,
    CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchorType,
    CreatePreviewInvoiceSubscriptionDetailsBillingMode,
    CreatePreviewInvoiceSubscriptionDetailsBillingModeType, CreatePreviewInvoiceSubscriptionDetailsItems,
    CreatePreviewInvoiceSubscriptionDetailsProrationBehavior,
};
use stripe_billing::{Invoice, InvoiceLineItem};
use stripe_client_core::{RequestBuilder, StripeRequest as _};
use stripe_shared::BillingBillResourceInvoicingTaxesTaxTaxBehavior as TaxBehavior;

use super::facts::{at, currency};
use super::known;
use super::paging::{self, broken};
use super::transport::Transport;
use super::{tax_rates, taxes, verdict, vouchers};
use crate::domain::catalog::Anchoring;
use crate::domain::money::{Currency, Money};
use crate::ports::payments::{Preview, PreviewAsk, PreviewLine, ReadError};

const WHAT: &str = "preview";

/// Asks, and reads every line.
pub(super) async fn preview(transport: &Transport, ask: &PreviewAsk) -> Result<Preview, ReadError> {
    let sent = request(ask)?.customize().send(transport).await;
    let invoice: Invoice = sent.map_err(|unread| verdict::of_read(WHAT, unread))?;
    let lines = paging::whole(transport, WHAT, invoice.lines.clone()).await?;
    let preview = read(&invoice, &lines, ask.currency)?;
    let taxes = taxes::of(transport, &invoice, preview.tax).await?;
    Ok(Preview { taxes, ..preview })
}

/// What the next renewal would be; nothing where none is to come. Source: Stripe API reference, "Create a preview invoice": with a
/// subscription alone it previews that one's next invoice. Its taxes are not told one by one: nobody shows them.
pub(super) async fn upcoming(
    transport: &Transport,
    subscription: &str,
    currency: Currency,
) -> Result<Option<Preview>, ReadError> {
    let request = CreatePreviewInvoice::new().subscription(known(subscription)?);
    let sent = request.customize().send(transport).await;
    let invoice: Invoice = match sent.map_err(|unread| verdict::of_read(WHAT, unread)) {
        Err(ReadError::NotFound(_)) => return Ok(None),
        other => other?,
    };
    let lines = paging::whole(transport, WHAT, invoice.lines.clone()).await?;
    read(&invoice, &lines, currency).map(Some)
}

/// The whole question. That nothing is taxed any more is said by hand: a list cannot say that it is empty.
pub(super) fn request(ask: &PreviewAsk) -> Result<RequestBuilder, ReadError> {
    let mut request = question(ask)?.build();
    if let Some(rates) = &ask.tax_rates
        && (ask.subscription.is_some() || !rates.is_empty())
    {
        let more = tax_rates::form("subscription_details[default_tax_rates]", rates);
        let body = request.body.unwrap_or_default();
        request.body = Some(format!("{body}&{more}"));
    }
    Ok(request)
}

fn question(ask: &PreviewAsk) -> Result<CreatePreviewInvoice, ReadError> {
    let mut details = CreatePreviewInvoiceSubscriptionDetails::new();
    details.items = Some(items(ask));
    let request = CreatePreviewInvoice::new();
    let request = match (&ask.subscription, ask.first_period) {
        (Some(subscription), _) => {
            details.proration_date = Some(ask.prorated_at.as_second());
            details.proration_behavior =
                Some(CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::AlwaysInvoice);
            let request = request.subscription(subscription.as_str());
            let credits = vouchers::previewed(&ask.credits);
            match credits.ok_or_else(|| broken(WHAT, "a credit is not in order"))? {
                none if none.is_empty() => request,
                some => request.invoice_items(some),
            }
        }
        (None, Some(first)) => {
            // A subscription that begins at the very moment of its making is previewed as that, too.
            if first.anchoring != Anchoring::BeginsNow {
                details.start_date = Some(first.starts_at.as_second());
                let mut anchor = CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchor::new(
                    CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchorType::Timestamp,
                );
                anchor.timestamp = Some(first.anchor.as_second());
                details.billing_cycle_anchor = Some(anchor);
            }
            details.billing_mode = Some(CreatePreviewInvoiceSubscriptionDetailsBillingMode::new(
                CreatePreviewInvoiceSubscriptionDetailsBillingModeType::Flexible,
            ));
            match &ask.customer {
                Some(customer) if ask.automatic_tax && !ask.untaxed => request
                    .customer(customer.as_str())
                    .automatic_tax(CreatePreviewInvoiceAutomaticTax::new(true)),
                Some(customer) => request.customer(customer.as_str()),
                // Nobody knows yet where they are: it is taxed once they are a customer of the provider's.
                None => request.currency(theirs(ask.currency)?),
            }
        }
        (None, None) => {
            return Err(ReadError::Refused {
                code: "first_period_missing".to_owned(),
                message: "A first subscription is previewed with its first period.".to_owned(),
            });
        }
    };
    let request = if ask.untaxed {
        request.automatic_tax(CreatePreviewInvoiceAutomaticTax::new(false))
    } else {
        request
    };
    Ok(request.subscription_details(details))
}

pub(super) fn theirs(currency: Currency) -> Result<stripe_types::Currency, ReadError> {
    let code = currency.code().to_ascii_lowercase();
    code.parse()
        .map_err(|_| broken(WHAT, "the currency is not one of the provider's"))
}

fn items(ask: &PreviewAsk) -> Vec<CreatePreviewInvoiceSubscriptionDetailsItems> {
    let wanted = ask.targets.iter().filter_map(|target| {
        let mut item = CreatePreviewInvoiceSubscriptionDetailsItems::new();
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

/// Lines are taken net of discounts and of taxes that are inside of prices, so that they sum to what is due before tax.
fn read(invoice: &Invoice, lines: &[InvoiceLineItem], expected: Currency) -> Result<Preview, ReadError> {
    let currency = currency(&invoice.currency)?;
    if currency != expected {
        return Err(ReadError::Refused {
            code: "currency_differs".to_owned(),
            message: format!("The provider answers in {currency}, not in {expected}."),
        });
    }
    let money = |amount| Money::new(amount, currency);
    let lines: Vec<PreviewLine> = lines
        .iter()
        .map(|read| line(read, currency))
        .collect::<Result<_, _>>()?;
    let Some(subtotal) = invoice.total_excluding_tax else {
        return Err(broken(WHAT, "its total before tax is missing"));
    };
    let tax = money(invoice.total).minus(money(subtotal));
    let sum = Money::sum(currency, lines.iter().map(|line| line.amount));
    let (Ok(tax), Ok(sum)) = (tax, sum) else {
        return Err(broken(WHAT, "its amounts are too large"));
    };
    if sum.amount != subtotal {
        return Err(broken(WHAT, "its lines do not add up to its total before tax"));
    }
    if invoice.amount_due < 0 {
        return Err(broken(WHAT, "its amount due is negative"));
    }
    Ok(Preview {
        lines,
        subtotal: money(subtotal),
        tax,
        taxes: Vec::new(),
        total: money(invoice.total),
        amount_due: money(invoice.amount_due),
        carried: carried(invoice).map(money),
    })
}

/// What the invoice leaves on the customer's balance as a debt: too little to be charged by itself. Source: Stripe, "Minimum and maximum
/// charge amounts": the invoice counts as paid, and the amount is carried over.
fn carried(invoice: &Invoice) -> Option<i64> {
    let left = invoice
        .ending_balance
        .filter(|left| *left > 0 && invoice.amount_due == 0)?;
    Some(left)
}

fn line(read: &InvoiceLineItem, currency: Currency) -> Result<PreviewLine, ReadError> {
    let what = read.id.as_str();
    let details = read
        .pricing
        .as_ref()
        .and_then(|pricing| pricing.price_details.as_ref());
    let price = details.map(|details| details.price.id().to_string());
    // Only a line that is no unit of anything has no quantity, such as a bare amount from an invoice item.
    let quantity = match (read.quantity, &price) {
        (Some(quantity), _) => quantity,
        (None, None) => 1,
        (None, Some(_)) => return Err(broken(what, "its quantity is missing")),
    };
    let parent = read.parent.as_ref();
    let proration = match parent {
        Some(parent) => {
            let of_item = parent
                .subscription_item_details
                .as_ref()
                .map(|details| details.proration);
            let of_invoice_item = parent
                .invoice_item_details
                .as_ref()
                .map(|details| details.proration);
            of_item.or(of_invoice_item).unwrap_or(false)
        }
        None => return Err(broken(what, "what it is for is missing")),
    };
    let discounts = read
        .discount_amounts
        .iter()
        .flatten()
        .map(|discount| discount.amount);
    let taxes_inside = read
        .taxes
        .iter()
        .flatten()
        .filter(|tax| tax.tax_behavior == TaxBehavior::Inclusive)
        .map(|tax| tax.amount);
    let net = discounts
        .chain(taxes_inside)
        .try_fold(read.amount, i64::checked_sub)
        .ok_or_else(|| broken(what, "its amount is too large"))?;
    Ok(PreviewLine {
        price,
        quantity,
        amount: Money::new(net, currency),
        proration,
        from: at(read.period.start)?,
        until: at(read.period.end)?,
    })
}
