//! Nodes: engines with workers, that are started, asked, frozen and killed.

use std::sync::Arc;

use changeover::engine::{Bell, Crash, CrashPoint, CrashPoints, Engine, EngineError, Parts, Seller, Sellers};
use changeover::ports::payments::Payments;
use changeover::ports::store::Store;
use changeover::stripe::{Pace, StripeConfig, StripePayments};
use changeover::workflow::Workflow;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::bugs;
use crate::line::Line;
use crate::mailbox::Post;
use crate::scheduler::Group;
use crate::store::Connection;
use crate::wire::SimulatedWire;
use crate::world::{NodeClock, NodeIds, World, lock};

/// One node.
pub struct Node {
    /// Its engine, while it is up.
    pub engine: Option<Engine>,
    /// How often it was started.
    pub starts: u64,
    /// How far its own clock is off.
    pub skew: SignedDuration,
    /// Whether it stands still just now.
    pub frozen: bool,
    /// Of which version of the machine it is.
    pub version: u32,
}

/// Where this node dies.
struct Points {
    world: Arc<World>,
    node: usize,
}

impl CrashPoints for Points {
    fn reach(&self, point: CrashPoint) -> Result<(), Crash> {
        if self.world.strikes("freeze", |weather| weather.freezes) {
            World::freezes_for_a_while(&self.world, self.node);
        }
        let mut crashes = lock(&self.world.crashes);
        let armed = match crashes.armed.front_mut() {
            Some((at, left)) if *at == point && self.world.storms() => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            _ => false,
        };
        if armed {
            crashes.armed.pop_front();
        }
        let dies = armed || self.world.strikes("crash", |weather| weather.crash);
        if !dies {
            return Ok(());
        }
        crashes.reached.push(point);
        drop(crashes);
        self.world.tells(|| format!("node {} dies at {point}", self.node));
        World::dies(&self.world, self.node);
        Err(Crash(point))
    }
}

fn read_playbook(text: &str) -> Result<changeover::domain::catalog::Playbook, String> {
    let read = Workflow::parse("kept workflow file", text);
    read.map(|workflow| workflow.playbook)
        .map_err(|_| "unreadable".to_owned())
}

/// The provider, as one node reaches it.
fn payments(world: &Arc<World>, node: usize) -> Arc<dyn Payments> {
    let address = "http://127.0.0.1".parse().expect("an address");
    let config = StripeConfig::new(address, "sk_test_simulated".to_owned().into());
    let wire = SimulatedWire {
        world: world.clone(),
        node,
    };
    let payments =
        StripePayments::over(&config, Arc::new(Pace::new(None)), Arc::new(wire)).expect("a provider");
    bugs::in_payments(world, Arc::new(payments))
}

fn engine(world: &Arc<World>, node: usize, skew: SignedDuration, starts: u64) -> Engine {
    let store: Arc<dyn Store> = Arc::new(Connection(Line(world.clone())));
    let seller = Seller {
        playbook: world.playbook.clone(),
        payments: payments(world, node),
    };
    let post = Arc::new(Post(world.clone()));
    Engine::new(Parts {
        store,
        sellers: Sellers::new([seller], read_playbook),
        mailer: post.clone(),
        hooks: post,
        clock: Arc::new(NodeClock {
            scheduler: world.scheduler.clone(),
            skew,
        }),
        ids: Arc::new(NodeIds(world.clone())),
        crash_points: Arc::new(Points {
            world: world.clone(),
            node,
        }),
        owner: format!("node-{node}-{starts}"),
        pages_at: "http://127.0.0.1:1".to_owned(),
        bell: Bell::default(),
    })
}

impl World {
    /// Starts a node, for the first time or after it died.
    pub fn starts(world: &Arc<Self>, node: usize) {
        let (skew, starts, version) = {
            let mut nodes = lock(&world.nodes);
            let node = &mut nodes[node];
            node.starts += 1;
            (node.skew, node.starts, node.version)
        };
        let engine = engine(world, node, skew, starts);
        world.scheduler.runs(Group::Node(node), version);
        world.watch.node_started(engine.owner(), version);
        world.tells(|| format!("node {node} starts, of version {version}"));
        for _ in 0..world.plan.workers {
            let worker = engine.clone();
            world.scheduler.spawn(Group::Node(node), async move {
                let _ = worker.work().await;
            });
        }
        let sender = engine.clone();
        world.scheduler.spawn(Group::Node(node), async move {
            let _ = sender.send().await;
        });
        lock(&world.nodes)[node].engine = Some(engine);
    }

