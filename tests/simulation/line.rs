//! The line from a node to the database: it takes time, breaks, and loses replies. What has left a node arrives, also if the
//! node dies meanwhile.

use std::sync::Arc;

use changeover::ports::store::{StoreError, StoreResult};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::scheduler::Group;
use crate::store::{Carrier, Memory, Verb};
use crate::version;
use crate::world::{COMMITS_LOST_MAX, World, lock};

/// The line of one node.
#[derive(Clone)]
pub struct Line(pub Arc<World>);

/// What happens to one verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Served,
    Refused,
    ReplyLost,
}

fn unavailable<T>(why: &str) -> StoreResult<T> {
    Err(StoreError::Unavailable(why.to_owned()))
}

fn fate(world: &World, verb: Verb) -> Fate {
    if world.is_store_away() || world.strikes("store_refuses", |weather| weather.store_refuses) {
        return Fate::Refused;
    }
    let writes = matches!(verb, Verb::Write(_));
    if writes && world.strikes("commit_reply_lost", |weather| weather.commit_reply_lost) {
        return Fate::ReplyLost;
    }
    Fate::Served
}

impl Carrier for Line {
    fn carry<T, F>(&self, verb: Verb, work: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> StoreResult<T> + Send + 'static,
    {
        let world = self.0.clone();
        let (tell, hear) = oneshot::channel();
        // The database does what a node asks by what that node knows.
        let asks = version::present();
        let travel = async move {
            let slow = world.strikes("store_slow", |weather| weather.store_slow);
            world.scheduler.hop(0, if slow { 9_000 } else { 3 }).await;
            let fate = fate(&world, verb);
            if fate == Fate::Refused {
                world.tells(|| format!("store: {verb:?} is refused"));
                let _ = tell.send(unavailable("the database cannot be reached"));
                return;
            }
            let done = served(&world, verb, |memory| version::during(asks, || work(memory)));
            if fate == Fate::ReplyLost {
                world.tells(|| format!("store: the reply to {verb:?} is lost"));
                world.scheduler.hop(0, 2_000).await;
                let _ = tell.send(unavailable("the connection broke"));
                return;
            }
            if world.dice().permille(400) {
                world.scheduler.hop(0, 4).await;
            }
            let _ = tell.send(done);
        };
        Box::pin(async move {
            if self.0.storms() {
                // The node may freeze, or die, before anything leaves.
                self.0.scheduler.hop(0, 2).await;
            }
            self.0.scheduler.spawn(Group::World, travel);
            hear.await.unwrap_or_else(|_| unavailable("the line broke"))
        })
    }
}

fn served<T>(world: &World, verb: Verb, work: impl FnOnce(&mut Memory) -> StoreResult<T>) -> StoreResult<T> {
    let Verb::Write(name) = verb else {
        return work(&mut lock(&world.memory));
    };
    let mut memory = lock(&world.memory);
    let before = memory.tables.clone();
    let done = work(&mut memory);
    world.watch.commit(world, &before, &mut memory, name);
    let weather = &world.plan.weather;
    if weather.lossy_failovers + weather.lossy_charges > 0 {
        let mut kept = lock(&world.before);
        kept.push_back(before);
        if kept.len() > COMMITS_LOST_MAX {
            kept.pop_front();
        }
    }
    done
}
