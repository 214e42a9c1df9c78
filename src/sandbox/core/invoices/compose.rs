//! How an invoice comes about: composed as a value, for a preview as for the real thing.

use super::items::InvoiceItem;
use super::{Addressee, Invoice, Line, Reason, Status, Transitions};
use crate::sandbox::core::World;
use crate::sandbox::core::currencies::minimum_charge;
use crate::sandbox::core::customers::Customer;
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::params::Metadata;
use crate::sandbox::core::subscriptions::Subscription;
use crate::sandbox::core::taxes::Taxing;

/// How an invoice meets the customer's balance. Pure, so that a preview and a charge cannot differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::core) struct Settlement {
    pub(in crate::sandbox::core) amount_due: i64,
    pub(in crate::sandbox::core) ending_balance: i64,
    /// The amount was too small to be charged and is carried over.
    pub(in crate::sandbox::core) too_small: bool,
}

impl Settlement {
    /// `balance` is the customer's before: negative is a credit, positive a debt that is collected along.
    pub(in crate::sandbox::core) fn of(total: i64, balance: i64, currency: &str) -> Settlement {
        let net = total.saturating_add(balance);
        if net <= 0 {
            return Settlement {
                amount_due: 0,
                ending_balance: net,
                too_small: false,
            };
        }
        if net < minimum_charge(currency) {
            return Settlement {
                amount_due: 0,
                ending_balance: net,
                too_small: true,
            };
        }
        Settlement {
            amount_due: net,
            ending_balance: 0,
            too_small: false,
        }
    }
}

/// What an invoice is made from.
pub(in crate::sandbox::core) struct Bill<'a> {
    pub(in crate::sandbox::core) customer: Option<&'a Customer>,
    pub(in crate::sandbox::core) subscription: Option<&'a Subscription>,
    /// The subscription's metadata as this invoice remembers it.
    pub(in crate::sandbox::core) subscription_metadata: Metadata,
    pub(in crate::sandbox::core) proration_date: Option<i64>,
    pub(in crate::sandbox::core) reason: Reason,
    pub(in crate::sandbox::core) currency: String,
    pub(in crate::sandbox::core) lines: Vec<Line>,
    pub(in crate::sandbox::core) taxing: Taxing,
    /// The time that it looks back on.
    pub(in crate::sandbox::core) period: (i64, i64),
}

impl World {
    /// Makes the value of an invoice, a draft, and changes nothing.
    pub(in crate::sandbox::core) fn compose(&self, ids: &mut Ids, prefix: &str, bill: Bill<'_>) -> Invoice {
        let balance = bill.customer.map_or(0, |customer| customer.balance);
        let addressee = self.addressee(bill.customer);
        let lines = self.taxed(&bill.taxing, &addressee, bill.lines);
        let total = lines.iter().map(|line| line.amount + line.tax_on_top()).sum();
        let settlement = Settlement::of(total, balance, &bill.currency);
        Invoice {
            id: ids.next(prefix),
            created: self.now,
            customer: bill
                .customer
                .map(|customer| customer.id.clone())
                .unwrap_or_default(),
            subscription: bill.subscription.map(|subscription| subscription.id.clone()),
            subscription_metadata: bill.subscription_metadata,
            proration_date: bill.proration_date,
            reason: bill.reason,
            status: Status::Draft,
            currency: bill.currency,
            lines,
            period_start: bill.period.0,
            period_end: bill.period.1,
            starting_balance: balance,
            ending_balance: Some(settlement.ending_balance),
            amount_due: settlement.amount_due,
            amount_paid: 0,
            paid_elsewhere: false,
            attempt_count: 0,
            attempted: false,
            next_attempt: None,
            auto_advance: bill.reason != Reason::Manual,
            finalizes_at: None,
            sent: bill.subscription.is_some_and(Subscription::sends_invoices),
            due_date: bill
                .subscription
                .and_then(|subscription| subscription.due_date(self.now)),
            number: None,
            description: None,
            default_payment_method: None,
            payment_intent: None,
            metadata: Metadata::new(),
            transitions: Transitions::default(),
            addressee,
            method_types: Vec::new(),
            taxed: bill.taxing.is_automatic(),
            tax_rates: bill.taxing.rates(),
        }
    }

    fn addressee(&self, customer: Option<&Customer>) -> Addressee {
        let Some(customer) = customer else {
            return Addressee::default();
        };
        let theirs = self
            .tax_ids
            .iter()
            .filter(|tax_id| tax_id.customer == customer.id);
        Addressee {
            name: customer.name.clone(),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            address: customer.address.clone(),
            tax_exempt: Some(customer.tax_exempt.clone()),
            tax_ids: theirs
                .map(|tax_id| (tax_id.kind.clone(), tax_id.value.clone()))
                .collect(),
        }
    }

    /// What waits to be put on the next invoice of this subscription (or of this customer alone).
    pub(in crate::sandbox::core) fn pending_items(
        &self,
        customer: &str,
        subscription: Option<&str>,
        currency: &str,
    ) -> Vec<&InvoiceItem> {
        let waits = |item: &&InvoiceItem| {
            let line = &item.line;
            item.invoice.is_none()
                && item.customer == customer
                && line.currency == currency
                && (line.subscription.is_none() || line.subscription.as_deref() == subscription)
        };
        self.invoice_items.iter().filter(waits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_meets_the_balance() {
        // Total, balance before, amount due, balance after.
        let vectors = [
            (1000, 0, 1000, 0),
            (1000, -300, 700, 0),
            (1000, -1000, 0, 0),
            (1000, -1500, 0, -500),
            (-400, 0, 0, -400),
            (-400, -100, 0, -500),
            (1000, 20, 1020, 0),
            (0, 0, 0, 0),
        ];
        for (total, balance, amount_due, ending_balance) in vectors {
            let expected = Settlement {
                amount_due,
                ending_balance,
                too_small: false,
            };
            assert_eq!(
                Settlement::of(total, balance, "brl"),
                expected,
                "{total} with {balance}"
            );
        }
    }

    #[test]
    fn what_is_too_small_to_charge_is_carried_over() {
        let carried = Settlement {
            amount_due: 0,
            ending_balance: 49,
            too_small: true,
        };
        assert_eq!(Settlement::of(49, 0, "brl"), carried);
        assert_eq!(Settlement::of(500, -451, "brl"), carried);
        assert_eq!(Settlement::of(50, 0, "brl").amount_due, 50);
    }
}
