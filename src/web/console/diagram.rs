//! The machine as a picture: all stages, the way that a change has taken, and where it is now.
//!
//! Laid out by hand, so that it can be read at a glance; a test holds its stages and its arrows against the machine itself.

use std::fmt::Write as _;

use super::words;

/// A stage or a part of one, and where its middle is.
const STATES: [(&str, i32, i32); 19] = [
    ("draft", 70, 118),
    ("quote.pending", 212, 78),
    ("quote.ready", 212, 158),
    ("billing_info.asking", 354, 78),
    ("billing_info.saving", 354, 158),
    ("payment_confirm.choosing", 504, 62),
    ("payment_confirm.charging", 504, 118),
    ("payment_confirm.aborting", 504, 174),
    ("payment_confirm.action_required", 644, 62),
    ("payment_confirm.settling", 644, 118),
    ("payment_confirm.declined", 644, 174),
    ("active", 812, 62),
    ("cancelled", 812, 118),
    ("expired", 812, 174),
    ("downgrade_ticket.held", 144, 306),
    ("downgrade_ticket.open", 274, 306),
    ("downgrade_ticket.scheduling", 404, 306),
    ("downgrade_ticket.scheduled", 534, 306),
    ("downgrade_ticket.applying", 664, 306),
];

/// A stage of the product with its frame: x, y, width, height.
const FRAMES: [(&str, [i32; 4]); 4] = [
    ("quote", [148, 30, 128, 160]),
    ("billing_info", [290, 30, 128, 160]),
    ("payment_confirm", [440, 14, 268, 192]),
    ("downgrade_ticket", [80, 258, 648, 80]),
];

/// The main ways from stage to stage, from one point to another.
const ARROWS: [(&str, &str, [i32; 4]); 8] = [
    ("draft", "quote", [130, 118, 146, 118]),
    ("quote", "billing_info", [276, 118, 288, 118]),
    ("billing_info", "payment_confirm", [418, 118, 438, 118]),
    ("payment_confirm", "active", [708, 62, 750, 62]),
    ("payment_confirm", "cancelled", [708, 118, 750, 118]),
    ("payment_confirm", "expired", [708, 174, 750, 174]),
    ("draft", "downgrade_ticket", [70, 134, 100, 256]),
    ("downgrade_ticket", "quote", [190, 258, 190, 192]),
];

/// Half of a stage's width and height.
const HALF: (i32, i32) = (58, 16);

