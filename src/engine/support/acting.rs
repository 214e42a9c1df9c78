//! Support's orders: said in advance, then done through the one door.

use uuid::Uuid;

use super::standing::Holdings;
use super::{Act, PresentAct};
use crate::domain::change::stuck::{Action, Owed, Plan, follows};
use crate::domain::change::{
    Actor, ChangeId, Event, Party, Refusal, RefusalCode, Stage, Turn, decide, question,
};
use crate::engine::changes::TRIES_MAX;
use crate::engine::drafting::Draft;
use crate::engine::footing::Footing;
use crate::engine::{Asked, ChangeView, Engine, EngineError, Reply};
use crate::ports::store::{ChangeRow, Departed};

/// What an order comes to.
struct Order {
    event: Event,
    hurried: Vec<Owed>,
    given_up: Option<Vec<Uuid>>,
    plan: Plan,
}

impl Engine {
    /// Does what support orders, or says what would be done: drafted and shown in the same way, and only then written or not.
    pub async fn act(
        &self,
        change: ChangeId,
        act: Act,
        asked: &Asked,
        present: PresentAct<'_>,
    ) -> Result<Reply, EngineError> {
        if !act.dry_run
            && let Some(reply) = self.replay(asked).await?
        {
            return Ok(reply);
        }
        for _ in 0..TRIES_MAX {
            let holdings = self
                .holdings(self.dossier_of(change, Some(&asked.seller)).await?)
                .await?;
            let row = holdings.dossier.situation.change.clone();
            self.check_version(&row, asked).await?;
            let order = match order(&holdings, act.action, &asked.actor, self.now()) {
                Ok(order) => order,
                Err(refusal) => return Err(self.told_who(&row, refusal).await?.into()),
            };
            let draft = self.draft_order(holdings, &order, &asked.actor)?;
            let shown = |view: &ChangeView| present(view, &order.plan);
            if act.dry_run {
                return Ok(Reply {
                    answer: shown(&draft.view())?,
                    replayed: false,
                });
            }
            if let Some(reply) = self.write(draft, asked, &shown).await? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }

    fn draft_order(
        &self,
        holdings: Holdings,
        order: &Order,
        actor: &Actor,
    ) -> Result<Box<Draft<'_>>, EngineError> {
        let situation = holdings.dossier.situation;
        // Without its stage and rules nothing is possible: the order would have been refused.
        let (Some(stage), Some(playbook)) = (holdings.stage, holdings.playbook) else {
            return Err(EngineError::no_change(situation.change.id));
        };
        let footing = Footing {
            situation,
            stage,
            playbook,
        };
        let mut draft = Draft::new(self, footing);
        draft.decide(&order.event, actor)?;
        for call in &order.hurried {
            draft.hurry(call.effect);
        }
        if let Some(given_up) = &order.given_up {
            draft.take_up(given_up.clone());
        }
        Ok(draft)
    }

    /// Where support has acted just before, the loser of two is told who it was.
    async fn told_who(&self, change: &ChangeRow, mut refusal: Refusal) -> Result<Refusal, EngineError> {
        let late = matches!(
            refusal.code,
            RefusalCode::NotAllowedHere | RefusalCode::NothingToDo | RefusalCode::ChangeClosed
        );
        if late
            && let Some(last) = self.last_move(change).await?
            && last.actor.party == Party::Support
        {
            refusal.detail = format!("{} Just before, {last}.", refusal.detail);
        }
        Ok(refusal)
    }
}

/// What an order comes to, or why it is not carried out. Asks the machine, and changes nothing.
fn order(holdings: &Holdings, action: Action, actor: &Actor, now: jiff::Timestamp) -> Result<Order, Refusal> {
    let standing = holdings.standing();
    let (Some(stage), Some(turn)) = (standing.stage, standing.turn) else {
        return Err(out_of_reach());
    };
    let turn = Turn { actor, ..turn };
    let hurried = hurried(&holdings.owed, action, now);
    let event = event(action, actor, stage, turn, &hurried);
    // Also where nothing could be done: who may not act, or does not say why, is told that first.
    let decision = decide(stage, &event, turn)?;
    let refused = holdings.owed.iter().filter(|call| call.is_refused()).cloned();
    let (given_up, hurried) = match action {
        Action::Resume => (Some(given_up(holdings)), refused.collect()),
        _ => (None, hurried),
    };
    let nothing = match action {
        Action::Resume => {
            hurried.is_empty()
                && given_up.as_ref().is_none_or(Vec::is_empty)
                && standing.work.failing.is_none()
        }
        Action::Refresh => question(stage).is_none() && hurried.is_empty(),
        Action::Retry | Action::Cancel | Action::Note => false,
    };
    if nothing {
        return Err(nothing_to_do(action, stage));
    }
    let again: &[Owed] = if action == Action::Resume { &[] } else { &hurried };
    Ok(Order {
        plan: follows(&standing, &event, &decision, again),
        event,
        hurried,
        given_up,
    })
}

/// The calls that come to their turn now. One whose key is spent is never sent again: reading is all that can be done.
fn hurried(owed: &[Owed], action: Action, now: jiff::Timestamp) -> Vec<Owed> {
    let spent = match action {
        Action::Retry => false,
        Action::Refresh => true,
        Action::Resume | Action::Cancel | Action::Note => return Vec::new(),
    };
    let waiting = owed.iter().filter(|call| call.waits(now) && call.spent == spent);
    waiting.cloned().collect()
}

fn event(action: Action, actor: &Actor, stage: &Stage, turn: Turn<'_>, hurried: &[Owed]) -> Event {
    match action {
        Action::Resume => Event::Resume,
        Action::Refresh => Event::Refresh,
        Action::Note => Event::Note,
        Action::Cancel => Event::Cancel {
            why: actor.reason.clone().unwrap_or_default(),
        },
        // What has halted is the machine's to try again; what is owed only comes to its turn.
        Action::Retry if !hurried.is_empty() && decide(stage, &Event::Retry, turn).is_err() => Event::Hurry,
        Action::Retry => Event::Retry,
    }
}

fn given_up(holdings: &Holdings) -> Vec<Uuid> {
    let departures = holdings.dossier.departures.iter();
    departures
        .filter(|departure| departure.departed == Departed::GivenUp)
        .map(|departure| departure.row.id)
        .collect()
}

fn out_of_reach() -> Refusal {
    let detail =
        "This program cannot read the change, or the rules that it runs by. `stuck` says what is missing.";
    Refusal::new(RefusalCode::NotAllowedHere, detail)
}

fn nothing_to_do(action: Action, stage: &Stage) -> Refusal {
    if stage.is_terminal() {
        let detail = format!(
            "This change is over ({}), and nothing of it is left that `{action}` could take up.",
            stage.name()
        );
        return Refusal::new(RefusalCode::ChangeClosed, detail);
    }
    let detail = format!(
        "There is nothing in `{}` that `{action}` could do now. The change's `actions` are what can be done.",
        stage.full_name()
    );
    Refusal::new(RefusalCode::NothingToDo, detail)
}