    /// A node dies, and is started again after a while.
    pub fn dies(world: &Arc<Self>, node: usize) {
        world.watch.node_died();
        Self::goes_down(world, node);
        let (task, world) = (world.clone(), world.clone());
        task.scheduler.spawn(Group::World, async move {
            world.scheduler.hop(50, 90_000).await;
            if lock(&world.nodes)[node].engine.is_none() {
                Self::starts(&world, node);
            }
        });
    }

    /// A node goes down and stays so.
    pub fn goes_down(world: &Arc<Self>, node: usize) {
        let engine = lock(&world.nodes)[node].engine.take();
        lock(&world.nodes)[node].frozen = false;
        world.scheduler.kill(Group::Node(node));
        drop(engine);
    }

    /// A node of another version takes the place of this one; what is down comes up as that.
    pub async fn is_replaced(world: &Arc<Self>, node: usize, version: u32) {
        let engine = lock(&world.nodes)[node].engine.clone();
        let drains = world.dice().permille(700);
        if let Some(engine) = engine.filter(|_| drains) {
            engine.retire();
            world.scheduler.hop(0, 35_000).await;
            let ask = |engine: Engine| -> BoxFuture<'static, _> {
                Box::pin(async move { engine.give_back().await })
            };
            let _ = world.ask(node, ask).await;
        }
        if !world.storms() {
            // The calm has replaced it already.
            return;
        }
        lock(&world.nodes)[node].version = version;
        if lock(&world.nodes)[node].engine.is_some() {
            world.watch.node_died();
            Self::goes_down(world, node);
            Self::starts(world, node);
        }
    }

    /// A node stands still, or goes on.
    pub fn freezes(&self, node: usize, frozen: bool) {
        self.tells(|| format!("node {node} frozen: {frozen}"));
        lock(&self.nodes)[node].frozen = frozen;
        self.scheduler.freeze(Group::Node(node), frozen);
    }

    /// A node stands still for about as long as a lease, or longer.
    pub fn freezes_for_a_while(world: &Arc<Self>, node: usize) {
        let starts = lock(&world.nodes)[node].starts;
        world.freezes(node, true);
        let (task, world) = (world.clone(), world.clone());
        task.scheduler.spawn(Group::World, async move {
            world.scheduler.hop(20_000, 200_000).await;
            if lock(&world.nodes)[node].starts == starts {
                world.freezes(node, false);
            }
        });
    }

    /// A node that is up.
    pub fn any_node(&self) -> Option<usize> {
        let nodes = lock(&self.nodes);
        let up: Vec<usize> = (0..nodes.len())
            .filter(|node| nodes[*node].engine.is_some())
            .collect();
        drop(nodes);
        if up.is_empty() {
            return None;
        }
        Some(*self.dice().one_of(&up))
    }

    /// What the clock of a node says.
    pub fn clock_of(&self, node: usize) -> Timestamp {
        let skew = lock(&self.nodes)[node].skew;
        self.now().checked_add(skew).unwrap_or(Timestamp::MAX)
    }

    /// Asks a node for something. `None` when it dies before it has answered, or stands still for too long.
    pub async fn ask<T, F>(&self, node: usize, ask: F) -> Option<Result<T, EngineError>>
    where
        T: Send + 'static,
        F: FnOnce(Engine) -> BoxFuture<'static, Result<T, EngineError>> + Send + 'static,
    {
        let engine = lock(&self.nodes)[node].engine.clone()?;
        let (tell, hear) = oneshot::channel();
        self.scheduler.spawn(Group::Node(node), async move {
            let answer = ask(engine).await;
            if !matches!(answer, Err(EngineError::Crashed(_))) {
                let _ = tell.send(answer);
            }
        });
        tokio::select! {
            biased;
            answer = hear => answer.ok(),
            () = self.scheduler.sleep(SignedDuration::from_secs(60)) => None,
        }
    }
}
