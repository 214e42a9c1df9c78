//! A database that goes away while the application runs on it: nobody is let in any more, or its server dies.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use changeover::engine::EngineError;
use futures_util::future::join_all;

use super::bent::Bend;
use super::house::House;
use super::postgres::Switch;

/// Rounds that are worked in vain.
const ROUNDS: usize = 3;

/// More than there are connections in a pool: together they find every broken one.
const PROBES: usize = 32;

/// Failures after one crash: each thing that was under way, and a few attempts.
const FAILURES_MAX: usize = 100;

/// Crashes the server of a house when the provider has carried a request out, before its answer arrives.
#[derive(Clone)]
pub struct CrashInACall {
    switch: Switch,
    armed: Arc<Mutex<Option<&'static str>>>,
    is_off: Arc<AtomicBool>,
}

impl CrashInACall {
    /// At the next request of this name: `POST /v1/customers/`.
    pub fn arm(&self, request: &'static str) {
        *self.armed.lock().expect("no test has panicked here") = Some(request);
    }

    /// Whether it was reached since it was armed.
    pub fn has_struck(&self) -> bool {
        self.armed.lock().expect("no test has panicked here").is_none()
    }

    fn strikes_at(&self, request: &str) {
        let mut armed = self.armed.lock().expect("no test has panicked here");
        if armed.is_some_and(|name| request.starts_with(name)) {
            *armed = None;
            self.switch.off();
            self.is_off.store(true, Ordering::SeqCst);
        }
    }

    fn ends(&self) {
        if self.is_off.swap(false, Ordering::SeqCst) {
            self.switch.on();
        }
    }
}

impl House {
    /// The house on a server of its own, with a crash of it that can be armed.
    pub async fn open_beside_a_crash() -> (Self, CrashInACall) {
        let mut house = Self::open_on_a_server_of_its_own().await;
        let crash = CrashInACall {
            switch: house.server.as_ref().expect("a server").switch(),
            armed: Arc::default(),
            is_off: Arc::default(),
        };
        let within = crash.clone();
        house
            .meets_a_provider_that(Bend {
                afterwards: Arc::new(move |request, _| within.strikes_at(request)),
                ..Bend::default()
            })
            .await;
        house.crash_in_a_call = Some(crash.clone());
        house.failures_forgiven = FAILURES_MAX;
        (house, crash)
    }

    /// Nobody is let into the database any more.
    pub async fn loses_its_database(&self) {
        self.server
            .as_ref()
            .expect("a house on PostgreSQL")
            .goes_away()
            .await;
    }

    /// It is there again, and every connection that broke is found.
    pub async fn finds_its_database(&self) {
        self.server
            .as_ref()
            .expect("a house on PostgreSQL")
            .comes_back()
            .await;
        self.finds_broken_connections().await;
    }

    /// Works without a database, as a process does that goes on trying: nothing but its absence may stop the work.
    pub async fn struggles(&self) {
        let engine = self.engine();
        for _ in 0..ROUNDS {
            for outcome in [engine.work_once().await, engine.send_once().await] {
                let only_the_store = matches!(outcome, Ok(_) | Err(EngineError::Store(_)));
                assert!(only_the_store, "{outcome:?}");
            }
            self.sandbox.tick().await.expect("a working sandbox");
        }
    }

    /// Works, while nothing leaves: mails and events are kept back.
    pub async fn keeps_its_mails_back(&self) {
        while self.engine().work_once().await.expect("work") > 0 {}
    }

    /// Somebody starts the server again.
    pub(super) async fn recovers(&mut self) {
        self.failures_forgiven -= 1;
        if let Some(crash) = &self.crash_in_a_call {
            crash.ends();
        }
        self.finds_broken_connections().await;
    }

    async fn finds_broken_connections(&self) {
        // Some fail: that is what they are for.
        let _ = join_all((0..PROBES).map(|_| self.backend.try_get("/v1/events?limit=1"))).await;
    }
}
