//! Every operation that the world can do, by its published name, and who does it.

use serde_json::Value;

use super::charges::{Charge, Refund};
use super::customers::Customer;
use super::events::Event;
use super::intents::{PaymentIntent, SetupIntent};
use super::invoices::{Invoice, InvoiceItem, InvoicePayment};
use super::params::Params;
use super::products::{Price, Product};
use super::subscriptions::Subscription;
use super::{Call, World};
use super::{charges, customers, events, intents, invoices, payment_methods, products, subscriptions};
use crate::sandbox::error::ApiError;

/// One call, as those who do it read it.
pub(super) struct Ask<'a> {
    call: Call<'a>,
    pub(super) params: Params<'a>,
    /// Unix seconds; never earlier than anything that already happened.
    pub(super) now: i64,
}

impl<'a> Ask<'a> {
    /// A variable of the path, if it has it.
    pub(super) fn path(&self, variable: &str) -> Option<&'a str> {
        self.call.path.get(variable).map(String::as_str)
    }

    /// A variable that the operation's path has for certain.
    pub(super) fn id(&self, variable: &str) -> &'a str {
        self.path(variable).unwrap_or_default()
    }
}

/// Does one operation. Expansion comes afterwards.
pub(super) fn perform(world: &mut World, call: &Call<'_>) -> Result<Value, ApiError> {
    let ask = Ask {
        call: *call,
        params: Params::new(call.params),
        now: world.now,
    };
    let answered = people(world, &ask)
        .or_else(|| money(world, &ask))
        .or_else(|| billing(world, &ask));
    answered.unwrap_or_else(|| {
        let message = format!("The sandbox does not support the operation {}.", call.operation);
        Err(ApiError::invalid(message).with_code("sandbox_unsupported"))
    })
}

type Answer = Option<Result<Value, ApiError>>;

/// Customers and what they own, and what there is to buy.
fn people(world: &mut World, ask: &Ask<'_>) -> Answer {
    Some(match ask.call.operation {
        "PostCustomers" => customers::create(world, ask),
        "GetCustomers" => customers::list(world, ask),
        "GetCustomersCustomer" => world.fetch::<Customer>(ask, "customer"),
        "PostCustomersCustomer" => customers::update(world, ask),
        "PostCustomersCustomerTaxIds" => customers::create_tax_id(world, ask),
        "GetCustomersCustomerTaxIds" => customers::list_tax_ids(world, ask),
        "GetCustomersCustomerTaxIdsId" => customers::get_tax_id(world, ask),
        "DeleteCustomersCustomerTaxIdsId" => customers::delete_tax_id(world, ask),
        "PostCustomersCustomerBalanceTransactions" => customers::create_movement(world, ask),
        "GetCustomersCustomerBalanceTransactions" => customers::list_movements(world, ask),
        "GetCustomersCustomerBalanceTransactionsTransaction" => customers::get_movement(world, ask),
        "GetCustomersCustomerPaymentMethods" | "GetPaymentMethods" => payment_methods::list(world, ask),
        "GetCustomersCustomerPaymentMethodsPaymentMethod" | "GetPaymentMethodsPaymentMethod" => {
            payment_methods::get(world, ask)
        }
        "PostPaymentMethods" => payment_methods::create(world, ask),
        "PostPaymentMethodsPaymentMethod" => payment_methods::update(world, ask),
        "PostPaymentMethodsPaymentMethodAttach" => payment_methods::attach(world, ask),
        "PostPaymentMethodsPaymentMethodDetach" => payment_methods::detach(world, ask),
        "PostProducts" => products::create_product(world, ask),
        "GetProducts" => products::list_products(world, ask),
        "GetProductsId" => world.fetch::<Product>(ask, "id"),
        "PostProductsId" => products::update_product(world, ask),
        "PostPrices" => products::create_price(world, ask),
        "GetPrices" => products::list_prices(world, ask),
        "GetPricesPrice" => world.fetch::<Price>(ask, "price"),
        "PostPricesPrice" => products::update_price(world, ask),
        "GetEvents" => events::list(world, ask),
        "GetEventsId" => world.fetch::<Event>(ask, "id"),
        _ => return None,
    })
}

