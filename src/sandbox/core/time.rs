//! What happens by itself when its time has come.

use super::World;
use crate::sandbox::error::ApiError;

/// One thing that is due. The order of the kinds decides between things due at the same instant: what expires goes
/// before what renews.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    ExpireVoucher(String),
    Settle(String),
    ExpirePending(String),
    ExpireIncomplete(String),
    Cancel(String),
    TurnPhase(String),
    Renew(String),
    Finalize(String),
    Collect(String),
}

impl World {
    /// Does all time-driven work that is due by `now` (unix seconds). Going back in time does nothing.
    pub fn advance_to(&mut self, now: i64) {
        self.request = None;
        while let Some((due, work)) = self.next_work().filter(|(due, _)| *due <= now) {
            self.now = self.now.max(due);
            let done = self.transaction(|world| world.do_work(&work));
            if let Err(error) = done {
                // The sandbox's own fault. Time stands still for everybody rather than skip what was due.
                tracing::error!(work = ?work, message = %error.message, "the sandbox could not do what was due");
                break;
            }
        }
        self.now = self.now.max(now);
        self.forget_old_events();
    }

    /// When the next time-driven work is due, in unix seconds.
    pub fn next_due(&self) -> Option<i64> {
        self.next_work().map(|(due, _)| due)
    }

    fn next_work(&self) -> Option<(i64, Work)> {
        let of_subscriptions = self.subscriptions.iter().filter_map(|one| {
            let id = || one.id.clone();
            let pending = one
                .pending
                .as_ref()
                .map(|pending| (pending.expires_at, Work::ExpirePending(id())));
            let unpaid = one
                .expires_unpaid_at()
                .map(|due| (due, Work::ExpireIncomplete(id())));
            let goes_on = one.goes_on();
            let ends = one
                .cancel_at
                .filter(|_| goes_on)
                .map(|due| (due, Work::Cancel(id())));
            let renews = one
                .renews_at()
                .filter(|_| goes_on)
                .map(|due| (due, Work::Renew(id())));
            [pending, unpaid, ends, renews].into_iter().flatten().min()
        });
        let of_invoices = self.invoices.iter().filter_map(|invoice| {
            let finalizes = invoice
                .finalizes_at
                .map(|due| (due, Work::Finalize(invoice.id.clone())));
            let retries = invoice.next_attempt.filter(|_| invoice.is_open());
            finalizes.or_else(|| retries.map(|due| (due, Work::Collect(invoice.id.clone()))))
        });
        let of_vouchers = self.payment_intents.iter().filter_map(|intent| {
            let expires = intent
                .voucher_expires_at()
                .map(|due| (due, Work::ExpireVoucher(intent.id.clone())));
            expires.or_else(|| Some((intent.settles_at()?, Work::Settle(intent.id.clone()))))
        });
        let of_schedules = self.schedules.iter().filter_map(|schedule| {
            let turns = schedule.turns_at();
            turns.map(|due| (due, Work::TurnPhase(schedule.id.clone())))
        });
        let of_invoices = of_invoices.chain(of_vouchers).chain(of_schedules);
        of_subscriptions.chain(of_invoices).min()
    }

    fn do_work(&mut self, work: &Work) -> Result<(), ApiError> {
        match work {
            Work::ExpireVoucher(id) => self.expire_voucher(id),
            Work::Settle(id) => self.settle(id),
            Work::ExpirePending(id) => self.expire_pending(id),
            Work::ExpireIncomplete(id) => self.expire_incomplete(id),
            Work::Cancel(id) => self.end_subscription(id, "cancellation_requested"),
            Work::TurnPhase(id) => self.turn_phase(id),
            Work::Renew(id) => self.renew(id),
            Work::Finalize(id) => self.finalize_on_time(id),
            Work::Collect(id) => self.collect_on_time(id),
        }
    }
}
