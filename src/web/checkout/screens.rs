//! Which screen of the workflow file a stage is shown on.

use crate::domain::catalog::{Playbook, Screen, ScreenEnd, StageName};
use crate::domain::change;
use crate::web::api::views::Reader;

/// A step of the way, as it is listed above a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StepView {
    /// Its name.
    pub title: String,
    /// Whether it is behind the customer.
    pub done: bool,
    /// Whether it is where they are.
    pub current: bool,
}

/// A stage as workflow files name it; nothing for the two that no file shows.
pub(super) fn named(stage: change::StageName) -> Option<StageName> {
    Some(match stage {
        change::StageName::Draft => StageName::Draft,
        change::StageName::Quote => StageName::Quote,
        change::StageName::BillingInfo => StageName::BillingInfo,
        change::StageName::PaymentConfirm => StageName::PaymentConfirm,
        change::StageName::DowngradeTicket => StageName::DowngradeTicket,
        change::StageName::Active => StageName::Active,
        change::StageName::Cancelled | change::StageName::Expired => return None,
    })
}

/// The screen that shows a stage: the last one for choosing, which is where the choice is made, else the first.
pub(super) fn screen(playbook: &Playbook, stage: StageName) -> Option<&Screen> {
    let mut screens = playbook.policy.screens_of(stage);
    if stage == StageName::Draft {
        screens.last()
    } else {
        screens.next()
    }
}

/// Whether the quote has no page of its own: choosing leads straight on, and the amounts are shown again where they are confirmed.
pub(super) fn passes_the_quote(playbook: &Playbook) -> bool {
    screen(playbook, StageName::Quote).is_some_and(|screen| {
        screen.ends_with == ScreenEnd::Continue && screen.stages.contains(&StageName::Draft)
    })
}

/// Whether the quote is confirmed on its own page: billing data and card are passed where nothing is missing.
pub(super) fn confirms_the_quote(playbook: &Playbook) -> bool {
    screen(playbook, StageName::Quote).is_some_and(|screen| {
        screen.ends_with == ScreenEnd::Confirm && screen.stages.contains(&StageName::PaymentConfirm)
    })
}

/// The words on the button that ends a screen.
pub(super) fn button(reader: Reader<'_>, stage: StageName) -> Option<String> {
    screen(reader.playbook, stage).map(|screen| reader.said(&screen.button))
}

/// The way, with the customer at this stage. A request to go down is another way.
pub(super) fn steps(reader: Reader<'_>, stage: StageName) -> Vec<StepView> {
    let current = screen(reader.playbook, stage).map(|screen| &screen.id);
    let aside = |screen: &&Screen| screen.stages == [StageName::DowngradeTicket];
    let on_the_way = |screen: &&Screen| aside(screen) == (stage == StageName::DowngradeTicket);
    let all: Vec<&Screen> = reader.playbook.policy.screens.iter().filter(on_the_way).collect();
    let at = all.iter().position(|screen| Some(&screen.id) == current);
    let step = |(nth, screen): (usize, &&Screen)| StepView {
        title: reader.said(&screen.title),
        done: at.is_some_and(|at| nth < at) || stage == StageName::Active && at == Some(nth),
        current: at == Some(nth),
    };
    all.iter().enumerate().map(step).collect()
}
