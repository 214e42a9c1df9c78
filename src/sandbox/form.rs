//! Form bodies and query strings as Stripe's clients write them: `items[0][price]=p&expand[]=latest_invoice`.
//!
//! This file turns them into a tree of texts; what the texts mean is the business of `schema`. It knows nothing of
//! Stripe's objects. Everything is bounded: bytes by the caller, parameters, depth and name length here.

use std::collections::BTreeMap;

use super::error::ApiError;

/// Parameters in one request.
const PARAMETERS_MAX: usize = 1_000;
/// Brackets behind one name. The deepest published parameter has seven.
const DEPTH_MAX: usize = 12;
/// Bytes of one name, brackets included.
const NAME_BYTES_MAX: usize = 500;

/// A decoded form: texts at the leaves, names (or positions in a list) on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// What was written behind `=`.
    Text(String),
    /// What was written in brackets. List positions are keys too.
    Branch(BTreeMap<String, Tree>),
}

/// The branch at the root of a form.
pub(super) type Form = BTreeMap<String, Tree>;

/// Decodes a form or query string, and adds it to `form`. A name given twice keeps its last value.
///
/// # Errors
/// A 400 when a name is malformed, is both a text and a branch, or when a bound is exceeded.
pub(super) fn read(encoded: &[u8], form: &mut Form) -> Result<(), ApiError> {
    for (number, (name, value)) in form_urlencoded::parse(encoded).enumerate() {
        if number >= PARAMETERS_MAX {
            return Err(ApiError::invalid(format!(
                "More than {PARAMETERS_MAX} parameters in one request."
            )));
        }
        let path = split(&name)?;
        let Some((first, rest)) = path.split_first() else {
            continue;
        };
        place(form, first, rest, value.into_owned(), &name)?;
    }
    Ok(())
}

/// `a[b][0]` to `["a", "b", "0"]`; `a[]` to `["a", ""]`.
fn split(name: &str) -> Result<Vec<&str>, ApiError> {
    let malformed = || ApiError::invalid(format!("Invalid parameter name: {}", shorten(name)));
    if name.len() > NAME_BYTES_MAX {
        return Err(malformed());
    }
    let Some(open) = name.find('[') else {
        return Ok(vec![name]);
    };
    let (first, mut rest) = name.split_at(open);
    if first.is_empty() {
        return Err(malformed());
    }
    let mut path = vec![first];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (segment, after) = inner.split_once(']').ok_or_else(malformed)?;
        if segment.contains('[') || path.len() > DEPTH_MAX {
            return Err(malformed());
        }
        path.push(segment);
        rest = after;
    }
    Ok(path)
}

/// Puts `value` at `key` and `rest` below `branch`.
fn place(branch: &mut Form, key: &str, rest: &[&str], value: String, name: &str) -> Result<(), ApiError> {
    let key = if key.is_empty() {
        appended(branch, rest)
    } else {
        key.to_owned()
    };
    let mixed = || {
        ApiError::invalid(format!(
            "Invalid parameter: {} is both a value and a hash or list.",
            shorten(name)
        ))
    };
    match rest.split_first() {
        None => match branch.insert(key, Tree::Text(value)) {
            Some(Tree::Branch(_)) => Err(mixed()),
            Some(Tree::Text(_)) | None => Ok(()),
        },
        Some((next, rest)) => match branch.entry(key).or_insert_with(|| Tree::Branch(Form::new())) {
            Tree::Branch(below) => place(below, next, rest, value, name),
            Tree::Text(_) => Err(mixed()),
        },
    }
}

/// The position that an empty bracket means: the next one, or the last one while that hash does not have the name that
/// follows (`items[][price]=a&items[][quantity]=2` is one item).
fn appended(branch: &Form, rest: &[&str]) -> String {
    let last = branch
        .iter()
        .filter_map(|(key, tree)| Some((key.parse::<usize>().ok()?, tree)))
        .max_by_key(|(n, _)| *n);
    match (last, rest.first()) {
        (Some((position, Tree::Branch(below))), Some(next))
            if !next.is_empty() && !below.contains_key(*next) =>
        {
            position.to_string()
        }
        (Some((position, _)), _) => position.saturating_add(1).to_string(),
        (None, _) => "0".to_owned(),
    }
}

/// Enough of a name to recognise it in an error.
fn shorten(name: &str) -> String {
    name.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Form {
        let mut form = Form::new();
        read(text.as_bytes(), &mut form).unwrap();
        form
    }

    fn text(value: &str) -> Tree {
        Tree::Text(value.to_owned())
    }

    fn branch<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
        Tree::Branch(
            entries
                .into_iter()
                .map(|(key, tree)| (key.to_owned(), tree))
                .collect(),
        )
    }

    #[test]
    fn names_positions_and_empty_brackets_become_one_tree() {
        let form = decoded("items[0][price]=p%201&items[1][price]=p+2&expand[]=a&expand[]=b&email=");
        assert_eq!(
            Tree::Branch(form),
            branch([
                (
                    "items",
                    branch([
                        ("0", branch([("price", text("p 1"))])),
                        ("1", branch([("price", text("p 2"))]))
                    ])
                ),
                ("expand", branch([("0", text("a")), ("1", text("b"))])),
                ("email", text("")),
            ])
        );
    }

    #[test]
    fn empty_brackets_with_names_start_a_new_hash_when_a_name_comes_again() {
        let form = decoded("items[][price]=a&items[][quantity]=2&items[][price]=b");
        assert_eq!(
            form["items"],
            branch([
                ("0", branch([("price", text("a")), ("quantity", text("2"))])),
                ("1", branch([("price", text("b"))])),
            ])
        );
    }

    #[test]
    fn what_cannot_be_a_form_is_refused_without_echoing_it_all() {
        let deep = format!("a{}=1", "[b]".repeat(40));
        let many = "a=1&".repeat(PARAMETERS_MAX + 1);
        let long = format!("{}=1", "n".repeat(10_000));
        for bad in [
            "a[b=1",
            "a[b]c=1",
            "[a]=1",
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[[b]]=1",
            &deep,
            &many,
            &long,
        ] {
            let error = read(bad.as_bytes(), &mut Form::new()).expect_err("this is no form");
            assert_eq!(error.status, 400);
            assert!(error.message.len() < 200, "{}", error.message);
        }
    }
}
