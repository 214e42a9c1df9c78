//! The form of a request to go down: what the seller asks, and whether it was answered.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::FieldId;
use crate::domain::account::can_be_email;
use crate::domain::language::Texts;

/// The longest answer that any field can take, in characters.
pub const ANSWER_MAX: u32 = 4000;

/// What a customer is asked who wants less. No field at all: the selection says everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketForm {
    /// A sentence above it; may be empty.
    pub intro: Texts,
    /// In the order in which they are shown.
    pub fields: Vec<FormField>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name in requests.
    pub id: FieldId,
    /// As it is asked.
    pub label: Texts,
    /// A sentence that helps; may be empty.
    pub help: Texts,
    /// What can be answered.
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: bool,
    /// How many characters an answer has at most.
    pub max_length: u32,
    /// What can be chosen, for a choice.
    pub choices: Vec<FieldChoice>,
    /// What stands in it before anybody has written anything.
    pub prefill: Option<Prefill>,
}

/// One possible answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChoice {
    /// Its name in requests.
    pub id: FieldId,
    /// As it is shown.
    pub label: Texts,
}

/// What can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words, over several lines if need be.
    Text,
    /// One of several answers.
    Choice,
    /// A whole number.
    Number,
    /// A mail address.
    Email,
    /// A calendar day: `2026-03-31`.
    Date,
}

/// What is known already, so that nobody need write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefill {
    /// What was tried: "user seats: 5, then 3".
    Wanted,
    /// The account's mail address.
    AccountEmail,
    /// The account's name.
    AccountName,
    /// The day of the next renewal.
    PeriodEnd,
}

/// The answers by field. What was left empty is not in it.
pub type Answers = BTreeMap<FieldId, String>;

/// One answer that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormProblem {
    /// The field.
    pub field: String,
    /// What is wrong.
    pub fault: FormFault,
}

/// What can be wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFault {
    /// It must be answered, and is not.
    Missing,
    /// There is no such field.
    Unknown,
    /// It has more characters than the field takes.
    TooLong(u32),
    /// It holds characters that no keyboard writes.
    NotText,
    /// It is none of the answers that can be chosen.
    NotAChoice,
    /// It is not a whole number.
    NotANumber,
    /// It is not a mail address.
    NotAnEmail,
    /// It is not a calendar day.
    NotADate,
}

impl FormFault {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing_field",
            Self::Unknown => "unknown_field",
            Self::TooLong(_) => "too_long",
            Self::NotText => "not_text",
            Self::NotAChoice => "not_a_choice",
            Self::NotANumber => "not_a_number",
            Self::NotAnEmail => "not_an_email",
            Self::NotADate => "not_a_date",
        }
    }
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match self.fault {
            FormFault::Missing => write!(f, "`{field}` must be answered"),
            FormFault::Unknown => write!(f, "the form has no field `{field}`"),
            FormFault::TooLong(most) => write!(f, "`{field}` takes at most {most} characters"),
            FormFault::NotText => write!(f, "`{field}` holds control characters"),
            FormFault::NotAChoice => write!(f, "`{field}` is none of its choices"),
            FormFault::NotANumber => write!(f, "`{field}` is not a whole number"),
            FormFault::NotAnEmail => write!(f, "`{field}` is not a mail address"),
            FormFault::NotADate => write!(f, "`{field}` is not a day such as 2026-03-31"),
        }
    }
}

impl TicketForm {
    /// Whether somebody must answer something before a request can be made.
    pub fn must_be_answered(&self) -> bool {
        self.fields.iter().any(|field| field.required)
    }

    /// The answers, cleaned of what was left empty, or everything that is wrong with them.
    pub fn check(&self, given: &BTreeMap<String, String>) -> Result<Answers, Vec<FormProblem>> {
        let mut problems = Vec::new();
        let mut answers = Answers::new();
        for name in given.keys() {
            if !self.fields.iter().any(|field| field.id.as_str() == name) {
                problems.push(FormProblem {
                    field: name.chars().take(40).collect(),
                    fault: FormFault::Unknown,
                });
            }
        }
        for field in &self.fields {
            let answer = given.get(field.id.as_str()).map(|answer| answer.trim());
            let fault = match answer.filter(|answer| !answer.is_empty()) {
                None => field.required.then_some(FormFault::Missing),
                Some(answer) => {
                    answers.insert(field.id.clone(), answer.to_owned());
                    field.fault(answer)
                }
            };
            problems.extend(fault.map(|fault| FormProblem {
                field: field.id.to_string(),
                fault,
            }));
        }
        if problems.is_empty() {
            Ok(answers)
        } else {
            Err(problems)
        }
    }
}

