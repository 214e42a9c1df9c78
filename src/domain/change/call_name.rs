//! What calls are called.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a call: what its effect row, its key and its metrics are called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallName {
    /// See [`Call::SaveCustomer`](super::Call::SaveCustomer).
    SaveCustomer,
    /// See [`Call::AddTaxId`](super::Call::AddTaxId).
    AddTaxId,
    /// See [`Call::RemoveTaxId`](super::Call::RemoveTaxId).
    RemoveTaxId,
    /// See [`Call::SetDefaultMethod`](super::Call::SetDefaultMethod).
    SetDefaultMethod,
    /// See [`Call::SetTaxRates`](super::Call::SetTaxRates).
    SetTaxRates,
    /// See [`Call::UpdateSubscription`](super::Call::UpdateSubscription).
    UpdateSubscription,
    /// See [`Call::CreateSubscription`](super::Call::CreateSubscription).
    CreateSubscription,
    /// See [`Call::PayInvoice`](super::Call::PayInvoice).
    PayInvoice,
    /// See [`Call::VoidInvoice`](super::Call::VoidInvoice).
    VoidInvoice,
    /// See [`Call::LowerSubscription`](super::Call::LowerSubscription).
    LowerSubscription,
    /// See [`Call::CreateSchedule`](super::Call::CreateSchedule).
    CreateSchedule,
    /// See [`Call::TellSchedule`](super::Call::TellSchedule).
    TellSchedule,
    /// See [`Call::EndAtPeriodEnd`](super::Call::EndAtPeriodEnd).
    EndAtPeriodEnd,
    /// See [`Call::ReleaseHold`](super::Call::ReleaseHold).
    ReleaseHold,
    /// See [`Call::CancelSubscription`](super::Call::CancelSubscription).
    CancelSubscription,
    /// See [`Call::DraftInvoice`](super::Call::DraftInvoice).
    DraftInvoice,
    /// See [`Call::AddInvoiceLine`](super::Call::AddInvoiceLine).
    AddInvoiceLine,
    /// See [`Call::FinalizeInvoice`](super::Call::FinalizeInvoice).
    FinalizeInvoice,
    /// See [`Call::IssueVoucher`](super::Call::IssueVoucher).
    IssueVoucher,
    /// See [`Call::SwitchSubscription`](super::Call::SwitchSubscription).
    SwitchSubscription,
    /// See [`Call::CreditBalance`](super::Call::CreditBalance).
    CreditBalance,
    /// See [`Call::Refund`](super::Call::Refund).
    Refund,
}

impl CallName {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::SaveCustomer,
        Self::AddTaxId,
        Self::RemoveTaxId,
        Self::SetDefaultMethod,
        Self::SetTaxRates,
        Self::UpdateSubscription,
        Self::CreateSubscription,
        Self::PayInvoice,
        Self::VoidInvoice,
        Self::LowerSubscription,
        Self::CreateSchedule,
        Self::TellSchedule,
        Self::EndAtPeriodEnd,
        Self::ReleaseHold,
        Self::CancelSubscription,
        Self::DraftInvoice,
        Self::AddInvoiceLine,
        Self::FinalizeInvoice,
        Self::IssueVoucher,
        Self::SwitchSubscription,
        Self::CreditBalance,
        Self::Refund,
    ];

    /// The word by which the store, the journal and the metrics know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SaveCustomer => "save_customer",
            Self::AddTaxId => "add_tax_id",
            Self::RemoveTaxId => "remove_tax_id",
            Self::SetDefaultMethod => "set_default_method",
            Self::SetTaxRates => "set_tax_rates",
            Self::UpdateSubscription => "update_subscription",
            Self::CreateSubscription => "create_subscription",
            Self::PayInvoice => "pay_invoice",
            Self::VoidInvoice => "void_invoice",
            Self::LowerSubscription => "lower_subscription",
            Self::CreateSchedule => "create_schedule",
            Self::TellSchedule => "tell_schedule",
            Self::EndAtPeriodEnd => "end_at_period_end",
            Self::ReleaseHold => "release_hold",
            Self::CancelSubscription => "cancel_subscription",
            Self::DraftInvoice => "draft_invoice",
            Self::AddInvoiceLine => "add_invoice_line",
            Self::FinalizeInvoice => "finalize_invoice",
            Self::IssueVoucher => "issue_voucher",
            Self::SwitchSubscription => "switch_subscription",
            Self::CreditBalance => "credit_balance",
            Self::Refund => "refund",
        }
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
