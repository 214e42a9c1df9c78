//! Clients of an agency: what the agency has settled for each, and who pays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, ClientTerms, Contract};
use crate::domain::catalog::{
    ClientRules, Interval, LimitKind, ManagedBy, MeterId, Price, Scheme, Selection, SellerId, ServiceId,
};
use crate::domain::money::{Currency, Money};

/// An account that an agency takes care of, and what the agency has settled for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client's own account.
    pub account: AccountId,
    /// The agency's account.
    pub agency: AccountId,
    /// Who sells to both.
    pub seller: SellerId,
    /// Rises by one with every write, each of which is a line of its history.
    pub version: u64,
    /// The form, as it was saved last.
    pub settings: ClientSettings,
    /// That the client has agreed to be charged itself, while it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<PayerConsent>,
    /// Who is charged now. It follows the form once the client has agreed, and nothing runs any more that the other one is charged for:
    /// a subscription cannot move to another customer of the provider.
    pub charged: Payer,
}

/// The form: everything that an agency settles for a client, saved whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Who is to pay.
    pub payer: Payer,
    /// Whether the client's own people have access to client services at all.
    pub access: bool,
    /// Whether the seller's support answers the client's people directly.
    pub direct_support: bool,
    /// The services, each of them.
    pub services: BTreeMap<ServiceId, ServiceSetting>,
    /// What the client has of something before it is charged.
    pub allowances: BTreeMap<MeterId, u64>,
    /// What the client may use of something in a month; none where nothing limits it.
    pub limits: BTreeMap<MeterId, Option<Limit>>,
    /// What the licence costs the client a month. The seller's own price where it is left out.
    #[serde(deserialize_with = "Option::deserialize")]
    pub retail_price: Option<Money>,
}

/// Who pays for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The agency, at the seller's own prices.
    Agency,
    /// The client itself, at the agency's retail price.
    Client,
}

/// How one service of a client is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSetting {
    /// Who manages it.
    pub managed_by: ManagedBy,
    /// Whether the client has it.
    pub enabled: bool,
}

/// A monthly limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many a month.
    Count(u64),
    /// What comes to so much a month.
    Money(Money),
}

/// That a client has agreed to be charged itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerConsent {
    /// The version of the terms that it agreed to.
    pub terms_version: String,
    /// When.
    pub at: Timestamp,
    /// Which person, as an id of the seller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Client {
    /// Whose card is charged now.
    pub fn payer(&self) -> AccountId {
        match self.charged {
            Payer::Agency => self.agency,
            Payer::Client => self.account,
        }
    }

    /// Who is to be charged by the form, and by what the client has agreed to.
    pub fn wanted_payer(&self) -> Payer {
        match self.settings.payer {
            Payer::Client if self.consent.is_some() => Payer::Client,
            Payer::Client | Payer::Agency => Payer::Agency,
        }
    }

    /// What follows from the form for a contract of the client, given what did before.
    pub fn terms(&self, rules: &ClientRules, before: Option<&ClientTerms>) -> ClientTerms {
        let managed = rules.services.iter().filter(|rule| {
            let setting = self.settings.services.get(&rule.id);
            setting.is_some_and(|setting| setting.managed_by == ManagedBy::Agency)
        });
        let retail = self
            .settings
            .retail_price
            .filter(|_| self.charged == Payer::Client);
        let licence_price = retail.map(|retail| Price {
            currency: retail.currency,
            interval: Interval::MONTH,
            scheme: Scheme::PerUnit { unit: retail.amount },
        });
        let former = before.and_then(|before| before.licence_price.clone().or(before.lapsed_price.clone()));
        ClientTerms {
            agency: self.agency,
            payer: self.payer(),
            access: self.settings.access,
            agency_managed: managed.flat_map(|rule| rule.items.iter().cloned()).collect(),
            lapsed_price: former.filter(|former| licence_price.as_ref() != Some(former)),
            licence_price,
        }
    }

    /// What the client is to hold by the form: what it holds, with one of each item of every service that is enabled, and none of those
    /// that are not.
    pub fn wanted(&self, rules: &ClientRules, contract: &Contract) -> Selection {
        let mut selection = Selection::of_contract(contract);
        for rule in &rules.services {
            let enabled = self
                .settings
                .services
                .get(&rule.id)
                .is_some_and(|setting| setting.enabled);
            for item in &rule.items {
                let held = selection.quantities.get(item).copied().unwrap_or(0);
                if enabled && held == 0 {
                    selection.quantities.insert(item.clone(), 1);
                } else if !enabled && held > 0 {
                    selection.quantities.remove(item);
                }
            }
        }
        selection
    }
}

/// One thing that is wrong with the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The field, as a JSON pointer into the form.
    pub pointer: String,
    /// A stable code.
    pub code: &'static str,
    /// A sentence that helps.
    pub detail: String,
}

impl Limit {
    /// In which form it was declared.
    pub fn kind(self) -> LimitKind {
        match self {
            Self::Count(_) => LimitKind::Count,
            Self::Money(_) => LimitKind::Money,
        }
    }
}

