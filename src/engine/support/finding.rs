//! Finding changes, and reading everything about one.

use super::inbox::at_stake;
use super::standing::Holdings;
use super::{Case, CaseLine, CasePage, CaseSearch};
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::domain::change::stuck::NOT_LONG;
use crate::engine::{Engine, EngineError};
use crate::ports::store::{ChangeRow, Concern, Dossier, Search};

/// How many changes are read for one page of stuck ones at most: what is left begins the next page.
const READ_MAX: usize = 1000;

impl Engine {
    /// A page of changes for support. A page of stuck ones may hold fewer than asked for, and still not be the last.
    pub async fn cases(&self, wanted: &CaseSearch) -> Result<CasePage, EngineError> {
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let mut search = Search {
            seller: wanted.seller.clone(),
            stage: wanted.stage.clone(),
            finding: wanted.finding.clone(),
            unmoved_since: wanted.unmoved_since,
            concern: wanted.stuck.then(|| Concern {
                now: self.now(),
                overdue: NOT_LONG,
            }),
            after: wanted.after,
            limit: wanted.limit,
            ..Search::default()
        };
        let (mut lines, mut read) = (Vec::new(), 0);
        loop {
            let rows = self.store().find_changes(search.clone()).await?;
            let last_page = rows.len() < limit;
            for change in rows {
                read += 1;
                search.after = Some(change.id);
                let line = self.line(change).await?;
                if wanted.stuck && line.stuck.is_empty() {
                    continue;
                }
                lines.push(line);
                if lines.len() == limit {
                    return Ok(CasePage {
                        lines,
                        next: search.after,
                    });
                }
            }
            if last_page {
                return Ok(CasePage { lines, next: None });
            }
            if read >= READ_MAX {
                return Ok(CasePage {
                    lines,
                    next: search.after,
                });
            }
        }
    }

    async fn line(&self, change: ChangeRow) -> Result<CaseLine, EngineError> {
        let stuck = match self.store().dossier(change.id).await? {
            Some(dossier) => self.holdings(dossier).await?.stuck(),
            None => Vec::new(),
        };
        Ok(CaseLine { change, stuck })
    }

    /// Everything about one change: of this seller, or of any when none is named.
    pub async fn case(&self, change: ChangeId, seller: Option<&SellerId>) -> Result<Case, EngineError> {
        let holdings = self.holdings(self.dossier_of(change, seller).await?).await?;
        let (stuck, actions) = (holdings.stuck(), holdings.actions());
        let timeline = self.timeline(&holdings.dossier).await?;
        let money = at_stake(holdings.stage.as_ref(), &holdings.dossier.situation.contract);
        let Holdings {
            dossier,
            stage,
            playbook,
            ..
        } = holdings;
        let Dossier {
            situation,
            effects,
            departures,
            inbound,
        } = dossier;
        Ok(Case {
            change: situation.change,
            stage,
            stuck,
            actions,
            money,
            account: situation.account,
            contract: situation.contract,
            playbook,
            due_at: situation.work.due_at,
            effects,
            departures,
            inbound,
            timeline,
        })
    }

    pub(super) async fn dossier_of(
        &self,
        change: ChangeId,
        seller: Option<&SellerId>,
    ) -> Result<Dossier, EngineError> {
        let found = self.store().dossier(change).await?;
        found
            .filter(|dossier| seller.is_none_or(|seller| dossier.situation.change.seller == *seller))
            .ok_or_else(|| EngineError::no_change(change))
    }
}
