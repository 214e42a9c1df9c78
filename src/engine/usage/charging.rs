//! What went beyond a limit is put on an invoice: the exact request is written before it leaves, under one key for each contract,
//! pot and period, and an unknown outcome is asked for until it is known.

use jiff::{SignedDuration, Timestamp};

use super::telling::pot_name;
use crate::domain::account::Contract;
use crate::domain::catalog::Playbook;
use crate::domain::change::CallFailure;
use crate::domain::language::Language;
use crate::domain::metering::Happening;
use crate::engine::pace::{KEY_LIFE, later};
use crate::engine::{CrashPoint, Engine, EngineError};
use crate::measures;
use crate::ports::payments::{
    CallError, InvoiceAsk, InvoiceItemAsk, InvoiceTaxes, Payments, Prepared, ReadError,
};
use crate::ports::store::{BookRecord, Lease, OverageRow, OverageStatus, Written};

/// How long after a key was sent for the last time the absence of what it asked for counts as proof.
const ON_ITS_WAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// The waits between attempts, in seconds.
const RETRY_LADDER: [i64; 8] = [2, 5, 15, 60, 300, 900, 1800, 3600];

/// How soon a charge that did not happen is prepared anew.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// How soon is looked again for a customer of the provider, where there is none yet.
const WAIT_FOR_CUSTOMER: SignedDuration = SignedDuration::from_hours(24);

/// The provider cannot tell from the address which taxes are due.
const LOCATION_UNKNOWN: &str = CallFailure::LOCATION_UNKNOWN;

/// How far away the next renewal can be whose invoice takes a charge up: a month, and what it may be late.
const NEAR: SignedDuration = SignedDuration::from_hours(34 * 24);

/// On which invoice a charge will stand.
enum Place {
    /// One that is open.
    On(String),
    /// The next one of the subscription.
    NextInvoice,
    /// One that is made for it.
    OfItsOwn {
        /// The card that the subscription is charged to.
        method: Option<String>,
        /// How the subscription is taxed, and this invoice with it.
        taxes: InvoiceTaxes,
    },
}

/// What a step at a charge came to.
enum Charge {
    /// It stands so now, and something happened by it.
    Moved(Box<OverageRow>, Option<Happening>),
    /// Nothing can be done before then.
    Waits,
}

impl Engine {
    /// Goes on with every charge that is owed on a contract, one after the other. Says when the next one is due.
    pub(super) async fn charge_overages(
        &self,
        lease: Lease,
        contract: &Contract,
        playbook: &Playbook,
    ) -> Result<Option<Timestamp>, EngineError> {
        let mut next: Option<Timestamp> = None;
        for row in self.store().overages(contract.id, true).await? {
            let mut row = row;
            // Prepared, sent, known: at most a few steps, each written as a whole.
            for _ in 0..6 {
                if is_over(&row) || row.next_try_at > self.now() {
                    break;
                }
                match self.charge_step(lease, contract, playbook, &row).await? {
                    Charge::Moved(moved, happening) => {
                        if !self
                            .keep_charge(lease, contract, playbook, &moved, happening)
                            .await?
                        {
                            return Ok(Some(self.now()));
                        }
                        row = *moved;
                    }
                    Charge::Waits => break,
                }
            }
            if !is_over(&row) {
                next = Some(next.map_or(row.next_try_at, |next| next.min(row.next_try_at)));
            }
        }
        Ok(next)
    }

