//! What may be used, what is, and what goes beyond.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::contract;
use crate::domain::account::Permission;
use crate::web::WebState;
use crate::web::api::views::{EntitlementsBody, PotView};
use crate::web::page::{Page, Say, Shell, Visitor, shown};

#[derive(Template)]
#[template(path = "web/billing/templates/usage.html")]
struct UsagePage {
    shell: Shell,
    say: Say,
    view: EntitlementsBody,
}

impl UsagePage {
    /// The class that says how near the limit is.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn warning(full: &u64) -> &'static str {
        match full {
            100.. => " bad",
            80.. => " warn",
            _ => "",
        }
    }

    /// How full a pot is, in hundredths; nothing where it has no limit.
    fn full(pot: &PotView) -> Option<u64> {
        let whole = |text: &str| text.split('.').next().unwrap_or_default().parse::<u64>().ok();
        let (used, limit) = (whole(&pot.tally.used)?, whole(pot.tally.limit.as_deref()?)?);
        Some(
            used.saturating_mul(100)
                .checked_div(limit)
                .unwrap_or(100)
                .min(100),
        )
    }
}

/// Shows it.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor) -> Page {
    let id = contract(&visitor)?;
    visitor.needs(Permission::View)?;
    let engine = &state.engine;
    let usage = engine.usage(id, &visitor.session.seller).await;
    let usage = usage.map_err(|problem| visitor.trouble(problem))?;
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let page = UsagePage {
        view: EntitlementsBody::of(reader, &usage, &[]),
        shell: visitor.shell_with_tabs("usage", say.get("page-usage-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}
