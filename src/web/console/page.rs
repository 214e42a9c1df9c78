//! What stands around every page of the console.

use crate::web::page::Tab;

/// Where somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What waits.
    Inbox,
    /// Who did what.
    Audit,
    /// Who works here.
    People,
    /// Somewhere among changes and accounts.
    None,
}

/// What stands above every page: the search, and who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) login: String,
    pub(super) role: &'static str,
    pub(super) seller: Option<String>,
    pub(super) token: String,
    pub(super) searched: String,
}

impl Section {
    /// The ways to the others; the last one is for leads.
    pub(super) fn tabs(leads: bool, here: Self) -> Vec<Tab> {
        let all = [
            (Self::Inbox, "Inbox", "/console"),
            (Self::Audit, "Audit", "/console/audit"),
            (Self::People, "People", "/console/people"),
        ];
        let shown = all
            .into_iter()
            .filter(|(section, ..)| leads || *section != Self::People);
        shown
            .map(|(section, name, url)| Tab {
                url: url.to_owned(),
                name: name.to_owned(),
                current: section == here,
            })
            .collect()
    }
}
