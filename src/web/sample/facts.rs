//! What happens outside of a product and is told to us: use that it has counted, and a tax document that was issued.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::scene::{Scene, Told};
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::domain::metering::{Against, Rates, Report};
use crate::engine::{EngineError, IssuedDocument, ReportAnswer, UsageReport};
use crate::ports::store::{FiscalDocument, PageAsk};
use crate::web::WebState;
use crate::web::api::keep;
use crate::web::ask;
use crate::web::page::{Alert, Form, Page, Say, Shell, Trouble, is_from_elsewhere, see_other, shown};

/// The most bytes of a form.
const BODY_BYTES_MAX: usize = 4096;

/// The longest number of a document in an address.
const NUMBER_CHARACTERS_MAX: usize = 40;

/// How far back a finished change is looked for.
const CHANGES_MAX: u32 = 20;

/// What was done just now, as the next page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// A tax document was issued.
    Nota,
    /// There is no finished change that one could be issued for.
    NoChange,
    /// Use was counted.
    Counted,
    /// It would have gone beyond a limit at which use stops.
    Stopped,
    /// It could not be counted.
    Refused,
}

impl Said {
    const ALL: [Self; 5] = [
        Self::Nota,
        Self::NoChange,
        Self::Counted,
        Self::Stopped,
        Self::Refused,
    ];

    /// Its word in an address, and the end of its sentence's name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Nota => "nota",
            Self::NoChange => "no-change",
            Self::Counted => "counted",
            Self::Stopped => "stopped",
            Self::Refused => "refused",
        }
    }

    /// Whether it is what was wanted.
    pub(super) fn is_good(self) -> bool {
        matches!(self, Self::Nota | Self::Counted)
    }

    pub(super) fn read(word: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|said| Some(said.word()) == word)
    }
}

/// Something whose use can be reported.
pub(super) struct Counted {
    /// The meter.
    pub meter: String,
    /// Its name.
    pub name: String,
    /// Its variants, where it has some: id and name.
    pub variants: Vec<(String, String)>,
}

/// Everything that the seller's product counts.
pub(super) fn counted(scene: &Scene) -> Vec<Counted> {
    if scene.contract.is_none() {
        return Vec::new();
    }
    let (reader, playbook) = (scene.reader(), &scene.playbook);
    let variants = |against: &Against| match against {
        Against::Credits {
            rates: Rates::Table(table),
            ..
        } => {
            let table = playbook.catalog.rate_table(table);
            let rows = table.map_or(&[][..], |table| &table.rows[..]).iter();
            rows.map(|row| (row.id.to_string(), reader.said(&row.name)))
                .collect()
        }
        Against::Credits { .. } | Against::Allowance(_) => Vec::new(),
    };
    let meters = playbook.metering.meters.iter();
    meters
        .map(|meter| Counted {
            meter: meter.id.to_string(),
            name: reader.said(&meter.name),
            variants: variants(&meter.against),
        })
        .collect()
}

/// Whether the seller's systems issue tax documents that are handed back.
pub(super) fn has_notas(seller: &SellerId) -> bool {
    seller.as_str() == "clint"
}

/// A form of the product's page.
async fn form_of(request: Request, scene: &Scene) -> Result<Form, Trouble> {
    let inside = |trouble: Trouble| trouble.within(scene.shell(""));
    let (parts, content) = request.into_parts();
    if is_from_elsewhere(&parts.headers) {
        return Err(inside(Trouble::of(scene.language, Alert::NotOurForm)));
    }
    let bytes = ask::raw(content, BODY_BYTES_MAX).await;
    Ok(Form::read(&bytes.map_err(|problem| inside(problem.into()))?))
}

fn back(scene: &Scene, said: Said) -> Response {
    see_other(&format!("{}&said={}", scene.at(""), said.word()))
}

/// Reports use: `POST /v1/usage` from inside.
pub(super) async fn report_use(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    Query(told): Query<Told>,
    request: Request,
) -> Page {
    let scene = Scene::of(&state, &seller, &told).await?;
    let form = form_of(request, &scene).await?;
    let read = || {
        let contract = scene.contract.as_ref()?.id;
        let now = state.engine.now();
        let report = Report {
            id: format!("sample.{}", state.ids.new_id(now)),
            meter: form.get("meter")?.parse().ok()?,
            variant: form.get("variant").map(str::to_owned),
            quantity: form.get("quantity")?.parse().ok()?,
            at: now,
        };
        Some(UsageReport { contract, report })
    };
    let Some(report) = read() else {
        return Ok(back(&scene, Said::Refused));
    };
    let answers = state.engine.report_usage(&scene.seller, &[report]).await?;
    let said = match answers.first() {
        Some(ReportAnswer::Taken(taken)) if taken.allowed => Said::Counted,
        Some(ReportAnswer::Taken(_)) => Said::Stopped,
        Some(ReportAnswer::Refused(_) | ReportAnswer::NoContract) | None => Said::Refused,
    };
    Ok(back(&scene, said))
}

/// Issues the tax document of the newest finished change: `POST /v1/changes/{id}/fiscal-documents` from inside.
pub(super) async fn issue_nota(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    Query(told): Query<Told>,
    request: Request,
) -> Page {
    let scene = Scene::of(&state, &seller, &told).await?;
    form_of(request, &scene).await?;
    let Some((change, reference)) = finished(&state, &scene).await? else {
        return Ok(back(&scene, Said::NoChange));
    };
    // One document a change, so that its number follows from the change.
    let number = format!("NF-{}", reference.trim_start_matches("CH-"));
    let here = crate::web::sample::address(state.engine.pages_at(), &scene.seller);
    let issued = IssuedDocument {
        url: Some(format!("{here}nota-fiscal/{number}")),
        number,
    };
    let present = |document: &FiscalDocument| keep(StatusCode::CREATED, &document.number);
    let asked = scene.asked();
    let added = state
        .engine
        .add_fiscal_document(change, &issued, &asked, &present);
    added.await?;
    Ok(back(&scene, Said::Nota))
}

/// The newest change that has come to its end well.
async fn finished(state: &WebState, scene: &Scene) -> Result<Option<(ChangeId, String)>, EngineError> {
    let Some(contract) = &scene.contract else {
        return Ok(None);
    };
    let page = PageAsk {
        after: 0,
        limit: CHANGES_MAX,
    };
    let rows = state.engine.store().changes_of(contract.id, page).await?;
    let active = rows.into_iter().find(|row| row.stage_name.starts_with("active"));
    Ok(active.map(|row| (row.id, row.reference.0)))
}

#[derive(Template)]
#[template(path = "web/sample/templates/nota.html")]
struct NotaPage {
    shell: Shell,
    say: Say,
    number: String,
}

/// The document as its reader sees it: an invented one.
pub(super) async fn nota(
    State(state): State<WebState>,
    Path((seller, number)): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Page {
    let scene = Scene::of(&state, &seller, &told).await?;
    let page = NotaPage {
        shell: scene.shell(Say(scene.language).get("sample-nota-title")),
        say: Say(scene.language),
        number: number.chars().take(NUMBER_CHARACTERS_MAX).collect(),
    };
    shown(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_again() {
        for said in Said::ALL {
            assert_eq!(Said::read(Some(said.word())), Some(said));
        }
        assert_eq!(Said::read(Some("anything")), None);
    }
}
