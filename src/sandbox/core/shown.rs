//! What all objects of the API have in common: where they stand, how they look, how they are fetched, listed and changed.

use serde_json::{Map, Value, json};

use super::World;
use super::operations::Ask;
use super::params::Params;
use super::shelf::{Kept, Shelf};
use crate::sandbox::error::ApiError;

/// An object that the API shows.
pub(super) trait Shown: Kept {
    /// The event that tells of a change; empty if there is none.
    const UPDATED: &'static str;

    fn shelf(world: &World) -> &Shelf<Self>;
    fn shelf_mut(world: &mut World) -> &mut Shelf<Self>;
    /// Unix seconds.
    fn created(&self) -> i64;
    /// The object as the API renders it, nothing expanded.
    fn shown(&self, world: &World) -> Value;
}

/// Says where a type stands: its shelf in the world, its name in the durable file, its name in sentences.
macro_rules! stands {
    ($type:ty, $shelf:ident, $kind:literal, $noun:literal, $updated:literal) => {
        impl crate::sandbox::core::shelf::Kept for $type {
            const KIND: &'static str = $kind;
            const NOUN: &'static str = $noun;

            fn id(&self) -> &str {
                &self.id
            }
        }

        impl crate::sandbox::core::shown::Shown for $type {
            const UPDATED: &'static str = $updated;

            fn shelf(world: &World) -> &crate::sandbox::core::shelf::Shelf<$type> {
                &world.$shelf
            }

            fn shelf_mut(world: &mut World) -> &mut crate::sandbox::core::shelf::Shelf<$type> {
                &mut world.$shelf
            }

            fn created(&self) -> i64 {
                self.created
            }

            fn shown(&self, world: &World) -> serde_json::Value {
                self.render(world)
            }
        }
    };
}
pub(super) use stands;

/// Joins parts of one object; later parts win. (One `json!` of sixty keys is more than its macro can bear.)
pub(super) fn joined<const N: usize>(parts: [Value; N]) -> Value {
    let mut whole = Map::new();
    for part in parts {
        if let Value::Object(fields) = part {
            whole.extend(fields);
        }
    }
    Value::Object(whole)
}

/// A complete list.
pub(super) fn full_list(data: Vec<Value>, url: &str) -> Value {
    json!({ "object": "list", "data": Value::Array(data), "has_more": false, "url": url })
}

impl World {
    /// The rendered object of this identifier.
    pub(super) fn show<T: Shown>(&self, id: &str) -> Result<Value, ApiError> {
        Ok(T::shelf(self).have(id)?.shown(self))
    }

    /// Puts a new object on its shelf, tells of it, and renders it.
    pub(super) fn add<T: Shown>(&mut self, object: T, event: &str) -> Value {
        let shown = object.shown(self);
        T::shelf_mut(self).put(object);
        self.emit(event, shown.clone());
        shown
    }

    /// Changes an object and tells of it, if anything that the API shows is different afterwards.
    pub(super) fn change<T: Shown>(&mut self, id: &str, edit: impl FnOnce(&mut T)) -> Result<(), ApiError> {
        let before = self.show::<T>(id)?;
        edit(T::shelf_mut(self).edit(id)?);
        let after = self.show::<T>(id)?;
        self.emit_change(T::UPDATED, &before, after);
        Ok(())
    }

    /// The object that the path names.
    pub(super) fn fetch<T: Shown>(&self, ask: &Ask<'_>, variable: &str) -> Result<Value, ApiError> {
        Ok(T::shelf(self).find(ask.id(variable), variable)?.shown(self))
    }

    /// One page of the objects that pass, newest first.
    pub(super) fn page<T: Shown>(
        &self,
        ask: &Ask<'_>,
        url: &str,
        pass: impl Fn(&T) -> bool,
    ) -> Result<Value, ApiError> {
        let created = CreatedWithin::read(&ask.params)?;
        let passing = T::shelf(self)
            .iter()
            .rev()
            .filter(|object| created.holds(object.created()) && pass(object));
        let (found, has_more) = cut(passing, &ask.params)?;
        let data: Vec<Value> = found.into_iter().map(|object| object.shown(self)).collect();
        Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
    }
}

/// The cursor parameters that every list takes.
pub(super) const CURSOR: [&str; 3] = ["limit", "starting_after", "ending_before"];

/// Cuts the page that the cursor asks for out of everything that passes, and says whether more lies behind it.
fn cut<'w, T: Kept>(
    passing: impl Iterator<Item = &'w T>,
    params: &Params<'_>,
) -> Result<(Vec<&'w T>, bool), ApiError> {
    let limit = params.count("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(params
            .refuse("limit", "This value must be between 1 and 100.")
            .with_code("parameter_invalid_integer"));
    }
    let limit = usize::try_from(limit).unwrap_or(10);
    let mut all: Vec<&T> = passing.collect();
    let place = |all: &[&T], id: &str, param: &str| {
        let found = all.iter().position(|object| object.id() == id);
        found.ok_or_else(|| ApiError::missing(T::NOUN, id, param).with_param(params.name(param)))
    };
    if let Some(id) = params.text("ending_before")? {
        let end = place(&all, id, "ending_before")?;
        let start = end.saturating_sub(limit);
        return Ok((all.drain(start..end).collect(), start > 0));
    }
    if let Some(id) = params.text("starting_after")? {
        let start = place(&all, id, "starting_after")? + 1;
        all.drain(..start);
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    Ok((all, has_more))
}

/// The filter `created`: an instant, or bounds.
struct CreatedWithin {
    from: i64,
    until: i64,
}

impl CreatedWithin {
    fn read(params: &Params<'_>) -> Result<CreatedWithin, ApiError> {
        let mut within = CreatedWithin {
            from: i64::MIN,
            until: i64::MAX,
        };
        if !matches!(params.raw("created"), Some(Value::Object(_))) {
            if let Some(instant) = params.integer("created")? {
                within = CreatedWithin {
                    from: instant,
                    until: instant,
                };
            }
            return Ok(within);
        }
        if let Some(bounds) = params.child("created")? {
            let above = bounds.integer("gt")?.map(|bound| bound.saturating_add(1));
            let below = bounds.integer("lt")?.map(|bound| bound.saturating_sub(1));
            within.from = above.or(bounds.integer("gte")?).unwrap_or(i64::MIN);
            within.until = below.or(bounds.integer("lte")?).unwrap_or(i64::MAX);
        }
        Ok(within)
    }

    fn holds(&self, created: i64) -> bool {
        (self.from..=self.until).contains(&created)
    }
}
