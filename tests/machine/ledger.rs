//! The provider of a random walk: what it really holds, and what it really took.

use changeover::domain::change::samples::World;
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, Decline, IntentStatus, InvoiceFacts, InvoiceStatus, PaymentFacts,
};
use changeover::domain::money::Money;

use super::ana::Ana;

/// One invoice at the provider.
#[derive(Debug, Clone)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) status: InvoiceStatus,
    pub(super) intent: IntentStatus,
    pub(super) decline: Option<Decline>,
    pub(super) amount: Money,
    /// For money that the customer sends.
    pub(super) one_off: bool,
}

/// The provider: what it really holds, and what it really took.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) invoices: Vec<Invoice>,
    pub(super) switched: bool,
    /// A subscription was made and is not ended: unpaid, it shows what was wanted all the same.
    pub(super) made: bool,
    pub(super) lowered: bool,
    pub(super) refunded: i64,
    pub(super) charges: u32,
}

/// How the walk ends up at the bank, from one random byte.
const FATES: [(InvoiceStatus, IntentStatus, Option<Decline>); 5] = [
    (InvoiceStatus::Paid, IntentStatus::Succeeded, None),
    (
        InvoiceStatus::Open,
        IntentStatus::RequiresPaymentMethod,
        Some(Decline::InsufficientFunds),
    ),
    (InvoiceStatus::Open, IntentStatus::RequiresAction, None),
    (InvoiceStatus::Open, IntentStatus::Processing, None),
    (
        InvoiceStatus::Open,
        IntentStatus::RequiresPaymentMethod,
        Some(Decline::AuthenticationRequired),
    ),
];

impl Ledger {
    pub(super) fn payable(&self) -> bool {
        self.invoices
            .iter()
            .any(|invoice| invoice.status == InvoiceStatus::Open)
    }

    pub(super) fn paid(&self) -> Vec<&Invoice> {
        let all = self.invoices.iter();
        all.filter(|invoice| invoice.status == InvoiceStatus::Paid)
            .collect()
    }

    /// At the customer's own bank: sent, on its way, arrived, bounced, or never sent.
    pub(super) fn at_the_bank(&mut self, luck: u8) {
        let Some(last) = self.invoices.last_mut() else {
            return;
        };
        let sent = (InvoiceStatus::Open, IntentStatus::Processing, None);
        let there = (InvoiceStatus::Paid, IntentStatus::Succeeded, None);
        let gone = |decline| {
            (
                InvoiceStatus::Open,
                IntentStatus::RequiresPaymentMethod,
                Some(decline),
            )
        };
        let fate = match (last.intent, luck % 3) {
            (IntentStatus::RequiresAction, 0) => sent,
            (IntentStatus::RequiresAction, 1) => gone(Decline::VoucherExpired),
            (IntentStatus::Processing, 0) => gone(Decline::Generic),
            _ => there,
        };
        (last.status, last.intent, last.decline) = fate;
    }

    pub(super) fn attempt(&mut self, luck: u8) {
        let (status, intent, decline) = FATES[usize::from(luck) % FATES.len()];
        if let Some(last) = self
            .invoices
            .last_mut()
            .filter(|last| last.status == InvoiceStatus::Open)
        {
            (last.status, last.intent, last.decline) = (status, intent, decline);
            self.switched |= status == InvoiceStatus::Paid;
        }
    }

    /// Time passes at the provider: the customer authenticates, a debit settles, an unpaid change is given up.
    pub(super) fn moves(&mut self, luck: u8) {
        let waits = self.invoices.last().map(|last| (last.status, last.intent));
        let one_off = self.invoices.last().is_some_and(|last| last.one_off);
        match (waits, luck % 4) {
            (Some((InvoiceStatus::Open, IntentStatus::RequiresAction | IntentStatus::Processing)), 0 | 1)
                if one_off =>
            {
                self.at_the_bank(luck / 4);
            }
            (Some((InvoiceStatus::Open, IntentStatus::RequiresAction | IntentStatus::Processing)), 0 | 1) => {
                self.attempt(luck / 4);
            }
            (Some((InvoiceStatus::Open, intent)), 2) if intent != IntentStatus::Processing => self.void(),
            _ => {}
        }
    }

    pub(super) fn void(&mut self) {
        if let Some(last) = self.invoices.last_mut() {
            last.status = InvoiceStatus::Void;
        }
    }

    pub(super) fn facts(&self, ana: &Ana) -> PaymentFacts {
        let after = self.switched || self.lowered || self.made;
        let base = match ana.stage.deal() {
            Some(deal) if after => ana.world.facts_after(deal),
            _ => ana.world.facts_before(),
        };
        // A draft that was left behind tells nothing.
        let shown = self
            .invoices
            .last()
            .filter(|last| last.status != InvoiceStatus::Draft);
        let invoice = shown.map(|last| InvoiceFacts {
            id: last.id.clone(),
            status: last.status,
            amount_due: last.amount,
            amount_paid: if last.status == InvoiceStatus::Paid {
                last.amount
            } else {
                World::money(0)
            },
            hosted_url: None,
        });
        PaymentFacts {
            invoice,
            intent: shown.map(|last| last.intent),
            decline: shown.and_then(|last| last.decline),
            intent_id: shown.map(|_| "pi_1".to_owned()),
            voucher: shown
                .filter(|last| last.one_off && last.intent == IntentStatus::RequiresAction)
                .map(|_| Box::new(World::voucher())),
            ..base
        }
    }

