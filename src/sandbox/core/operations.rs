//! Every operation that the world can do, by its published name, and who does it.

use serde_json::Value;

use super::charges::{Charge, Refund};
use super::customers::Customer;
use super::events::Event;
use super::invoices::{Invoice, InvoiceItem, InvoicePayment};
use super::params::Params;
use super::payment_intents::PaymentIntent;
use super::prices::Price;
use super::products::Product;
use super::schedules::Schedule;
use super::setup_intents::SetupIntent;
use super::subscriptions::Subscription;
use super::{Call, World};
use super::{
    balance, charges, customers, events, invoices, payment_intents, payment_methods, prices, products,
};
use super::{schedules, setup_intents, subscriptions, tax_ids, tax_rates, taxes};
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
    let done = answered.unwrap_or_else(|| {
        let message = format!("The sandbox does not support the operation {}.", call.operation);
        Err(ApiError::invalid(message).with_code("sandbox_unsupported"))
    });
    done.map_err(|error| as_clients_see_it(error, call))
}

/// What the path names and is not there is a 404, and Stripe calls a subscription's place in the path `id`. A parameter
/// that names it makes the request a bad one.
fn as_clients_see_it(mut error: ApiError, call: &Call<'_>) -> ApiError {
    if error.status != 404 {
        return error;
    }
    let param = error.param.as_deref().unwrap_or_default();
    let outermost = param.split_once('[').map_or(param, |(outermost, _)| outermost);
    if call.params.contains_key(outermost) {
        error.status = 400;
    } else if param == "subscription_exposed_id" {
        error.param = Some("id".into());
    }
    error
}

type Answer = Option<Result<Value, ApiError>>;

/// Customers and what they own, and what there is to buy.
fn people(world: &mut World, ask: &Ask<'_>) -> Answer {
    Some(match ask.call.operation {
        "PostCustomers" => customers::create(world, ask),
        "GetCustomers" => customers::list(world, ask),
        "GetCustomersCustomer" => world.fetch::<Customer>(ask, "customer"),
        "PostCustomersCustomer" => customers::update(world, ask),
        "PostCustomersCustomerTaxIds" => tax_ids::create(world, ask),
        "GetCustomersCustomerTaxIds" => tax_ids::list(world, ask),
        "GetCustomersCustomerTaxIdsId" => tax_ids::get(world, ask),
        "DeleteCustomersCustomerTaxIdsId" => tax_ids::delete(world, ask),
        "PostCustomersCustomerBalanceTransactions" => balance::create(world, ask),
        "GetCustomersCustomerBalanceTransactions" => balance::list(world, ask),
        "GetCustomersCustomerBalanceTransactionsTransaction" => balance::get(world, ask),
        "GetCustomersCustomerPaymentMethods" | "GetPaymentMethods" => payment_methods::list(world, ask),
        "GetCustomersCustomerPaymentMethodsPaymentMethod" | "GetPaymentMethodsPaymentMethod" => {
            payment_methods::get(world, ask)
        }
        "PostPaymentMethods" => payment_methods::create(world, ask),
        "PostPaymentMethodsPaymentMethod" => payment_methods::update(world, ask),
        "PostPaymentMethodsPaymentMethodAttach" => payment_methods::attach(world, ask),
        "PostPaymentMethodsPaymentMethodDetach" => payment_methods::detach(world, ask),
        "PostProducts" => products::create(world, ask),
        "GetProducts" => products::list(world, ask),
        "GetProductsId" => world.fetch::<Product>(ask, "id"),
        "PostProductsId" => products::update(world, ask),
        "PostPrices" => prices::create(world, ask),
        "GetPrices" => prices::list(world, ask),
        "GetPricesPrice" => world.fetch::<Price>(ask, "price"),
        "PostPricesPrice" => prices::update(world, ask),
        "PostTaxRates" => tax_rates::create(world, ask),
        "GetTaxRates" => tax_rates::list(world, ask),
        "GetTaxRatesTaxRate" => taxes::get_rate(world, ask),
        "PostTaxRatesTaxRate" => tax_rates::update(world, ask),
        "GetEvents" => events::list(world, ask),
        "GetEventsId" => world.fetch::<Event>(ask, "id"),
        _ => return None,
    })
}

/// Intents, charges and refunds.
fn money(world: &mut World, ask: &Ask<'_>) -> Answer {
    Some(match ask.call.operation {
        "PostSetupIntents" => setup_intents::create(world, ask),
        "GetSetupIntents" => setup_intents::list(world, ask),
        "GetSetupIntentsIntent" => world.fetch::<SetupIntent>(ask, "intent"),
        "PostSetupIntentsIntentConfirm" => setup_intents::confirm(world, ask),
        "PostSetupIntentsIntentCancel" => setup_intents::cancel(world, ask),
        "PostPaymentIntents" => payment_intents::create(world, ask),
        "GetPaymentIntents" => payment_intents::list(world, ask),
        "GetPaymentIntentsIntent" => world.fetch::<PaymentIntent>(ask, "intent"),
        "PostPaymentIntentsIntentConfirm" => payment_intents::confirm(world, ask),
        "PostPaymentIntentsIntentCancel" => payment_intents::cancel(world, ask),
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
        "PostSubscriptionSchedules" => schedules::calls::create(world, ask),
        "GetSubscriptionSchedules" => schedules::calls::list(world, ask),
        "GetSubscriptionSchedulesSchedule" => world.fetch::<Schedule>(ask, "schedule"),
        "PostSubscriptionSchedulesSchedule" => schedules::calls::update(world, ask),
        "PostSubscriptionSchedulesScheduleRelease" => schedules::calls::release(world, ask),
        "PostSubscriptionSchedulesScheduleCancel" => schedules::calls::cancel(world, ask),
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
