//! A real PostgreSQL for tests: one server per test process, started when it is first needed and gone with the process, however
//! that ends; and a fresh database for each test.
//!
//! `CHANGEOVER_TEST_POSTGRES` may name a running server instead: an address whose user may make databases.

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use changeover::store::postgres::{PostgresOptions, PostgresStore};
use secrecy::SecretString;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::sync::OnceCell;

use server::{Server, connect};
pub use server::{Switch, programs, server_address, unprivileged};

/// The database that fresh ones are copied from: migrated once.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("changeover_template_{}", std::process::id());
            let empty = Fresh::named(&name, "template0").await;
            let store = PostgresStore::open(&empty.address(), &PostgresOptions::default()).await;
            store.expect("a migrated database").close().await;
            name
        })
        .await
}

/// A database of one test.
pub struct Fresh {
    name: String,
    /// Its server, where nobody else has a database on it.
    own: Option<Arc<Server>>,
}

impl Fresh {
    /// With our tables, and nothing in them.
    pub async fn migrated() -> Self {
        let template = template().await;
        Self::named(&next_name(), template).await
    }

    /// Without any table.
    pub async fn empty() -> Self {
        Self::named(&next_name(), "template0").await
    }

    /// Without any table, on a server of its own, which can be crashed.
    pub async fn on_a_server_of_its_own() -> Self {
        let own = Arc::new(Server::start());
        Self::on(Some(own), &next_name(), "template0").await
    }

    /// Made as the rest of a `CREATE DATABASE` says.
    pub async fn made(how: &str) -> Self {
        let name = next_name();
        let mut connection = Server::shared().connect().await;
        run(&mut connection, &format!(r#"CREATE DATABASE "{name}" {how}"#)).await;
        connection.close().await.expect("closed");
        Self { name, own: None }
    }

    async fn named(name: &str, template: &str) -> Self {
        Self::on(None, name, template).await
    }

    async fn on(own: Option<Arc<Server>>, name: &str, template: &str) -> Self {
        let server = own.as_deref().unwrap_or_else(|| Server::shared());
        let mut connection = server.connect().await;
        let statement = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy"#);
        run(&mut connection, &statement).await;
        connection.close().await.expect("closed");
        Self {
            name: name.to_owned(),
            own,
        }
    }

    fn server(&self) -> &Server {
        self.own.as_deref().unwrap_or_else(|| Server::shared())
    }

    /// The switch of its own server.
    pub fn switch(&self) -> Switch {
        Switch(Arc::clone(self.own.as_ref().expect("a server of its own")))
    }

    /// A copy of it as it is now, while nobody is connected.
    pub async fn is_copied(&self) {
        let mut connection = self.server().connect().await;
        self.cuts_connections(&mut connection).await;
        let (name, copy) = (&self.name, self.copy());
        let statement = format!(r#"CREATE DATABASE "{copy}" TEMPLATE "{name}" STRATEGY file_copy"#);
        run(&mut connection, &statement).await;
        connection.close().await.expect("closed");
    }

    /// Everything since the copy is lost.
    pub async fn falls_back_to_its_copy(&self) {
        let mut connection = self.server().connect().await;
        let (name, copy) = (&self.name, self.copy());
        run(
            &mut connection,
            &format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#),
        )
        .await;
        let back = format!(r#"ALTER DATABASE "{copy}" RENAME TO "{name}""#);
        run(&mut connection, &back).await;
        connection.close().await.expect("closed");
    }

    fn copy(&self) -> String {
        format!("{}_copy", self.name)
    }

    /// All connections are cut, and no new one is let in.
    pub async fn goes_away(&self) {
        self.admits(false).await;
    }

    /// Connections are let in again.
    pub async fn comes_back(&self) {
        self.admits(true).await;
    }

    /// Whoever is connected is thrown out.
    async fn admits(&self, anybody: bool) {
        let name = &self.name;
        let mut connection = self.server().connect().await;
        let admit = format!(r#"ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS {anybody}"#);
        run(&mut connection, &admit).await;
        self.cuts_connections(&mut connection).await;
        connection.close().await.expect("closed");
    }

    async fn cuts_connections(&self, connection: &mut PgConnection) {
        let name = &self.name;
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        run(connection, &cut).await;
    }

    pub fn address(&self) -> SecretString {
        SecretString::from(self.text())
    }

    fn text(&self) -> String {
        self.server().address_of(&self.name)
    }

    /// A standby of its own server, as it is now, that follows from now on. The address there.
    pub fn gets_a_standby(&self) -> SecretString {
        let own = self.own.as_deref().expect("a server of its own");
        own.obeys("standby");
        SecretString::from(own.standby_address_of(&self.name))
    }

    /// Its server dies, and the standby becomes the primary.
    pub fn fails_over(&self) {
        let own = self.own.as_deref().expect("a server of its own");
        own.obeys("crash");
        own.obeys("promote");
    }

    /// A connection of somebody else's.
    pub async fn connect(&self) -> PgConnection {
        connect(&self.text()).await
    }

    /// Something done to it behind the store's back.
    pub async fn raw(&self, statement: &str) {
        let mut connection = self.connect().await;
        run(&mut connection, statement).await;
        connection.close().await.expect("closed");
    }

    /// What somebody else finds in it.
    pub async fn look(&self, statement: &str) -> Vec<PgRow> {
        let mut connection = self.connect().await;
        let found = connection.fetch_all(AssertSqlSafe(statement.to_owned())).await;
        connection.close().await.expect("closed");
        found.expect("rows")
    }

    pub async fn remove(self) {
        let mut connection = self.server().connect().await;
        run(
            &mut connection,
            &format!(r#"DROP DATABASE "{}" WITH (FORCE)"#, self.name),
        )
        .await;
        connection.close().await.expect("closed");
    }
}

pub async fn run(connection: &mut PgConnection, statement: &str) {
    let done = connection.execute(AssertSqlSafe(statement.to_owned())).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

fn next_name() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("changeover_{}_{number}", std::process::id())
}
