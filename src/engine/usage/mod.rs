//! What accounts use: reports are counted once, in the book of their contract.
//!
//! A report is counted under the book's version, by whoever answers the request. Everything that is told of a book (history,
//! mails, events) and charged for it is written by the holder of the contract's lease, when it is looked at next.

mod charging;
mod keeping;
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::changes::TRIES_MAX;
use super::{Engine, EngineError};
use crate::domain::account::{self, Account, Contract, ContractId};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::{Refusal, RefusalCode};
use crate::domain::metering::{
    Book, ClientLimit, CreditLine, Limit, Pot, Quantity, Report, Tally, UsageProblem, UsedAgainst, World,
    advance, against, count,
};
use crate::ports::store::{BookRecord, ReportRow, Written};

/// A report and the contract that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// Whose use.
    pub contract: ContractId,
    /// What was used.
    pub report: Report,
}

/// What became of a report.
#[derive(Debug, Clone)]
pub enum ReportAnswer {
    /// It was counted, now or before, or stopped at the limit.
    Taken(Taken),
    /// It cannot be counted.
    Refused(Refusal),
    /// There is no such contract of this seller.
    NoContract,
}

/// A report that could be taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Whether the use may go on: not where it stops at the limit, and this would have gone beyond. It was not counted then.
    pub allowed: bool,
    /// Whether it had been counted before.
    pub repeated: bool,
    /// What it was counted in, where that is still open.
    pub tally: Option<Tally>,
    /// The contract's rules.
    pub playbook: Arc<Playbook>,
}

/// What is used on a contract, brought to the present.
#[derive(Debug, Clone)]
pub struct UsageNow {
    /// Whose it is.
    pub account: Account,
    /// What is held.
    pub contract: Contract,
    /// By which rules it is counted.
    pub playbook: Arc<Playbook>,
    /// What was used, and what can be.
    pub book: Book,
    /// The present.
    pub now: Timestamp,
}

/// A book that is being written.
struct Writing {
    before: Book,
    book: Book,
    lines: Vec<CreditLine>,
    rows: Vec<ReportRow>,
    alerting: bool,
}

/// By what use is counted: the seller's rules, the client's own limits, and the present.
struct Counting {
    playbook: Arc<Playbook>,
    limits: Vec<ClientLimit>,
    now: Timestamp,
}

impl Counting {
    fn world<'w>(&'w self, contract: &'w Contract) -> World<'w> {
        World {
            playbook: &self.playbook,
            contract,
            limits: &self.limits,
            now: self.now,
        }
    }
}

