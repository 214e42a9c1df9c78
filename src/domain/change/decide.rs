use jiff::Timestamp;
use statig::Outcome;
use statig::blocking::StateExt as _;

use super::actor::{Actor, Party};
use super::call::{Call, Effect};
use super::event::{Event, IdentityRef};
use super::journey::Journey;
use super::refusal::{Refusal, RefusalCode};
use super::stage::Stage;
use super::tell::Tell;
use crate::domain::account::{Account, Contract, TaxIdKind};
use crate::domain::catalog::{Playbook, Selection};

/// What a decision may look at besides the stage and the event. Everything is handed in.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The present.
    pub now: Timestamp,
    /// Who acts.
    pub actor: &'a Actor,
    /// The seller's catalogue and rules, in the version that the change started with.
    pub playbook: &'a Playbook,
    /// Who pays: the contract's holder, or the holder's agency.
    pub account: &'a Account,
    /// The payer's billing data, once given.
    pub billing: Option<&'a BillingOnFile>,
    /// What is held now.
    pub contract: &'a Contract,
}

/// The billing data of an account, by reference, and how much of it the provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingOnFile {
    /// The newest billing data.
    pub identity: IdentityRef,
    /// The hash of the billing data that the provider's customer was last given.
    pub saved_hash: Option<String>,
    /// The provider's id of the recorded tax number, and the hash of that number.
    pub saved_tax_id: Option<(String, String)>,
    /// Which kind of tax number it has, where the data itself was read for the decision: ways to pay can ask for one.
    pub tax_id_kind: Option<TaxIdKind>,
}

impl BillingOnFile {
    /// Whether the provider's customer has all of it.
    pub fn is_saved(&self) -> bool {
        let tax_id = match &self.saved_tax_id {
            Some((_, hash)) => *hash == self.identity.tax_id_hash,
            None => self.identity.tax_id_hash.is_empty(),
        };
        tax_id && self.saved_hash.as_ref() == Some(&self.identity.hash)
    }
}

/// What follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The stage from now on.
    pub stage: Stage,
    /// What is asked of the outside world, in order.
    pub effects: Vec<Effect>,
    /// What becomes known about the account, in order.
    pub account: Vec<AccountFact>,
    /// The contract from now on, when the decision switches it.
    pub contract: Option<Contract>,
}

/// Something that a decision makes known about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountFact {
    /// The billing data to use from now on.
    Identity(IdentityRef),
    /// The provider's customer has this billing data.
    Customer {
        /// The provider's id.
        customer: String,
        /// The hash of the billing data.
        identity_hash: String,
    },
    /// The provider has this tax number.
    TaxId {
        /// The provider's id of it.
        tax_id: String,
        /// The hash of the number.
        hash: String,
    },
}

/// Opens a change: the first decision, in which nothing is asked of anybody yet.
pub fn open(selection: &Selection, turn: Turn<'_>) -> Result<Decision, Refusal> {
    authorise(
        &Event::Opened {
            selection: selection.clone(),
        },
        turn,
    )?;
    let selection = super::selecting::understood(selection, turn);
    super::selecting::check(&selection, turn)?;
    let stage = Stage::Draft {
        selection,
        problem: None,
    };
    Ok(Decision {
        stage,
        effects: Vec::new(),
        account: Vec::new(),
        contract: None,
    })
}

/// Opens the successor of a change that is over: its money has arrived, and is adopted next.
pub fn succeed(event: &Event, selection: &Selection, turn: Turn<'_>) -> Result<Decision, Refusal> {
    authorise(event, turn)?;
    let stage = Stage::Draft {
        selection: selection.clone(),
        problem: None,
    };
    Ok(Decision {
        stage,
        effects: Vec::new(),
        account: Vec::new(),
        contract: None,
    })
}

/// Opens a request to go down that support brings; one that is held waits for somebody to verify it.
pub fn bring(event: &Event, turn: Turn<'_>) -> Result<Decision, Refusal> {
    authorise(event, turn)?;
    let Event::TicketBrought { selection, ask, held } = event else {
        let detail = format!("`{}` opens nothing.", event.name());
        return Err(Refusal::new(RefusalCode::NotAllowedHere, detail));
    };
    super::tickets::check(selection, ask, turn)?;
    let (selection, ask) = (selection.clone(), ask.clone());
    let (stage, tell) = if *held {
        (Stage::TicketHeld { selection, ask }, Tell::TicketHeld)
    } else {
        (super::tickets::opened(selection, ask), Tell::TicketReceived)
    };
    Ok(Decision {
        stage,
        effects: vec![Effect::Tell(tell)],
        account: Vec::new(),
        contract: None,
    })
}

