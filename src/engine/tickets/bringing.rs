//! A request that somebody brings: support by its own, or the help desk out of a mail. What comes from an address that is not the
//! primary admin's is held, and nothing else happens until somebody has verified it.

use std::collections::BTreeMap;

use super::{FormWords, Words, answered};
use crate::domain::account::ContractId;
use crate::domain::catalog::Selection;
use crate::domain::change::{
    AskChannel, Event, Refusal, RefusalCode, Stage, TicketAsk, TicketMaker, machine_version, write_stage,
};
use crate::engine::changes::Present;
use crate::engine::drafting::Draft;
use crate::engine::{Asked, Engine, EngineError, OpenChange, Reply};
use crate::ports::store::{Grounds, NoteKind, Situation};

/// A request that support brings.
#[derive(Debug, Clone)]
pub struct BringTicket {
    /// On which contract.
    pub contract: ContractId,
    /// What is asked for; nothing for the end of the whole contract.
    pub selection: Option<Selection>,
    /// From which address it came, where it came by mail; support's own where it did not.
    pub from: Option<String>,
    /// What was said, by the fields of the seller's form.
    pub fields: BTreeMap<String, String>,
    /// Only say what would be done.
    pub dry_run: bool,
}

impl Engine {
    /// Opens a request that support brings. By mail it is accepted from the primary admin's address alone, and held from any other.
    pub async fn bring_ticket(
        &self,
        wish: &BringTicket,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let brought = self.bring_anew(wish, asked, present).await;
        if wish.dry_run {
            return brought;
        }
        self.or_replay(asked, brought).await
    }

    /// The change that the request becomes, before anything is decided about it.
    fn not_yet_decided(
        &self,
        wish: &BringTicket,
        selection: &Selection,
        asked: &Asked,
        grounds: Grounds,
    ) -> Result<Situation, EngineError> {
        let as_opened = OpenChange {
            contract: wish.contract,
            selection: selection.clone(),
            return_url: None,
            cancel_url: None,
            supersedes: None,
        };
        let mut change = self.new_change(&as_opened, asked, &grounds.contract)?;
        change.stage = write_stage(&Stage::Draft {
            selection: selection.clone(),
            problem: None,
        })?;
        change.machine_version = machine_version();
        Ok(Situation {
            change,
            account: grounds.account,
            billing: grounds.billing,
            contract: grounds.contract,
            effects: Vec::new(),
            work: crate::domain::change::stuck::Work::default(),
        })
    }

    async fn bring_anew(
        &self,
        wish: &BringTicket,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let grounds = self.grounds_of(wish.contract, &asked.seller).await?;
        if let Some(open) = grounds.open {
            return Err(EngineError::Blocked(open));
        }
        let selection = match &wish.selection {
            Some(selection) => selection.clone(),
            None => Selection::of_contract(&grounds.contract),
        };
        let from = wish.from.as_deref().map(sender).transpose()?;
        let held = from
            .as_ref()
            .is_some_and(|from| !grounds.account.is_primary_admin(from));
        let situation = self.not_yet_decided(wish, &selection, asked, grounds)?;
        let footing = *self.standing_on(situation).await?;
        // Support may know less than the seller's form asks: what it says must be right, and it need not say all.
        let fields = said_by_support(&footing.playbook.policy.ticket, &wish.fields)?;
        let mut draft = Draft::new(self, footing);
        let (channel, made_by) = if from.is_some() {
            (AskChannel::Mail, TicketMaker::Customer)
        } else {
            (AskChannel::Support, TicketMaker::Support)
        };
        let words = FormWords { from, fields };
        let form = (words != FormWords::default())
            .then(|| serde_json::to_vec(&words))
            .transpose()?
            .map(|data| Words {
                kind: NoteKind::Form,
                author: TicketMaker::Support,
                data,
            })
            .map(|words| draft.with_words(self, words));
        let event = Event::TicketBrought {
            selection,
            ask: TicketAsk {
                form,
                channel,
                made_by,
                direct: false,
                ends: wish.selection.is_none(),
            },
            held,
        };
        draft.bring(&event, &asked.actor)?;
        if wish.dry_run {
            return Ok(Reply {
                answer: present(&draft.view())?,
                replayed: false,
            });
        }
        match self.write(draft, asked, present).await? {
            Some(reply) => Ok(reply),
            None => Err(EngineError::Contended),
        }
    }
}

/// The address out of a mail's header: `Ana <ana@example.com>` too.
fn sender(from: &str) -> Result<String, Refusal> {
    let within = from
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(from, |(address, _)| address)
        .trim();
    if crate::domain::account::can_be_email(within) {
        return Ok(within.to_owned());
    }
    let detail = "`from` is not a mail address.";
    Err(Refusal::new(RefusalCode::TicketFormInvalid, detail).at("/from"))
}

/// The answers that are there, each as the form wants it.
fn said_by_support(
    form: &crate::domain::catalog::TicketForm,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut optional = form.clone();
    for field in &mut optional.fields {
        field.required = false;
    }
    answered(&optional, given)
}

#[cfg(test)]
mod tests {
    use super::sender;

    #[test]
    fn an_address_is_read_out_of_a_header() {
        for (header, address) in [
            ("ana@example.com", "ana@example.com"),
            (" Ana Souza <ana@example.com> ", "ana@example.com"),
            ("\"Ana <x>\" <ana@example.com>", "ana@example.com"),
        ] {
            assert_eq!(sender(header).as_deref(), Ok(address), "{header}");
        }
        for wrong in ["", "ana", "Ana <ana>", "<>"] {
            let refusal = sender(wrong).expect_err("not an address");
            assert_eq!(refusal.pointer.as_deref(), Some("/from"), "{wrong}");
        }
    }
}