    async fn charge_step(
        &self,
        lease: Lease,
        contract: &Contract,
        playbook: &Playbook,
        row: &OverageRow,
    ) -> Result<Charge, EngineError> {
        let seller = self.sellers().get(&contract.seller)?;
        let payments = seller.payments.as_ref();
        let payer = self.account_of(contract.payer(), &contract.seller).await?;
        let Some(customer) = payer.provider_customer else {
            return Ok(self.charge_again(
                row,
                row.status,
                WAIT_FOR_CUSTOMER,
                "the payer has no customer at the provider",
            ));
        };
        let (Some((request, key)), Some(prepared_at)) = (&row.request, row.prepared_at) else {
            return self
                .prepare_charge(payments, contract, playbook, customer, payer.language, row)
                .await;
        };
        let prepared: Prepared = serde_json::from_slice(request)?;
        let deadline = later(prepared_at, KEY_LIFE);
        if self.now() >= deadline {
            return Ok(self
                .look_for_charge(
                    payments,
                    &customer,
                    row,
                    &prepared,
                    later(deadline, ON_ITS_WAY_MAX),
                )
                .await);
        }
        let attempt = OverageRow {
            status: OverageStatus::Unknown,
            attempts: row.attempts.saturating_add(1),
            ..row.clone()
        };
        if !self
            .keep_charge(lease, contract, playbook, &attempt, None)
            .await?
        {
            return Ok(Charge::Waits);
        }
        self.reach(CrashPoint::AttemptWritten)?;
        let answer = payments.add_item(&prepared, key).await;
        self.reach(CrashPoint::CallAnswered)?;
        Ok(match answer {
            Ok(made) => has_made(&attempt, payments.makes_invoice(&prepared), made, self.now()),
            Err(CallError::Failed(CallFailure::WrongState { code })) => {
                // The draft is closed, and nothing was put on it: the next invoice takes it up.
                Charge::Moved(Box::new(anew(&attempt, code, self.now())), None)
            }
            // The payer's address must be right first: nothing is lost meanwhile.
            Err(CallError::Failed(failure)) if failure.code() == LOCATION_UNKNOWN => {
                let again = anew(&attempt, failure.code().to_owned(), self.now());
                self.charge_again(&again, OverageStatus::Owed, WAIT_FOR_CUSTOMER, LOCATION_UNKNOWN)
            }
            Err(CallError::Failed(failure)) => waived(&attempt, failure.code()),
            Err(CallError::KeySpent { .. }) => {
                self.look_for_charge(payments, &customer, &attempt, &prepared, self.now())
                    .await
            }
            Err(CallError::Unknown { detail }) => self.charge_after_a_while(&attempt, None, &detail),
            Err(CallError::Later { after, detail }) => self.charge_after_a_while(&attempt, after, &detail),
        })
    }

    /// Writes down the exact request that will leave. The renewal's own draft takes the line up while it is open.
    async fn prepare_charge(
        &self,
        payments: &dyn Payments,
        contract: &Contract,
        playbook: &Playbook,
        customer: String,
        language: Language,
        row: &OverageRow,
    ) -> Result<Charge, EngineError> {
        let overage = &row.overage;
        let place = match self.place_of_charge(payments, contract, playbook, row).await? {
            Ok(place) => place,
            Err(problem) => return Ok(self.charge_after_a_while(row, None, &problem.to_string())),
        };
        let invoice = match place {
            Place::OfItsOwn { method, taxes } => {
                let asked = InvoiceAsk {
                    mark: row.id,
                    contract: contract.id,
                    customer,
                    currency: overage.amount.currency,
                    method,
                    taxes,
                };
                let prepared = payments.prepare_invoice(&asked)?;
                return self.prepared_charge(row, &prepared);
            }
            Place::On(invoice) => Some(invoice),
            Place::NextInvoice => None,
        };
        let what = pot_name(playbook, &overage.pot, language);
        let beyond = match overage.limit.excess(overage.used) {
            Some(excess) => format!("{what}: +{excess}"),
            None => what,
        };
        let asked = InvoiceItemAsk {
            mark: row.id,
            contract: contract.id,
            customer,
            subscription: contract.subscription.clone(),
            invoice,
            amount: overage.amount,
            description: beyond,
            from: overage.start,
            until: overage.end,
        };
        self.prepared_charge(row, &payments.prepare_item(&asked)?)
    }

    fn prepared_charge(&self, row: &OverageRow, prepared: &Prepared) -> Result<Charge, EngineError> {
        let generation = row.generation.saturating_add(1);
        let (key, now) = (format!("changeover-overage-{}-{generation}", row.id), self.now());
        let prepared = OverageRow {
            request: Some((serde_json::to_vec(prepared)?, key)),
            generation,
            status: OverageStatus::Intent,
            prepared_at: Some(now),
            next_try_at: now,
            last_error: None,
            ..row.clone()
        };
        Ok(Charge::Moved(Box::new(prepared), None))
    }

