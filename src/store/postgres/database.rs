//! What a database must be before it is used: ours alone, whole, no newer than the program, and one that takes writes.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{Executor as _, Row as _};

use super::OpenError;
use crate::store::migrations::{Applied, Standing, Unfit, judge};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The oldest server whose behaviour is tested, as `server_version_num` counts.
const SERVER_MIN: i64 = 150_000;

const ABOUT: &str = "SELECT current_setting('server_version_num')::bigint AS number, current_setting('server_version') AS version,
        pg_encoding_to_char(encoding)::text AS encoding, pg_is_in_recovery() AS standby,
        current_setting('transaction_read_only') = 'on' AS read_only, current_schema()::text AS schema,
        to_regclass('_sqlx_migrations') IS NOT NULL AS migrated
    FROM pg_database WHERE datname = current_database()";

const MIGRATED: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS migrated";

/// What lies where our tables would, without what belongs to extensions.
const OTHERS: &str = "SELECT relname::text AS name FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE pg_depend.objid = pg_class.oid AND pg_depend.deptype = 'e')
    ORDER BY relname LIMIT 1";

const APPLIED: &str = "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version";

/// Positions go on rising after a database has been restored into a server with lower transaction numbers.
const CONTINUE_FEED: &str = "UPDATE feed SET first_transaction = pg_current_xact_id()::text::bigint - 1 - last.transactions
    FROM (SELECT coalesce(max(position), 0) / 1024 AS transactions FROM outbox) AS last
    WHERE pg_snapshot_xmin(pg_current_snapshot())::text::bigint - feed.first_transaction <= last.transactions";

const FIT: &str =
    "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only";

/// What a database is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Served,
    /// Reading alone, which a standby is good enough for.
    Read,
}

/// Looks at a database without changing anything, and says how far it has come.
pub(super) async fn check(connection: &mut PgConnection, role: Role) -> Result<Standing, OpenError> {
    let about = connection
        .fetch_one(ABOUT)
        .await
        .map_err(|error| unreachable(&error))?;
    let told = |error: sqlx::Error| unreachable(&error);
    if about.try_get::<i64, _>("number").map_err(told)? < SERVER_MIN {
        let found = about.try_get("version").map_err(told)?;
        return Err(OpenError::OldServer { found });
    }
    let encoding: String = about.try_get("encoding").map_err(told)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { found: encoding });
    }
    if role == Role::Served {
        let standby = about.try_get("standby").map_err(told)?;
        let read_only = about.try_get("read_only").map_err(told)?;
        if let Some(why) = takes_no_writes(standby, read_only) {
            return Err(OpenError::ReadOnly { why });
        }
    }
    if about
        .try_get::<Option<String>, _>("schema")
        .map_err(told)?
        .is_none()
    {
        let what = "its search path names no schema".to_owned();
        return Err(OpenError::Foreign { what });
    }
    if about.try_get("migrated").map_err(told)? {
        standing(connection).await
    } else {
        empty(connection).await
    }
}

fn takes_no_writes(standby: bool, read_only: bool) -> Option<&'static str> {
    if standby {
        Some("it is a standby")
    } else if read_only {
        Some("it was set read-only")
    } else {
        None
    }
}

/// A database without our memory of migrations must have no tables at all.
async fn empty(connection: &mut PgConnection) -> Result<Standing, OpenError> {
    let other = connection
        .fetch_optional(OTHERS)
        .await
        .map_err(|error| unreachable(&error))?;
    match other {
        None => Ok(Standing::Behind),
        // Somebody else has begun to migrate since it was first looked at.
        Some(_) if is_migrated(connection).await? => standing(connection).await,
        Some(row) => {
            let name: String = row.try_get("name").map_err(|error| unreachable(&error))?;
            let what = format!("it has `{name}`, and no memory of our migrations");
            Err(OpenError::Foreign { what })
        }
    }
}

async fn is_migrated(connection: &mut PgConnection) -> Result<bool, OpenError> {
    let told = |error: sqlx::Error| unreachable(&error);
    let row = connection.fetch_one(MIGRATED).await.map_err(told)?;
    row.try_get("migrated").map_err(told)
}

async fn standing(connection: &mut PgConnection) -> Result<Standing, OpenError> {
    let foreign = |_| OpenError::Foreign {
        what: "its memory of migrations is not ours".to_owned(),
    };
    let rows = connection.fetch_all(APPLIED).await.map_err(foreign)?;
    let applied = rows.iter().map(|row| {
        Ok(Applied {
            version: row.try_get("version")?,
            checksum: row.try_get("checksum")?,
            finished: row.try_get("success")?,
        })
    });
    let applied: Vec<Applied> = applied.collect::<Result<_, sqlx::Error>>().map_err(foreign)?;
    if applied.is_empty() {
        // Somebody has just made the table, and is about to go on.
        return Ok(Standing::Behind);
    }
    judge(&applied, &MIGRATIONS).map_err(|unfit| match unfit {
        Unfit::Half(migration) => OpenError::HalfMigrated { migration },
        Unfit::Newer(migration) => OpenError::Newer { migration },
        Unfit::Foreign(migration) => OpenError::Foreign {
            what: format!("its migration {migration} is not ours"),
        },
    })
}

/// Brings the tables up to date, each migration in a transaction of its own.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), OpenError> {
    MIGRATIONS.run(connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(migration) => OpenError::Newer { migration },
        MigrateError::Dirty(migration) => OpenError::HalfMigrated { migration },
        MigrateError::VersionMismatch(migration) => OpenError::Foreign {
            what: format!("its migration {migration} is not ours"),
        },
        other => OpenError::NotMigrated(other.to_string()),
    })
}

/// Lets positions of the feed rise above those that were given.
pub(super) async fn continue_feed(connection: &mut PgConnection) -> Result<(), OpenError> {
    let continued = connection.execute(CONTINUE_FEED).await;
    continued.map(drop).map_err(|error| unreachable(&error))
}

/// A new connection may have led to a standby meanwhile: then it is of no use.
pub(super) async fn is_still_fit(connection: &mut PgConnection, role: Role) -> Result<(), sqlx::Error> {
    if role == Role::Read {
        return Ok(());
    }
    let row = connection.fetch_one(FIT).await?;
    match takes_no_writes(row.try_get("standby")?, row.try_get("read_only")?) {
        None => Ok(()),
        Some(why) => Err(sqlx::Error::Protocol(why.to_owned())),
    }
}

/// What the server or the way to it says. Its messages name users and databases, never passwords.
pub(super) fn unreachable(error: &sqlx::Error) -> OpenError {
    OpenError::Unreachable(error.to_string())
}
