//! What an action would do, in words and amounts, before it is done.

use super::standing::{Owed, Standing};
use crate::domain::change::{
    Call, CallName, ChargeStep, Decision, Effect, Event, Question, RefundStep, Stage, question,
};
use crate::domain::money::Money;

/// What an action would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Step by step; never empty.
    pub steps: Vec<Consequence>,
    /// The most that it can charge; `None` where it can charge nothing.
    pub charges: Option<Money>,
    /// The most that it can give back; `None` where it gives nothing back.
    pub gives_back: Option<Money>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// A line is written into the history.
    Chronicles(&'static str),
    /// The change moves to another stage.
    Moves {
        /// From where.
        from: String,
        /// To where.
        to: String,
    },
    /// A call is made for the first time.
    Calls(CallName),
    /// A call is sent again, under the same key.
    SendsAgain(CallName),
    /// The provider is read whether a call has happened.
    LooksFor(CallName),
    /// An outcome that is known is offered to the machine once more.
    TakesIn(CallName),
    /// The provider is asked.
    Asks(Question),
    /// The confirmed amount is charged, if the provider still asks for the same.
    Charges(Money),
    /// Nothing is charged.
    ChargesNothing,
    /// Money is given back.
    GivesBack(Money),
    /// Somebody is told.
    Tells(&'static str),
    /// Mails or events that were given up leave.
    Sends {
        /// How many mails.
        mails: usize,
        /// How many events.
        events: usize,
    },
    /// Work that fails is tried now.
    WorksAgain,
}

impl Consequence {
    /// The step as a sentence.
    pub fn told(&self) -> String {
        match self {
            Self::Chronicles(event) => format!("writes `{event}` into the history, with who acts and why"),
            Self::Moves { from, to } => format!("moves the change from `{from}` to `{to}`"),
            Self::Calls(call) => format!("makes the call `{call}` at the provider"),
            Self::SendsAgain(call) => {
                format!(
                    "sends `{call}` again under the same key: what was carried out is not carried out twice"
                )
            }
            Self::LooksFor(call) => {
                format!("reads at the provider whether `{call}` has happened; sends nothing")
            }
            Self::TakesIn(call) => format!("offers the known outcome of `{call}` to the machine once more"),
            Self::Asks(Question::Quote) => "asks the provider for the quote".to_owned(),
            Self::Asks(Question::QuoteAgain) => {
                "asks the provider once more what the confirmed deal costs".to_owned()
            }
            Self::Asks(Question::Payment) => {
                "reads the invoice and the subscription at the provider".to_owned()
            }
            Self::Asks(Question::Plan) => {
                "reads at the provider what the subscription holds, and until when".to_owned()
            }
            Self::Asks(Question::Standing) => {
                "reads at the provider whether the promise stands, or has come true".to_owned()
            }
            Self::Charges(amount) => {
                format!(
                    "may then charge the confirmed {amount}, and nothing if the provider asks for another amount"
                )
            }
            Self::ChargesNothing => "charges nothing".to_owned(),
            Self::GivesBack(amount) => format!("gives {amount} back to the customer"),
            Self::Tells(topic) => format!("tells the seller, and where it is mailed the customer: `{topic}`"),
            Self::Sends { mails, events } => {
                format!("sends {mails} mails and {events} events that were given up")
            }
            Self::WorksAgain => "tries again now what has failed on our side".to_owned(),
        }
    }
}

/// What follows from an event that support brings, and from hurrying these calls.
pub fn follows(standing: &Standing<'_>, event: &Event, decision: &Decision, hurried: &[Owed]) -> Plan {
    let mut steps = vec![Consequence::Chronicles(event.name())];
    let mut gives_back = None;
    if let Some(stage) = standing.stage
        && stage.full_name() != decision.stage.full_name()
    {
        steps.push(Consequence::Moves {
            from: stage.full_name(),
            to: decision.stage.full_name(),
        });
    }
    for effect in &decision.effects {
        match effect {
            Effect::Call(call) => {
                steps.push(Consequence::Calls(call.name()));
                if let Call::Refund { amount, .. } = call {
                    gives_back = Some(*amount);
                }
            }
            Effect::Tell(tell) => steps.push(Consequence::Tells(tell.as_str())),
        }
    }
    for call in hurried {
        steps.push(if call.spent {
            Consequence::LooksFor(call.call)
        } else {
            Consequence::SendsAgain(call.call)
        });
    }
    if matches!(event, Event::Resume) {
        steps.extend(taken_up(standing));
    }
    let moves_on = !matches!(event, Event::Note);
    if let Some(asked) = question(&decision.stage).filter(|_| moves_on) {
        steps.push(Consequence::Asks(asked));
    }
    let refunds = hurried
        .iter()
        .any(|call| call.call == CallName::Refund && !call.spent);
    gives_back = gives_back.or_else(|| refund_of(&decision.stage).filter(|_| refunds));
    let charges = charged_by(&decision.stage, hurried).filter(|_| moves_on);
    steps.extend(gives_back.map(Consequence::GivesBack));
    steps.push(charges.map_or(Consequence::ChargesNothing, Consequence::Charges));
    Plan {
        steps,
        charges,
        gives_back,
    }
}

fn taken_up(standing: &Standing<'_>) -> Vec<Consequence> {
    let mut steps = Vec::new();
    let mails = standing.unsent.iter().filter(|unsent| unsent.mail).count();
    let events = standing.unsent.len() - mails;
    if mails + events > 0 {
        steps.push(Consequence::Sends { mails, events });
    }
    for call in standing.owed.iter().filter(|call| call.is_refused()) {
        steps.push(Consequence::TakesIn(call.call));
    }
    if standing.work.failing.is_some() {
        steps.push(Consequence::WorksAgain);
    }
    steps
}

/// What the change can charge because of this: a charge that is about to be made, or a call of it that is sent again.
fn charged_by(stage: &Stage, hurried: &[Owed]) -> Option<Money> {
    let due = stage.payment().map(|payment| payment.deal.quote.due_today)?;
    let sent_again = hurried.iter().any(|call| call.charges && !call.spent);
    let ahead = matches!(
        stage,
        Stage::Charging {
            step: ChargeStep::SettingMethod
                | ChargeStep::SettingTaxRates
                | ChargeStep::Releasing { .. }
                | ChargeStep::Verifying,
            ..
        }
    );
    ((ahead || sent_again) && !due.is_zero()).then_some(due)
}

fn refund_of(stage: &Stage) -> Option<Money> {
    match stage {
        Stage::Active { receipt, .. } if receipt.refund == Some(RefundStep::OnItsWay) => receipt.excess,
        _ => None,
    }
}
