//! Who works at the console, and who is signed in.

use jiff::Timestamp;
use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, ms};
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    CountedTry, STAFF_MAX, StaffRow, StaffSessionRow, StaffUpdate, StoreResult, Written,
};
use crate::store::rows;

const ADD: &str = "INSERT INTO staff (id, login, role, seller, password, added_by, created_at)
    SELECT $1::uuid, $2, $3, $4, $5, $6, $7::bigint WHERE (SELECT count(*) FROM staff) < $8::bigint
    ON CONFLICT DO NOTHING";

const NEW_PASSWORD: &str = "WITH changed AS (
        UPDATE staff SET password = $2 WHERE login = $1 RETURNING id
    ), ended AS (
        DELETE FROM staff_session USING changed WHERE staff_session.staff = changed.id
    )
    SELECT EXISTS (SELECT FROM changed) AS known";

/// Whoever is disabled already stays disabled by whom they were.
const DISABLE: &str = "WITH changed AS (
        UPDATE staff SET disabled_at = COALESCE(disabled_at, $2::bigint), disabled_by = COALESCE(disabled_by, $3)
        WHERE login = $1 RETURNING id
    ), ended AS (
        DELETE FROM staff_session USING changed WHERE staff_session.staff = changed.id
    )
    SELECT EXISTS (SELECT FROM changed) AS known";

const ALL: &str = "SELECT * FROM staff ORDER BY login LIMIT $1";

const ONE: &str = "SELECT * FROM staff WHERE login = $1";

/// Some old ones go at the same time, a few more than come, so that they never gather.
const TRY: &str = "WITH old AS (
        DELETE FROM sign_in WHERE login IN (
            SELECT login FROM sign_in WHERE since <= $3::bigint AND login <> $1
            ORDER BY since LIMIT 20 FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO sign_in (login, since, tries) VALUES ($1, $2::bigint, 1)
    ON CONFLICT (login) DO UPDATE SET
        since = CASE WHEN sign_in.since <= $3::bigint THEN $2::bigint ELSE sign_in.since END,
        tries = CASE WHEN sign_in.since <= $3::bigint THEN 1 ELSE least(sign_in.tries + 1, $4::bigint + 1) END
    RETURNING since, tries";

const KEEP: &str = "WITH forgotten AS (
        DELETE FROM sign_in WHERE login = $5
    ), ended AS (
        DELETE FROM staff_session WHERE hash IN (
            SELECT hash FROM staff_session WHERE expires_at < $3::bigint ORDER BY expires_at LIMIT 20
            FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO staff_session (hash, staff, created_at, expires_at) VALUES ($1, $2::uuid, $3::bigint, $4::bigint)";

const FIND: &str =
    "SELECT staff.*, staff_session.hash, staff_session.created_at AS began_at, staff_session.expires_at
    FROM staff_session JOIN staff ON staff.id = staff_session.staff WHERE staff_session.hash = $1";

const END: &str = "DELETE FROM staff_session WHERE hash = $1";

/// Adds somebody.
pub(super) async fn add(pool: &PgPool, staff: &StaffRow) -> Answer<Written> {
    let added = sqlx::query(ADD)
        .bind(staff.id)
        .bind(staff.login.as_str())
        .bind(staff.role.as_str())
        .bind(staff.seller.as_ref().map(SellerId::as_str))
        .bind(staff.password.as_str())
        .bind(staff.added_by.as_str())
        .bind(ms(staff.created_at))
        .bind(i64::from(STAFF_MAX))
        .execute(pool)
        .await?;
    Ok(match added.rows_affected() {
        1 => Written::Done,
        _ => Written::Stale,
    })
}

/// Changes somebody's entry, and ends their sessions.
pub(super) async fn update(pool: &PgPool, (login, update): &(String, StaffUpdate)) -> Answer<bool> {
    let statement = match update {
        StaffUpdate::Password(password) => sqlx::query(NEW_PASSWORD)
            .bind(login.as_str())
            .bind(password.as_str()),
        StaffUpdate::Disabled { at, by } => sqlx::query(DISABLE)
            .bind(login.as_str())
            .bind(ms(*at))
            .bind(by.as_str()),
    };
    let row = statement.fetch_one(pool).await?;
    Ok(Cells::of("staff", &row).flag("known")?)
}

/// Everybody.
pub(super) async fn all(pool: &PgPool, (): &()) -> Answer<Vec<StaffRow>> {
    let found = sqlx::query(ALL)
        .bind(i64::from(STAFF_MAX))
        .fetch_all(pool)
        .await?;
    Ok(found.iter().map(rows::staff).collect::<StoreResult<Vec<_>>>()?)
}

/// Somebody, by name.
#[expect(clippy::ptr_arg, reason = "what is asked for is handed over as it is owned")]
pub(super) async fn find(pool: &PgPool, login: &String) -> Answer<Option<StaffRow>> {
    let row = sqlx::query(ONE).bind(login.as_str()).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::staff).transpose()?)
}

/// Counts a try.
pub(super) async fn count_try(pool: &PgPool, attempt: &CountedTry) -> Answer<Option<Timestamp>> {
    let over = attempt.now.checked_sub(attempt.window).unwrap_or(Timestamp::MIN);
    let row = sqlx::query(TRY)
        .bind(attempt.of.as_slice())
        .bind(ms(attempt.now))
        .bind(ms(over))
        .bind(i64::from(attempt.tries_max))
        .fetch_one(pool)
        .await?;
    let cells = Cells::of("sign_in", &row);
    let (since, tries): (Timestamp, u32) = (cells.time("since")?, cells.number("tries")?);
    let again_at = since.checked_add(attempt.window).unwrap_or(Timestamp::MAX);
    Ok((tries > attempt.tries_max).then_some(again_at))
}

/// Keeps a session.
pub(super) async fn keep_session(
    pool: &PgPool,
    (session, login): &(StaffSessionRow, [u8; 32]),
) -> Answer<()> {
    sqlx::query(KEEP)
        .bind(session.hash.as_slice())
        .bind(session.staff)
        .bind(ms(session.created_at))
        .bind(ms(session.expires_at))
        .bind(login.as_slice())
        .execute(pool)
        .await?;
    Ok(())
}

/// Reads a session with its person.
pub(super) async fn session(pool: &PgPool, hash: &[u8; 32]) -> Answer<Option<(StaffSessionRow, StaffRow)>> {
    let row = sqlx::query(FIND)
        .bind(hash.as_slice())
        .fetch_optional(pool)
        .await?;
    Ok(row.as_ref().map(rows::staff_session).transpose()?)
}

/// Ends a session.
pub(super) async fn end_session(pool: &PgPool, hash: &[u8; 32]) -> Answer<()> {
    sqlx::query(END).bind(hash.as_slice()).execute(pool).await?;
    Ok(())
}
