//! Money that customers send themselves: boletos and Pix codes, the bank that takes them, and their time running out.
//! Source: Stripe, "Boleto payments" and "Pix payments": BRL only, a tax number and an address for a boleto, paid until the end of
//! its last day in São Paulo, settled later, never refunded; a Pix is settled at once.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::cards::Decline;
use super::charges::Charge;
use super::intents::Status;
use super::params::Params;
use super::payment_intents::PaymentIntent;
use super::payment_methods::Sent;
use crate::sandbox::error::ApiError;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// Where boletos end their last day. Brazil has no summer time.
const SAO_PAULO: i64 = -3 * HOUR;
/// The least and the most that can be asked for, in minor units.
const BOLETO: (i64, i64) = (500, 4_999_999);
const PIX: (i64, i64) = (50, 300_000_000);
/// How long a payment by boleto is on its way, about a bank day; a Pix is there within seconds.
const BOLETO_SETTLES: i64 = DAY;
const PIX_SETTLES: i64 = 5;

/// What was issued for one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Voucher {
    pub(super) sent: Sent,
    /// What the customer types or pastes at the bank.
    pub(super) code: String,
    pub(super) expires_at: i64,
    /// When money that the bank has taken arrives.
    pub(super) settles_at: Option<i64>,
}

/// What happens at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankSays {
    /// The customer pays: the money is on its way, and arrives when its time has come.
    Pay,
    /// The customer pays, and the provider hears of it only when the money is there.
    PayUnheard,
    /// Money that is on its way arrives now.
    Settle,
    /// Money that is on its way does not arrive.
    Fail,
    /// The time is over.
    Expire,
}

const FAILED: Decline = Decline {
    code: "payment_intent_payment_attempt_failed",
    reason: None,
    message: "The payment failed.",
};

const EXPIRED: Decline = Decline {
    code: "payment_intent_payment_attempt_expired",
    reason: None,
    message: "The payment attempt expired: the customer did not pay in time.",
};

impl Voucher {
    /// The `next_action` of a payment that waits for its customer.
    pub(super) fn next_action(&self, world: &World, intent: &str) -> Value {
        let page = format!("{}/_sandbox/vouchers/{intent}", world.base_url);
        match self.sent {
            Sent::Boleto { .. } => json!({
                "type": "boleto_display_details",
                "boleto_display_details": {
                    "expires_at": self.expires_at,
                    "hosted_voucher_url": page,
                    "number": self.code,
                    "pdf": format!("{page}/pdf"),
                },
            }),
            Sent::Pix => json!({
                "type": "pix_display_qr_code",
                "pix_display_qr_code": {
                    "data": self.code,
                    "expires_at": self.expires_at,
                    "hosted_instructions_url": page,
                    "image_url_png": format!("{page}/qr.png"),
                    "image_url_svg": format!("{page}/qr.svg"),
                },
            }),
        }
    }
}

/// A new way to pay as it was given with a confirmation, and for how long it is asked for.
pub(super) struct Given {
    pub(super) sent: Sent,
    seconds: Option<i64>,
    days: i64,
}

