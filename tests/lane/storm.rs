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

    /// Rages for so long, and leaves everything running.
    pub async fn rages(&mut self, time: Duration, nodes: &mut [Node], mut database: Option<&mut Database>) {
        let raging = async {
            loop {
                self.waits(EVERY).await;
                self.strikes(nodes, database.as_deref_mut()).await;
            }
        };
        // It is cut off in the middle of whatever it does; what is broken then is mended below.
        let _: Result<(), _> = tokio::time::timeout(time, raging).await;
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

    async fn strikes(&mut self, nodes: &mut [Node], database: Option<&mut Database>) {
        let nth = self.chance.random_range(0..nodes.len());
        match self.chance.random_range(0..10) {
            0..=3 => {
                self.notes("nodes killed (SIGKILL)");
                nodes[nth].kill().await;
                // Others must go on without it for a while, or nobody is there.
                self.waits(0..3_000).await;
                while !nodes[nth].start().await {
                    self.waits(100..300).await;
                }
            }
            4..=6 => {
                self.notes("nodes frozen and resumed (SIGSTOP, SIGCONT)");
                nodes[nth].signal("STOP");
                self.waits(FROZEN).await;
                nodes[nth].signal("CONT");
            }
            7 => {
                self.notes("nodes drained and replaced (SIGTERM)");
                nodes[nth].signal("TERM");
                nodes[nth].ended().await;
                while !nodes[nth].start().await {
                    self.waits(100..300).await;
                }
            }
            _ => {
                let Some(database) = database else { return };
                self.notes("databases stopped at once and started (-m immediate)");
                let away = self.wait(AWAY);
                database.crash(away).await;
            }
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
