use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, PrerequisiteView, Reader};
use crate::domain::account::{Contract, ContractStatus, PrerequisiteStanding};
use crate::domain::catalog::{ItemId, LineKey, Playbook, PrerequisiteId};
use crate::domain::metering::{
    CreditKind, CreditLine, Limit, LimitRules, Measures, PastLimit, Pot, Tally, UnitPrice, UsedAgainst,
    at_hand, called,
};
use crate::engine::UsageNow;
use crate::ports::store::{ClosedTally, OverageRow, OverageStatus};
use crate::text;

/// What a contract entitles to now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entitlements)]
pub struct EntitlementsBody {
    /// The contract.
    #[schema(format = Uuid)]
    pub contract: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    pub account: String,
    /// Whether the contract is in force: where it is not, nothing may be used.
    pub active: bool,
    /// The plan's id.
    #[schema(example = "growth")]
    pub plan: String,
    /// The plan's name.
    pub plan_name: String,
    /// Items at hand, those that the plan includes with them.
    pub items: Vec<EntitledItem>,
    /// Credits, and limits of what is counted, with what is used of them.
    pub usage: Vec<PotView>,
    /// What the account still has to meet outside of this program, for items that it holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_prerequisites: Vec<PrerequisiteView>,
}

/// An item at hand.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntitledItem {
    /// Its id.
    #[schema(example = "device")]
    pub item: String,
    /// What it is called beside its number.
    pub name: String,
    /// How many are at hand: bought and included.
    pub quantity: u64,
    /// How many of them are bought.
    pub bought: u64,
    /// How many of them the plan includes.
    pub included: u64,
}

/// Something that is counted: what is used of it, and what can be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct PotView {
    /// `meter` or `credits`.
    #[schema(example = "credits")]
    pub kind: &'static str,
    /// Its id.
    #[schema(example = "sms")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether use adds up over the period, or a level is told.
    #[schema(value_type = String, example = "use")]
    pub measures: Measures,
    /// The meters that spend these credits, each with what its variants cost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spent_by: Vec<SpenderView>,
    /// What is used.
    #[serde(flatten)]
    pub tally: TallyView,
    /// Whether use goes on past the limit (`goes_on`), or `stops`.
    #[schema(value_type = String, example = "goes_on")]
    pub past_limit: PastLimit,
    /// What is beyond the limit costs this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overage_price: Option<UnitPriceView>,
}

/// A meter that spends credits.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpenderView {
    /// The meter.
    #[schema(example = "sms-sent")]
    pub meter: String,
    /// Its name.
    pub name: String,
    /// How many credits a unit costs, by variant; under an empty name where it has none.
    pub rates: BTreeMap<String, String>,
}

/// What is used in one period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageTally)]
pub struct TallyView {
    /// When the period began.
    pub period_start: Timestamp,
    /// When it ends: use begins anew, and credits that are left lapse.
    pub period_end: Timestamp,
    /// How much is used: a decimal number.
    #[schema(example = "120")]
    pub used: String,
    /// How much can be used; nothing where there is no limit, or one in money.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "500")]
    pub limit: Option<String>,
    /// What use can be worth, where the limit is one in money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_worth: Option<MoneyView>,
    /// How much is left: of credits, the balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "380")]
    pub left: Option<String>,
    /// Whether the limit is passed.
    pub over: bool,
}

/// A price for so many units.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitPriceView {
    /// The price.
    pub price: MoneyView,
    /// For so many units.
    pub per: u64,
}

/// A period that is closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClosedPeriod)]
pub struct ClosedPeriodView {
    /// `meter` or `credits`.
    #[schema(example = "meter")]
    pub kind: &'static str,
    /// Its id.
    #[schema(example = "email-sync")]
    pub id: String,
    /// What was used.
    #[serde(flatten)]
    pub tally: TallyView,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// What was due for what went beyond the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overage: Option<OverageView>,
}

/// What was due for what went beyond a limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overage)]
pub struct OverageView {
    /// How much.
    pub amount: MoneyView,
    /// `owed` until it stands on an invoice, `charged` from then on, `waived` where it never will.
    #[schema(example = "charged")]
    pub status: &'static str,
    /// The provider's id of the invoice item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_item: Option<String>,
}

