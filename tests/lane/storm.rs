//! What happens to an installation while customers use it: processes die and freeze, the database goes away, lines break.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::database::Database;
use super::fleet::Node;

/// How often something happens, in milliseconds.
const EVERY: std::ops::Range<u64> = 300..1_500;
/// How long a node stays frozen, in milliseconds: sometimes longer than what is left of its leases.
const FROZEN: std::ops::Range<u64> = 500..7_000;
/// How long the database stands before it is stopped again, in milliseconds.
const STANDS: std::ops::Range<u64> = 2_000..8_000;
/// How long the database stays away, in milliseconds.
const AWAY: std::ops::Range<u64> = 200..2_500;

/// What was done to it, by name.
pub type Injected = BTreeMap<&'static str, u64>;

pub struct Storm {
    chance: ChaCha8Rng,
    pub injected: Injected,
}

impl Storm {
    pub fn of(seed: u64) -> Self {
        Self {
            chance: ChaCha8Rng::seed_from_u64(seed),
            injected: Injected::new(),
        }
    }

    /// Rages for so long, and leaves everything running. What happens to the database takes no heed of what happens to the nodes.
    pub async fn rages(&mut self, time: Duration, nodes: &mut [Node], mut database: Option<&mut Database>) {
        let (mut here, mut there) = (self.branches(), self.branches());
        let raging = async { tokio::join!(here.strikes(nodes), there.darkens(database.as_deref_mut())) };
        // It is cut off in the middle of whatever it does; what is broken then is mended below.
        let _: Result<_, _> = tokio::time::timeout(time, raging).await;
        for (what, count) in here.injected.into_iter().chain(there.injected) {
            *self.injected.entry(what).or_default() += count;
        }
        if let Some(database) = database {
            database.is_there().await;
        }
        for node in nodes {
            if node.frozen {
                node.signal("CONT");
            }
            while !node.is_running() {
                node.start().await;
            }
        }
    }

    fn branches(&mut self) -> Self {
        Self::of(self.chance.random())
    }

    async fn strikes(&mut self, nodes: &mut [Node]) {
        loop {
            self.waits(EVERY).await;
            let nth = self.chance.random_range(0..nodes.len());
            match self.chance.random_range(0..8) {
                0..=3 => {
                    self.notes("nodes killed (SIGKILL)");
                    nodes[nth].kill().await;
                    // Others must go on without it for a while, or nobody is there.
                    self.waits(0..3_000).await;
                    self.starts(&mut nodes[nth]).await;
                }
                4..=6 => {
                    self.notes("nodes frozen and resumed (SIGSTOP, SIGCONT)");
                    nodes[nth].signal("STOP");
                    self.waits(FROZEN).await;
                    nodes[nth].signal("CONT");
                }
                _ => {
                    self.notes("nodes drained and replaced (SIGTERM)");
                    nodes[nth].signal("TERM");
                    nodes[nth].ended().await;
                    self.starts(&mut nodes[nth]).await;
                }
            }
        }
    }

    /// A node ends again at once where its database is away.
    async fn starts(&mut self, node: &mut Node) {
        while !node.start().await {
            self.waits(100..300).await;
        }
    }

    async fn darkens(&mut self, database: Option<&mut Database>) {
        let Some(database) = database else { return };
        loop {
            self.waits(STANDS).await;
            self.notes("databases stopped at once and started (-m immediate)");
            let away = self.wait(AWAY);
            database.crash(away).await;
        }
    }

    fn notes(&mut self, what: &'static str) {
        *self.injected.entry(what).or_default() += 1;
    }

    fn wait(&mut self, range: std::ops::Range<u64>) -> impl Future<Output = ()> + use<> {
        tokio::time::sleep(Duration::from_millis(self.chance.random_range(range)))
    }

    async fn waits(&mut self, range: std::ops::Range<u64>) {
        self.wait(range).await;
    }
}
