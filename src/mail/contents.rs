//! What each piece of news says.

mod accounts;
mod holding;
mod usage;

use jiff::Timestamp;

use super::page::{Checklist, Contact, Fact, Link, Page, Steps, one_line};
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::ports::mail::{Letter, News, Renewal};
use crate::text::decline::DeclineReason;
use crate::text::{self, Arg, Words};

/// The page of a letter, in the language that is really spoken for its reader.
pub(super) fn page_of(letter: &Letter) -> Page {
    let say = Speech::of(letter);
    let body = say.body(&letter.news);
    let [support_label, why] = match letter.reference {
        Some(_) => ["mail-support", "mail-why"],
        None => ["mail-support-account", "mail-why-account"],
    };
    Page {
        language: say.language.tag(),
        greeting: say.greeting(),
        colon: say.words("mail-colon"),
        subject: body.subject,
        paragraphs: body.paragraphs,
        amount: body.amount,
        facts: body.facts,
        code: body.code,
        steps: body.steps,
        checklist: body.checklist,
        action: body.action,
        instead_of_action: body.instead_of_action,
        reference: letter.reference.as_deref().map(|reference| Fact {
            label: say.words("mail-reference"),
            value: one_line(reference),
        }),
        support_label: say.with_seller(support_label),
        support: Contact::new(&letter.sender.support),
        why: body.why.unwrap_or_else(|| say.with_seller(why)),
        seller: say.seller,
    }
}

#[derive(Default)]
struct Body {
    subject: String,
    paragraphs: Vec<String>,
    amount: Option<Fact>,
    facts: Vec<Fact>,
    code: Option<Fact>,
    steps: Option<Steps>,
    checklist: Option<Checklist>,
    action: Option<Link>,
    instead_of_action: Option<String>,
    /// Why this mail was sent, where it is not because of a plan change.
    why: Option<String>,
}

/// The words of one letter: its language, its seller, its time zone.
struct Speech<'a> {
    language: Language,
    seller: String,
    letter: &'a Letter,
}

impl<'a> Speech<'a> {
    fn of(letter: &'a Letter) -> Self {
        Self {
            language: text::spoken(letter.language),
            seller: one_line(&letter.sender.name),
            letter,
        }
    }

    fn body(&self, news: &News) -> Body {
        match news {
            News::QuoteReady {
                due_today,
                holds_until,
                renewal,
                resume_url,
            } => self.quote(*due_today, *holds_until, *renewal, resume_url.as_deref()),
            News::Reminder { deadline, resume_url } => self.reminder(*deadline, resume_url.as_deref()),
            News::AuthenticationNeeded {
                amount,
                deadline,
                action_url,
            } => self.authentication(*amount, *deadline, action_url.as_deref()),
            News::Declined {
                amount,
                reason,
                resume_url,
            } => self.declined(*amount, DeclineReason::of_code(reason), resume_url.as_deref()),
            News::Confirmed { .. } => self.confirmed(news),
            News::Voucher(voucher) => self.voucher(voucher),
            News::NotaFiscalIssued { number, url, amount } => {
                self.nota_fiscal(number, url.as_deref(), *amount)
            }
            News::TicketReceived { ticket } => {
                self.about_ticket(["mail-ticket-subject", "mail-ticket-text"], ticket)
            }
            News::TicketScheduled { ticket, at } => self.answered(
                ["mail-ticket-scheduled-subject", "mail-ticket-scheduled-text"],
                ticket,
                self.fact("mail-ticket-scheduled-day", self.date(*at)),
            ),
            News::TicketApplied { ticket, held } => self.ticket_applied(ticket, held),
            News::TicketHeld { .. }
            | News::TicketReplaced { .. }
            | News::TicketFell { .. }
            | News::TicketAnswered { .. } => self.about_a_request(news),
            News::TicketDeclined { ticket, why } => self.answered(
                ["mail-ticket-declined-subject", "mail-ticket-declined-text"],
                ticket,
                self.fact("mail-ticket-declined-why", one_line(why)),
            ),
            News::LimitReached { .. } => self.limit_reached(news),
            News::Expired => self.plain("mail-expired-subject", "mail-expired-text"),
            News::Cancelled => self.plain("mail-cancelled-subject", "mail-cancelled-text"),
            News::Refunded { amount } => self.given_back("mail-refunded-text", *amount),
            News::Credited { amount } => self.given_back("mail-credited-text", *amount),
            News::Scheduled { at, held } => self.scheduled(*at, held),
            News::Changed { by, held } => self.changed(by, held),
            News::ContractEnding { at } => self.contract("ending", Some(*at)),
            News::ContractContinues => self.contract("continues", None),
            News::ContractEnded { at } => self.contract("ended", Some(*at)),
            News::PastDue {
                amount,
                since,
                pay_url,
            } => self.past_due(*amount, *since, pay_url.as_deref()),
            News::Card { what, card } => self.card(*what, card),
            News::PayerAsked { agency, until, url } => self.payer(agency, *until, url.as_deref()),
        }
    }

