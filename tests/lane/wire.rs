//! Lines between processes: one that now and then swallows what goes over it, and one that leads to whichever node is there.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A relay on loopback.
#[derive(Clone)]
pub struct Wire {
    pub address: String,
    state: Arc<State>,
}

struct State {
    ends: Mutex<Vec<String>>,
    broken: AtomicBool,
    /// Requests that never arrived, and answers that never came back.
    lost: AtomicU64,
    swallowed: AtomicU64,
    chance: Mutex<ChaCha8Rng>,
}

impl Wire {
    /// Leads to one of these addresses, each time to another one; more can be told later.
    pub async fn to(ends: Vec<String>, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let wire = Self {
            address: format!("http://{}", listener.local_addr().expect("an address")),
            state: Arc::new(State {
                ends: Mutex::new(ends),
                broken: AtomicBool::new(false),
                lost: AtomicU64::new(0),
                swallowed: AtomicU64::new(0),
                chance: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
            }),
        };
        let state = wire.state.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(relay(near, state.clone()));
            }
        });
        wire
    }

    pub fn leads_to(&self, ends: Vec<String>) {
        *self.state.ends.lock().expect("no test has panicked here") = ends;
    }

    /// From now on it loses something now and then, or no longer.
    pub fn is_broken(&self, broken: bool) {
        self.state.broken.store(broken, Ordering::SeqCst);
    }

    /// How many requests were lost on the way there, and how many answers on the way back.
    pub fn lost(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        (count(&self.state.lost), count(&self.state.swallowed))
    }
}

impl State {
    /// Whether this piece is lost: one in so many, while the wire is broken.
    fn loses(&self, one_in: u32) -> bool {
        self.broken.load(Ordering::SeqCst)
            && self
                .chance
                .lock()
                .expect("no test has panicked here")
                .random_ratio(1, one_in)
    }

    fn end(&self) -> Option<String> {
        let ends = self.ends.lock().expect("no test has panicked here");
        let mut chance = self.chance.lock().expect("no test has panicked here");
        let nth = (!ends.is_empty()).then(|| chance.random_range(0..ends.len()))?;
        Some(ends[nth].trim_start_matches("http://").to_owned())
    }
}

async fn relay(near: TcpStream, state: Arc<State>) {
    let Some(end) = state.end() else { return };
    let Ok(far) = TcpStream::connect(end).await else {
        return;
    };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = carry(near_in, far_out, &state, 60, &state.lost) => {}
        () = carry(far_in, near_out, &state, 30, &state.swallowed) => {}
    }
}

/// Carries until one side ends, or until a piece is lost: then both ends see the line break.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &State,
    one_in: u32,
    lost: &AtomicU64,
) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        if state.loses(one_in) {
            lost.fetch_add(1, Ordering::SeqCst);
            return;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
