//! What is held: done, scheduled, changed by others, at an end.

use jiff::Timestamp;

use super::{Body, Speech};
use crate::mail::page::{Fact, Link, Step, Steps, one_line};
use crate::ports::mail::{ChangedBy, Held, Holding, News, Renewal};
use crate::text::{self, Arg};

impl Speech<'_> {
    pub(super) fn confirmed(&self, news: &News) -> Body {
        let News::Confirmed {
            holdings,
            plan,
            charged,
            recurring,
            next_renewal,
            receipt_url,
            contract,
            next_steps,
        } = news
        else {
            return Body::default();
        };
        let charged = if charged.is_zero() {
            self.words("mail-confirmed-nothing-charged")
        } else {
            self.money(*charged)
        };
        let mut facts = vec![self.fact("mail-confirmed-plan", one_line(plan))];
        facts.extend(holdings.iter().map(|holding| self.holding(holding)));
        facts.push(self.fact("mail-confirmed-charged", charged));
        facts.extend(self.renewal(next_renewal.map(|at| Renewal {
            amount: *recurring,
            at,
        })));
        facts.extend(
            contract
                .as_deref()
                .map(|contract| self.fact("mail-confirmed-contract", one_line(contract))),
        );
        let items: Vec<Step> = next_steps
            .iter()
            .map(|step| Step::new(&step.text, step.url.as_deref()))
            .collect();
        Body {
            facts,
            steps: (!items.is_empty()).then(|| Steps {
                title: self.words("mail-confirmed-next-steps"),
                items,
            }),
            action: Link::to_web(self.words("mail-confirmed-receipt"), receipt_url.as_deref()),
            ..self.plain("mail-confirmed-subject", "mail-confirmed-text")
        }
    }

    pub(super) fn ticket_applied(&self, ticket: &str, held: &Held) -> Body {
        let ticket = one_line(ticket);
        let mut facts = vec![self.fact("mail-ticket-number", ticket.clone())];
        facts.extend(self.held(held));
        Body {
            subject: self.told("mail-ticket-applied-subject", &[("ticket", Arg::from(&ticket))]),
            paragraphs: vec![self.with_seller("mail-ticket-applied-text")],
            facts,
            ..Body::default()
        }
    }

    pub(super) fn scheduled(&self, at: Timestamp, held: &Held) -> Body {
        let mut facts = vec![self.fact("mail-scheduled-day", self.date(at))];
        facts.extend(self.held(held));
        Body {
            facts,
            ..self.plain("mail-scheduled-subject", "mail-scheduled-text")
        }
    }

    pub(super) fn changed(&self, by: &ChangedBy, held: &Held) -> Body {
        let text = match by {
            ChangedBy::Support => self.with_seller("mail-changed-by-support-text"),
            ChangedBy::Agency(name) => self.told(
                "mail-changed-by-agency-text",
                &[("agency", Arg::from(one_line(name)))],
            ),
            ChangedBy::Elsewhere => self.words("mail-changed-elsewhere-text"),
        };
        Body {
            subject: self.words("mail-changed-subject"),
            paragraphs: vec![text],
            facts: self.held(held),
            ..Body::default()
        }
    }

    /// The end of a contract in one of its three forms, with its day where it has one.
    pub(super) fn contract(&self, form: &str, day: Option<Timestamp>) -> Body {
        let day = day.map(|at| self.fact(&format!("mail-{form}-day"), self.date(at)));
        Body {
            facts: day.into_iter().collect(),
            ..self.plain(&format!("mail-{form}-subject"), &format!("mail-{form}-text"))
        }
    }

    /// The full price from the next renewal on, with its day.
    pub(super) fn renewal(&self, renewal: Option<Renewal>) -> Vec<Fact> {
        let told = renewal.map(|renewal| {
            [
                self.fact("mail-renewal-amount", self.money(renewal.amount)),
                self.fact("mail-renewal-day", self.date(renewal.at)),
            ]
        });
        told.into_iter().flatten().collect()
    }

    fn held(&self, held: &Held) -> Vec<Fact> {
        let mut facts = vec![self.fact("mail-confirmed-plan", one_line(&held.plan))];
        facts.extend(held.holdings.iter().map(|holding| self.holding(holding)));
        facts.extend(self.renewal(held.renewal));
        facts
    }

    fn holding(&self, holding: &Holding) -> Fact {
        let (before, after) = (holding.before, holding.after);
        let value = if before == after {
            self.told("mail-confirmed-holding-same", &[("after", after.into())])
        } else {
            let difference = text::difference(self.language, before, after);
            let told = [
                ("before", before.into()),
                ("after", after.into()),
                ("difference", difference.into()),
            ];
            self.told("mail-confirmed-holding-changed", &told)
        };
        Fact {
            label: one_line(&holding.name),
            value,
        }
    }
}
