//! Looking at a book: months turn, limits are told of, periods are closed, and all of it is written under the contract's lease.

use jiff::{SignedDuration, Timestamp};

use crate::domain::account::Contract;
use crate::domain::catalog::Playbook;
use crate::domain::change::Actor;
use crate::domain::metering::{Happening, World, next_moment, settle};
use crate::engine::changes::TRIES_MAX;
use crate::engine::pace::later;
use crate::engine::{Engine, EngineError};
use crate::ports::store::{BookRecord, ClosedTally, JournalEntry, Lease, OverageRow, OverageStatus, Written};

/// How soon a book is looked at again that kept moving.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    /// Brings the book of a contract to the present and writes what is to be told, closed and charged. Says when it must be looked
    /// at next; never, where nothing is counted.
    pub(in crate::engine) async fn tend_usage(
        &self,
        lease: Lease,
        contract: &Contract,
    ) -> Result<Option<Timestamp>, EngineError> {
        let playbook = self.sellers().get(&contract.seller)?.playbook.clone();
        if playbook.metering.is_empty() && self.store().book(contract.id).await?.version == 0 {
            return Ok(None);
        }
        let turns = self.settle_book(lease, contract, &playbook).await?;
        let charges = self.charge_overages(lease, contract, &playbook).await?;
        Ok(turns.into_iter().chain(charges).min())
    }

    async fn settle_book(
        &self,
        lease: Lease,
        contract: &Contract,
        playbook: &Playbook,
    ) -> Result<Option<Timestamp>, EngineError> {
        let limits = self.client_limits(contract).await?;
        for _ in 0..TRIES_MAX {
            let before = self.store().book(contract.id).await?;
            let now = self.now();
            let world = World {
                playbook,
                contract,
                limits: &limits,
                now,
            };
            let mut book = before.clone();
            let settled = settle(&mut book, &world);
            let next = next_moment(&book, &world);
            let tallies = book.changed_since(&before);
            let unmoved = tallies.is_empty() && settled.closed.is_empty() && settled.happenings.is_empty();
            if unmoved && settled.lines.is_empty() {
                return Ok(next);
            }
            let overages = settled.overages.iter().map(|overage| OverageRow {
                id: overage.mark(contract.id),
                contract: contract.id,
                overage: overage.clone(),
                request: None,
                invoice: None,
                generation: 0,
                status: OverageStatus::Owed,
                attempts: 0,
                prepared_at: None,
                next_try_at: now,
                outcome: None,
                last_error: None,
            });
            let closed = settled.closed.iter().map(|tally| ClosedTally {
                tally: tally.clone(),
                closed_at: now,
            });
            let record = BookRecord {
                contract: contract.id,
                expected_version: before.version,
                lines: book.lines,
                fence: Some(lease),
                reports: Vec::new(),
                tallies,
                closed: closed.collect(),
                credits: settled.lines.clone(),
                overages: overages.collect(),
                entries: self.note_usage(contract, &settled.happenings).await?,
                outbox: self.tell_usage(contract, playbook, &settled.happenings)?,
                wake: None,
            };
            if self.store().keep_book(record).await? == Written::Done {
                self.parts.bell.ring();
                return Ok(next);
            }
        }
        Ok(Some(later(self.now(), AGAIN)))
    }

    /// The lines of the contract's history.
    pub(super) async fn note_usage(
        &self,
        contract: &Contract,
        happenings: &[Happening],
    ) -> Result<Vec<JournalEntry>, EngineError> {
        self.chronicle(contract.id, happenings, &Actor::system(), contract.version)
            .await
    }
}
