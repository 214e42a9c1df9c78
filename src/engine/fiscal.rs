//! Tax documents: the seller's tax-invoice system hands them back, and the customer gets them by mail.

use serde::{Deserialize, Serialize};

use super::accounts::PresentNew;
use super::{Asked, Engine, EngineError, Reply};
use crate::domain::change::{ChangeId, Refusal, RefusalCode, Stage, read_stage};
use crate::ports::mail::News;
use crate::ports::store::{Channel, FiscalDocument, NewFiscalDocument, OutboxRow, Situation};

/// A document that was issued for a finished change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedDocument {
    /// Its number.
    pub number: String,
    /// Where it can be read.
    pub url: Option<String>,
}

impl Engine {
    /// Keeps a document and owes the mail that brings it. Handing the same number in again changes nothing, and gives the
    /// document that is there.
    pub async fn add_fiscal_document(
        &self,
        change: ChangeId,
        issued: &IssuedDocument,
        asked: &Asked,
        present: PresentNew<'_, FiscalDocument>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let situation = self.situation_of(change, &asked.seller).await?;
        let stage = read_stage(&situation.change.stage)?;
        if !matches!(stage, Stage::Active { .. }) {
            let detail = "A tax document belongs to a finished change; this one is not active.";
            return Err(Refusal::new(RefusalCode::NotAllowedHere, detail).into());
        }
        let facts = serde_json::to_vec(issued)?;
        // The second time round, the document that came in between is there to be found.
        for _ in 0..2 {
            let document = self.document(change, issued).await?;
            let outbox = [Channel::Event, Channel::Mail]
                .map(|channel| self.fiscal_row(channel, &situation, &document, facts.clone()));
            let answer = present(&document)?;
            let new = NewFiscalDocument {
                document,
                outbox: outbox.into(),
                request: asked.keeping(&answer),
            };
            let written = self.store().add_fiscal_document(new).await?;
            self.parts.bell.ring();
            if let Some(reply) = Reply::to(written, answer)? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }

    /// The document of this number, as it is kept, or new.
    async fn document(
        &self,
        change: ChangeId,
        issued: &IssuedDocument,
    ) -> Result<FiscalDocument, EngineError> {
        let kept = self.store().fiscal_documents(change).await?;
        let now = self.now();
        let known = kept.into_iter().find(|kept| kept.number == issued.number);
        Ok(known.unwrap_or_else(|| FiscalDocument {
            id: self.parts.ids.new_id(now),
            change,
            number: issued.number.clone(),
            url: issued.url.clone(),
            at: now,
        }))
    }

    /// The documents of a change.
    pub async fn fiscal_documents(
        &self,
        change: ChangeId,
        asked: &Asked,
    ) -> Result<Vec<FiscalDocument>, EngineError> {
        self.situation_of(change, &asked.seller).await?;
        Ok(self.store().fiscal_documents(change).await?)
    }

    fn fiscal_row(
        &self,
        channel: Channel,
        situation: &Situation,
        document: &FiscalDocument,
        facts: Vec<u8>,
    ) -> OutboxRow {
        let way = match channel {
            Channel::Mail => "mail",
            Channel::Event => "event",
        };
        OutboxRow {
            id: self.parts.ids.new_id(document.at),
            dedupe_key: format!("{}.nota_fiscal.{}.{way}", document.change, document.id),
            channel,
            seller: situation.change.seller.clone(),
            account: situation.change.account,
            topic: "nota_fiscal".to_owned(),
            entry: Some((document.change, situation.change.version)),
            facts,
            at: document.at,
            attempts: 0,
            leaves: self.leaves(channel, &situation.change.seller),
        }
    }

    /// What the mail of a document says.
    pub(super) fn fiscal_news(row: &OutboxRow, stage: &Stage) -> Result<Option<News>, EngineError> {
        let Stage::Active { receipt, .. } = stage else {
            return Ok(None);
        };
        let issued: IssuedDocument = serde_json::from_slice(&row.facts)?;
        Ok(Some(News::NotaFiscalIssued {
            number: issued.number,
            url: issued.url,
            amount: receipt.charged,
        }))
    }
}