    pub(super) fn charge(&mut self, ana: &Ana, luck: u8, at_once: bool) -> CallAnswer {
        self.charges += 1;
        let drift = if luck % 8 == 5 { 100 } else { 0 };
        self.invoices.push(Invoice {
            id: format!("in_{}", self.invoices.len() + 1),
            status: InvoiceStatus::Open,
            intent: IntentStatus::RequiresConfirmation,
            decline: None,
            amount: World::money(ana.due().amount + drift),
            one_off: false,
        });
        if at_once {
            self.attempt(luck);
        }
        CallAnswer::Payment(self.facts(ana))
    }

    /// The provider does what it is asked, or does not.
    pub(super) fn answers(&mut self, ana: &Ana, call: &Call, luck: u8) -> Result<CallAnswer, CallFailure> {
        let code = || "no".to_owned();
        if luck % 16 == 15 {
            let message = "It is refused.".to_owned();
            return Err(CallFailure::Refused {
                code: code(),
                message,
            });
        }
        let open = self
            .invoices
            .last()
            .is_some_and(|last| last.status == InvoiceStatus::Open);
        let in_flight = self
            .invoices
            .last()
            .is_some_and(|last| last.intent == IntentStatus::Processing);
        Ok(match call {
            Call::SaveCustomer { .. } => CallAnswer::CustomerSaved {
                customer: "cus_1".to_owned(),
            },
            Call::AddTaxId { .. } => CallAnswer::TaxIdAdded {
                tax_id: format!("txi_{luck}"),
            },
            Call::RemoveTaxId { .. } => CallAnswer::TaxIdRemoved,
            Call::SetDefaultMethod { .. } => CallAnswer::MethodSet,
            Call::SetTaxRates { .. } => CallAnswer::TaxRatesSet,
            Call::UpdateSubscription { .. } if luck % 16 == 14 => {
                return Err(CallFailure::Declined(Decline::ExpiredCard));
            }
            Call::UpdateSubscription { .. } => self.charge(ana, luck, true),
            Call::CreateSubscription { .. } => {
                self.made = true;
                self.charge(ana, luck, false)
            }
            Call::PayInvoice { .. } | Call::VoidInvoice { .. } if !open || in_flight => {
                return Err(CallFailure::WrongState { code: code() });
            }
            Call::PayInvoice { .. } => {
                self.attempt(luck);
                CallAnswer::Payment(self.facts(ana))
            }
            Call::VoidInvoice { .. } => {
                self.void();
                CallAnswer::Payment(self.facts(ana))
            }
            Call::LowerSubscription { .. } => {
                self.lowered = true;
                CallAnswer::Payment(self.facts(ana))
            }
            Call::DraftInvoice { .. } => {
                let id = format!("in_{}", self.invoices.len() + 1);
                self.invoices.push(Invoice {
                    id: id.clone(),
                    status: InvoiceStatus::Draft,
                    intent: IntentStatus::RequiresPaymentMethod,
                    decline: None,
                    amount: World::money(0),
                    one_off: true,
                });
                CallAnswer::InvoiceDrafted { invoice: id }
            }
            Call::AddInvoiceLine { amount, .. } => {
                if let Some(last) = self.invoices.last_mut() {
                    last.amount = World::money(last.amount.amount + amount.amount);
                }
                CallAnswer::InvoiceLineAdded
            }
            Call::FinalizeInvoice { .. } => {
                let drift = if luck % 8 == 5 { 100 } else { 0 };
                if let Some(last) = self.invoices.last_mut() {
                    last.status = InvoiceStatus::Open;
                    last.amount = World::money(last.amount.amount + drift);
                }
                CallAnswer::Payment(self.facts(ana))
            }
            Call::IssueVoucher { .. } => {
                if let Some(last) = self.invoices.last_mut() {
                    last.intent = IntentStatus::RequiresAction;
                }
                CallAnswer::Payment(self.facts(ana))
            }
            Call::SwitchSubscription { .. } => {
                self.switched = true;
                CallAnswer::Payment(self.facts(ana))
            }
            Call::CreateSchedule { .. } => CallAnswer::ScheduleMade {
                schedule: "sub_sched_1".to_owned(),
            },
            Call::TellSchedule { .. } => CallAnswer::ScheduleTold,
            Call::EndAtPeriodEnd { .. } => CallAnswer::EndSet,
            Call::ReleaseHold { .. } => CallAnswer::HoldReleased,
            Call::CreditBalance { .. } => CallAnswer::BalanceCredited {
                movement: "cbtxn_1".to_owned(),
            },
            Call::CancelSubscription { .. } => {
                self.made = false;
                CallAnswer::SubscriptionCancelled
            }
            Call::Refund { amount, .. } => {
                self.refunded += amount.amount;
                CallAnswer::Refunded {
                    refund: "re_1".to_owned(),
                    amount: None,
                }
            }
        })
    }
}