/// One line of the history of credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditLine)]
pub struct CreditLineView {
    /// Its number, from 1.
    pub seq: u64,
    /// Which credits.
    #[schema(example = "sms")]
    pub credits: String,
    /// The beginning of the month that they are of.
    pub month: Timestamp,
    /// `granted`, `spent` or `lapsed`.
    #[schema(value_type = String, example = "granted")]
    pub kind: CreditKind,
    /// How many: a decimal number.
    #[schema(example = "500")]
    pub amount: String,
    /// When.
    pub at: Timestamp,
    /// The report that spent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

impl EntitlementsBody {
    /// What the contract entitles to, as it is read.
    pub fn of(
        reader: Reader<'_>,
        usage: &UsageNow,
        standings: &[(PrerequisiteId, PrerequisiteStanding)],
    ) -> Self {
        let contract = &usage.contract;
        let held = |item: &ItemId| at_hand(&reader.playbook.catalog, contract, item) > 0;
        let open = reader.playbook.catalog.prerequisites.iter().filter_map(|known| {
            let (_, standing) = standings.iter().find(|(id, _)| *id == known.id)?;
            let waits = matches!(standing, PrerequisiteStanding::Open { .. }) && known.items.iter().any(held);
            waits.then(|| PrerequisiteView::of(reader, known, *standing))
        });
        let active = contract.status != ContractStatus::Cancelled;
        Self {
            contract: contract.id.to_string(),
            account: contract.account.to_string(),
            active,
            open_prerequisites: open.filter(|_| active).collect(),
            plan: contract.plan.to_string(),
            plan_name: reader.line_name(&contract.plan, &LineKey::Plan),
            items: if active {
                EntitledItem::all(reader, contract)
            } else {
                Vec::new()
            },
            usage: if active {
                PotView::all(reader, usage)
            } else {
                Vec::new()
            },
        }
    }
}

impl EntitledItem {
    /// What the plan offers, and what is held though it no longer does.
    fn all(reader: Reader<'_>, contract: &Contract) -> Vec<Self> {
        let catalog = &reader.playbook.catalog;
        let offered = catalog
            .offers_on(&contract.plan)
            .map(|offer| (&offer.item, offer.included));
        let offered: BTreeMap<_, _> = offered.collect();
        let held = contract.lines.iter().filter_map(|line| line.key.item());
        let mut items: Vec<_> = catalog
            .offers_on(&contract.plan)
            .map(|offer| &offer.item)
            .collect();
        items.extend(held.filter(|item| !offered.contains_key(item)));
        let entitled = items.into_iter().map(|item| {
            let key = LineKey::Item(item.clone());
            let (bought, included) = (contract.bought(item), offered.get(item).copied().unwrap_or(0));
            Self {
                item: item.to_string(),
                name: reader.line_name(&contract.plan, &key),
                quantity: bought.saturating_add(included),
                bought,
                included,
            }
        });
        entitled.filter(|entitled| entitled.quantity > 0).collect()
    }
}

impl PotView {
    /// Everything that is counted on a contract.
    pub fn all(reader: Reader<'_>, usage: &UsageNow) -> Vec<Self> {
        let metering = &usage.playbook.metering;
        let pots = metering.pots().filter_map(|pot| {
            let rules = metering.rules(&pot)?;
            let tally = usage.book.tally(&pot, usage.now)?;
            Some(Self::of(reader, usage, &pot, rules, tally))
        });
        pots.collect()
    }

