//! What is used: books, reports, credits and what goes beyond.

use std::sync::Arc;

use changeover::domain::account::ContractId;
use changeover::domain::metering::Book;
use changeover::ports::store::{
    BookRecord, ClientRequest, ClosedTally, OverageRow, OverageStatus, PageAsk, PrerequisiteLine, Subject,
    Written,
};

use super::changes::append;
use super::tables::{Tables, page, write};
use super::{Outcome, Rules, Undo, damaged};

impl Tables {
    pub(super) fn keep_book(&mut self, record: &BookRecord, rules: &Rules) -> Outcome<Written> {
        let contract = record.contract;
        let (version, _) = self.books.get(&contract).copied().unwrap_or_default();
        let lost = record.fence.is_some_and(|lease| {
            rules.fence && !(lease.subject == Subject::Contract(contract) && self.holds(lease))
        });
        let known = |row: &changeover::ports::store::ReportRow| {
            self.reports
                .contains_key(&(row.seller.clone(), row.report.id.clone()))
        };
        let moved = rules.books_follow && version != record.expected_version;
        if lost || moved || record.reports.iter().any(known) {
            return Err(Undo::Answer(Written::Stale));
        }
        write(&mut self.books).insert(contract, (record.expected_version + 1, record.lines));
        for row in &record.reports {
            write(&mut self.reports).insert((row.seller.clone(), row.report.id.clone()), row.clone());
        }
        let open = record.tallies.iter().map(|tally| (tally, None));
        let closed = record
            .closed
            .iter()
            .map(|closed| (&closed.tally, Some(closed.closed_at)));
        for (tally, closed_at) in open.chain(closed) {
            let key = (contract, tally.pot.clone(), tally.start);
            write(&mut self.tallies).insert(key, (tally.clone(), closed_at));
        }
        for line in &record.credits {
            let lines = write(&mut self.credit_lines).entry(contract).or_default();
            if lines.len() as u64 + 1 != line.seq && rules.books_follow {
                return Err(damaged("credit_line.seq").into());
            }
            lines.push(line.clone());
        }
        for row in &record.overages {
            write(&mut self.overages).insert(row.id, row.clone());
        }
        if !record.entries.is_empty() {
            let lines = Arc::make_mut(write(&mut self.contract_journal).entry(contract).or_default());
            let head = lines.last().map_or((0, [0; 32]), |last| (last.seq, last.hash));
            append(lines, head, &record.entries, "contract_journal")?;
        }
        self.put_outbox(&record.outbox);
        if let Some(at) = record.wake {
            self.wake(Subject::Contract(contract), at, rules);
        }
        Ok(Written::Done)
    }

    pub(super) fn book(&self, contract: ContractId) -> Book {
        let (version, lines) = self.books.get(&contract).copied().unwrap_or_default();
        let mut tallies: Vec<_> = self
            .tallies
            .iter()
            .filter(|((of, ..), (_, closed_at))| *of == contract && closed_at.is_none())
            .map(|(_, (tally, _))| tally.clone())
            .collect();
        tallies.sort_by_key(|tally| (tally.start, tally.pot.to_string()));
        Book {
            version,
            lines,
            tallies,
        }
    }

    pub(super) fn closed_tallies(&self, contract: ContractId, ask: PageAsk) -> Vec<ClosedTally> {
        let closed = self.tallies.iter().filter(|((of, ..), _)| *of == contract);
        let mut closed: Vec<ClosedTally> = closed
            .filter_map(|(_, (tally, closed_at))| {
                Some(ClosedTally {
                    tally: tally.clone(),
                    closed_at: (*closed_at)?,
                })
            })
            .collect();
        closed.sort_by(|one, other| {
            let newest = other.tally.start.cmp(&one.tally.start);
            newest.then_with(|| one.tally.pot.to_string().cmp(&other.tally.pot.to_string()))
        });
        page(&closed, ask.after, ask.limit)
    }

    pub(super) fn overages_of(&self, contract: ContractId, open: bool) -> Vec<OverageRow> {
        let over = |row: &OverageRow| matches!(row.status, OverageStatus::Charged | OverageStatus::Waived);
        let theirs = self.overages.values().filter(|row| row.contract == contract);
        let mut theirs: Vec<OverageRow> = theirs.filter(|row| !open || !over(row)).cloned().collect();
        theirs.sort_by(|one, other| {
            let newest = other.overage.start.cmp(&one.overage.start);
            newest.then_with(|| one.overage.pot.to_string().cmp(&other.overage.pot.to_string()))
        });
        theirs.truncate(200);
        theirs
    }

    pub(super) fn add_prerequisite(
        &mut self,
        line: &PrerequisiteLine,
        request: Option<&ClientRequest>,
        rules: &Rules,
    ) -> Outcome<Written> {
        self.remember(request, rules)?;
        let key = (line.account, line.prerequisite.clone(), line.seq);
        if self.prerequisites.contains_key(&key) {
            return Err(Undo::Answer(Written::Stale));
        }
        write(&mut self.prerequisites).insert(key, line.clone());
        Ok(Written::Done)
    }
}
