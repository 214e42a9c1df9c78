//! A clock that stands still until a test moves it.

use std::sync::Arc;

use changeover::ports::time::Clock;
use changeover::system::SystemClock;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Shared by the application and the sandbox, so that both live at the same instant.
#[derive(Debug, Clone)]
pub struct TestClock {
    now: watch::Sender<Timestamp>,
}

impl TestClock {
    pub fn at(now: &str) -> Self {
        Self {
            now: watch::Sender::new(now.parse().expect("an instant")),
        }
    }

    pub fn advance(&self, by: SignedDuration) {
        self.now
            .send_modify(|now| *now = now.checked_add(by).expect("an instant"));
    }

    pub fn move_to(&self, at: Timestamp) {
        self.now.send_modify(|now| *now = at.max(*now));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The clock lives as long as the house; a closed channel means that nobody waits any more.
            let _ = now.wait_for(|now| *now >= at).await;
        })
    }
}

/// The machine's clock, set wrong.
pub fn a_clock_ahead(by: SignedDuration) -> Arc<dyn Clock> {
    struct Ahead(SignedDuration);
    impl Clock for Ahead {
        fn now(&self) -> Timestamp {
            SystemClock.now() + self.0
        }

        fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
            SystemClock.wait_until(at - self.0)
        }
    }
    Arc::new(Ahead(by))
}
