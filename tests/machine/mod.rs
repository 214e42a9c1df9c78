//! Tests of the machine: the chart, the promises, the stories, the stored form.

mod ana;
mod chart;
mod faults_aborting;
mod faults_billing;
mod faults_paying;
mod stored;
mod stories;
mod stories_down;
mod stories_paying;
mod walks;