/// The picture of a change that is in `here` and has come by `path`.
pub(super) fn svg(here: &str, path: &[String]) -> String {
    let mut svg = String::from(
        "<svg class=\"machine\" viewBox=\"0 0 884 352\" role=\"img\" aria-labelledby=\"machine-title machine-told\">\
         <title id=\"machine-title\">The stages of a change</title>",
    );
    let told: Vec<String> = path.iter().map(|stage| words::spaced(stage)).collect();
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<desc id=\"machine-told\">It is in {}. It came by: {}.</desc>\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path class=\"tip\" d=\"M0 0 L8 4 L0 8 z\"/></marker>\
         <marker id=\"step\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">\
         <path class=\"step-tip\" d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>",
        plain(&words::spaced(here)),
        plain(&told.join(", ")),
    );
    for (stage, [x, y, width, height]) in FRAMES {
        let _ = write!(
            svg,
            "<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"12\"/>\
             <text class=\"frame-name\" x=\"{}\" y=\"{}\">{}</text>",
            x + 12,
            y + 19,
            words::spaced(stage)
        );
    }
    for (_, _, [from_x, from_y, to_x, to_y]) in ARROWS {
        let _ = write!(
            svg,
            "<path class=\"way\" d=\"M{from_x} {from_y} L{to_x} {to_y}\" marker-end=\"url(#tip)\"/>"
        );
    }
    // Below the stages, so that a long step strikes nothing out.
    svg.push_str(&steps(path));
    for (stage, x, y) in STATES {
        let class = if stage == here {
            "state here"
        } else if path.iter().any(|been| been == stage) {
            "state been"
        } else {
            "state"
        };
        let _ = write!(
            svg,
            "<g class=\"{class}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"16\"/>\
             <text x=\"{x}\" y=\"{}\">{}</text></g>",
            x - HALF.0,
            y - HALF.1,
            HALF.0 * 2,
            HALF.1 * 2,
            y + 4,
            words::short(stage)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The way that was taken: each step once, however often it was gone.
fn steps(path: &[String]) -> String {
    let mut drawn: Vec<(&str, &str)> = Vec::new();
    let mut out = String::new();
    for pair in path.windows(2) {
        let [from, to] = pair else { continue };
        if drawn.contains(&(from.as_str(), to.as_str())) {
            continue;
        }
        drawn.push((from, to));
        let (Some((from_x, from_y)), Some((to_x, to_y))) = (middle(from), middle(to)) else {
            continue;
        };
        let ((from_x, from_y), (to_x, to_y)) = edges((from_x, from_y), (to_x, to_y));
        let _ = write!(
            out,
            "<path class=\"step\" d=\"M{from_x} {from_y} L{to_x} {to_y}\" marker-end=\"url(#step)\"/>"
        );
    }
    out
}

fn middle(stage: &str) -> Option<(i32, i32)> {
    let found = STATES.iter().find(|(name, ..)| *name == stage)?;
    Some((found.1, found.2))
}

/// Where a step leaves one stage, and where it comes to another: at the sides that face each other.
fn edges((from_x, from_y): (i32, i32), (to_x, to_y): (i32, i32)) -> ((i32, i32), (i32, i32)) {
    let (across, down) = ((to_x - from_x).signum(), (to_y - from_y).signum());
    let beside = (to_x - from_x).abs() >= HALF.0 * 2;
    if beside {
        ((from_x + across * HALF.0, from_y), (to_x - across * HALF.0, to_y))
    } else {
        // Steps up and down between the same two stages lie beside each other.
        let aside = down * 8;
        (
            (from_x + aside, from_y + down * HALF.1),
            (to_x + aside, to_y - down * HALF.1),
        )
    }
}

/// Without what would mean something in a picture. Words of a newer program may be in it.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '<' | '>' | '&' | '"'))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::change::chart::{Outcome, transitions};

    fn stage_of(full_name: &str) -> String {
        full_name.split('.').next().unwrap_or_default().to_owned()
    }

    /// Every way of the machine, from stage and part to stage and part.
    fn ways() -> BTreeSet<(String, String)> {
        let mut ways = BTreeSet::new();
        for transition in transitions() {
            for outcome in &transition.outcomes {
                if let Outcome::Leads { to, .. } = outcome {
                    ways.insert((transition.from.clone(), to.clone()));
                }
            }
        }
        ways
    }

    #[test]
    fn the_picture_has_exactly_the_stages_of_the_machine() {
        let mut machine: BTreeSet<String> = BTreeSet::new();
        for (from, to) in ways() {
            machine.extend([from, to]);
        }
        let drawn: BTreeSet<String> = STATES.iter().map(|(name, ..)| (*name).to_owned()).collect();
        assert_eq!(drawn, machine);
        let frames: BTreeSet<&str> = FRAMES.iter().map(|(name, _)| *name).collect();
        let parted = machine.iter().filter_map(|name| name.split_once('.'));
        let parted: BTreeSet<&str> = parted.map(|(stage, _)| stage).collect();
        assert_eq!(frames, parted, "each stage that has parts has a frame");
    }

    /// Ways between stages that are left out of the picture, where they would only cross others.
    const LEFT_OUT: [(&str, &str); 19] = [
        ("billing_info", "cancelled"),
        ("billing_info", "draft"),
        ("billing_info", "expired"),
        ("billing_info", "quote"),
        ("downgrade_ticket", "active"),
        ("downgrade_ticket", "cancelled"),
        ("downgrade_ticket", "draft"),
        ("downgrade_ticket", "expired"),
        ("draft", "cancelled"),
        ("draft", "expired"),
        ("draft", "payment_confirm"),
        ("payment_confirm", "billing_info"),
        ("payment_confirm", "draft"),
        ("payment_confirm", "quote"),
        ("quote", "cancelled"),
        ("quote", "downgrade_ticket"),
        ("quote", "draft"),
        ("quote", "expired"),
        ("quote", "payment_confirm"),
    ];

    #[test]
    fn every_arrow_is_a_way_of_the_machine_and_every_way_is_drawn_or_left_out_on_purpose() {
        let machine: BTreeSet<(String, String)> = ways()
            .into_iter()
            .map(|(from, to)| (stage_of(&from), stage_of(&to)))
            .filter(|(from, to)| from != to)
            .collect();
        let drawn = ARROWS.iter().map(|(from, to, _)| (*from, *to));
        let known: BTreeSet<(String, String)> = drawn
            .chain(LEFT_OUT)
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .collect();
        let missing: Vec<_> = machine.difference(&known).collect();
        let invented: Vec<_> = known.difference(&machine).collect();
        assert!(
            missing.is_empty() && invented.is_empty(),
            "missing {missing:?}, invented {invented:?}"
        );
    }

    #[test]
    fn where_it_is_and_how_it_came_is_lit() {
        let path = [
            "draft",
            "quote.pending",
            "quote.ready",
            "quote.pending",
            "quote.ready",
        ];
        let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
        let drawn = svg("quote.ready", &path);
        assert_eq!(drawn.matches("state here").count(), 1);
        assert_eq!(drawn.matches("state been").count(), 2);
        assert_eq!(drawn.matches("class=\"step\"").count(), 3, "each step once");
        let strange = svg("<new>", &["<new>".to_owned()]);
        assert!(!strange.contains("<new>"), "what is not known does no harm");
    }
}
