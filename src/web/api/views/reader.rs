use jiff::Timestamp;

use super::MoneyView;
use crate::domain::catalog::{LineKey, PlanId, Playbook};
use crate::domain::language::{Language, Texts, said};
use crate::domain::money::Money;
use crate::text;

/// For whom a view is written: the seller's words, in one language.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The seller's words.
    pub playbook: &'a Playbook,
    /// The language.
    pub language: Language,
}

impl<'a> Reader<'a> {
    /// A reader who prefers this language; the seller's own where it does not serve that one.
    pub fn new(playbook: &'a Playbook, preferred: Option<Language>) -> Self {
        let language = playbook.seller.language(preferred);
        Self { playbook, language }
    }

    /// An amount.
    pub fn money(self, money: Money) -> MoneyView {
        MoneyView::of(self.language, money)
    }

    /// The calendar day of an instant, in the seller's time zone.
    pub fn day(self, at: Timestamp) -> String {
        text::date(self.language, at, &self.playbook.seller.time_zone)
    }

    /// A text in the reader's language, or in the first that the seller has.
    pub fn said(self, texts: &Texts) -> String {
        said(texts, self.language).unwrap_or_default().to_owned()
    }

    /// What a line is called beside a number: the plan's name, or the item's plural.
    pub fn line_name(self, plan: &PlanId, key: &LineKey) -> String {
        let catalog = &self.playbook.catalog;
        let texts = match key {
            LineKey::Plan => catalog.plan(plan).map(|plan| &plan.name),
            LineKey::Item(item) => catalog.item(item).map(|item| &item.plural),
        };
        texts.map_or_else(|| key.to_string(), |texts| self.said(texts))
    }
}
