//! Lists that are longer than one page, read to their end. A list that is cut short is an error, never a shorter list.

use std::fmt::Write as _;

use miniserde::Deserialize;
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_types::{AsCursorOpt as _, List, Object};

use super::transport::Transport;
use super::verdict;
use crate::ports::payments::ReadError;

/// The most that one page holds. Source: Stripe, "Pagination".
const PAGE: u32 = 100;
/// A list beyond this many pages is given up: nothing that is read here is meant to be so long.
const PAGES_MAX: u32 = 100;

/// How the next page is asked for.
struct Cursor {
    path: String,
    filters: String,
}

/// Everything that a list request finds, the newest first.
pub(super) async fn all<T: Deserialize + Object + Send>(
    transport: &Transport,
    what: &str,
    request: RequestBuilder,
) -> Result<Vec<T>, ReadError> {
    until(transport, what, request, |_| false).await
}

/// What a list request finds, the newest first, until `enough` holds for one of them, which is the last taken.
pub(super) async fn until<T: Deserialize + Object + Send>(
    transport: &Transport,
    what: &str,
    request: RequestBuilder,
    enough: impl Fn(&T) -> bool + Send,
) -> Result<Vec<T>, ReadError> {
    let cursor = Cursor {
        path: request.path,
        filters: request.query.unwrap_or_default(),
    };
    let mut found: Vec<T> = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = cursor.page(transport, what, after(&found)).await?;
        for one in page.data {
            let last = enough(&one);
            found.push(one);
            if last {
                return Ok(found);
            }
        }
        if !page.has_more {
            return Ok(found);
        }
    }
    Err(too_long(what))
}

/// The whole of a list that came inside another object, which holds only its beginning.
pub(super) async fn whole<T: Deserialize + Object + Send>(
    transport: &Transport,
    what: &str,
    list: List<T>,
) -> Result<Vec<T>, ReadError> {
    let (mut found, mut more) = (list.data, list.has_more);
    if !more {
        return Ok(found);
    }
    let (path, filters) = list.url.split_once('?').unwrap_or((list.url.as_str(), ""));
    let Some(path) = path.strip_prefix("/v1").filter(|path| path.starts_with('/')) else {
        return Err(broken(what, "a list does not say where it goes on"));
    };
    let cursor = Cursor {
        path: path.to_owned(),
        filters: filters.to_owned(),
    };
    for _ in 0..PAGES_MAX {
        let page = cursor.page(transport, what, after(&found)).await?;
        if page.data.is_empty() {
            return Err(broken(what, "a list ends before it is whole"));
        }
        found.extend(page.data);
        more = page.has_more;
        if !more {
            return Ok(found);
        }
    }
    Err(too_long(what))
}

impl Cursor {
    async fn page<T: Deserialize>(
        &self,
        transport: &Transport,
        what: &str,
        after: Option<&str>,
    ) -> Result<List<T>, ReadError> {
        let mut query = self.filters.clone();
        if !query.is_empty() {
            query.push('&');
        }
        let _ = write!(query, "limit={PAGE}");
        if let Some(after) = after {
            query.push_str("&starting_after=");
            query.extend(form_urlencoded::byte_serialize(after.as_bytes()));
        }
        let mut request = RequestBuilder::new(StripeMethod::Get, self.path.as_str());
        request.query = Some(query);
        let sent = request.customize().send(transport).await;
        sent.map_err(|unread| verdict::of_read(what, unread))
    }
}

/// The name of the last thing that was read: where the next page begins.
fn after<T: Object>(found: &[T]) -> Option<&str> {
    found.last().and_then(|last| last.id().as_cursor_opt())
}

fn too_long(what: &str) -> ReadError {
    broken(what, "a list is longer than is read")
}

/// An answer that cannot be used as it is.
pub(super) fn broken(what: &str, why: &str) -> ReadError {
    ReadError::Later {
        after: None,
        detail: format!("`{what}`: {why}"),
    }
}