/// Reads `payment_method_data` and `payment_method_options` of a confirmation.
pub(super) fn read(params: &Params<'_>, data: &Params<'_>) -> Result<Given, ApiError> {
    data.only(&[
        "type",
        "boleto",
        "pix",
        "billing_details",
        "metadata",
        "allow_redisplay",
    ])?;
    let sent = match data.needed_text("type")? {
        "boleto" => {
            let boleto = data.child("boleto")?.ok_or_else(|| data.missing("boleto"))?;
            let number = boleto.needed_text("tax_id")?;
            let digits = number.chars().filter(char::is_ascii_alphanumeric).count();
            if !matches!(digits, 11 | 14) {
                return Err(boleto
                    .refuse("tax_id", "The tax ID must be a CPF or a CNPJ.")
                    .with_code("tax_id_invalid"));
            }
            for field in ["name", "email"] {
                needs(data, None, field)?;
            }
            for field in ["line1", "city", "state", "postal_code", "country"] {
                needs(data, Some("address"), field)?;
            }
            Sent::Boleto {
                tax_id: number.to_owned(),
            }
        }
        "pix" => Sent::Pix,
        _ => {
            return Err(data
                .refuse("type", "The sandbox has boleto and pix here.")
                .with_code("sandbox_unsupported"));
        }
    };
    let options = params.child("payment_method_options")?;
    let option =
        |kind: &str, key: &str| match options.as_ref().map(|all| all.child(kind)).transpose()?.flatten() {
            Some(of_kind) => of_kind.integer(key),
            None => Ok(None),
        };
    let days = option("boleto", "expires_after_days")?.unwrap_or(3);
    if !(0..=60).contains(&days) {
        return Err(params.refuse("payment_method_options", "A boleto expires after 0 to 60 days."));
    }
    let seconds = option("pix", "expires_after_seconds")?;
    if seconds.is_some_and(|seconds| !(10..=1_209_600).contains(&seconds)) {
        return Err(params.refuse(
            "payment_method_options",
            "A Pix expires after 10 to 1209600 seconds.",
        ));
    }
    Ok(Given { sent, seconds, days })
}

fn needs(data: &Params<'_>, within: Option<&str>, field: &str) -> Result<(), ApiError> {
    let details = data
        .child("billing_details")?
        .ok_or_else(|| data.missing("billing_details"))?;
    let place = match within {
        Some(within) => details.child(within)?.ok_or_else(|| details.missing(within))?,
        None => details,
    };
    place.needed_text(field).map(drop)
}

impl World {
    /// Issues the voucher of a payment: the customer has all it takes to pay from now on.
    pub(super) fn issue(&mut self, intent: &str, method: &str, given: Given) -> Result<(), ApiError> {
        let waiting = self.payment_intents.have(intent)?;
        let (least, most) = if given.sent == Sent::Pix { PIX } else { BOLETO };
        if waiting.currency != "brl" {
            return Err(ApiError::invalid("This payment method takes brl only.")
                .with_code("payment_intent_incompatible_payment_method"));
        }
        if !(least..=most).contains(&waiting.amount) {
            let code = if waiting.amount < least {
                "amount_too_small"
            } else {
                "amount_too_large"
            };
            let message =
                format!("The amount must be between {least} and {most} in the smallest unit of brl.");
            return Err(ApiError::invalid(message).with_code(code));
        }
        let expires_at = match given.sent {
            Sent::Pix => self.now + given.seconds.unwrap_or(DAY),
            Sent::Boleto { .. } => end_of_day(self.now + given.days * DAY),
        };
        let number = self.memory.ids.word_for(intent, 24);
        let code = match given.sent {
            Sent::Boleto { .. } => boleto_number(&number, waiting.amount),
            Sent::Pix => format!("00020126580014br.gov.bcb.pix0136{number}5204000053039865802BR6304SAND"),
        };
        let invoice = waiting.invoice.clone();
        let kept = self.payment_intents.edit(intent)?;
        kept.payment_method = Some(method.to_owned());
        kept.status = Status::RequiresAction;
        kept.last_error = None;
        kept.voucher = Some(Voucher {
            sent: given.sent,
            code,
            expires_at,
            settles_at: None,
        });
        let shown = self.show::<PaymentIntent>(intent)?;
        self.emit("payment_intent.requires_action", shown);
        match invoice {
            Some(invoice) => self.tell_action_required(&invoice),
            None => Ok(()),
        }
    }

    /// What happens at the bank to the voucher of a payment.
    pub fn bank_says(&mut self, intent: &str, said: BankSays, now: i64) -> Result<(), ApiError> {
        self.advance_to(now);
        self.transaction(|world| world.at_the_bank(intent, said))
    }

