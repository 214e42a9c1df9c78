//! The months of use: they turn on the billing day, also where the charge is a yearly one.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::domain::account::{Contract, Period};
use crate::domain::catalog::{CalendarError, Interval};

/// When the month that contains `at` ends and the next one begins. A monthly renewal is such a moment; where the charge is
/// another one, months are counted from its day and hour, and without any from the contract's billing day. What a shorter month
/// lacks falls on its last day.
pub fn month_after(contract: &Contract, zone: &TimeZone, at: Timestamp) -> Result<Timestamp, CalendarError> {
    if let Some(running) = contract
        .period(Interval::MONTH)
        .filter(|running| runs(running, at))
    {
        return Ok(running.end);
    }
    let (day, time) = anchor(contract, zone);
    let date = zone.to_datetime(at).date();
    for months in 0..=2 {
        let turn = turn(date, months, day, time, zone)?;
        if turn > at {
            return Ok(turn);
        }
    }
    Err(CalendarError)
}

/// When the month that contains `at` began.
pub(super) fn month_before(
    contract: &Contract,
    zone: &TimeZone,
    at: Timestamp,
) -> Result<Timestamp, CalendarError> {
    let (day, time) = anchor(contract, zone);
    let date = zone.to_datetime(at).date();
    for months in 0..=2 {
        let turn = turn(date, -months, day, time, zone)?;
        if turn <= at {
            return Ok(turn);
        }
    }
    Err(CalendarError)
}

fn runs(period: &Period, at: Timestamp) -> bool {
    period.start <= at && at < period.end
}

/// The day of the month and the hour on which months turn.
fn anchor(contract: &Contract, zone: &TimeZone) -> (i8, Time) {
    let monthly = contract.period(Interval::MONTH);
    let Some(charged) = monthly.or(contract.periods.first().copied()) else {
        return (contract.anchor_day, Time::midnight());
    };
    // A first period can be a shorter one: what repeats is its end.
    let turned = zone.to_datetime(charged.end);
    let on_last_day = contract.anchor_day > turned.day() && turned.day() == turned.date().days_in_month();
    let day = if on_last_day {
        contract.anchor_day
    } else {
        turned.day()
    };
    (day, turned.time())
}

fn turn(date: Date, months: i64, day: i8, time: Time, zone: &TimeZone) -> Result<Timestamp, CalendarError> {
    let month = date
        .first_of_month()
        .checked_add(Span::new().try_months(months)?)?;
    let date = Date::new(month.year(), month.month(), day.clamp(1, month.days_in_month()))?;
    Ok(date.to_datetime(time).to_zoned(zone.clone())?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::samples::World;

    fn zone() -> TimeZone {
        TimeZone::get("America/Sao_Paulo").expect("a time zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn contract(anchor_day: i8, periods: Vec<Period>) -> Contract {
        Contract {
            anchor_day,
            periods,
            ..World::subscribed().contract
        }
    }

    #[test]
    fn months_turn_on_the_billing_day_and_on_the_last_day_of_a_shorter_month() {
        let of = contract(31, Vec::new());
        let mut turn = at("2026-01-15T12:00:00Z");
        let mut days = Vec::new();
        for _ in 0..4 {
            let next = month_after(&of, &zone(), turn).expect("a month");
            assert!(month_before(&of, &zone(), turn).expect("a month") <= turn);
            assert_eq!(month_before(&of, &zone(), next).expect("a month"), next);
            days.push(zone().to_datetime(next).date().to_string());
            turn = next;
        }
        assert_eq!(days, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]);
    }

    #[test]
    fn a_yearly_charge_has_months_of_its_own_day_and_hour() {
        let yearly = Period {
            interval: "year".parse().expect("an interval"),
            start: at("2026-03-18T15:00:00Z"),
            end: at("2027-03-18T15:00:00Z"),
        };
        let of = contract(5, vec![yearly]);
        let next = month_after(&of, &zone(), at("2026-05-18T14:59:59Z")).expect("a month");
        assert_eq!(next, at("2026-05-18T15:00:00Z"));
        assert_eq!(
            month_after(&of, &zone(), next).expect("a month"),
            at("2026-06-18T15:00:00Z")
        );
        assert_eq!(
            month_before(&of, &zone(), at("2026-05-18T14:59:59Z")).expect("a month"),
            at("2026-04-18T15:00:00Z")
        );
    }

    #[test]
    fn a_monthly_renewal_is_where_the_month_turns() {
        let monthly = Period {
            interval: Interval::MONTH,
            start: at("2026-03-18T03:00:00Z"),
            end: at("2026-04-10T03:00:00Z"),
        };
        let of = contract(10, vec![monthly]);
        assert_eq!(
            month_after(&of, &zone(), at("2026-03-20T00:00:00Z")).expect("a month"),
            monthly.end
        );
        let later = month_after(&of, &zone(), monthly.end).expect("a month");
        assert_eq!(later, at("2026-05-10T03:00:00Z"));
    }
}