impl ClientSettings {
    /// The form of a client for which nothing was settled yet: the agency pays and manages, and nothing is enabled.
    pub fn untouched(rules: &ClientRules) -> Self {
        let service = |rule: &crate::domain::catalog::ServiceRule| {
            let setting = ServiceSetting {
                managed_by: rule.managed_by,
                enabled: false,
            };
            (rule.id.clone(), setting)
        };
        Self {
            payer: Payer::Agency,
            access: false,
            direct_support: false,
            services: rules.services.iter().map(service).collect(),
            allowances: rules
                .allowances
                .iter()
                .map(|rule| (rule.id.clone(), rule.default))
                .collect(),
            limits: rules.limits.iter().map(|rule| (rule.id.clone(), None)).collect(),
            retail_price: None,
        }
    }

    /// Everything that is wrong with it by the seller's rules. A form has every field of the file, and no other.
    pub fn problems(&self, rules: &ClientRules, currencies: &[Currency]) -> Vec<SettingProblem> {
        let mut found = Vec::new();
        let services = rules.services.iter().map(|rule| rule.id.as_str());
        compare(
            "/services",
            services,
            self.services.keys().map(ServiceId::as_str),
            &mut found,
        );
        let allowances = rules.allowances.iter().map(|rule| rule.id.as_str());
        let given = self.allowances.keys().map(MeterId::as_str);
        compare("/allowances", allowances, given, &mut found);
        let limits = rules.limits.iter().map(|rule| rule.id.as_str());
        compare(
            "/limits",
            limits,
            self.limits.keys().map(MeterId::as_str),
            &mut found,
        );
        for rule in &rules.allowances {
            if let Some(given) = self.allowances.get(&rule.id).filter(|given| **given > rule.max) {
                let detail = format!("{given} is more than can be entered; the most is {}.", rule.max);
                found.push(problem(format!("/allowances/{}", rule.id), "too_large", detail));
            }
        }
        for rule in &rules.limits {
            if let Some(Some(limit)) = self.limits.get(&rule.id) {
                let at = format!("/limits/{}", rule.id);
                found.extend(limit_problem(at, *limit, &rule.kinds, rule.max, currencies));
            }
        }
        if self.direct_support && !rules.direct_support {
            let detail = "This seller's support is not switched per client.".to_owned();
            found.push(problem("/direct_support".to_owned(), "not_offered", detail));
        }
        if let Some(retail) = self.retail_price {
            found.extend(retail_problem(retail, rules, currencies));
        }
        found
    }
}

fn problem(pointer: String, code: &'static str, detail: String) -> SettingProblem {
    SettingProblem {
        pointer,
        code,
        detail,
    }
}

/// Every field that the file has must be there, and none that it does not have.
fn compare<'a>(
    within: &str,
    expected: impl Iterator<Item = &'a str>,
    given: impl Iterator<Item = &'a str>,
    found: &mut Vec<SettingProblem>,
) {
    let expected: BTreeSet<&str> = expected.collect();
    let given: BTreeSet<&str> = given.collect();
    for missing in expected.difference(&given) {
        let detail = format!("`{missing}` is missing: the form is saved whole.");
        found.push(problem(format!("{within}/{missing}"), "missing", detail));
    }
    for unknown in given.difference(&expected) {
        let detail = format!("The seller's form has no `{unknown}`.");
        found.push(problem(format!("{within}/{unknown}"), "unknown", detail));
    }
}

fn limit_problem(
    at: String,
    limit: Limit,
    kinds: &BTreeSet<LimitKind>,
    max: u64,
    currencies: &[Currency],
) -> Option<SettingProblem> {
    if !kinds.contains(&limit.kind()) {
        let detail = "This limit cannot be declared in this form.".to_owned();
        return Some(problem(at, "not_offered", detail));
    }
    match limit {
        Limit::Count(count) if count > max => {
            let detail = format!("{count} is more than can be entered; the most is {max}.");
            Some(problem(at, "too_large", detail))
        }
        Limit::Count(_) => None,
        Limit::Money(money) => amount_problem(&at, money, 0, currencies),
    }
}

fn retail_problem(retail: Money, rules: &ClientRules, currencies: &[Currency]) -> Option<SettingProblem> {
    if rules.retail {
        return amount_problem("/retail_price", retail, 1, currencies);
    }
    let detail = "This seller's agencies enter no retail price.".to_owned();
    Some(problem("/retail_price".to_owned(), "not_offered", detail))
}

/// The most of one amount in a form, in minor units: what one charge can carry.
const AMOUNT_MAX: i64 = 99_999_999;

fn amount_problem(at: &str, money: Money, least: i64, currencies: &[Currency]) -> Option<SettingProblem> {
    if !currencies.contains(&money.currency) {
        let known: Vec<&str> = currencies.iter().map(|currency| currency.code()).collect();
        let detail = format!("The seller sells in {}.", known.join(", "));
        return Some(problem(format!("{at}/currency"), "currency", detail));
    }
    if money.amount < least || money.amount > AMOUNT_MAX || money.amount % money.currency.step() != 0 {
        let detail =
            format!("An amount here is from {least} to {AMOUNT_MAX} minor units that can be charged.");
        return Some(problem(format!("{at}/amount"), "amount", detail));
    }
    None
}
