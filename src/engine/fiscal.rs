//! Tax documents: the seller's tax-invoice system hands them back, and the customer gets them by mail.

use serde::{Deserialize, Serialize};

use super::{Asked, Engine, EngineError};
use crate::domain::change::{ChangeId, Refusal, RefusalCode, Stage, read_stage};
use crate::ports::mail::News;
use crate::ports::store::{Channel, FiscalDocument, OutboxRow, Situation};

/// A document that was issued for a finished change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedDocument {
    /// Its number.
    pub number: String,
    /// Where it can be read.
    pub url: Option<String>,
}

impl Engine {
    /// Keeps a document and owes the mail that brings it. Handing the same number in again changes nothing.
    pub async fn add_fiscal_document(
        &self,
        change: ChangeId,
        issued: &IssuedDocument,
        asked: &Asked,
    ) -> Result<FiscalDocument, EngineError> {
        let situation = self.situation_of(change, &asked.seller).await?;
        let stage = read_stage(&situation.change.stage)?;
        if !matches!(stage, Stage::Active { .. }) {
            let detail = "A tax document belongs to a finished change; this one is not active.";
            return Err(Refusal::new(RefusalCode::NotAllowedHere, detail).into());
        }
        let now = self.now();
        let document = FiscalDocument {
            id: self.parts.ids.new_id(now),
            change,
            number: issued.number.clone(),
            url: issued.url.clone(),
            at: now,
        };
        let facts = serde_json::to_vec(issued)?;
        let outbox = [Channel::Event, Channel::Mail]
            .map(|channel| self.fiscal_row(channel, &situation, &document, facts.clone()));
        self.store()
            .add_fiscal_document(document.clone(), outbox.into())
            .await?;
        self.parts.bell.ring();
        let kept = self.store().fiscal_documents(change).await?;
        Ok(kept
            .into_iter()
            .find(|kept| kept.number == issued.number)
            .unwrap_or(document))
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
