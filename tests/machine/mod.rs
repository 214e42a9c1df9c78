//! Tests of the machine: the chart, the promises, the stories, the stored form.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what tells a story fails the test at the caller's line"
)]

mod ana;
mod chart;
mod comparing;
mod faults_aborting;
mod faults_billing;
mod faults_late;
mod faults_paying;
mod ledger;
mod stored;
mod stories;
mod stories_down;
mod stories_paying;
mod stories_promised;
mod stories_taxes;
mod stuck;
mod vouchers;
mod walks;
