use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::customs_of;
use crate::domain::language::Language;

/// The calendar day of an instant in a time zone, month in words: `14 de março de 2026`.
pub fn date(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    day(language, &local).unwrap_or_else(|| local.date().to_string())
}

/// Day, time to the minute, and the offset from UTC, without which a deadline means nothing to a reader elsewhere:
/// `March 14, 2026 at 3:30 PM (UTC-3)`.
///
/// The offset is written the same way in every language: CLDR's own form for Brazil, `-3 GMT`, is not how people there
/// read it.
pub fn moment(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let shown =
        day_and_time(language, &local).unwrap_or_else(|| local.strftime("%Y-%m-%d %H:%M").to_string());
    format!("{shown} ({})", from_utc(local.offset()))
}

/// `UTC`, `UTC-3`, `UTC+5:30`.
fn from_utc(offset: Offset) -> String {
    let minutes = offset.seconds().unsigned_abs() / 60;
    let sign = if offset.is_negative() { '-' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn day(language: Language, local: &Zoned) -> Option<String> {
    let custom = DateTimeFormatter::try_new(customs_of(language).into(), YMD::long()).ok()?;
    let day = Date::try_new_iso(i32::from(local.year()), part(local.month())?, part(local.day())?).ok()?;
    Some(custom.format(&day).to_string())
}

fn day_and_time(language: Language, local: &Zoned) -> Option<String> {
    let fields = YMD::long().with_time_hm();
    let custom = DateTimeFormatter::try_new(customs_of(language).into(), fields).ok()?;
    let moment = DateTime {
        date: Date::try_new_iso(i32::from(local.year()), part(local.month())?, part(local.day())?).ok()?,
        time: Time::try_new(part(local.hour())?, part(local.minute())?, 0, 0).ok()?,
    };
    Some(custom.format(&moment).to_string())
}

fn part(part: i8) -> Option<u8> {
    u8::try_from(part).ok()
}
