//! Understanding a request: whose key it carries, which thing it names, which body it brings, and under which guarantees.
//!
//! Everything here turns bytes into checked values or into a problem that says what to correct; nothing here asks the engine
//! for more than the owner of a key.

mod body;
mod command;
mod etag;
mod json;
mod key;
mod known_keys;
mod language;
mod path;
mod person;
mod query;
mod staff;

pub use body::raw;
pub use command::{ActorBody, Command, Nobody, OnlyActor, SupportBody, fingerprint, question};
pub use etag::tag;
pub use key::{Caller, hash_of_key, new_key};
pub use known_keys::KnownKeys;
pub use language::language;
pub use path::{ActionOn, CardOf, Named};
pub use person::{PersonName, ReaderQuery};
pub use query::{AfterQuery, Asking, PageQuery};
pub use staff::{Staff, StaffCommand};