impl Engine {
    /// Counts reports of use, each for itself: what is refused holds up nothing else. Repeating a report changes nothing.
    pub async fn report_usage(
        &self,
        seller: &SellerId,
        reports: &[UsageReport],
    ) -> Result<Vec<ReportAnswer>, EngineError> {
        let mut by_contract: BTreeMap<ContractId, Vec<usize>> = BTreeMap::new();
        for (place, report) in reports.iter().enumerate() {
            by_contract.entry(report.contract).or_default().push(place);
        }
        let mut answers: Vec<Option<ReportAnswer>> = vec![None; reports.len()];
        for (contract, places) in by_contract {
            let theirs: Vec<&Report> = places
                .iter()
                .filter_map(|place| reports.get(*place))
                .map(|report| &report.report)
                .collect();
            let answered = self.count_on(contract, seller, &theirs).await?;
            for (place, answer) in places.into_iter().zip(answered) {
                if let Some(slot) = answers.get_mut(place) {
                    *slot = Some(answer);
                }
            }
        }
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or(ReportAnswer::NoContract))
            .collect())
    }

    async fn count_on(
        &self,
        contract: ContractId,
        seller: &SellerId,
        reports: &[&Report],
    ) -> Result<Vec<ReportAnswer>, EngineError> {
        for _ in 0..TRIES_MAX {
            let found = self.store().contract(contract).await?;
            let Some(contract) = found.filter(|contract| contract.seller == *seller) else {
                return Ok(vec![ReportAnswer::NoContract; reports.len()]);
            };
            if let Some(answers) = self.try_to_count(&contract, reports).await? {
                return Ok(answers);
            }
        }
        Err(EngineError::Contended)
    }

    /// Counts and writes; nothing where the book has moved meanwhile.
    async fn try_to_count(
        &self,
        contract: &Contract,
        reports: &[&Report],
    ) -> Result<Option<Vec<ReportAnswer>>, EngineError> {
        let ids = reports.iter().map(|report| report.id.clone()).collect();
        let known = self.store().usage_reports(&contract.seller, ids).await?;
        let mut known: BTreeMap<String, ReportRow> = known
            .into_iter()
            .map(|row| (row.report.id.clone(), row))
            .collect();
        let counting = self.counting(contract).await?;
        let (world, playbook) = (counting.world(contract), &counting.playbook);
        let mut writing = self.open_book(&world).await?;
        let mut answers = Vec::with_capacity(reports.len());
        for report in reports {
            let answer = match known.get(&report.id) {
                Some(row) => repeated(row, contract.id, report, &writing.book, playbook),
                None => writing.count(report, &world, playbook),
            };
            if let (None, Some(row)) = (known.get(&report.id), writing.rows.last())
                && row.report.id == report.id
            {
                known.insert(report.id.clone(), row.clone());
            }
            answers.push(answer);
        }
        if writing.rows.is_empty() {
            return Ok(Some(answers));
        }
        let wake = (writing.alerting || writing.before.version == 0).then_some(world.now);
        let written = self.store().keep_book(writing.record(contract.id, wake)).await?;
        if wake.is_some() {
            self.parts.bell.ring();
        }
        Ok((written == Written::Done).then_some(answers))
    }

    /// By what the use of a contract is counted at this moment.
    async fn counting(&self, contract: &Contract) -> Result<Counting, EngineError> {
        Ok(Counting {
            playbook: self.sellers().get(&contract.seller)?.playbook.clone(),
            limits: self.client_limits(contract).await?,
            now: self.now(),
        })
    }

    async fn open_book(&self, world: &World<'_>) -> Result<Writing, EngineError> {
        let before = self.store().book(world.contract.id).await?;
        let mut book = before.clone();
        let lines = advance(&mut book, world);
        Ok(Writing {
            before,
            book,
            lines,
            rows: Vec::new(),
            alerting: false,
        })
    }

    /// The limits that an agency has set for its client, and what it allows the client: both hold instead of the file's.
    pub(super) async fn client_limits(&self, contract: &Contract) -> Result<Vec<ClientLimit>, EngineError> {
        if contract.client.is_none() {
            return Ok(Vec::new());
        }
        let Some(client) = self.store().client(contract.account).await? else {
            return Ok(Vec::new());
        };
        let meter = |id: &str| id.parse().ok();
        let limits = client.settings.limits.iter().filter_map(|(id, limit)| {
            let limit = match (*limit)? {
                account::Limit::Count(units) => Limit::Count(Quantity::whole(units)?),
                account::Limit::Money(worth) => Limit::Money(worth),
            };
            Some((id.as_str(), limit))
        });
        let allowances = client.settings.allowances.iter().filter_map(|(id, units)| {
            let limit = Limit::Count(Quantity::whole(*units)?);
            Some((id.as_str(), limit))
        });
        let set = limits.chain(allowances).filter_map(|(id, limit)| {
            let meter = meter(id)?;
            Some(ClientLimit { meter, limit })
        });
        Ok(set.collect())
    }

    /// What is used on a contract, item by item, against what it would allow as `after`: for whoever lowers something.
    pub async fn usage_against(
        &self,
        contract: &Contract,
        after: &Contract,
    ) -> Result<Vec<UsedAgainst>, EngineError> {
        let counting = self.counting(contract).await?;
        let world = counting.world(contract);
        let book = self.open_book(&world).await?.book;
        Ok(against(&book, &world, after))
    }

    /// Reads what is used on a contract, brought to the present without writing anything.
    pub async fn usage(&self, contract: ContractId, seller: &SellerId) -> Result<UsageNow, EngineError> {
        let contract = self.contract_of(contract, seller).await?;
        let account = self.account_of(contract.account, seller).await?;
        self.usage_of(account, contract).await
    }

    /// The same, of a contract that was read with its account.
    pub async fn usage_of(&self, account: Account, contract: Contract) -> Result<UsageNow, EngineError> {
        let counting = self.counting(&contract).await?;
        let book = self.open_book(&counting.world(&contract)).await?.book;
        let Counting { playbook, now, .. } = counting;
        Ok(UsageNow {
            account,
            contract,
            playbook,
            book,
            now,
        })
    }
}