    /// What becomes of a request to go down besides its answer.
    fn about_a_request(&self, news: &News) -> Body {
        match news {
            News::TicketHeld { ticket } => {
                self.about_ticket(["mail-ticket-held-subject", "mail-ticket-held-text"], ticket)
            }
            News::TicketReplaced { ticket } => self.about_ticket(
                ["mail-ticket-replaced-subject", "mail-ticket-replaced-text"],
                ticket,
            ),
            News::TicketFell { ticket } => {
                self.about_ticket(["mail-ticket-fell-subject", "mail-ticket-fell-text"], ticket)
            }
            News::TicketAnswered { ticket, words } => {
                let subject_and_text = ["mail-ticket-answered-subject", "mail-ticket-answered-text"];
                let mut body = self.about_ticket(subject_and_text, ticket);
                body.paragraphs.extend(words.lines().map(one_line));
                body
            }
            _ => Body::default(),
        }
    }

    fn quote(
        &self,
        due_today: Money,
        holds_until: Timestamp,
        renewal: Option<Renewal>,
        url: Option<&str>,
    ) -> Body {
        let mut facts = self.renewal(renewal);
        facts.push(self.fact("mail-quote-holds-until", self.moment(holds_until)));
        let body = Body {
            amount: Some(self.fact("mail-quote-due-today", self.money(due_today))),
            facts,
            ..self.plain("mail-quote-subject", "mail-quote-text")
        };
        self.leading_on(body, "mail-quote-action", url)
    }

    fn reminder(&self, deadline: Timestamp, url: Option<&str>) -> Body {
        let body = Body {
            facts: vec![self.fact("mail-reminder-deadline", self.moment(deadline))],
            ..self.plain("mail-reminder-subject", "mail-reminder-text")
        };
        self.leading_on(body, "mail-reminder-action", url)
    }

    fn authentication(&self, amount: Money, deadline: Timestamp, url: Option<&str>) -> Body {
        let body = Body {
            amount: Some(self.fact("mail-authentication-amount", self.money(amount))),
            facts: vec![self.fact("mail-authentication-deadline", self.moment(deadline))],
            ..self.plain("mail-authentication-subject", "mail-authentication-text")
        };
        self.leading_on(body, "mail-authentication-action", url)
    }

    fn declined(&self, amount: Money, reason: DeclineReason, url: Option<&str>) -> Body {
        let advice = reason.advice(self.language);
        let mut body = Body {
            subject: self.words("mail-declined-subject"),
            paragraphs: vec![advice.reason, self.words("mail-declined-text")],
            amount: Some(self.fact("mail-declined-amount", self.money(amount))),
            ..Body::default()
        };
        if reason.is_about_a_card() {
            body.checklist = Some(Checklist {
                please_check: advice.please_check,
                items: advice.checklist,
                issuer: advice.issuer,
            });
        } else {
            body.paragraphs.push(advice.please_check);
        }
        self.leading_on(body, "mail-declined-action", url)
    }

    fn nota_fiscal(&self, number: &str, url: Option<&str>, amount: Money) -> Body {
        let number = one_line(number);
        Body {
            subject: self.told("mail-nota-fiscal-subject", &[("number", Arg::from(&number))]),
            paragraphs: vec![self.words("mail-nota-fiscal-text")],
            facts: vec![
                self.fact("mail-nota-fiscal-number", number.clone()),
                self.fact("mail-nota-fiscal-amount", self.money(amount)),
            ],
            action: Link::to_web(self.words("mail-nota-fiscal-action"), url),
            ..Body::default()
        }
    }

    fn about_ticket(&self, [subject, text]: [&str; 2], ticket: &str) -> Body {
        let ticket = one_line(ticket);
        Body {
            subject: self.told(subject, &[("ticket", Arg::from(&ticket))]),
            paragraphs: vec![self.with_seller(text)],
            facts: vec![self.fact("mail-ticket-number", ticket)],
            ..Body::default()
        }
    }

    /// What support answers to a request: in these words, with the one fact that matters.
    fn answered(&self, subject_and_text: [&str; 2], ticket: &str, answer: Fact) -> Body {
        let mut body = self.about_ticket(subject_and_text, ticket);
        body.facts.push(answer);
        body
    }

    fn plain(&self, subject: &str, text: &str) -> Body {
        Body {
            subject: self.words(subject),
            paragraphs: vec![self.words(text)],
            ..Body::default()
        }
    }

    /// The body with its button, or with a sentence on where to go on when there is no link to put behind one.
    fn leading_on(&self, mut body: Body, action: &str, url: Option<&str>) -> Body {
        body.action = Link::to_web(self.words(action), url);
        if body.action.is_none() {
            body.instead_of_action = Some(self.with_seller("mail-go-on-in-the-product"));
        }
        body
    }

    fn greeting(&self) -> String {
        match self.letter.to.name.as_deref().map(one_line) {
            Some(name) if !name.is_empty() => self.told("mail-greeting-named", &[("name", name.into())]),
            _ => self.words("mail-greeting"),
        }
    }

    fn fact(&self, label: &str, value: String) -> Fact {
        Fact {
            label: self.words(label),
            value,
        }
    }

    fn words(&self, key: &str) -> String {
        self.told(key, &[])
    }

    fn with_seller(&self, key: &str) -> String {
        self.told(key, &[("seller", Arg::from(&self.seller))])
    }

    fn told(&self, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        Words::get(self.language, key, args)
    }

    fn money(&self, amount: Money) -> String {
        text::money(self.language, amount)
    }

    fn date(&self, at: Timestamp) -> String {
        text::date(self.language, at, &self.letter.time_zone)
    }

    fn moment(&self, at: Timestamp) -> String {
        text::moment(self.language, at, &self.letter.time_zone)
    }
}
