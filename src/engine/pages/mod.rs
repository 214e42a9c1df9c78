//! Who is on the hosted pages: sessions that a seller opens for its customer, and those that a mailed link opens about one change.
//!
//! A session is a row; what a browser holds are tokens that name it. A seller's link begins one and is good for minutes; a mailed
//! link is good for as long as its change may take, and begins one that never pays with a kept card.

mod token;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::staff::{WINDOW, hash_of};
use super::{Engine, EngineError};
use crate::domain::account::{AccountId, ContractId, Permission};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::{Actor, ChangeId, Party};
use crate::domain::language::Language;
use crate::ports::store::{ChangeRow, CountedTry, PageAsk, PageSessionRow};
use token::Signer;

pub use token::Purpose;

/// How long a seller's link begins a session.
const ENTRY: SignedDuration = SignedDuration::from_mins(15);

/// How long a session that a seller opened goes on.
const SESSION: SignedDuration = SignedDuration::from_hours(8);

/// How long one from a mail goes on: the link can be opened again.
const MAILED_SESSION: SignedDuration = SignedDuration::from_hours(2);

/// How long a mailed link opens something, from when its change was opened: longer than any change waits for its customer.
const MAILED_LINK: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How often one can be opened within [`WINDOW`]: programs that look at mails open links too, and each opening is a session.
const MAILED_OPENINGS_MAX: u32 = 20;

/// The name of the secret that signs tokens.
const SECRET: &str = "links";

/// The signer of this node, once it has asked for the secret that all share.
#[derive(Default)]
pub(super) struct OwnSigner(OnceCell<Signer>);

/// Somebody on the hosted pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSession {
    /// Its id; it is in every address of its pages, and opens nothing without its cookie.
    pub id: Uuid,
    /// Whose pages they are.
    pub seller: SellerId,
    /// Whose account is shown.
    pub account: AccountId,
    /// What it is about, and who it is.
    pub about: SessionGrounds,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a session is about, and who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionGrounds {
    /// The contract, where the account has one to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// The one change that it may see, where it came from a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
    /// The person, as the seller has said.
    pub actor: Actor,
    /// The language, where it is not the account's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Where the person goes back to; checked against the workflow file when the session was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Where they go back to when they give up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<String>,
}

/// What opening a mailed link comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailedEntry {
    /// A session about its change has begun.
    Begun(Box<PageSession>),
    /// It is no link of ours, or has ended.
    Ended,
    /// It was opened too often in a short time: from when on it opens again.
    TooOften(Timestamp),
}

impl PageSession {
    /// Whether it came from a mail: whoever can read the mail is not thereby the holder of the kept cards.
    pub fn is_mailed(&self) -> bool {
        self.about.change.is_some()
    }
}

impl Engine {
    /// Begins a session for a seller's customer. Its link is in [`PageSession`]'s [`Purpose::Entry`] token.
    pub async fn open_page_session(
        &self,
        seller: &SellerId,
        account: AccountId,
        about: SessionGrounds,
    ) -> Result<PageSession, EngineError> {
        let profile = &self.sellers().get(seller)?.playbook.seller;
        super::opening::check_way_back(profile, "/return_url", about.return_url.as_deref())?;
        super::opening::check_way_back(profile, "/cancel_url", about.cancel_url.as_deref())?;
        let account = self.account_of(account, seller).await?.id;
        if let Some(contract) = about.contract {
            let contract = self.contract_of(contract, seller).await?;
            if contract.account != account {
                return Err(EngineError::no_contract(contract.id));
            }
        }
        self.begin_page_session(seller, account, about, SESSION).await
    }

    /// Begins a session about the one change that a mailed token names.
    pub async fn enter_from_mail(&self, token: &str) -> Result<MailedEntry, EngineError> {
        let signer = self.signer().await?;
        let Some(change) = signer.read(Purpose::Mail, token, self.now()).map(ChangeId) else {
            return Ok(MailedEntry::Ended);
        };
        let opening = CountedTry {
            of: hash_of(&format!("mailed link to {change}")),
            now: self.now(),
            window: WINDOW,
            tries_max: MAILED_OPENINGS_MAX,
        };
        if let Some(again_at) = self.store().count_try(opening).await? {
            return Ok(MailedEntry::TooOften(again_at));
        }
        let Some(situation) = self.store().situation(change).await? else {
            return Ok(MailedEntry::Ended);
        };
        let row = situation.change;
        let playbook = &self.sellers().get(&row.seller)?.playbook;
        let about = SessionGrounds {
            contract: Some(row.contract),
            change: Some(change),
            actor: self.who_began(&row, playbook).await?,
            language: None,
            return_url: row.return_url.clone(),
            cancel_url: row.cancel_url.clone(),
        };
        let session = self
            .begin_page_session(&row.seller, row.account, about, MAILED_SESSION)
            .await?;
        Ok(MailedEntry::Begun(Box::new(session)))
    }

