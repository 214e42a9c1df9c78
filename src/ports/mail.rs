//! Mail, as the engine asks for it: what happened and who must hear of it. How it reads is the business of the mail room.

mod kinds;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::account::CardMove;
use crate::domain::language::Language;
use crate::domain::metering::{Limit, Quantity};
use crate::domain::money::Money;

pub use kinds::{CardFace, ChangedBy, Held, Holding, NextStep, Renewal, Voucher, VoucherKind};

/// One mail that is owed to one person for one thing that really happened.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Names the journalled fact and the kind of mail; the Message-ID is made from it, so that a second copy after a
    /// doubt is recognised as the same mail. At most 200 ASCII characters.
    pub dedupe_key: String,
    /// Where it goes.
    pub to: Address,
    /// The language in which it is written.
    pub language: Language,
    /// In whose name it is sent.
    pub sender: Sender,
    /// The reference of the change, as the customer and support quote it to each other; of what is about no change there is
    /// none.
    pub reference: Option<String>,
    /// The time zone in which dates are shown.
    pub time_zone: TimeZone,
    /// When the fact was journalled; the mail's date.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// A mail address with the name beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The person's or company's name, when known.
    pub name: Option<String>,
    /// The address itself.
    pub email: String,
}

/// In whose name mails are sent: the seller.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The seller's product name.
    pub name: String,
    /// The sender address.
    pub from: Address,
    /// How a customer reaches the seller's support, shown in every mail: an address or a link.
    pub support: String,
}

/// What a mail tells. Each variant carries exactly what its text needs.
#[derive(Debug, Clone)]
pub enum News {
    /// A quote waits for the customer.
    QuoteReady {
        /// What is due today.
        due_today: Money,
        /// Until when the quote holds.
        holds_until: Timestamp,
        /// The full price from the next renewal on, with its day.
        renewal: Option<Renewal>,
        /// Where the customer goes on.
        resume_url: Option<String>,
    },
    /// The customer has not gone on for a while.
    Reminder {
        /// When the change is given up.
        deadline: Timestamp,
        /// Where the customer goes on.
        resume_url: Option<String>,
    },
    /// The bank wants the customer to authenticate the payment.
    AuthenticationNeeded {
        /// The amount that waits.
        amount: Money,
        /// Until when it waits.
        deadline: Timestamp,
        /// Where the customer authenticates.
        action_url: Option<String>,
    },
    /// The bank refused the card.
    Declined {
        /// The amount that was not charged.
        amount: Money,
        /// Why, as a key of the `text` room: the bank's reason when there is one.
        reason: String,
        /// Where the customer chooses another card.
        resume_url: Option<String>,
    },
    /// The change is done.
    Confirmed {
        /// What is held now: one line an item, in the order of the plan.
        holdings: Vec<Holding>,
        /// The name of the plan.
        plan: String,
        /// What was charged.
        charged: Money,
        /// What will be charged at each renewal.
        recurring: Money,
        /// When the next renewal is; `None` where nothing renews.
        next_renewal: Option<Timestamp>,
        /// The provider's page of the receipt, when there is one.
        receipt_url: Option<String>,
        /// The number of the contract that holds it from now on.
        contract: Option<String>,
        /// What the customer does next with what was bought.
        next_steps: Vec<NextStep>,
    },
    /// The customer pays on their own.
    Voucher(Voucher),
    /// The seller's tax-invoice system has issued the nota fiscal.
    NotaFiscalIssued {
        /// Its number.
        number: String,
        /// Where it can be read.
        url: Option<String>,
        /// What it is about.
        amount: Money,
    },
    /// A request to go down was received.
    TicketReceived {
        /// The ticket's number.
        ticket: String,
    },
    /// Support has promised a day for a request to go down.
    TicketScheduled {
        /// The ticket's number.
        ticket: String,
        /// That day.
        at: Timestamp,
    },
    /// What was asked for was done.
    TicketApplied {
        /// The ticket's number.
        ticket: String,
        /// What is held now.
        held: Held,
    },
    /// A request to go down came from an address that is not the primary admin's, and is held.
    TicketHeld {
        /// The ticket's number.
        ticket: String,
    },
    /// A promised change falls away, because the plan has changed since.
    TicketReplaced {
        /// The ticket's number.
        ticket: String,
    },
    /// A promised change could not be carried out; support looks at it.
    TicketFell {
        /// The ticket's number.
        ticket: String,
    },
    /// Support wrote about a request to go down.
    TicketAnswered {
        /// The ticket's number.
        ticket: String,
        /// What it wrote.
        words: String,
    },
    /// Support has said no to a request to go down.
    TicketDeclined {
        /// The ticket's number.
        ticket: String,
        /// Why, in support's own words.
        why: String,
    },
    /// A limit is near, reached or passed: told once per period and threshold.
    LimitReached {
        /// What is limited, in the language of the mail.
        what: String,
        /// The name of the client whose use it is, where the reader is somebody else.
        of: Option<String>,
        /// At how many hundredths of the limit this is told.
        percent: u16,
        /// How much is used.
        used: Quantity,
        /// The limit.
        limit: Limit,
        /// Whether all of it is used.
        reached: bool,
        /// Whether use stops at the limit.
        stops: bool,
        /// Whether what goes beyond is charged.
        charged: bool,
        /// When the period ends.
        until: Timestamp,
    },
    /// The change was not finished in time; nothing was charged.
    Expired,
    /// The change was cancelled; nothing was charged.
    Cancelled,
    /// Money was given back.
    Refunded {
        /// How much.
        amount: Money,
    },
    /// Money that cannot go back the way it came was written to the balance.
    Credited {
        /// How much.
        amount: Money,
    },
    /// The plan changes on a day.
    Scheduled {
        /// That day.
        at: Timestamp,
        /// What is held from then on.
        held: Held,
    },
    /// Somebody else has changed what the customer holds.
    Changed {
        /// Who.
        by: ChangedBy,
        /// What is held now.
        held: Held,
    },
    /// The contract will end.
    ContractEnding {
        /// On which day.
        at: Timestamp,
    },
    /// The contract does not end after all.
    ContractContinues,
    /// The contract has ended.
    ContractEnded {
        /// When.
        at: Timestamp,
    },
    /// A renewal was not paid.
    PastDue {
        /// What is open, where it is known.
        amount: Option<Money>,
        /// Since when, where it is known.
        since: Option<Timestamp>,
        /// Where it can be paid.
        pay_url: Option<String>,
    },
    /// Something happened to a card on file.
    Card {
        /// What.
        what: CardMove,
        /// To which.
        card: CardFace,
    },
    /// An agency asks whether its client's card may pay.
    PayerAsked {
        /// The agency's name.
        agency: String,
        /// Until when the client can answer.
        until: Option<Timestamp>,
        /// Where it answers.
        url: Option<String>,
    },
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailFailure {
    /// The server refused it for good (a 5xx answer, an address that cannot exist): trying again is useless.
    #[error("refused for good: {0}")]
    Permanent(String),
    /// Anything else, a lost connection or an unknown outcome included: the same mail is sent again later.
    #[error("not delivered yet: {0}")]
    Temporary(String),
}

/// Sends mails.
pub trait Mailer: Send + Sync {
    /// Sends one. `Ok` means that the next server (or the mailbox) has taken responsibility for it.
    ///
    /// Error texts name codes and causes, never an address or a text of the mail.
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), MailFailure>>;
}
