//! A seller's backend: sends commands under one key until they are answered, sometimes twice, sometimes again later; and keeps
//! what it was told.

use std::sync::Arc;

use changeover::domain::account::ContractId;
use changeover::domain::change::stuck::{Action, Plan};
use changeover::domain::change::{Actor, ChangeId};
use changeover::engine::{
    Act, Asked, BringTicket, ChangeView, ClientKey, Compared, EngineError, OpenChange, OpenFirstChange,
    Reply, Wish,
};
use changeover::ports::store::ClientAnswer;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::scheduler::Group;
use crate::world::World;

/// How often a command is sent.
const TRIES_MAX: u64 = 10;

/// What a command asks.
#[derive(Debug, Clone)]
pub enum Command {
    /// Opens a change.
    Open(OpenChange),
    /// Opens the change that concludes a contract.
    First(OpenFirstChange),
    /// Support brings a request to go down.
    Bring(BringTicket),
    /// Asks something of one.
    Ask(ChangeId, Box<Wish>),
    /// Support orders something.
    Act(ChangeId, Action),
    /// Support orders what is safe at a contract.
    Repair(ContractId),
}

/// What a client is told of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which.
    pub change: ChangeId,
    /// Its version.
    pub version: u64,
    /// Its stage.
    pub stage: String,
    /// The hash of its newest journal entry.
    pub head: String,
}

/// What becomes of a command.
#[derive(Debug)]
pub enum Answered {
    /// It was done.
    Done(Told),
    /// It was refused, and changed nothing.
    Refused(EngineError),
    /// Nobody answered. It may have been done.
    Never,
}

/// One backend.
#[derive(Clone)]
pub struct Client {
    pub world: Arc<World>,
    pub actor: Actor,
}

fn present_act(view: &ChangeView, plan: &Plan) -> Result<ClientAnswer, serde_json::Error> {
    // Whoever is told nothing about what will be done cannot agree to it.
    if plan.steps.is_empty() {
        return Err(serde::ser::Error::custom("a plan without steps"));
    }
    present(view)
}

fn present_compared(compared: &Compared) -> Result<ClientAnswer, serde_json::Error> {
    let found = compared.findings.iter();
    let told: Vec<(&str, &str)> = found
        .map(|(finding, repaired)| (finding.code.as_str(), repaired.as_str()))
        .collect();
    Ok(ClientAnswer {
        status: 200,
        body: serde_json::to_vec(&told)?,
    })
}

fn present(view: &ChangeView) -> Result<ClientAnswer, serde_json::Error> {
    let told = Told {
        change: view.change.id,
        version: view.change.version,
        stage: view.change.stage_name.clone(),
        head: hex::encode(view.change.journal_head),
    };
    Ok(ClientAnswer {
        status: 200,
        body: serde_json::to_vec(&told)?,
    })
}

impl Client {
    fn asked(&self, key: &str, command: &Command) -> Asked {
        let mut hash = Sha256::new();
        hash.update(format!("{command:?}"));
        Asked {
            seller: self.world.seller.clone(),
            actor: self.actor.clone(),
            key: Some(ClientKey {
                key: key.to_owned(),
                fingerprint: hash.finalize().into(),
            }),
            expected_version: None,
        }
    }

    /// Sends a command once, to any node. `None` when nothing comes back.
    async fn sends(&self, asked: &Asked, command: &Command) -> Option<Result<Reply, EngineError>> {
        let node = self.world.any_node()?;
        self.world.scheduler.hop(1, 30).await;
        let (asked, command) = (asked.clone(), command.clone());
        let answer = self
            .world
            .ask(node, move |engine| {
                Box::pin(async move {
                    match command {
                        Command::Open(wish) => engine.open_change(&wish, &asked, &present).await,
                        Command::First(wish) => engine.open_first_change(&wish, &asked, &present).await,
                        Command::Bring(wish) => engine.bring_ticket(&wish, &asked, &present).await,
                        Command::Ask(change, wish) => engine.submit(change, &wish, &asked, &present).await,
                        Command::Act(change, action) => {
                            let act = Act {
                                action,
                                dry_run: false,
                            };
                            engine.act(change, act, &asked, &present_act).await
                        }
                        Command::Repair(contract) => {
                            engine.order_repairs(contract, &asked, &present_compared).await
                        }
                    }
                })
            })
            .await;
        self.world.scheduler.hop(1, 30).await;
        answer
    }

