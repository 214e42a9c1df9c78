//! Who works at the console, and who is signed in.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, id, ms};
use super::rows;
use super::writer::Outcome;
use crate::ports::store::{
    CountedTry, STAFF_MAX, StaffRow, StaffSessionRow, StaffUpdate, StoreResult, Written,
};
use crate::store::failure::Undo;

const ADD: &str = "INSERT INTO staff (id, login, role, seller, password, added_by, created_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE (SELECT count(*) FROM staff) < ?8 ON CONFLICT DO NOTHING";

const NEW_PASSWORD: &str = "UPDATE staff SET password = ?2 WHERE login = ?1";

const DISABLE: &str =
    "UPDATE staff SET disabled_at = ?2, disabled_by = ?3 WHERE login = ?1 AND disabled_at IS NULL";

const END_ALL: &str = "DELETE FROM staff_session WHERE staff = (SELECT id FROM staff WHERE login = ?1)";

const ALL: &str = "SELECT * FROM staff ORDER BY login LIMIT ?1";

const ONE: &str = "SELECT * FROM staff WHERE login = ?1";

/// A few more than come, so that they never gather.
const FORGET_OLD: &str = "DELETE FROM sign_in WHERE login IN (
    SELECT login FROM sign_in WHERE since <= ?1 ORDER BY since LIMIT 20)";

/// The right sides are what was there before.
const TRY: &str = "INSERT INTO sign_in (login, since, tries) VALUES (?1, ?2, 1)
    ON CONFLICT (login) DO UPDATE SET
        since = CASE WHEN since <= ?3 THEN ?2 ELSE since END,
        tries = CASE WHEN since <= ?3 THEN 1 ELSE min(tries + 1, ?4 + 1) END
    RETURNING since, tries";

const FORGET: &str = "DELETE FROM sign_in WHERE login = ?1";

const LET_GO: &str = "DELETE FROM staff_session WHERE hash IN (
    SELECT hash FROM staff_session WHERE expires_at < ?1 ORDER BY expires_at LIMIT 20)";

const KEEP: &str = "INSERT INTO staff_session (hash, staff, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)";

const FIND: &str =
    "SELECT staff.*, staff_session.hash, staff_session.created_at AS began_at, staff_session.expires_at
    FROM staff_session JOIN staff ON staff.id = staff_session.staff WHERE staff_session.hash = ?1";

const END: &str = "DELETE FROM staff_session WHERE hash = ?1";

/// Adds somebody.
pub(super) async fn add(connection: &mut SqliteConnection, staff: &StaffRow) -> Outcome<Written> {
    let added = sqlx::query(ADD)
        .bind(id(staff.id))
        .bind(staff.login.as_str())
        .bind(staff.role.as_str())
        .bind(
            staff
                .seller
                .as_ref()
                .map(crate::domain::catalog::SellerId::as_str),
        )
        .bind(staff.password.as_str())
        .bind(staff.added_by.as_str())
        .bind(ms(staff.created_at))
        .bind(STAFF_MAX)
        .execute(connection)
        .await?;
    match added.rows_affected() {
        1 => Ok(Written::Done),
        _ => Err(Undo::Answer(Written::Stale)),
    }
}

/// Changes somebody's entry, and ends their sessions.
pub(super) async fn update(
    connection: &mut SqliteConnection,
    login: &str,
    update: &StaffUpdate,
) -> Outcome<bool> {
    sqlx::query(END_ALL).bind(login).execute(&mut *connection).await?;
    let statement = match update {
        StaffUpdate::Password(password) => sqlx::query(NEW_PASSWORD).bind(login).bind(password.as_str()),
        StaffUpdate::Disabled { at, by } => sqlx::query(DISABLE).bind(login).bind(ms(*at)).bind(by.as_str()),
    };
    statement.execute(&mut *connection).await?;
    Ok(find(connection, login).await?.is_some())
}

/// Everybody.
pub(super) async fn all(connection: &mut SqliteConnection) -> StoreResult<Vec<StaffRow>> {
    let found = sqlx::query(ALL).bind(STAFF_MAX).fetch_all(connection).await?;
    found.iter().map(rows::staff).collect()
}

/// Somebody, by name.
pub(super) async fn find(connection: &mut SqliteConnection, login: &str) -> StoreResult<Option<StaffRow>> {
    let row = sqlx::query(ONE).bind(login).fetch_optional(connection).await?;
    row.as_ref().map(rows::staff).transpose()
}

/// Counts a try.
pub(super) async fn count_try(
    connection: &mut SqliteConnection,
    attempt: CountedTry,
) -> Outcome<Option<Timestamp>> {
    let over = attempt.now.checked_sub(attempt.window).unwrap_or(Timestamp::MIN);
    sqlx::query(FORGET_OLD)
        .bind(ms(over))
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query(TRY)
        .bind(attempt.of.as_slice())
        .bind(ms(attempt.now))
        .bind(ms(over))
        .bind(attempt.tries_max)
        .fetch_one(connection)
        .await?;
    let cells = Cells::of("sign_in", &row);
    let (since, tries): (Timestamp, u32) = (cells.time("since")?, cells.number("tries")?);
    let again_at = since.checked_add(attempt.window).unwrap_or(Timestamp::MAX);
    Ok((tries > attempt.tries_max).then_some(again_at))
}

/// Keeps a session.
pub(super) async fn keep_session(
    connection: &mut SqliteConnection,
    session: &StaffSessionRow,
    login: [u8; 32],
) -> Outcome<()> {
    sqlx::query(FORGET)
        .bind(login.as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query(LET_GO)
        .bind(ms(session.created_at))
        .execute(&mut *connection)
        .await?;
    sqlx::query(KEEP)
        .bind(session.hash.as_slice())
        .bind(id(session.staff))
        .bind(ms(session.created_at))
        .bind(ms(session.expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads a session with its person.
pub(super) async fn session(
    connection: &mut SqliteConnection,
    hash: [u8; 32],
) -> StoreResult<Option<(StaffSessionRow, StaffRow)>> {
    let row = sqlx::query(FIND)
        .bind(hash.as_slice())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::staff_session).transpose()
}

/// Ends a session.
pub(super) async fn end_session(connection: &mut SqliteConnection, hash: [u8; 32]) -> Outcome<()> {
    sqlx::query(END).bind(hash.as_slice()).execute(connection).await?;
    Ok(())
}
