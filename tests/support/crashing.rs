//! Crashes on purpose: at which point, when it is reached for which time, and what became of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use changeover::engine::{Crash, CrashPoint, CrashPoints};

use super::house::House;

/// More rounds than it takes to reach any point of a journey.
const ROUNDS_MAX: usize = 100;

/// Crashes once, at one point, when it is reached for the nth time.
#[derive(Debug, Default)]
pub struct CrashAt {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    armed: Option<(CrashPoint, u64)>,
    fired: bool,
    passes: BTreeMap<CrashPoint, u64>,
    may_repeat_a_mail: bool,
}

impl CrashAt {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test has panicked here")
    }

    pub fn arm(&self, point: CrashPoint, nth: u64) {
        let mut state = self.state();
        state.armed = Some((point, nth));
        state.fired = false;
    }

    pub fn armed(&self) -> bool {
        self.state().armed.is_some()
    }

    /// Whether it has crashed since this was asked last.
    pub fn take(&self) -> bool {
        std::mem::take(&mut self.state().fired)
    }

    /// Whether a process has died while mails were leaving: only then may one of them arrive twice.
    pub fn may_repeat_a_mail(&self) -> bool {
        self.state().may_repeat_a_mail
    }
}

impl CrashPoints for CrashAt {
    fn reach(&self, point: CrashPoint) -> Result<(), Crash> {
        let mut state = self.state();
        *state.passes.entry(point).or_default() += 1;
        let Some((at, left)) = state.armed.as_mut() else {
            return Ok(());
        };
        if *at != point {
            return Ok(());
        }
        *left -= 1;
        if *left > 0 {
            return Ok(());
        }
        state.armed = None;
        state.fired = true;
        state.may_repeat_a_mail |= while_mails_leave(point);
        Err(Crash(point))
    }
}

/// Several mails leave side by side: where one has reached such a point, another may have been sent and not noted yet.
pub fn while_mails_leave(point: CrashPoint) -> bool {
    matches!(
        point,
        CrashPoint::OutboxClaimed | CrashPoint::OutboxSent | CrashPoint::OutboxSettled
    )
}

impl House {
    /// How often this point was passed so far.
    pub fn passes(&self, point: CrashPoint) -> u64 {
        self.crash.state().passes.get(&point).copied().unwrap_or_default()
    }

    /// Takes the crash point away. Whether it was reached meanwhile.
    pub fn disarm(&self) -> bool {
        self.crash.state().armed.take().is_none()
    }

    /// Works until the application dies at this point, when it is reached for the nth time from now on. It stays down.
    pub async fn dies_at(&mut self, point: CrashPoint, nth: u64) {
        self.crash.arm(point, nth);
        for _ in 0..ROUNDS_MAX {
            self.round().await;
            if self.crash.take() {
                self.die().await;
                return;
            }
            self.sandbox.tick().await.expect("a working sandbox");
        }
        panic!("{point} was not reached");
    }
}