    fn of(reader: Reader<'_>, usage: &UsageNow, pot: &Pot, rules: &LimitRules, tally: &Tally) -> Self {
        let (kind, id) = named(pot);
        let metering = &usage.playbook.metering;
        let price = rules.price(usage.contract.currency);
        Self {
            kind,
            id,
            name: name_of(reader, pot),
            measures: metering.measures(pot),
            spent_by: SpenderView::all(reader, pot),
            tally: TallyView::of(&usage.playbook, tally),
            past_limit: rules.past_limit,
            overage_price: price.map(|price| UnitPriceView::of(reader, price)),
        }
    }
}

impl SpenderView {
    fn all(reader: Reader<'_>, pot: &Pot) -> Vec<Self> {
        use crate::domain::metering::{Against, Rates};
        let meters = reader.playbook.metering.meters.iter();
        let spenders = meters.filter_map(|meter| match &meter.against {
            Against::Credits { rates, .. } if meter.pot() == *pot => Some((meter, rates)),
            Against::Credits { .. } | Against::Allowance(_) => None,
        });
        let shown = spenders.map(|(meter, rates)| Self {
            meter: meter.id.to_string(),
            name: reader.said(&meter.name),
            rates: match rates {
                Rates::Flat(rate) => BTreeMap::from([(String::new(), rate.to_string())]),
                Rates::Table(table) => {
                    let table = reader.playbook.catalog.rate_table(table);
                    let rows = table.map_or(&[][..], |table| &table.rows[..]).iter();
                    rows.map(|row| (row.id.to_string(), row.credits.to_string()))
                        .collect()
                }
            },
        });
        shown.collect()
    }
}

impl TallyView {
    /// What is used, as it stands.
    pub fn of(playbook: &Playbook, tally: &Tally) -> Self {
        let language = playbook.seller.language(None);
        let price = playbook
            .metering
            .rules(&tally.pot)
            .and_then(|rules| match tally.limit {
                Some(Limit::Money(worth)) => rules.price(worth.currency),
                Some(Limit::Count(_)) | None => None,
            });
        let (limit, limit_worth) = match tally.limit {
            Some(Limit::Count(limit)) => (Some(limit.to_string()), None),
            Some(Limit::Money(worth)) => (None, Some(MoneyView::of(language, worth))),
            None => (None, None),
        };
        Self {
            period_start: tally.start,
            period_end: tally.end,
            used: tally.used.to_string(),
            limit,
            limit_worth,
            left: tally.left().map(|left| left.to_string()),
            over: tally
                .limit
                .is_some_and(|limit| limit.is_passed(tally.used, price)),
        }
    }
}

impl UnitPriceView {
    fn of(reader: Reader<'_>, price: UnitPrice) -> Self {
        Self {
            price: reader.money(crate::domain::money::Money::new(price.amount, price.currency)),
            per: price.per,
        }
    }
}

impl ClosedPeriodView {
    /// The period, with what was due for it.
    pub fn of(reader: Reader<'_>, closed: &ClosedTally, overages: &[OverageRow]) -> Self {
        let tally = &closed.tally;
        let (kind, id) = named(&tally.pot);
        let due = overages
            .iter()
            .find(|row| row.overage.pot == tally.pot && row.overage.start == tally.start);
        Self {
            kind,
            id,
            tally: TallyView::of(reader.playbook, tally),
            closed_at: closed.closed_at,
            overage: due.map(|row| OverageView {
                amount: reader.money(row.overage.amount),
                status: match row.status {
                    OverageStatus::Owed | OverageStatus::Intent | OverageStatus::Unknown => "owed",
                    OverageStatus::Charged => "charged",
                    OverageStatus::Waived => "waived",
                },
                invoice_item: row.outcome.clone(),
            }),
        }
    }
}

impl CreditLineView {
    /// The line, as it is kept.
    pub fn of(line: &CreditLine) -> Self {
        Self {
            seq: line.seq,
            credits: line.credits.to_string(),
            month: line.month,
            kind: line.kind,
            amount: line.amount.to_string(),
            at: line.at,
            report: line.report.clone(),
        }
    }
}

fn named(pot: &Pot) -> (&'static str, String) {
    match pot {
        Pot::Meter(meter) => ("meter", meter.to_string()),
        Pot::Credits(credits) => ("credits", credits.to_string()),
    }
}

/// What is used of something that is counted, against what will be allowed of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsedAgainst)]
pub struct UsedView {
    /// `meter` or `credits`.
    #[schema(example = "meter")]
    pub kind: &'static str,
    /// Its id.
    #[schema(example = "contacts")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// How much is used now: a decimal number.
    #[schema(example = "4800")]
    pub used: String,
    /// How much is allowed now, in words; nothing where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "5000")]
    pub limit_now: Option<String>,
    /// How much will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1000")]
    pub limit_then: Option<String>,
    /// Whether more is used now than will be allowed.
    pub over: bool,
}

impl UsedView {
    /// One of them, in the reader's language.
    pub fn of(reader: Reader<'_>, against: &UsedAgainst) -> Self {
        let (kind, id) = named(&against.pot);
        let limit = |limit: Option<Limit>| {
            limit.map(|limit| match limit {
                Limit::Count(count) => count.to_string(),
                Limit::Money(worth) => text::money(reader.language, worth),
            })
        };
        Self {
            kind,
            id,
            name: name_of(reader, &against.pot),
            used: against.used.to_string(),
            limit_now: limit(against.now),
            limit_then: limit(against.after),
            over: against.exceeds,
        }
    }
}

fn name_of(reader: Reader<'_>, pot: &Pot) -> String {
    let texts = called(reader.playbook, pot);
    texts.map(|texts| reader.said(texts)).unwrap_or_default()
}
