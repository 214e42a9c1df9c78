//! How the console tells things: stages, actions, ages, times, and sentences with words of ours in them.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::domain::change::stuck::Action;
use crate::domain::change::{Actor, Party};
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::text;

/// Where a change is, in a sentence.
pub(super) fn stage(full_name: &str) -> &'static str {
    match full_name {
        "draft" => "The customer is choosing.",
        "quote.pending" => "The provider is being asked what it costs.",
        "quote.ready" => "The customer reads the quote.",
        "billing_info.asking" => "The customer fills in the billing data.",
        "billing_info.saving" => "The billing data is on its way to the provider.",
        "payment_confirm.choosing" => "The customer chooses how to pay.",
        "payment_confirm.charging" => "The customer has confirmed, and the charge is to be made.",
        "payment_confirm.action_required" => "The bank wants the customer to authenticate.",
        "payment_confirm.settling" => "The money is on its way; its outcome is not known yet.",
        "payment_confirm.declined" => "The bank refused the card; the customer may choose another one.",
        "payment_confirm.aborting" => {
            "The change is being given up; the provider must say that nothing can be paid any more."
        }
        "downgrade_ticket.held" => {
            "A request by mail from an unknown address waits until somebody has verified it."
        }
        "downgrade_ticket.open" => "A request to go down waits for an answer.",
        "downgrade_ticket.scheduling" => "A promise is being put at the provider, or taken away from it.",
        "downgrade_ticket.scheduled" => "It is promised for a day.",
        "downgrade_ticket.applying" => "It is being applied, without a charge.",
        "active" => "Done: the plan is active.",
        "cancelled" => "Given up by somebody. Nothing more happens.",
        "expired" => "Given up, because nobody went on in time. Nothing more happens.",
        _ => "This program does not know the stage; a newer one has written it.",
    }
}

/// What a stage is called in a picture.
pub(super) fn short(full_name: &str) -> String {
    let part = full_name.split_once('.').map_or(full_name, |(_, part)| part);
    spaced(part)
}

/// A word of ours as people read it.
pub(super) fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// What a mail or an event is about: `usage.limit_reached` as “usage: limit reached”.
pub(super) fn topic(topic: &str) -> String {
    spaced(&topic.replace('.', ": "))
}

/// What an action is called on its button, and what it is for.
pub(super) fn action(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Resume => (
            "Take up again",
            "Takes up again what was given up or rests after failures.",
        ),
        Action::Retry => (
            "Try again now",
            "Orders another attempt of what halted or is owed.",
        ),
        Action::Refresh => (
            "Read the provider now",
            "Asks the provider how things stand. Sends nothing that changes anything.",
        ),
        Action::Cancel => (
            "Give the change up",
            "Ends the change, once it is certain that nothing can be paid any more.",
        ),
        Action::Note => (
            "Leave a note",
            "Writes a word into the history, and does nothing else.",
        ),
    }
}

/// An amount.
pub(super) fn money(amount: Money) -> String {
    text::money(Language::En, amount)
}

/// A time to the second. The console is for people in several places, so that it is in UTC.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long ago something was, in its largest unit.
pub(super) fn age(now: Timestamp, since: Timestamp) -> String {
    let seconds = now.duration_since(since).max(SignedDuration::ZERO).as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Who did something, and why.
pub(super) fn who(actor: &Actor) -> String {
    let side = match actor.party {
        Party::Customer => "the customer",
        Party::Support => "support",
        Party::Provider => "the provider",
        Party::System => "Changeover itself",
    };
    let mut who = side.to_owned();
    if let Some(role) = &actor.role {
        // Writing to a string cannot fail.
        let _ = write!(who, " as {role}");
    }
    if let Some(subject) = &actor.subject {
        let _ = write!(who, " ({subject})");
    }
    who
}

/// A sentence as HTML in which what stands between backquotes is set as code.
pub(super) fn marked(sentence: &str) -> String {
    let mut html = String::with_capacity(sentence.len() + 16);
    for (nth, part) in sentence.split('`').enumerate() {
        let coded = nth % 2 == 1;
        html.push_str(if coded { "<code>" } else { "" });
        for letter in part.chars() {
            match letter {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                plain => html.push(plain),
            }
        }
        html.push_str(if coded { "</code>" } else { "" });
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::chart;

    #[test]
    fn every_stage_has_its_sentence() {
        for transition in chart::transitions() {
            assert!(
                !stage(&transition.from).starts_with("This program"),
                "{} has none",
                transition.from
            );
        }
    }

    #[test]
    fn a_sentence_is_escaped_and_its_words_are_marked() {
        assert_eq!(
            marked("writes `<note>` & goes"),
            "writes <code>&lt;note&gt;</code> &amp; goes"
        );
        assert_eq!(marked("plain"), "plain");
        assert_eq!(marked("odd `tick"), "odd <code>tick</code>", "always closed");
    }

    #[test]
    fn an_age_is_told_in_words() {
        let now: Timestamp = "2026-03-18T15:00:00Z".parse().expect("a time");
        let before = |seconds| age(now, now - SignedDuration::from_secs(seconds));
        assert_eq!(
            [1, 59, 60, 7200, 200_000].map(before),
            ["1 second", "59 seconds", "1 minute", "2 hours", "2 days"]
        );
        assert_eq!(age(now, now + SignedDuration::from_secs(5)), "0 seconds");
    }
}