    fn at_the_bank(&mut self, intent: &str, said: BankSays) -> Result<(), ApiError> {
        let found = self.payment_intents.find(intent, "intent")?;
        let (status, voucher) = (found.status, found.voucher.clone());
        let wrong = || {
            ApiError::invalid("The bank knows no voucher of this payment in that state.")
                .with_code("payment_intent_unexpected_state")
        };
        let voucher = voucher.ok_or_else(wrong)?;
        match (said, status) {
            (BankSays::Pay, Status::RequiresAction) => {
                let settles = if voucher.sent == Sent::Pix {
                    PIX_SETTLES
                } else {
                    BOLETO_SETTLES
                };
                let now = self.now;
                let kept = self.payment_intents.edit(intent)?;
                kept.status = Status::Processing;
                kept.voucher = Some(Voucher {
                    settles_at: Some(now + settles),
                    ..voucher
                });
                let shown = self.show::<PaymentIntent>(intent)?;
                self.emit("payment_intent.processing", shown);
                Ok(())
            }
            (BankSays::PayUnheard, Status::RequiresAction) | (BankSays::Settle, Status::Processing) => {
                self.settle(intent)
            }
            (BankSays::Fail, Status::Processing) => self.refuse_payment(intent, &FAILED, true),
            (BankSays::Expire, Status::RequiresAction) => self.expire_voucher(intent),
            _ => Err(wrong()),
        }
    }

    /// The money is there.
    pub(super) fn settle(&mut self, intent: &str) -> Result<(), ApiError> {
        let paid = self.take_the_money(intent)?;
        if let Some(voucher) = &mut paid.voucher {
            voucher.settles_at = None;
        }
        let invoice = paid.invoice.clone();
        let shown = self.show::<PaymentIntent>(intent)?;
        self.emit("payment_intent.succeeded", shown);
        match invoice {
            Some(invoice) => self.invoice_was_paid(&invoice),
            None => Ok(()),
        }
    }

    /// Nobody has paid in time.
    pub(super) fn expire_voucher(&mut self, intent: &str) -> Result<(), ApiError> {
        self.refuse_payment(intent, &EXPIRED, false)
    }
}

impl PaymentIntent {
    /// When its voucher runs out, while it waits to be paid.
    pub(super) fn voucher_expires_at(&self) -> Option<i64> {
        let voucher = self.voucher.as_ref()?;
        (self.status == Status::RequiresAction).then_some(voucher.expires_at + 1)
    }

    /// When money that is on its way arrives.
    pub(super) fn settles_at(&self) -> Option<i64> {
        let voucher = self.voucher.as_ref()?;
        voucher.settles_at.filter(|_| self.status == Status::Processing)
    }
}

impl Charge {
    /// Whether a bank slip paid it: that cannot be given back.
    pub(super) fn is_by_boleto(&self) -> bool {
        self.method_details.get("type").and_then(Value::as_str) == Some("boleto")
    }
}

/// 23:59:59 in São Paulo on the day of this instant.
fn end_of_day(at: i64) -> i64 {
    let local = at + SAO_PAULO;
    local - local.rem_euclid(DAY) + DAY - 1 - SAO_PAULO
}

/// Looks like a boleto's number: five groups of digits.
fn boleto_number(word: &str, amount: i64) -> String {
    let digits: String = word
        .bytes()
        .map(|byte| char::from(b'0' + byte % 10))
        .take(24)
        .collect();
    let (head, rest) = digits.split_at(digits.len().min(9));
    let (middle, tail) = rest.split_at(rest.len().min(10));
    format!("01010.{head} {middle} {tail} 1 {amount:014}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boleto_can_be_paid_to_the_end_of_the_day_in_sao_paulo() {
        // 2026-03-21T02:59:59Z is the last second of the 20th there.
        let last = 1_774_061_999;
        assert_eq!(end_of_day(last), last);
        assert_eq!(end_of_day(last - DAY + 1), last);
        assert_eq!(end_of_day(last + 1), last + DAY);
    }
}
