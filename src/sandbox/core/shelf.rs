//! One shelf per kind of object: ordered, aware of what changed since it was last made durable, and able to take back
//! what the running operation did. It knows serde and the error type, and must never know what it holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Record, RestoreError};
use crate::sandbox::error::ApiError;

/// What can stand on a shelf.
pub(super) trait Kept: Clone + Serialize + DeserializeOwned {
    /// The kind's name in the durable file. Never change one: files outlive programs.
    const KIND: &'static str;
    /// The kind's name in a sentence for developers, as Stripe writes it.
    const NOUN: &'static str;

    /// The object's own identifier.
    fn id(&self) -> &str;
}

/// Objects of one kind in the order of their identifiers, which is the order in which they were made.
pub(super) struct Shelf<T> {
    rows: BTreeMap<String, T>,
    /// Changed since the last [`Shelf::drain`].
    dirty: BTreeSet<String>,
    /// What each object was before the running operation touched it, and whether it was dirty already.
    before: BTreeMap<String, (Option<T>, bool)>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Shelf<T> {
        Shelf {
            rows: BTreeMap::new(),
            dirty: BTreeSet::new(),
            before: BTreeMap::new(),
        }
    }
}

impl<T: Kept> Shelf<T> {
    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    /// The object that a request names by `param`; a 404 if there is none.
    pub(super) fn find(&self, id: &str, param: &str) -> Result<&T, ApiError> {
        self.rows
            .get(id)
            .ok_or_else(|| ApiError::missing(T::NOUN, id, param))
    }

    /// An object that another one points at. That it is absent would be the sandbox's own fault.
    pub(super) fn have(&self, id: &str) -> Result<&T, ApiError> {
        self.rows.get(id).ok_or_else(|| lost::<T>(id))
    }

    /// The same, to be changed.
    pub(super) fn edit(&mut self, id: &str) -> Result<&mut T, ApiError> {
        self.remember(id);
        self.rows.get_mut(id).ok_or_else(|| lost::<T>(id))
    }

    /// Puts a new object on the shelf, or replaces the one of the same identifier.
    pub(super) fn put(&mut self, object: T) {
        let id = object.id().to_owned();
        self.remember(&id);
        self.rows.insert(id, object);
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.remember(id);
        self.rows.remove(id);
    }

    /// All objects, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    fn remember(&mut self, id: &str) {
        if !self.before.contains_key(id) {
            let was_dirty = !self.dirty.insert(id.to_owned());
            self.before
                .insert(id.to_owned(), (self.rows.get(id).cloned(), was_dirty));
        }
    }
}

fn lost<T: Kept>(id: &str) -> ApiError {
    ApiError::internal(format!("the sandbox lost its {} '{id}'", T::NOUN))
}

/// What the world does with every shelf alike.
pub(super) trait AnyShelf {
    fn kind(&self) -> &'static str;
    /// Ends an operation that succeeded.
    fn commit(&mut self);
    /// Ends an operation that failed: everything is as it was before.
    fn roll_back(&mut self);
    /// Moves everything that changed into `records`.
    fn drain(&mut self, records: &mut Vec<Record>);
    /// Puts back one object from the durable file.
    fn load(&mut self, record: &Record) -> Result<(), RestoreError>;
}

impl<T: Kept> AnyShelf for Shelf<T> {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn commit(&mut self) {
        self.before.clear();
    }

    fn roll_back(&mut self) {
        for (id, (object, was_dirty)) in std::mem::take(&mut self.before) {
            if !was_dirty {
                self.dirty.remove(&id);
            }
            match object {
                Some(object) => self.rows.insert(id, object),
                None => self.rows.remove(&id),
            };
        }
    }

    fn drain(&mut self, records: &mut Vec<Record>) {
        for id in std::mem::take(&mut self.dirty) {
            // These types hold strings, integers and maps with string keys: none of them can fail to serialise.
            let body = self
                .rows
                .get(&id)
                .map(|object| serde_json::to_vec(object).unwrap_or_default());
            records.push(Record {
                kind: T::KIND.to_owned(),
                id,
                body,
            });
        }
    }

    fn load(&mut self, record: &Record) -> Result<(), RestoreError> {
        let Some(body) = &record.body else { return Ok(()) };
        let object: T = serde_json::from_slice(body).map_err(|source| RestoreError::Unreadable {
            kind: record.kind.clone(),
            id: record.id.clone(),
            source,
        })?;
        self.rows.insert(record.id.clone(), object);
        Ok(())
    }
}
