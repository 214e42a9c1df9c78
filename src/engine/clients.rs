//! Agencies and their clients: who is made, what is settled, and who has agreed to pay.
//!
//! A client's settings have a history of their own, one line a version, with the chain of hashes of all our histories. They are not
//! a part of a contract's: there are settings before there is a contract, and they outlive it.

use serde::{Deserialize, Serialize};

use super::changes::TRIES_MAX;
use super::{Asked, CreateAccount, Engine, EngineError, Reply, journal};
use crate::domain::account::{Account, AccountId, Client, ClientSettings, Payer, Permission, SettingProblem};
use crate::domain::catalog::{ClientRules, Playbook, SellerId};
use crate::domain::change::{Actor, ChangeId, FieldProblem, Party, Refusal, RefusalCode, permitted};
use crate::ports::store::{ClientAnswer, ClientRecord, JournalEntry, NewAccount, PageAsk};

/// What an agency says about a new client.
#[derive(Debug, Clone)]
pub struct CreateClient {
    /// The agency.
    pub agency: AccountId,
    /// The client's own account.
    pub account: CreateAccount,
}

/// A client with its account.
#[derive(Debug, Clone)]
pub struct ClientView {
    /// What is settled.
    pub client: Client,
    /// Its account.
    pub account: Account,
    /// The seller's own id of it.
    pub external_id: Option<String>,
    /// The change that what was just saved has opened, if it has.
    pub opened: Option<ChangeId>,
}

/// A client on its way to its next version.
pub(super) struct Step {
    /// As it was read.
    pub(super) view: ClientView,
    /// As it is to be.
    pub(super) next: Client,
    /// The line of history before.
    pub(super) last: JournalEntry,
    /// What happens.
    pub(super) event: &'static str,
}

/// How a client becomes the answer that is kept for repetitions.
pub type PresentClient<'p> = &'p (dyn Fn(&ClientView) -> Result<ClientAnswer, serde_json::Error> + Sync);

/// What a line of a client's history says.
#[derive(Debug, Serialize)]
struct Said<'a> {
    v: u32,
    event: &'static str,
    actor: &'a Actor,
    client: &'a Client,
}

/// The same, read again.
#[derive(Debug, Deserialize)]
pub struct ClientEntry {
    /// What happened.
    pub event: String,
    /// Who did it.
    pub actor: Actor,
    /// The client from then on.
    pub client: Client,
}

impl Engine {
    /// Creates a client of an agency: its account, and the form with nothing settled yet.
    pub async fn create_client(
        &self,
        wish: &CreateClient,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        let agency = self.account_of(wish.agency, &asked.seller).await?;
        let rules = rules_of(&playbook)?;
        by_the_agency(&playbook, &asked.actor, agency.id, Some(agency.id))?;
        if self.store().client(agency.id).await?.is_some() {
            let detail = "This account is a client itself: a client has no clients.";
            return Err(Refusal::new(RefusalCode::ClientsNotOffered, detail).into());
        }
        let account = self.account_from(&wish.account, &asked.seller)?;
        let client = Client {
            account: account.id,
            agency: agency.id,
            seller: asked.seller.clone(),
            version: 1,
            settings: ClientSettings::untouched(rules),
            consent: None,
            charged: Payer::Agency,
        };
        let view = ClientView {
            client,
            external_id: wish.account.external_id.clone(),
            account: account.clone(),
            opened: None,
        };
        let answer = present(&view)?;
        let record = ClientRecord {
            entry: self.client_line(&view.client, "created", &asked.actor, None)?,
            account: Some(NewAccount {
                account,
                external_id: view.external_id,
                request: None,
            }),
            client: view.client,
            contracts: Vec::new(),
            outbox: Vec::new(),
            request: asked.keeping(&answer),
        };
        let written = self.store().write_client(record).await?;
        Reply::to(written, answer)?.ok_or(EngineError::Taken { what: "account" })
    }