/// Intents, charges and refunds.
fn money(world: &mut World, ask: &Ask<'_>) -> Answer {
    Some(match ask.call.operation {
        "PostSetupIntents" => intents::create_set_up(world, ask),
        "GetSetupIntents" => intents::list_set_ups(world, ask),
        "GetSetupIntentsIntent" => world.fetch::<SetupIntent>(ask, "intent"),
        "PostSetupIntentsIntentConfirm" => intents::confirm_set_up(world, ask),
        "PostSetupIntentsIntentCancel" => intents::cancel_set_up(world, ask),
        "PostPaymentIntents" => intents::create_payment(world, ask),
        "GetPaymentIntents" => intents::list_payments(world, ask),
        "GetPaymentIntentsIntent" => world.fetch::<PaymentIntent>(ask, "intent"),
        "PostPaymentIntentsIntentConfirm" => intents::confirm_payment(world, ask),
        "PostPaymentIntentsIntentCancel" => intents::cancel_payment(world, ask),
        "GetCharges" => charges::list(world, ask),
        "GetChargesCharge" => world.fetch::<Charge>(ask, "charge"),
        "PostRefunds" => charges::create_refund(world, ask),
        "GetRefunds" => charges::list_refunds(world, ask),
        "GetRefundsRefund" => world.fetch::<Refund>(ask, "refund"),
        _ => return None,
    })
}

/// Subscriptions and invoices.
fn billing(world: &mut World, ask: &Ask<'_>) -> Answer {
    Some(match ask.call.operation {
        "PostSubscriptions" => subscriptions::create::create(world, ask),
        "GetSubscriptions" => subscriptions::list(world, ask),
        "GetSubscriptionsSubscriptionExposedId" => {
            world.fetch::<Subscription>(ask, "subscription_exposed_id")
        }
        "PostSubscriptionsSubscriptionExposedId" => subscriptions::update::update(world, ask),
        "DeleteSubscriptionsSubscriptionExposedId" => subscriptions::cancel::cancel(world, ask),
        "GetSubscriptionItems" => subscriptions::list_items(world, ask),
        "GetSubscriptionItemsItem" => subscriptions::get_item(world, ask),
        "PostInvoicesCreatePreview" => subscriptions::preview::preview(world, ask),
        "PostInvoices" => invoices::calls::create(world, ask),
        "GetInvoices" => invoices::calls::list(world, ask),
        "GetInvoicesInvoice" => world.fetch::<Invoice>(ask, "invoice"),
        "PostInvoicesInvoice" => invoices::calls::update(world, ask),
        "DeleteInvoicesInvoice" => invoices::calls::delete(world, ask),
        "GetInvoicesInvoiceLines" => invoices::calls::list_lines(world, ask),
        "PostInvoicesInvoicePay" => invoices::calls::pay(world, ask),
        "PostInvoicesInvoiceVoid" => invoices::calls::void(world, ask),
        "PostInvoicesInvoiceFinalize" => invoices::calls::finalize(world, ask),
        "PostInvoicesInvoiceMarkUncollectible" => invoices::calls::mark_uncollectible(world, ask),
        "PostInvoiceitems" => invoices::items::create(world, ask),
        "GetInvoiceitems" => invoices::items::list(world, ask),
        "GetInvoiceitemsInvoiceitem" => world.fetch::<InvoiceItem>(ask, "invoiceitem"),
        "DeleteInvoiceitemsInvoiceitem" => invoices::items::delete(world, ask),
        "GetInvoicePayments" => invoices::calls::list_payments(world, ask),
        "GetInvoicePaymentsInvoicePayment" => world.fetch::<InvoicePayment>(ask, "invoice_payment"),
        _ => return None,
    })
}
