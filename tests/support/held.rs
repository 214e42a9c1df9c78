//! A request to the provider that is held up on its way for as long as a test wants, and then goes on: who has sent it stands
//! still meanwhile, as a frozen process does.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

/// Where on its way a request is held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has left, and has not arrived.
    Asked,
    /// It was carried out, and its answer has not arrived.
    Answered,
}

/// Holds one request up, once it is armed.
#[derive(Clone, Default)]
pub struct Hold(Arc<Inner>);

#[derive(Default)]
struct Inner {
    armed: Mutex<Option<Armed>>,
    reached: Notify,
    released: Notify,
}

struct Armed {
    request: &'static str,
    passes: u64,
    moment: Moment,
}

impl Hold {
    /// The nth request of this name from now on: `POST /v1/customers/`.
    pub fn arm(&self, request: &'static str, nth: u64, moment: Moment) {
        let passes = nth.checked_sub(1).expect("counted from one");
        *self.0.armed.lock().expect("no test has panicked here") = Some(Armed {
            request,
            passes,
            moment,
        });
    }

    /// Until the request is held up.
    pub async fn is_reached(&self) {
        self.0.reached.notified().await;
    }

    /// It goes on.
    pub fn lets_go(&self) {
        self.0.released.notify_one();
    }

    /// Whether this request is the one.
    pub(super) fn meets(&self, request: &str) -> Option<Moment> {
        let mut armed = self.0.armed.lock().expect("no test has panicked here");
        let found = armed
            .as_mut()
            .filter(|armed| request.starts_with(armed.request))?;
        if found.passes > 0 {
            found.passes -= 1;
            return None;
        }
        armed.take().map(|found| found.moment)
    }

    /// Stands still until it is let go.
    pub(super) async fn keeps(&self) {
        self.0.reached.notify_one();
        self.0.released.notified().await;
    }
}