    /// Saves the form of a client: whole, on the version that was read, by the agency's people.
    pub async fn save_client(
        &self,
        account: AccountId,
        settings: &ClientSettings,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Reply, EngineError> {
        let saved = self.save_anew(account, settings, asked, present).await;
        self.or_replay(asked, saved).await
    }

    async fn save_anew(
        &self,
        account: AccountId,
        settings: &ClientSettings,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Reply, EngineError> {
        for _ in 0..TRIES_MAX {
            if let Some(reply) = self.try_to_save(account, settings, asked, present).await? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }

    /// Saves the form, unless somebody was faster.
    async fn try_to_save(
        &self,
        account: AccountId,
        settings: &ClientSettings,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Option<Reply>, EngineError> {
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        let view = self.client_of(account, &asked.seller).await?;
        by_the_agency(&playbook, &asked.actor, view.client.agency, None)?;
        check_form(settings, &playbook)?;
        is_at(&view.client, asked.expected_version)?;
        let mut next = view.client.clone();
        next.version += 1;
        next.settings = settings.clone();
        if next.settings.payer == Payer::Agency {
            next.consent = None;
        }
        let last = self.last_line(&view.client).await?;
        self.write_with_consequences(
            Step {
                view,
                next,
                last,
                event: "saved",
            },
            asked,
            present,
        )
        .await
    }

    /// Reads a client of this seller.
    pub async fn client_of(&self, account: AccountId, seller: &SellerId) -> Result<ClientView, EngineError> {
        let nobody = || EngineError::NotFound {
            what: "client",
            id: account.to_string(),
        };
        let client = self.store().client(account).await?;
        let client = client
            .filter(|client| client.seller == *seller)
            .ok_or_else(nobody)?;
        let (account, external_id) = self.store().account(account).await?.ok_or_else(nobody)?;
        Ok(ClientView {
            client,
            account,
            external_id,
            opened: None,
        })
    }

    /// The clients of an agency, each with its account, in the order of their making.
    pub async fn clients_of(
        &self,
        agency: AccountId,
        seller: &SellerId,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<ClientView>, EngineError> {
        self.account_of(agency, seller).await?;
        let mut all = Vec::new();
        for client in self.store().clients_of(agency, after, limit).await? {
            all.push(self.client_of(client.account, seller).await?);
        }
        Ok(all)
    }

    /// A page of a client's history.
    pub async fn client_history(
        &self,
        account: AccountId,
        seller: &SellerId,
        page: PageAsk,
    ) -> Result<Vec<(JournalEntry, ClientEntry)>, EngineError> {
        self.client_of(account, seller).await?;
        let entries = self.store().client_journal(account, page).await?;
        let read = entries.into_iter().map(|entry| {
            let said = serde_json::from_slice(&entry.content)?;
            Ok((entry, said))
        });
        read.collect()
    }

    pub(super) fn client_line(
        &self,
        client: &Client,
        event: &'static str,
        actor: &Actor,
        last: Option<&JournalEntry>,
    ) -> Result<JournalEntry, EngineError> {
        let said = Said {
            v: 1,
            event,
            actor,
            client,
        };
        let content = serde_json::to_vec(&said)?;
        let previous = last.map_or([0; 32], |last| last.hash);
        Ok(journal::entry(client.version, self.now(), content, previous))
    }

    /// The line that led to this version.
    pub(super) async fn last_line(&self, client: &Client) -> Result<JournalEntry, EngineError> {
        let page = PageAsk {
            after: client.version.saturating_sub(1),
            limit: 1,
        };
        let lines = self.store().client_journal(client.account, page).await?;
        lines.into_iter().next().ok_or(EngineError::Contended)
    }
}

/// The form of this seller's file.
pub(super) fn rules_of(playbook: &Playbook) -> Result<&ClientRules, Refusal> {
    playbook.policy.clients.as_ref().ok_or_else(|| {
        let detail = "The workflow file of this seller has no `[clients]`: its accounts have no clients.";
        Refusal::new(RefusalCode::ClientsNotOffered, detail)
    })
}

/// Whether somebody is one of the agency's people who may manage clients. Who says no account is one of `unsaid`.
fn by_the_agency(
    playbook: &Playbook,
    actor: &Actor,
    agency: AccountId,
    unsaid: Option<AccountId>,
) -> Result<(), Refusal> {
    if actor.party != Party::Customer || actor.account.or(unsaid) != Some(agency) {
        let detail = format!(
            "What is settled for a client, its limits among it, is set by the people of its agency alone: account `{agency}`, in \
             `actor.account`."
        );
        return Err(Refusal::new(RefusalCode::AgencyOnly, detail).at("/actor/account"));
    }
    permitted(playbook, actor, Permission::ManageClients)
}

fn check_form(settings: &ClientSettings, playbook: &Playbook) -> Result<(), Refusal> {
    let problems = settings.problems(rules_of(playbook)?, &playbook.seller.currencies);
    if problems.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = problems.iter().map(|one| one.detail.as_str()).collect();
    let detail = format!("The form cannot be saved: {}", told.join(" "));
    let listed = problems.into_iter().map(field).collect();
    Err(Refusal::new(RefusalCode::ClientSettingsInvalid, detail).listing(listed))
}

fn field(problem: SettingProblem) -> FieldProblem {
    FieldProblem {
        pointer: format!("/settings{}", problem.pointer),
        code: problem.code.to_owned(),
        detail: problem.detail,
        instead: Vec::new(),
    }
}

fn is_at(client: &Client, expected: Option<u64>) -> Result<(), EngineError> {
    match expected {
        Some(expected) if expected != client.version => Err(EngineError::VersionMoved {
            now: client.version,
            by: None,
        }),
        _ => Ok(()),
    }
}