    /// The renewal's own draft while it is open, else the next invoice; where none is near, one is made.
    async fn place_of_charge(
        &self,
        payments: &dyn Payments,
        contract: &Contract,
        playbook: &Playbook,
        row: &OverageRow,
    ) -> Result<Result<Place, ReadError>, EngineError> {
        if let Some(invoice) = &row.invoice {
            return Ok(Ok(Place::On(invoice.clone())));
        }
        let mut facts = None;
        if let Some(subscription) = &contract.subscription {
            match payments.renewal_draft(subscription).await {
                Ok(Some(draft)) => return Ok(Ok(Place::On(draft))),
                Ok(None) | Err(ReadError::NotFound(_)) => {}
                Err(problem) => return Ok(Err(problem)),
            }
            let renews_at = contract.periods.iter().map(|period| period.end).min();
            if renews_at.is_some_and(|at| at <= later(self.now(), NEAR)) {
                return Ok(Ok(Place::NextInvoice));
            }
            facts = match payments.subscription(subscription).await {
                Ok(facts) => Some(facts),
                Err(ReadError::NotFound(_)) => None,
                Err(problem) => return Ok(Err(problem)),
            };
        }
        let taxes = match &facts {
            Some(facts) if facts.automatic_tax => InvoiceTaxes::ByProvider,
            Some(facts) => by_rates(facts.tax_rates.clone()),
            None => self.taxes_without_a_subscription(contract, playbook).await?,
        };
        let method = facts.and_then(|facts| facts.default_method);
        Ok(Ok(Place::OfItsOwn { method, taxes }))
    }

    /// What the seller's rules say of the payer, where no subscription tells how it is taxed.
    async fn taxes_without_a_subscription(
        &self,
        contract: &Contract,
        playbook: &Playbook,
    ) -> Result<InvoiceTaxes, EngineError> {
        if playbook.policy.provider_reckons_taxes() {
            return Ok(InvoiceTaxes::ByProvider);
        }
        let billing = self.store().billing(contract.payer()).await?;
        let asked = self
            .tax_rates_for(&contract.seller, billing.as_ref(), playbook, None)
            .await?;
        let rates = asked.map_err(EngineError::from)?.quoted;
        Ok(by_rates(rates.map(|rates| rates.wanted).unwrap_or_default()))
    }

    /// The key can tell nothing more: read the provider. What is not there counts as absent only from `quiet` on.
    async fn look_for_charge(
        &self,
        payments: &dyn Payments,
        customer: &str,
        row: &OverageRow,
        prepared: &Prepared,
        quiet: Timestamp,
    ) -> Charge {
        let found = if payments.makes_invoice(prepared) {
            payments.find_invoice(customer, row.id).await
        } else {
            payments.find_item(customer, row.id).await
        };
        match found {
            Ok(Some(made)) => has_made(row, payments.makes_invoice(prepared), made, self.now()),
            Ok(None) if self.now() >= quiet => {
                let proven = "it was proven that it never happened".to_owned();
                Charge::Moved(Box::new(anew(row, proven, self.now())), None)
            }
            Ok(None) => self.charge_again(
                row,
                OverageStatus::Unknown,
                quiet.duration_since(self.now()),
                "not there; the first request may still be on its way",
            ),
            Err(problem) => self.charge_after_a_while(row, None, &problem.to_string()),
        }
    }

    fn charge_after_a_while(
        &self,
        row: &OverageRow,
        after: Option<std::time::Duration>,
        error: &str,
    ) -> Charge {
        let step = usize::try_from(row.attempts)
            .unwrap_or(usize::MAX)
            .min(RETRY_LADDER.len() - 1);
        let asked = after.and_then(|wait| SignedDuration::try_from(wait).ok());
        let wait = SignedDuration::from_secs(RETRY_LADDER[step]).max(asked.unwrap_or_default());
        self.charge_again(row, row.status, wait, error)
    }