    /// Sends a command until it is answered.
    pub async fn insists(&self, command: Command) -> Answered {
        let key = self.world.new_id(self.world.now()).to_string();
        let asked = self.asked(&key, &command);
        if self
            .world
            .strikes("double_click", |weather| weather.second_tab / 4)
        {
            let (twin, asked, command) = (self.clone(), asked.clone(), command.clone());
            let here = World::enters(&self.world);
            self.world.scheduler.spawn(Group::World, async move {
                let _here = here;
                let answer = twin.sends(&asked, &command).await;
                twin.hears(&asked, &command, answer.as_ref());
            });
        }
        for nth in 0..TRIES_MAX {
            let answer = self.sends(&asked, &command).await;
            self.hears(&asked, &command, answer.as_ref());
            match answer {
                Some(Ok(reply)) => {
                    self.asks_again_later(&asked, &command);
                    return match serde_json::from_slice(&reply.answer.body) {
                        Ok(told) => Answered::Done(told),
                        Err(_) => Answered::Never,
                    };
                }
                Some(Err(
                    EngineError::Store(_)
                    | EngineError::Provider(_)
                    | EngineError::Contended
                    | EngineError::Sellers(_)
                    | EngineError::StoredStage(_)
                    | EngineError::Crashed(_),
                ))
                | None => self.world.scheduler.hop(500, 2_000 << nth.min(5)).await,
                Some(Err(refusal)) => return Answered::Refused(refusal),
            }
        }
        Answered::Never
    }

    fn hears(&self, asked: &Asked, command: &Command, answer: Option<&Result<Reply, EngineError>>) {
        self.world.tells(|| {
            let what = match command {
                Command::Open(_) => "open".to_owned(),
                Command::First(_) => "open the first".to_owned(),
                Command::Bring(_) => "bring a request".to_owned(),
                Command::Ask(change, wish) => format!("{} of {change}", wish_name(wish)),
                Command::Act(change, action) => format!("{action} of {change}"),
                Command::Repair(contract) => format!("repairs of {contract}"),
            };
            let said = match answer {
                None => "nothing".to_owned(),
                Some(Ok(reply)) => String::from_utf8_lossy(&reply.answer.body).into_owned(),
                Some(Err(error)) => error.to_string(),
            };
            format!("client {:?}: {what}: {said}", self.actor.party)
        });
        if let (Some(Ok(reply)), Some(key)) = (answer, &asked.key) {
            self.world
                .watch
                .acknowledged(&self.world, key, &reply.answer.body);
        }
    }

    /// Some clients send the same request again, much later; and some use its key for another one.
    fn asks_again_later(&self, asked: &Asked, command: &Command) {
        if !self.world.dice().permille(80) {
            return;
        }
        let (twin, asked, command) = (self.clone(), asked.clone(), command.clone());
        self.world.scheduler.spawn(Group::World, async move {
            twin.world.scheduler.hop(100, 3_600_000).await;
            let answer = twin.sends(&asked, &command).await;
            twin.hears(&asked, &command, answer.as_ref());
            let mut other = asked.clone();
            if let Some(key) = &mut other.key {
                key.fingerprint[0] ^= 1;
            }
            let answer = twin.sends(&other, &command).await;
            if let Some(Ok(reply)) = answer {
                let what = format!("a used key was taken for another request: {reply:?}");
                twin.world.watch.breaks_unless_lost(&twin.world, "I23", what);
            }
        });
    }

    /// Reads a change.
    pub async fn reads(&self, change: ChangeId) -> Option<ChangeView> {
        for _ in 0..TRIES_MAX {
            if let Some(node) = self.world.any_node() {
                let seller = self.world.seller.clone();
                let view = self
                    .world
                    .ask(node, move |engine| {
                        Box::pin(async move { engine.change(change, &seller).await })
                    })
                    .await;
                match view {
                    Some(Ok(view)) => return Some(view),
                    Some(Err(EngineError::NotFound { .. })) => return None,
                    _ => {}
                }
            }
            self.world.scheduler.hop(200, 20_000).await;
        }
        None
    }

    /// Asks a node something that is no command on a change.
    pub async fn asks<T: Send + 'static>(
        &self,
        ask: impl FnOnce(
            changeover::engine::Engine,
            Asked,
        ) -> futures_util::future::BoxFuture<'static, Result<T, EngineError>>
        + Send
        + 'static,
    ) -> Option<Result<T, EngineError>> {
        let node = self.world.any_node()?;
        let asked = Asked {
            seller: self.world.seller.clone(),
            actor: self.actor.clone(),
            key: None,
            expected_version: None,
        };
        self.world.ask(node, move |engine| ask(engine, asked)).await
    }

    /// The same backend, for somebody else.
    pub fn on_behalf_of(&self, actor: Actor) -> Self {
        Self {
            world: self.world.clone(),
            actor,
        }
    }

    /// Waits for somebody who takes his time.
    pub async fn dawdles(&self, at_most: SignedDuration) {
        let millis = u64::try_from(at_most.as_millis()).unwrap_or(1);
        self.world.scheduler.hop(0, millis.max(1)).await;
    }
}

fn wish_name(wish: &Wish) -> String {
    match wish {
        Wish::Event(event) => event.name().to_owned(),
        Wish::BillingInfo(_) => "billing_info".to_owned(),
        Wish::Confirm(_) => "confirm".to_owned(),
        Wish::FileTicket(_) => "file_ticket".to_owned(),
        Wish::Comment { .. } => "comment".to_owned(),
    }
}
