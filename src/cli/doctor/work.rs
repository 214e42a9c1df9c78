//! What is open, late or given up in a store.

use jiff::SignedDuration;

use super::Findings;
use crate::ports::store::Store;
use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// What should have been done so long ago is late: a worker takes what is due within seconds.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// Counts.
pub(super) async fn examine(store: &dyn Store, found: &mut Findings) {
    let now = SystemClock.now();
    let late = now.checked_sub(LATE).unwrap_or(now);
    let census = match store.census(late).await {
        Ok(census) => census,
        Err(problem) => {
            found.wrong(
                format!("It cannot be counted: {problem}."),
                "Look at the server's log.",
            );
            return;
        }
    };
    let open: u64 = census.open.values().sum();
    found.ok(format!("{open} changes are open."));
    if census.of_a_newer_machine > 0 {
        found.warning(
            format!(
                "{} open changes were written by a newer machine; this program leaves them alone.",
                census.of_a_newer_machine
            ),
            "Finish the deploy, or run a newer worker beside this one.",
        );
    }
    if census.overdue > 0 {
        found.warning(
            format!(
                "{} changes or contracts have been due for more than ten minutes.",
                census.overdue
            ),
            "Is a server running? If one is, its log says what fails again and again.",
        );
    }
    if census.outbox_late > 0 {
        found.warning(
            format!(
                "{} mails or events should have left more than ten minutes ago.",
                census.outbox_late
            ),
            "Is a server running? If one is, look at the mail server and at the receivers of events.",
        );
    }
    if census.outbox_given_up > 0 {
        found.warning(
            format!(
                "{} mails or events were given up and will never leave.",
                census.outbox_given_up
            ),
            "The server's log says which, and why; events can still be read from the feed.",
        );
    }
}