    fn charge_again(
        &self,
        row: &OverageRow,
        status: OverageStatus,
        wait: SignedDuration,
        error: &str,
    ) -> Charge {
        measures::retried("invoice_item", "unknown");
        tracing::warn!(overage = %row.id, contract = %row.contract, attempt = row.attempts, error, "a charge for use has no outcome yet");
        let waiting = OverageRow {
            status,
            next_try_at: later(self.now(), wait),
            last_error: Some(error.to_owned()),
            ..row.clone()
        };
        Charge::Moved(Box::new(waiting), None)
    }

    /// Writes where a charge stands, with what is told of it. `false` where the lease is lost.
    async fn keep_charge(
        &self,
        lease: Lease,
        contract: &Contract,
        playbook: &Playbook,
        row: &OverageRow,
        happening: Option<Happening>,
    ) -> Result<bool, EngineError> {
        let happenings: Vec<Happening> = happening.into_iter().collect();
        for _ in 0..crate::engine::changes::TRIES_MAX {
            let book = self.store().book(contract.id).await?;
            let record = BookRecord {
                contract: contract.id,
                expected_version: book.version,
                lines: book.lines,
                fence: Some(lease),
                reports: Vec::new(),
                tallies: Vec::new(),
                closed: Vec::new(),
                credits: Vec::new(),
                overages: vec![row.clone()],
                entries: self.note_usage(contract, &happenings).await?,
                outbox: self.tell_usage(contract, playbook, &happenings)?,
                wake: None,
            };
            if self.store().keep_book(record).await? == Written::Done {
                if !happenings.is_empty() {
                    self.parts.bell.ring();
                }
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn by_rates(rates: Vec<String>) -> InvoiceTaxes {
    if rates.is_empty() {
        InvoiceTaxes::Nothing
    } else {
        InvoiceTaxes::ByRates(rates)
    }
}

fn is_over(row: &OverageRow) -> bool {
    matches!(row.status, OverageStatus::Charged | OverageStatus::Waived)
}

/// The invoice is there, and the line comes next; or the line is.
fn has_made(row: &OverageRow, is_invoice: bool, made: String, now: Timestamp) -> Charge {
    if is_invoice {
        let opened = OverageRow {
            invoice: Some(made),
            request: None,
            prepared_at: None,
            status: OverageStatus::Owed,
            next_try_at: now,
            last_error: None,
            ..row.clone()
        };
        return Charge::Moved(Box::new(opened), None);
    }
    charged(row, made)
}

fn charged(row: &OverageRow, item: String) -> Charge {
    let overage = &row.overage;
    let happening = Happening::OverageCharged {
        pot: overage.pot.clone(),
        start: overage.start,
        end: overage.end,
        amount: overage.amount,
        invoice_item: item.clone(),
    };
    let done = OverageRow {
        status: OverageStatus::Charged,
        outcome: Some(item),
        last_error: None,
        ..row.clone()
    };
    Charge::Moved(Box::new(done), Some(happening))
}

/// The provider refuses it as such: it is not tried again, and a person must look.
fn waived(row: &OverageRow, code: &str) -> Charge {
    tracing::error!(overage = %row.id, contract = %row.contract, code, "the provider refuses a charge for use");
    let overage = &row.overage;
    let happening = Happening::OverageRefused {
        pot: overage.pot.clone(),
        start: overage.start,
        end: overage.end,
        amount: overage.amount,
        code: code.to_owned(),
    };
    let over = OverageRow {
        status: OverageStatus::Waived,
        last_error: Some(code.to_owned()),
        ..row.clone()
    };
    Charge::Moved(Box::new(over), Some(happening))
}

/// It provably did not happen: it is prepared anew, under a new key.
fn anew(row: &OverageRow, why: String, now: Timestamp) -> OverageRow {
    OverageRow {
        request: None,
        invoice: None,
        prepared_at: None,
        status: OverageStatus::Owed,
        next_try_at: later(now, A_MINUTE),
        last_error: Some(why),
        ..row.clone()
    }
}
