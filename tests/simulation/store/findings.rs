//! What comparisons with the provider have found.

use changeover::domain::account::ContractId;
use changeover::domain::catalog::SellerId;
use changeover::ports::store::{FindingRow, PageAsk};

use super::tables::{Tables, page, write};

impl Tables {
    /// Keeps what was found in place of what was found before; what was known keeps its first day.
    pub(super) fn keep_findings(&mut self, contract: ContractId, mut found: Vec<FindingRow>) {
        let kept = write(&mut self.findings).entry(contract).or_default();
        for row in &mut found {
            let same =
                |known: &&FindingRow| known.code == row.code && known.evidence.object == row.evidence.object;
            if let Some(known) = kept.iter().find(same) {
                row.first_seen_at = known.first_seen_at;
            }
        }
        found.sort_by(|one, other| in_a_contract(one).cmp(&in_a_contract(other)));
        *kept = found;
    }

    /// What was found at all contracts of a seller, the longest known first.
    pub(super) fn findings_of_seller(&self, seller: &SellerId, ask: PageAsk) -> Vec<FindingRow> {
        let all = self.findings.values().flatten();
        let mut theirs: Vec<FindingRow> = all.filter(|row| row.seller == *seller).cloned().collect();
        theirs.sort_by(|one, other| {
            let first = (one.first_seen_at, one.contract).cmp(&(other.first_seen_at, other.contract));
            first.then_with(|| in_a_contract(one).cmp(&in_a_contract(other)))
        });
        page(&theirs, ask.after, ask.limit)
    }
}

fn in_a_contract(row: &FindingRow) -> (&'static str, &str) {
    (row.code.as_str(), &row.evidence.object)
}
