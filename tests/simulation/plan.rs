//! What a seed decides before anything happens: how many nodes and customers there are, and which faults strike how often.
//! Each kind of fault is absent from most seeds, so that every mixture comes about, fair weather included.

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::sellers::SellerFile;

/// The earliest beginning: in the middle of a month, in the middle of a billing period.
const FIRST_START: i64 = 1_773_846_000;

/// How often things go wrong, in a thousand times unless it says otherwise.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// F7 The database commits, and its reply is lost.
    pub commit_reply_lost: u64,
    /// A verb fails before it writes.
    pub store_refuses: u64,
    /// A verb takes seconds.
    pub store_slow: u64,
    /// F8 How often in the whole run the database is away for a minute.
    pub outages: u64,
    /// F9 How often in the whole run a fail-over loses the last commits, besides those right after a charge.
    pub lossy_failovers: u64,
    /// F9 A fail-over loses the last commits right after a charge: the worst moment.
    pub lossy_charges: u64,
    /// F10 No connection to the provider is made.
    pub unreachable: u64,
    /// F10 A request is lost on its way.
    pub request_lost: u64,
    /// F3, F10 The provider's answer is lost.
    pub answer_lost: u64,
    /// A request arrives minutes after its sender gave up.
    pub request_late: u64,
    /// A request arrives twice.
    pub request_doubled: u64,
    /// F11 A 500 that the key keeps, without the effect.
    pub error_before: u64,
    /// F11 A 500 that the key keeps, after the effect.
    pub error_after: u64,
    /// F12 429.
    pub rate_limit: u64,
    /// F12 429 `lock_timeout`.
    pub lock_timeout: u64,
    /// F12 409.
    pub key_in_use: u64,
    /// A proxy's page with status 502.
    pub bad_gateway: u64,
    /// An answer that breaks off in the middle, with status 200.
    pub garbled: u64,
    /// F17 A webhook is never sent.
    pub webhook_lost: u64,
    /// F16 A webhook is repeated.
    pub webhook_repeated: u64,
    /// F16 A webhook comes days late.
    pub webhook_late: u64,
    /// Somebody forges a webhook; so often in the whole run.
    pub forged: u64,
    /// F1-F5 A node dies at a crash point that it reaches.
    pub crash: u64,
    /// A node is killed anywhere; so often in the whole run.
    pub kills: u64,
    /// F6 A node freezes at a crash point that it reaches, often for longer than its lease.
    pub freezes: u64,
    /// F14 All nodes are down for 30 hours; so often in the whole run.
    pub long_nights: u64,
    /// F19 The clock jumps by 25 hours; so often in the whole run.
    pub jumps: u64,
    /// A mail server takes a mail and loses its own answer.
    pub mail_answer_lost: u64,
    /// A mail server is busy.
    pub mail_busy: u64,
    /// F13 A customer gives a card that is refused, or that asks for authentication.
    pub bad_cards: u64,
    /// F18 A customer acts in a second tab.
    pub second_tab: u64,
    /// F18 A customer cancels where it is least expected.
    pub cancels: u64,
    /// F18 A customer never comes back.
    pub leaves: u64,
    /// F20 Support acts at random.
    pub support: u64,
    /// Somebody edits or ends a subscription at the provider; so often in the whole run.
    pub edits: u64,
    /// F19 How far a node's own clock is off at most, in milliseconds.
    pub skew: u64,
    /// F20 How often in the whole run the nodes are replaced by those of another version, one by one, and perhaps back.
    pub deploys: u64,
    /// F13 A customer pays from their bank, with a boleto or a Pix code: in time, late, or never.
    pub vouchers: u64,
    /// Support brings a request to go down, or for the end of a contract; so often in the whole run.
    pub brought: u64,
}

/// What a seed decides.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "dice that were cast, each by itself"
)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// When it begins.
    pub start: Timestamp,
    /// How many nodes there are.
    pub nodes: usize,
    /// How many workers each node has.
    pub workers: usize,
    /// How many customers there are.
    pub customers: usize,
    /// How many changes each of them makes.
    pub rounds: u64,
    /// How long faults strike.
    pub storm: SignedDuration,
    /// Who sells.
    pub seller: SellerFile,
    /// Whether the simulation's own seller prorates by days; else by the second.
    pub by_day: bool,
    /// Whether less is promised for the period's end by the simulation's own seller; else it is a request to support.
    pub less_at_period_end: bool,
    /// F17 Whether no webhook comes at all, not in the calm either.
    pub deaf: bool,
    /// Whether promises are waited for as far as a year away; else for a month.
    pub looks_far: bool,
    /// What goes wrong.
    pub weather: Weather,
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed, "plan");
        // Up to 26 days later: renewals and the days around them are met too.
        let later = i64::try_from(chance.below(0..26 * 24 * 3600)).unwrap_or(0);
        let start = Timestamp::from_second(FIRST_START + later).unwrap_or(Timestamp::UNIX_EPOCH);
        let hours = *chance.one_of(&[1, 6, 30, 72]);
        let mut plan = Self {
            seed,
            start,
            nodes: usize::try_from(chance.below(1..4)).unwrap_or(1),
            workers: usize::try_from(chance.below(1..3)).unwrap_or(1),
            customers: usize::try_from(chance.below(1..3)).unwrap_or(1),
            rounds: chance.below(1..3),
            storm: SignedDuration::from_hours(hours),
            by_day: chance.permille(500),
            weather: Weather::drawn(&mut chance),
            deaf: chance.permille(40),
            seller: SellerFile::drawn(&mut chance),
            less_at_period_end: chance.permille(300),
            looks_far: chance.permille(500),
        };
        // Two sellers take vouchers: there, more than the odd world is about them.
        let sells_by_voucher = matches!(plan.seller, SellerFile::Simulated | SellerFile::Zenvia);
        if chance.permille(400) && sells_by_voucher {
            plan.weather.vouchers = plan.weather.vouchers.max(300);
        }
        plan
    }
}

impl Weather {
    fn drawn(chance: &mut Chance) -> Self {
        // With one chance in four, a kind of fault is there at all.
        let mut often = |most: u64| {
            let there = chance.permille(250);
            let rate = 1 + chance.below(0..most);
            if there { rate } else { 0 }
        };
        Self {
            commit_reply_lost: often(60),
            store_refuses: often(80),
            store_slow: often(40),
            outages: often(2),
            lossy_failovers: often(2) / 2,
            unreachable: often(150),
            request_lost: often(100),
            answer_lost: often(200),
            request_late: often(60),
            request_doubled: often(150),
            error_before: often(80),
            error_after: often(80),
            rate_limit: often(150),
            lock_timeout: often(100),
            key_in_use: often(100),
            bad_gateway: often(100),
            garbled: often(60),
            webhook_lost: often(1000),
            webhook_repeated: often(600),
            webhook_late: often(500),
            forged: often(3),
            crash: often(80),
            kills: often(6),
            freezes: often(60),
            long_nights: often(1),
            jumps: often(2),
            mail_answer_lost: often(300),
            mail_busy: often(300),
            bad_cards: often(900),
            second_tab: often(800),
            cancels: often(150),
            leaves: often(150),
            support: often(600),
            edits: often(2),
            skew: often(400),
            deploys: often(2),
            lossy_charges: often(900),
            vouchers: often(700),
            brought: often(3),
        }
    }
}