impl Writing {
    fn count(&mut self, report: &Report, world: &World<'_>, playbook: &Arc<Playbook>) -> ReportAnswer {
        let mut book = self.book.clone();
        let counted = match count(&mut book, report, world) {
            Ok(counted) => counted,
            Err(problem) => return ReportAnswer::Refused(refusal(&problem)),
        };
        if counted.allowed {
            self.book = book;
            self.lines.extend(counted.line);
            self.alerting |= counted.alerting;
            self.rows.push(ReportRow {
                seller: world.contract.seller.clone(),
                contract: world.contract.id,
                report: report.clone(),
                received_at: world.now,
            });
        }
        ReportAnswer::Taken(Taken {
            allowed: counted.allowed,
            repeated: false,
            tally: Some(counted.tally),
            playbook: playbook.clone(),
        })
    }

    fn record(self, contract: ContractId, wake: Option<Timestamp>) -> BookRecord {
        BookRecord {
            contract,
            expected_version: self.before.version,
            lines: self.book.lines,
            fence: None,
            reports: self.rows,
            tallies: self.book.changed_since(&self.before),
            closed: Vec::new(),
            credits: self.lines,
            overages: Vec::new(),
            entries: Vec::new(),
            outbox: Vec::new(),
            wake,
        }
    }
}

/// The answer to a report whose name is known: the same again, or a conflict.
fn repeated(
    row: &ReportRow,
    contract: ContractId,
    report: &Report,
    book: &Book,
    playbook: &Arc<Playbook>,
) -> ReportAnswer {
    // Times are kept to the millisecond.
    let same = Report {
        at: row.report.at,
        ..report.clone()
    } == row.report
        && report.at.as_millisecond() == row.report.at.as_millisecond()
        && row.contract == contract;
    if !same {
        let detail = format!(
            "A report `{}` was counted before, with other content. Nothing of this one was counted.",
            report.id
        );
        return ReportAnswer::Refused(Refusal::new(RefusalCode::UsageConflict, detail).at("/id"));
    }
    let pot = playbook.metering.meter(&report.meter).map_or_else(
        || Pot::Meter(report.meter.clone()),
        crate::domain::metering::Meter::pot,
    );
    ReportAnswer::Taken(Taken {
        allowed: true,
        repeated: true,
        tally: book.tally(&pot, report.at).or_else(|| book.newest(&pot)).cloned(),
        playbook: playbook.clone(),
    })
}

fn refusal(problem: &UsageProblem) -> Refusal {
    let code = match problem {
        UsageProblem::UnknownMeter(_) => RefusalCode::UsageMeterUnknown,
        UsageProblem::UnknownVariant { .. }
        | UsageProblem::Variant { .. }
        | UsageProblem::Decimals { .. }
        | UsageProblem::Amount => RefusalCode::UsageInvalid,
        UsageProblem::InFuture { .. } => RefusalCode::UsageInFuture,
        UsageProblem::PeriodClosed { .. } => RefusalCode::UsagePeriodClosed,
        UsageProblem::ContractEnded => RefusalCode::ContractEnded,
    };
    let said = problem.to_string();
    let mut letters = said.chars();
    let said: String = letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    Refusal::new(code, format!("{said}. Nothing of it was counted.")).at(format!("/{}", problem.field()))
}