    /// The session that this token names, while it goes on.
    pub async fn page_session(
        &self,
        purpose: Purpose,
        token: &str,
    ) -> Result<Option<PageSession>, EngineError> {
        let now = self.now();
        let Some(id) = self.signer().await?.read(purpose, token, now) else {
            return Ok(None);
        };
        let row = self.store().page_session(id).await?;
        let session = row.map(read).transpose()?;
        Ok(session.filter(|session| now < session.expires_at))
    }

    /// Where a session begins, and until when that is possible.
    pub async fn way_in(&self, session: &PageSession) -> Result<(String, Timestamp), EngineError> {
        let token = self.session_token(Purpose::Entry, session).await?;
        let address = format!("{}/p/open/{token}", self.parts.pages_at);
        Ok((address, after(session.created_at, ENTRY)))
    }

    /// A token that names a session. An entry ends sooner than its session.
    pub async fn session_token(
        &self,
        purpose: Purpose,
        session: &PageSession,
    ) -> Result<String, EngineError> {
        let until = match purpose {
            Purpose::Entry => after(session.created_at, ENTRY),
            Purpose::Cookie | Purpose::Form | Purpose::Mail => session.expires_at,
        };
        Ok(self.signer().await?.sign(purpose, session.id, until))
    }

    /// Whether a form is one of the session's own pages.
    pub async fn is_own_form(&self, session: &PageSession, token: &str) -> Result<bool, EngineError> {
        let named = self.signer().await?.read(Purpose::Form, token, self.now());
        Ok(named == Some(session.id))
    }

    /// From now on the session is in this language.
    pub async fn speak_on_pages(
        &self,
        mut session: PageSession,
        language: Language,
    ) -> Result<(), EngineError> {
        session.about.language = Some(language);
        Ok(self.store().keep_page_session(write(&session)?).await?)
    }

    /// Under which address customers reach the hosted pages, without a slash at its end.
    pub fn pages_at(&self) -> &str {
        &self.parts.pages_at
    }

    /// Where the customer goes on with a change from a mail: back to the place that its opener has named, else to the hosted pages.
    /// Always the same address, so that a mail that is sent again is the same mail.
    pub(super) async fn resume_url(&self, change: &ChangeRow) -> Result<String, EngineError> {
        if let Some(own) = &change.return_url {
            return Ok(own.clone());
        }
        let until = after(change.created_at, MAILED_LINK);
        let token = self.signer().await?.sign(Purpose::Mail, change.id.0, until);
        Ok(format!("{}/p/mail/{token}", self.parts.pages_at))
    }

    /// Whoever opened the change goes on with it. Where it was not a customer, its mails go to the address of the account, and who
    /// reads them is taken for somebody who may go on.
    async fn who_began(&self, row: &ChangeRow, playbook: &Playbook) -> Result<Actor, EngineError> {
        let first = PageAsk { after: 0, limit: 1 };
        let opened = self.history(row.id, &row.seller, first).await?;
        let actor = opened.into_iter().next().map(|(_, said)| said.actor);
        if let Some(actor) = actor.filter(|actor| actor.party == Party::Customer) {
            return Ok(actor);
        }
        let roles = &playbook.policy.roles.all;
        let may = roles.iter().find(|role| role.may(Permission::ChangePlan));
        let role = may.map(|role| role.id.to_string()).unwrap_or_default();
        Ok(Actor::customer(role, None))
    }

    async fn begin_page_session(
        &self,
        seller: &SellerId,
        account: AccountId,
        about: SessionGrounds,
        goes_on_for: SignedDuration,
    ) -> Result<PageSession, EngineError> {
        let now = self.now();
        let session = PageSession {
            id: self.parts.ids.new_id(now),
            seller: seller.clone(),
            account,
            about,
            created_at: now,
            expires_at: after(now, goes_on_for),
        };
        self.store().keep_page_session(write(&session)?).await?;
        Ok(session)
    }

    async fn signer(&self) -> Result<&Signer, EngineError> {
        let ask = async || {
            let proposed = self.parts.ids.secret();
            Ok(Signer::new(self.store().own_secret(SECRET, proposed).await?))
        };
        self.signer.0.get_or_try_init(ask).await
    }
}

fn after(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}

fn read(row: PageSessionRow) -> Result<PageSession, EngineError> {
    Ok(PageSession {
        id: row.id,
        seller: row.seller,
        account: row.account,
        about: serde_json::from_slice(&row.content)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

fn write(session: &PageSession) -> Result<PageSessionRow, EngineError> {
    Ok(PageSessionRow {
        id: session.id,
        seller: session.seller.clone(),
        account: session.account,
        content: serde_json::to_vec(&session.about)?,
        expires_at: session.expires_at,
        created_at: session.created_at,
    })
}
