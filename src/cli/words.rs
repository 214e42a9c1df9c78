//! Small words of the tables: ages, times, and what is read out of an answer.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// A table that fits the terminal.
pub(super) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.to_vec());
    table
}

/// A text of an answer; nothing where there is none.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The entries of a list in an answer.
pub(super) fn entries<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The words of a list in an answer.
pub(super) fn joined(value: &Value, name: &str) -> String {
    let words: Vec<&str> = entries(value, name).iter().filter_map(Value::as_str).collect();
    words.join(", ")
}

/// How long ago something was, in its largest unit.
pub(super) fn ago(since: &str) -> String {
    let Ok(since) = since.parse::<Timestamp>() else {
        return since.to_owned();
    };
    age(SystemClock.now().duration_since(since))
}

fn age(age: SignedDuration) -> String {
    let seconds = age.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

/// A time to the second.
pub(super) fn clock(at: &str) -> String {
    match at.parse::<Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        Err(_) => at.to_owned(),
    }
}

/// Reads `90s`, `15m`, `2h` or `3d`.
pub(super) fn duration(word: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{word}` is not a duration such as 90s, 15m, 2h or 3d");
    let unit = word.chars().last().ok_or_else(wrong)?;
    let count: i64 = word
        .strip_suffix(unit)
        .and_then(|count| count.parse().ok())
        .ok_or_else(wrong)?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        _ => return Err(wrong()),
    };
    let seconds = count
        .checked_mul(each)
        .filter(|seconds| (0..=i64::from(u32::MAX)).contains(seconds));
    seconds.map(SignedDuration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(duration("15m"), Ok(SignedDuration::from_mins(15)));
        assert_eq!(duration("3d"), Ok(SignedDuration::from_hours(72)));
        for wrong in ["", "m", "15", "-1h", "1w", "99999999d", "1.5h", "ü"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let told = [59, 61, 3601, 86_401].map(|seconds| age(SignedDuration::from_secs(seconds)));
        assert_eq!(told, ["59s", "1m", "1h", "1d"]);
    }
}
