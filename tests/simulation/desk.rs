//! Support: answers requests to go down, brings some, and does something at random whether that makes sense or not.

use std::sync::Arc;

use changeover::domain::account::{Contract, ContractStatus};
use changeover::domain::change::stuck::Action;
use changeover::domain::change::{Actor, ChangeId, Event, Stage, TicketDecision, read_stage};
use changeover::engine::{BringTicket, Wish};
use changeover::ports::store::ChangeRow;
use jiff::SignedDuration;

use crate::chance::Chance;
use crate::client::{Client, Command};
use crate::world::{World, lock};
use crate::{forms, wishes};

fn support(world: &Arc<World>) -> Client {
    Client {
        actor: Actor::support("agent-7", Some("asked by phone".to_owned())),
        world: world.clone(),
    }
}

/// A customer calls about a request: it is answered, or support says something about it.
pub async fn is_called(world: &Arc<World>, change: ChangeId, mood: &mut Chance) {
    let client = support(world);
    let Some(view) = client.reads(change).await else {
        return;
    };
    let event = match &view.stage {
        Stage::TicketHeld { .. } => Event::VerifyTicket {
            genuine: mood.permille(800),
        },
        Stage::TicketOpen { .. } | Stage::TicketScheduled { .. } if mood.permille(200) => {
            let wish = Wish::Comment {
                text: "We look into it.".to_owned(),
                internal: mood.permille(300),
            };
            client.insists(Command::Ask(change, Box::new(wish))).await;
            return;
        }
        Stage::TicketOpen { .. } => Event::AnswerTicket {
            decision: decision(world, mood),
        },
        // Now and then what is promised is answered once more.
        Stage::TicketScheduled { .. } if mood.permille(150) => Event::AnswerTicket {
            decision: decision(world, mood),
        },
        _ => return,
    };
    client
        .insists(Command::Ask(change, Box::new(Wish::Event(event))))
        .await;
}

/// How a request is answered: mostly yes, mostly with the period.
fn decision(world: &World, mood: &mut Chance) -> TicketDecision {
    match mood.below(0..100) {
        ..40 => TicketDecision::AtPeriodEnd,
        40..65 => TicketDecision::ApplyNow,
        65..80 => {
            let hours = i64::try_from(mood.below(1..60)).unwrap_or(1);
            let later = world.now().checked_add(SignedDuration::from_hours(hours));
            TicketDecision::Schedule {
                at: later.unwrap_or(world.now()),
            }
        }
        80..88 => TicketDecision::AskMoney,
        _ => TicketDecision::Decline {
            why: "not now".to_owned(),
        },
    }
}

/// Support brings a request: for less, or for the end of the whole contract; its own, or out of a mail.
pub async fn brings(world: Arc<World>) {
    let _here = World::enters(&world);
    let mut mood = world.dice().fork();
    let contracts: Vec<Contract> = {
        let memory = lock(&world.memory);
        let all = memory.tables.contracts.values();
        all.filter(|contract| contract.status == ContractStatus::Active && !contract.is_proposed())
            .cloned()
            .collect()
    };
    if contracts.is_empty() {
        return;
    }
    let contract = mood.one_of(&contracts);
    let catalog = &world.playbook.catalog;
    let less = wishes::drawn(catalog, Some(contract), world.currency, &mut mood);
    let from = *mood.one_of(&[
        None,
        Some("Dona Luz <dona@padaria-luz.example>"),
        Some("somebody@elsewhere.example"),
    ]);
    let wish = BringTicket {
        contract: contract.id,
        selection: mood.permille(500).then_some(less),
        from: from.map(str::to_owned),
        fields: forms::answers(&world.playbook.policy.ticket, &mut mood),
        dry_run: false,
    };
    let client = support(&world);
    let brought = client.insists(Command::Bring(wish)).await;
    let crate::client::Answered::Done(told) = brought else {
        return;
    };
    for _ in 0..=mood.below(0..3) {
        client.dawdles(SignedDuration::from_hours(2)).await;
        is_called(&world, told.change, &mut mood).await;
    }
}

/// F20: support does something to one of the changes, whether that makes sense or not: mostly to one that is open.
pub async fn helps(world: Arc<World>) {
    let _here = World::enters(&world);
    let over_too = world.dice().permille(200);
    let found: Vec<ChangeRow> = {
        let memory = lock(&world.memory);
        let changes = memory.tables.changes.values();
        changes
            .filter(|change| change.open || over_too)
            .cloned()
            .collect()
    };
    if found.is_empty() {
        return;
    }
    let row = world.dice().one_of(&found).clone();
    let Ok(stage) = read_stage(&row.stage) else { return };
    let order = ordered(&world, &row, &stage);
    support(&world).insists(order).await;
}

/// What support orders.
fn ordered(world: &World, row: &ChangeRow, stage: &Stage) -> Command {
    let change = row.id;
    let draw = world.dice().below(0..8);
    if draw >= 4 {
        let action = *world.dice().one_of(&Action::ALL);
        return match draw {
            4 => Command::Repair(row.contract),
            _ => Command::Act(change, action),
        };
    }
    let event = match (stage, draw) {
        (Stage::TicketOpen { .. }, _) => Event::AnswerTicket {
            decision: decision(world, &mut world.dice().fork()),
        },
        (_, 0) => Event::Cancel {
            why: "support was asked to".to_owned(),
        },
        _ => Event::Retry,
    };
    Command::Ask(change, Box::new(Wish::Event(event)))
}