/// The one question: what follows when `event` happens in `stage`?
///
/// Pure. A refusal leaves everything as it was; an event that no stage handles is refused, never dropped.
pub fn decide(stage: &Stage, event: &Event, turn: Turn<'_>) -> Result<Decision, Refusal> {
    authorise(event, turn)?;
    let mut next = stage.clone();
    let mut context = Context::new(turn, stage);
    let outcome = next.handle(&mut Journey, event, &mut context);
    if let Some(refusal) = context.refusal {
        return Err(refusal);
    }
    let stage = match outcome {
        Outcome::Transition(stage) => stage,
        Outcome::Handled => next,
        Outcome::Super => return Err(not_allowed(stage, event)),
    };
    Ok(Decision {
        stage,
        effects: context.effects,
        account: context.account,
        contract: context.contract,
    })
}

/// Customers act within their role, support says why, and the machine's own events need neither.
fn authorise(event: &Event, turn: Turn<'_>) -> Result<(), Refusal> {
    let allowed = match event {
        Event::Opened { .. }
        | Event::Select { .. }
        | Event::AskQuote
        | Event::Accept { .. }
        | Event::GiveBillingInfo { .. }
        | Event::PassBillingInfo
        | Event::ChooseMethod { .. }
        | Event::FileTicket { .. }
        | Event::Confirm { .. } => turn.actor.party == Party::Customer,
        Event::Comment { internal: false, .. } => {
            matches!(turn.actor.party, Party::Customer | Party::Support)
        }
        Event::Cancel { .. } => turn.actor.party != Party::Provider,
        Event::AnswerTicket { .. }
        | Event::TicketBrought { .. }
        | Event::VerifyTicket { .. }
        | Event::Comment { internal: true, .. }
        | Event::Retry
        | Event::Hurry
        | Event::Resume
        | Event::Refresh
        | Event::Note => turn.actor.party == Party::Support,
        Event::Quoted { .. }
        | Event::QuoteRefused { .. }
        | Event::Planned { .. }
        | Event::StandingSeen { .. }
        | Event::Done { .. }
        | Event::Failed { .. }
        | Event::PaymentSeen { .. } => turn.actor.party == Party::Provider,
        Event::Remind { .. } | Event::TimeUp => turn.actor.party == Party::System,
        Event::Succeeds { .. } | Event::Adopt { .. } | Event::SucceededBy { .. } | Event::CleanUp { .. } => {
            matches!(turn.actor.party, Party::System | Party::Support)
        }
    };
    if !allowed {
        let detail = format!("`{}` is not something that this party can do.", event.name());
        return Err(Refusal::new(RefusalCode::RoleNotAllowed, detail));
    }
    match turn.actor.party {
        Party::Customer => super::permitted::may_act(event, turn),
        // What it writes says why.
        Party::Support if matches!(event, Event::Comment { .. }) => Ok(()),
        Party::Support => check_reason(turn.actor),
        Party::Provider | Party::System => Ok(()),
    }
}

/// What support does is done over the customer's head: the history must tell why.
fn check_reason(actor: &Actor) -> Result<(), Refusal> {
    let said = actor.reason.as_deref().is_some_and(|why| !why.trim().is_empty());
    if said {
        return Ok(());
    }
    let detail = "Support says why it acts: send `support.reason`. It stays in the history for good.";
    Err(Refusal::new(RefusalCode::ReasonMissing, detail).at("/support/reason"))
}

fn not_allowed(stage: &Stage, event: &Event) -> Refusal {
    if stage.is_terminal() {
        let detail = format!("This change is over ({}). Open a new one to go on.", stage.name());
        return Refusal::new(RefusalCode::ChangeClosed, detail);
    }
    let detail = format!(
        "`{}` is not possible in `{}`. Read the change and do its `next_action`.",
        event.name(),
        stage.full_name()
    );
    Refusal::new(RefusalCode::NotAllowedHere, detail)
}

/// The context of the table's handlers: the turn to look at, and the basket into which consequences are put.
pub(super) struct Context<'a> {
    pub(super) turn: Turn<'a>,
    pub(super) before: &'a Stage,
    pub(super) effects: Vec<Effect>,
    pub(super) account: Vec<AccountFact>,
    pub(super) contract: Option<Contract>,
    pub(super) refusal: Option<Refusal>,
}

impl<'a> Context<'a> {
    fn new(turn: Turn<'a>, stage: &'a Stage) -> Self {
        Self {
            turn,
            before: stage,
            effects: Vec::new(),
            account: Vec::new(),
            contract: None,
            refusal: None,
        }
    }

    /// Asks for a call.
    pub(super) fn call(&mut self, call: Call) {
        self.effects.push(Effect::Call(call));
    }

    /// Asks that somebody is told.
    pub(super) fn tell(&mut self, tell: Tell) {
        self.effects.push(Effect::Tell(tell));
    }

    /// Says no: whatever was put into the basket is thrown away with it.
    pub(super) fn refuse(&mut self, refusal: Refusal) -> Outcome<Stage> {
        self.refusal = Some(refusal);
        Outcome::Handled
    }

    /// Goes where `next` says, or says no.
    pub(super) fn go(&mut self, next: Result<Stage, Refusal>) -> Outcome<Stage> {
        match next {
            Ok(stage) => Outcome::Transition(stage),
            Err(refusal) => self.refuse(refusal),
        }
    }
}
