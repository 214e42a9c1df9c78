//! Conditional prerequisites of an account: what is said of them is kept in order, and where they stand is read from it.

use serde::{Deserialize, Serialize};

use super::accounts::PresentNew;
use super::changes::TRIES_MAX;
use super::{Asked, Engine, EngineError, Reply};
use crate::domain::account::{Account, AccountId, PrerequisiteSaid, PrerequisiteStanding};
use crate::domain::catalog::PrerequisiteId;
use crate::domain::change::{Actor, Refusal, RefusalCode};
use crate::ports::store::{PrerequisiteLine, StoreError, StoreResult};

/// The content of a line.
#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    said: PrerequisiteSaid,
    actor: Actor,
}

fn said(line: &PrerequisiteLine) -> StoreResult<PrerequisiteSaid> {
    let read: Result<Line, _> = serde_json::from_slice(&line.content);
    read.map(|line| line.said)
        .map_err(|_| StoreError::Damaged("prerequisite_line.content".to_owned()))
}

impl Engine {
    /// Where every prerequisite of the seller stands with an account, in the seller's order.
    pub async fn prerequisites(
        &self,
        account: &Account,
    ) -> Result<Vec<(PrerequisiteId, PrerequisiteStanding)>, EngineError> {
        let playbook = self.sellers().get(&account.seller)?.playbook.clone();
        if playbook.catalog.prerequisites.is_empty() {
            return Ok(Vec::new());
        }
        let lines = self.store().prerequisite_lines(account.id).await?;
        let standings = playbook.catalog.prerequisites.iter().map(|prerequisite| {
            let own = lines.iter().filter(|line| line.prerequisite == prerequisite.id);
            let told = own.map(|line| Ok((line.at, said(line)?)));
            let told = told.collect::<StoreResult<Vec<_>>>()?;
            Ok((prerequisite.id.clone(), PrerequisiteStanding::after(told)))
        });
        Ok(standings.collect::<StoreResult<Vec<_>>>()?)
    }

    /// Keeps what is said about a prerequisite. What is met must have been said to apply.
    pub async fn say_prerequisite(
        &self,
        account: AccountId,
        prerequisite: &PrerequisiteId,
        what: PrerequisiteSaid,
        asked: &Asked,
        present: PresentNew<'_, PrerequisiteStanding>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let account = self.account_of(account, &asked.seller).await?;
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        if playbook.catalog.prerequisite(prerequisite).is_none() {
            return Err(EngineError::NotFound {
                what: "prerequisite",
                id: prerequisite.to_string(),
            });
        }
        for _ in 0..TRIES_MAX {
            let lines = self.store().prerequisite_lines(account.id).await?;
            let own: Vec<_> = lines
                .iter()
                .filter(|line| line.prerequisite == *prerequisite)
                .collect();
            let told = own.iter().map(|line| Ok((line.at, said(line)?)));
            let standing = PrerequisiteStanding::after(told.collect::<StoreResult<Vec<_>>>()?);
            let applies = matches!(
                standing,
                PrerequisiteStanding::Open { .. } | PrerequisiteStanding::Met { .. }
            );
            if what == PrerequisiteSaid::Met && !applies {
                let detail = "Nobody has said that this applies to the account, so that there is nothing to meet. Say `applies` first.";
                return Err(Refusal::new(RefusalCode::NothingToDo, detail).at("/said").into());
            }
            let now = self.now();
            let after = standing.then(what, now);
            let answer = present(&after)?;
            let line = PrerequisiteLine {
                account: account.id,
                prerequisite: prerequisite.clone(),
                seq: own.last().map_or(1, |last| last.seq + 1),
                at: now,
                content: serde_json::to_vec(&Line {
                    v: 1,
                    said: what,
                    actor: asked.actor.clone(),
                })?,
            };
            let written = self
                .store()
                .add_prerequisite_line(line, asked.keeping(&answer))
                .await?;
            if let Some(reply) = Reply::to(written, answer)? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }
}
