//! The form of a request to go down: its fields, each checked against what its kind can take.

use std::collections::BTreeSet;

use super::Builder;
use crate::domain::catalog::{ANSWER_MAX, FieldChoice, FieldKind, FormField, Prefill, TicketForm};
use crate::domain::language::Texts;
use crate::workflow::raw::{RawChoice, RawField, RawTicket};

/// The most questions that a form has.
const FIELDS_MAX: usize = 20;

/// The most answers that a choice offers.
const CHOICES_MAX: usize = 30;

/// How many characters an answer has at most where the file does not say.
const LINE_MAX: u32 = 500;

impl Builder<'_, '_> {
    pub(super) fn ticket(&mut self, raw: RawTicket) -> TicketForm {
        let mut seen = BTreeSet::new();
        let mut fields = Vec::new();
        for field in raw.fields {
            let id = field.id.get_ref().clone();
            if !seen.insert(id.clone()) {
                self.say(&field.id.span(), format!("there are two fields `{id}`"));
            }
            if fields.len() == FIELDS_MAX {
                self.say(
                    &field.id.span(),
                    format!("a form has at most {FIELDS_MAX} fields"),
                );
            }
            fields.push(self.field(field));
        }
        TicketForm {
            intro: raw
                .intro
                .map(|intro| self.texts("the `intro` of the ticket", intro))
                .unwrap_or_default(),
            fields,
        }
    }

    fn field(&mut self, raw: RawField) -> FormField {
        let id = raw.id.get_ref().clone();
        let max_length = match &raw.max_length {
            None => LINE_MAX,
            Some(most) if (1..=ANSWER_MAX).contains(most.get_ref()) => *most.get_ref(),
            Some(most) => {
                self.say(&most.span(), format!("`max_length` is 1 to {ANSWER_MAX}"));
                LINE_MAX
            }
        };
        if let Some(prefill) = &raw.prefill
            && !fits(raw.kind, *prefill.get_ref())
        {
            let hint = "`wanted` and `account_name` fit text, `account_email` fits text or email, `period_end` fits date";
            self.say_with_hint(
                &prefill.span(),
                format!("field `{id}` cannot be filled in with that"),
                hint,
            );
        }
        FormField {
            label: self.texts(&format!("the label of field `{id}`"), raw.label),
            help: match raw.help {
                Some(help) => self.texts(&format!("the help of field `{id}`"), help),
                None => Texts::new(),
            },
            kind: raw.kind,
            required: raw.required,
            max_length,
            choices: self.choices(raw.kind, &raw.id, raw.choices),
            prefill: raw.prefill.map(toml::Spanned::into_inner),
            id,
        }
    }

    fn choices(
        &mut self,
        kind: FieldKind,
        field: &toml::Spanned<crate::domain::catalog::FieldId>,
        raw: Vec<RawChoice>,
    ) -> Vec<FieldChoice> {
        let id = field.get_ref();
        match (kind, raw.len()) {
            (FieldKind::Choice, 2..=CHOICES_MAX) => {}
            (FieldKind::Choice, _) => {
                self.say(
                    &field.span(),
                    format!("field `{id}` needs 2 to {CHOICES_MAX} `choices`"),
                );
            }
            (_, 0) => {}
            (_, _) => self.say(
                &field.span(),
                format!("field `{id}` is no choice, and has `choices`"),
            ),
        }
        let mut seen = BTreeSet::new();
        let mut choices = Vec::new();
        for choice in raw {
            let own = choice.id.get_ref().clone();
            if !seen.insert(own.clone()) {
                self.say(&choice.id.span(), format!("field `{id}` offers `{own}` twice"));
            }
            choices.push(FieldChoice {
                label: self.texts(&format!("the label of `{own}` in field `{id}`"), choice.label),
                id: own,
            });
        }
        choices
    }
}

fn fits(kind: FieldKind, prefill: Prefill) -> bool {
    match prefill {
        Prefill::Wanted | Prefill::AccountName => kind == FieldKind::Text,
        Prefill::AccountEmail => matches!(kind, FieldKind::Text | FieldKind::Email),
        Prefill::PeriodEnd => kind == FieldKind::Date,
    }
}