impl FormField {
    /// What is wrong with an answer, if something is.
    fn fault(&self, answer: &str) -> Option<FormFault> {
        let length = u32::try_from(answer.chars().count()).unwrap_or(u32::MAX);
        if length > self.max_length {
            return Some(FormFault::TooLong(self.max_length));
        }
        if answer
            .chars()
            .any(|c| c.is_control() && !(c == '\n' && self.kind == FieldKind::Text))
        {
            return Some(FormFault::NotText);
        }
        match self.kind {
            FieldKind::Text => None,
            FieldKind::Choice => {
                let offered = self.choices.iter().any(|choice| choice.id.as_str() == answer);
                (!offered).then_some(FormFault::NotAChoice)
            }
            FieldKind::Number => answer.parse::<i64>().is_err().then_some(FormFault::NotANumber),
            FieldKind::Email => (!can_be_email(answer)).then_some(FormFault::NotAnEmail),
            FieldKind::Date => answer.parse::<Date>().is_err().then_some(FormFault::NotADate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: &str, kind: FieldKind, required: bool) -> FormField {
        FormField {
            id: id.parse().expect("an id"),
            label: Texts::new(),
            help: Texts::new(),
            kind,
            required,
            max_length: 12,
            choices: ["cost", "unused"]
                .map(|id| FieldChoice {
                    id: id.parse().expect("an id"),
                    label: Texts::new(),
                })
                .into(),
            prefill: None,
        }
    }

    fn form() -> TicketForm {
        TicketForm {
            intro: Texts::new(),
            fields: vec![
                field("reason", FieldKind::Choice, true),
                field("message", FieldKind::Text, false),
                field("people", FieldKind::Number, false),
                field("reply-to", FieldKind::Email, false),
                field("day", FieldKind::Date, false),
            ],
        }
    }

    fn given(answers: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = answers
            .iter()
            .map(|(name, said)| ((*name).to_owned(), (*said).to_owned()));
        pairs.collect()
    }

    #[test]
    fn good_answers_are_kept_without_what_was_left_empty() {
        let answers = form()
            .check(&given(&[
                ("reason", " cost "),
                ("message", "menos\ngente"),
                ("people", "-3"),
                ("reply-to", "a@b.co"),
                ("day", ""),
            ]))
            .expect("good answers");
        let kept: Vec<_> = answers
            .iter()
            .map(|(id, said)| (id.as_str(), said.as_str()))
            .collect();
        assert_eq!(
            kept,
            [
                ("message", "menos\ngente"),
                ("people", "-3"),
                ("reason", "cost"),
                ("reply-to", "a@b.co")
            ]
        );
        assert!(form().must_be_answered());
        assert!(!TicketForm::default().must_be_answered());
    }

    #[test]
    fn every_wrong_answer_is_named_with_a_code_of_its_own() {
        let wrong = form().check(&given(&[
            ("message", "far more than twelve"),
            ("people", "2.5"),
            ("reply-to", "nobody"),
            ("day", "2026-02-30"),
            ("colour", "blue"),
        ]));
        let problems = wrong.expect_err("wrong answers");
        let said: Vec<_> = problems
            .iter()
            .map(|problem| (problem.field.as_str(), problem.fault.code()))
            .collect();
        assert_eq!(
            said,
            [
                ("colour", "unknown_field"),
                ("reason", "missing_field"),
                ("message", "too_long"),
                ("people", "not_a_number"),
                ("reply-to", "not_an_email"),
                ("day", "not_a_date"),
            ]
        );
        let strange = form().check(&given(&[("reason", "other"), ("people", "1\u{7}")]));
        let codes: Vec<_> = strange
            .expect_err("wrong answers")
            .iter()
            .map(|problem| problem.fault.code())
            .collect();
        assert_eq!(codes, ["not_a_choice", "not_text"]);
    }
}
