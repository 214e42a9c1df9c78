use std::fmt;

use super::actions::Action;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, [$($action:ident),*], $meaning:literal, $advice:literal;)*) => {
        /// What can be stuck, the most serious first. Stable words: alarms and runbooks may name them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StuckCode {
            $(#[doc = $meaning] $name,)*
        }

        impl StuckCode {
            /// All of them, the most serious first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word itself.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means, for support.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What to do about it.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }

            /// The actions that help here, where they are possible.
            pub(super) fn suited(self) -> &'static [Action] {
                match self { $(Self::$name => &[$(Action::$action,)*],)* }
            }
        }
    };
}

codes! {
    Undecidable = "undecidable", [Refresh, Cancel],
        "A call's answer was lost, its key is spent, and the provider does not tell whether it happened.",
        "Look at the customer in the provider's dashboard. `refresh` reads the provider again; nothing is ever sent on a guess.";
    PaidNotSwitched = "paid_not_switched", [Refresh],
        "The invoice is paid, but the subscription does not hold what was bought.",
        "Look at the subscription in the provider's dashboard: it may have been edited. `refresh` reads it again.";
    RefundHalted = "refund_halted", [Retry],
        "Money was charged beyond the confirmed amount, and the provider refuses to give it back.",
        "Mend the cause at the provider, then `retry`.";
    QuoteDrift = "quote_drift", [],
        "More was charged than the customer confirmed. The excess is on its way back.",
        "Nothing to free: it ends when the provider has taken the refund. Tell the developers: the quote should have been right.";
    ComparisonDiffers = "comparison_differs", [],
        "A comparison with the provider has found something of this change that only a person can decide about.",
        "The evidence names it, as `/v1/findings` does. Take away what stands in the way, or settle it at the provider: the next comparison sees it.";
    AbortHalted = "abort_halted", [Retry, Refresh],
        "The change is being given up, but the provider refuses to void the invoice or to end the subscription.",
        "Mend the cause at the provider, then `retry`. Until then the invoice could still be paid.";
    ChargeHalted = "charge_halted", [Retry, Cancel, Refresh],
        "The provider refused the charge as such; it is not the card.",
        "Mend the cause, then `retry`, which charges at most the confirmed amount; or `cancel`.";
    OutcomeRefused = "outcome_refused", [Resume, Cancel],
        "The outcome of a call is known, and the machine has no place for it where the change stands.",
        "A defect: tell the developers. The change's own timers go on. After an upgrade of the program, `resume`; or `cancel`.";
    UnknownMachineVersion = "unknown_machine_version", [],
        "A newer version of the program has written this change; this one leaves it alone.",
        "Run the newer version again, at least beside this one.";
    RulesMissing = "rules_missing", [],
        "The seller, or the version of its workflow file that the change runs by, cannot be had here.",
        "Serve the seller again, and bring back the workflow file. The change then goes on by itself.";
    WorkFailing = "work_failing", [Resume, Cancel],
        "Work on the change fails again and again on our side.",
        "The evidence says how. Mend the cause, then `resume`.";
    WorkerAbsent = "worker_absent", [],
        "The change is due, and nobody works on it.",
        "Look whether workers run and reach the database. The change goes on by itself as soon as one does.";
    OutcomeUnknown = "outcome_unknown", [Retry, Refresh, Cancel],
        "A call was sent, and its answer is not known.",
        "It is sent again by itself, under the same key, so that it cannot happen twice; `retry` does so now. After 20 hours it is only looked for: `refresh`.";
    CallPutOff = "call_put_off", [Retry, Cancel],
        "The provider does not accept a call; it puts it off.",
        "It is sent again by itself. Look at the provider's limits and status. `retry` sends it now.";
    SettlingLong = "settling_long", [Refresh, Cancel],
        "The money is on its way, and takes long.",
        "Look at the payment in the provider's dashboard. `refresh` reads it now.";
    AbortWaits = "abort_waits", [Refresh, Retry],
        "The change is being given up, but the provider cannot say yet that nothing will be paid.",
        "Look at the invoice in the provider's dashboard. `refresh` reads it now; `retry` tries to void it again.";
    QuoteUnavailable = "quote_unavailable", [Resume, Refresh, Cancel],
        "The provider cannot be asked for the quote.",
        "It is asked again by itself. The evidence says why not; `refresh` asks now.";
    PaymentUnreadable = "payment_unreadable", [Resume, Refresh, Cancel],
        "The provider cannot be asked where the payment stands.",
        "It is asked again by itself. The evidence says why not; `refresh` asks now.";
    CustomerBusy = "customer_busy", [Cancel],
        "Another payment of the same customer is not over, and this one waits for it.",
        "Find the customer's other change with `list --find` and its customer id, and free that one.";
    ContractOutOfStep = "contract_out_of_step", [Cancel],
        "The provider's subscription holds something else than the contract says, so that nothing can be quoted.",
        "Compare the subscription with the contract. Edits with known prices are taken over by themselves; then the customer asks again.";
    QuoteRefused = "quote_refused", [Cancel],
        "The provider's state does not allow the change, and the customer cannot mend it.",
        "The evidence names the reason. Mend it; then the customer asks again.";
    TicketNotApplied = "ticket_not_applied", [Cancel],
        "A request to go down was to be applied, and could not be: it waits for support again.",
        "The evidence names what stood in the way. Mend it, then answer the request once more; or `cancel`.";
    PromiseFell = "promise_fell", [Retry, Cancel],
        "What was promised for the end of a period does not stand at the provider, or was not carried out, or cannot be taken away.",
        "The evidence says why: an archived price, a schedule of somebody else's. Mend it, then answer the request once more; `retry` tries to take away again what halted; or `cancel`.";
    CardNotKept = "card_not_kept", [Retry],
        "The change is done, but the provider did not make the card that paid the subscription's own: renewals are charged on another one.",
        "Look whether the card is still attached to the customer, then `retry`.";
    MailGivenUp = "mail_given_up", [Resume],
        "A mail to the customer could not be sent, and is no longer tried.",
        "Mend the address or the mail server, then `resume`.";
    EventGivenUp = "event_given_up", [Resume],
        "An event could not be delivered to the seller's system, and is no longer tried.",
        "Mend the receiver, then `resume`. The feed of events has it in any case.";
}

impl fmt::Display for StuckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_a_word_of_its_own_with_two_sentences() {
        let mut words: Vec<&str> = StuckCode::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), StuckCode::ALL.len());
        for code in StuckCode::ALL {
            assert!(
                code.meaning().ends_with('.') && code.advice().ends_with('.'),
                "{code}"
            );
        }
    }
}
