//! The demo: one real plan change through real HTTP, with a kill in the middle, and the proof that nothing was lost.
//!
//! Knows Changeover only from outside, as a seller's backend, a customer's browser and a provider do. It starts this same
//! program as its own processes, in a temporary folder and on free ports.

mod actors;
mod process;
mod proof;
mod stage_set;
mod story;

use super::terminal::{Timeline, print};

/// Plays the story; says whether everything held.
pub async fn play() -> anyhow::Result<bool> {
    let timeline = Timeline::begin();
    print("Changeover: one plan change, from the click to an active plan, with a kill -9 in the middle.\n");
    let mut set = stage_set::StageSet::build(&timeline).await?;
    let played = story::play(&mut set, &timeline).await?;
    let held = proof::prove(set, &played, &timeline).await?;
    print(if held {
        "\nEverything held.\n"
    } else {
        "\nSomething did not hold: see above.\n"
    });
    Ok(held)
}
