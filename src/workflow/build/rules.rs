//! The rules of a change: roles, directions, deadlines, reminders, methods and screens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use toml::Spanned;

use super::Builder;
use crate::domain::account::{Permission, RoleRule, Roles, TaxIdKind};
use crate::domain::catalog::{
    Catalog, ClientRules, Deadlines, MethodRule, PaymentMethodKind, Policy, Reminders, Screen, StageName,
    Terms, usual_reminders,
};
use crate::domain::language::Texts;
use crate::workflow::raw::{
    RawDeadlines, RawDirection, RawDuration, RawMethod, RawRole, RawRules, RawScreen, RawTax, RawTicket,
};

pub(super) struct RawPolicy {
    pub(super) rules: RawRules,
    pub(super) deadlines: RawDeadlines,
    pub(super) reminders: BTreeMap<StageName, Vec<Spanned<RawDuration>>>,
    pub(super) roles: Vec<RawRole>,
    pub(super) permissions: BTreeMap<Permission, Spanned<Texts>>,
    pub(super) clients: Option<ClientRules>,
    pub(super) directions: Vec<Spanned<RawDirection>>,
    pub(super) payment_methods: Vec<RawMethod>,
    pub(super) screens: Vec<RawScreen>,
    pub(super) terms: Terms,
    pub(super) ticket: RawTicket,
    pub(super) tax: Option<RawTax>,
}

/// Whether a text can follow a return address: no step out of it, and no question or mark behind it.
fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~');
    !path.is_empty() && !path.starts_with('/') && !path.contains("..") && path.bytes().all(plain)
}

impl Builder<'_, '_> {
    pub(super) fn policy(&mut self, catalog: &Catalog, raw: RawPolicy) -> Policy {
        let deadlines = self.deadlines(&raw.deadlines);
        Policy {
            direction: self.directions(raw.directions, catalog),
            roles: self.roles(raw.roles, raw.permissions),
            clients: raw.clients,
            reminders: self.reminders(raw.reminders, &deadlines),
            deadlines,
            quote_valid_for: self.positive(&raw.rules.quote_valid_for),
            freeze_before_renewal: raw.rules.freeze_before_renewal.0,
            billing_info: raw.rules.billing_info,
            optional_tax_ids: self.optional_tax_ids(&raw.rules.tax_ids, raw.rules.optional_tax_ids),
            tax: self.tax(raw.tax, &raw.rules.tax_ids, &raw.payment_methods),
            tax_ids: raw.rules.tax_ids,
            proration: raw.rules.proration,
            payment_methods: self.methods(raw.payment_methods),
            screens: self.screens(raw.screens),
            terms: raw.terms,
            automatic_changes: raw.rules.automatic_changes,
            ticket: self.ticket(raw.ticket),
        }
    }

    fn positive(&mut self, length: &Spanned<RawDuration>) -> SignedDuration {
        let RawDuration(value) = *length.get_ref();
        if value.is_zero() {
            self.say(&length.span(), "this must be longer than nothing");
        }
        value
    }

    fn deadlines(&mut self, raw: &RawDeadlines) -> Deadlines {
        Deadlines {
            draft: self.positive(&raw.draft),
            quote: self.positive(&raw.quote),
            billing_info: self.positive(&raw.billing_info),
            payment_confirm: self.positive(&raw.payment_confirm),
            downgrade_ticket: self.positive(&raw.downgrade_ticket),
        }
    }

    fn optional_tax_ids(
        &mut self,
        accepted: &[TaxIdKind],
        optional: Vec<Spanned<TaxIdKind>>,
    ) -> Vec<TaxIdKind> {
        for kind in &optional {
            if !accepted.contains(kind.get_ref()) {
                self.say(&kind.span(), "this kind is not among `tax_ids`");
            }
        }
        optional.into_iter().map(Spanned::into_inner).collect()
    }

    /// The ladders of the file; where it has none for a stage in which a customer waits, the usual one, as far as the stage lasts. An
    /// empty one switches the reminders of its stage off.
    fn reminders(
        &mut self,
        raw: BTreeMap<StageName, Vec<Spanned<RawDuration>>>,
        deadlines: &Deadlines,
    ) -> Reminders {
        let mut reminders = Reminders::new();
        for (stage, ladder) in raw {
            let mut before = SignedDuration::ZERO;
            for step in &ladder {
                let RawDuration(after) = *step.get_ref();
                if after <= before {
                    self.say(
                        &step.span(),
                        "each reminder must come later than the one before it",
                    );
                }
                match deadlines.of(stage) {
                    _ if stage == StageName::DowngradeTicket => self.say(
                        &step.span(),
                        "here the customer waits for support, and there is nothing to remind them of",
                    ),
                    Some(deadline) if after < deadline => {}
                    Some(_) => self.say(&step.span(), "the stage has expired before this reminder"),
                    None => self.say(&step.span(), "nobody waits in this stage"),
                }
                before = after;
            }
            reminders.insert(stage, ladder.iter().map(|step| step.get_ref().0).collect());
        }
        for (stage, usual) in usual_reminders() {
            let lasts = deadlines.of(stage);
            let in_time = usual
                .into_iter()
                .filter(|after| lasts.is_some_and(|lasts| *after < lasts));
            reminders.entry(stage).or_insert_with(|| in_time.collect());
        }
        reminders
    }

    fn roles(&mut self, raw: Vec<RawRole>, single: BTreeMap<Permission, Spanned<Texts>>) -> Roles {
        let nobody = raw.iter().all(|role| {
            let mut permissions = role.permissions.iter().flat_map(Spanned::get_ref);
            !role.may_change && !permissions.any(|own| own.includes(Permission::ChangePlan))
        });
        let first = raw.first().map(|role| role.id.span());
        if let Some(first) = first.filter(|_| nobody) {
            self.say_with_hint(
                &first,
                "no role may change the plan",
                "set `may_change = true` on one",
            );
        }
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for raw in raw {
            let id = raw.id.get_ref().clone();
            if !seen.insert(id.clone()) {
                self.say(&raw.id.span(), format!("there are two roles `{id}`"));
            }
            let name = self.texts(&format!("the name of role `{id}`"), raw.name);
            let mut permissions = BTreeSet::new();
            if raw.may_change {
                permissions.extend([Permission::ChangePlan, Permission::Billing]);
            }
            if let Some(listed) = raw.permissions {
                let span = listed.span();
                for permission in listed.into_inner() {
                    if !permissions.insert(permission) {
                        self.say(&span, format!("role `{id}` has `{permission}` twice"));
                    }
                }
            }
            all.push(RoleRule {
                id,
                name,
                permissions,
            });
        }
        let single = single.into_iter().map(|(permission, name)| {
            let name = self.texts(&format!("the name of permission `{permission}`"), name);
            (permission, name)
        });
        Roles {
            single: single.collect(),
            all,
        }
    }

    fn methods(&mut self, raw: Vec<RawMethod>) -> Vec<MethodRule> {
        let mut seen = BTreeSet::new();
        let mut methods = Vec::new();
        for raw in raw {
            let kind = *raw.kind.get_ref();
            if !seen.insert(kind) {
                self.say(&raw.kind.span(), "this payment method is listed twice");
            }
            methods.push(self.method(kind, raw));
        }
        methods
    }

    /// A boleto and a Pix are Brazilian: a file can narrow that, and need not say it.
    fn method(&mut self, kind: PaymentMethodKind, raw: RawMethod) -> MethodRule {
        let sent = kind.is_sent_by_the_customer();
        if let Some(currencies) = &raw.currencies
            && sent
            && currencies
                .get_ref()
                .iter()
                .any(|currency| currency.code() != "BRL")
        {
            self.say(&currencies.span(), "this way to pay takes BRL alone");
        }
        let (usual, settles) = kind.usual_times();
        let (least, most) = kind.pay_within_bounds();
        for times in [&raw.pay_within, &raw.settles_within].into_iter().flatten() {
            if !sent {
                self.say(
                    &times.span(),
                    "a card is charged at once: it takes no time that could be set",
                );
            }
        }
        if let Some(time) = raw.pay_within.as_ref().filter(|_| sent) {
            let RawDuration(given) = *time.get_ref();
            if given < least || given > most {
                let hint = "a boleto is paid within 1 to 60 days, a Pix within 10 seconds to 14 days";
                self.say_with_hint(&time.span(), "the provider cannot give this time", hint);
            }
        }
        if let Some(ids) = raw
            .tax_ids
            .as_ref()
            .filter(|ids| sent && ids.get_ref().is_empty())
        {
            self.say(&ids.span(), "this way to pay needs a Brazilian tax number");
        }
        let only = |list: Option<Vec<_>>| list.unwrap_or_default();
        let brazilian = || sent.then(|| vec![TaxIdKind::Cnpj, TaxIdKind::Cpf]);
        let time = |given: Option<Spanned<RawDuration>>, usual| given.map_or(usual, |time| time.get_ref().0);
        MethodRule {
            kind,
            releases: self.texts("when the payment releases", raw.releases),
            after: raw.after.map(|age| age.0),
            currencies: only(raw.currencies.map(Spanned::into_inner)),
            tax_ids: raw
                .tax_ids
                .map(Spanned::into_inner)
                .or_else(brazilian)
                .unwrap_or_default(),
            pay_within: time(raw.pay_within, usual),
            settles_within: time(raw.settles_within, settles),
        }
    }

    fn screens(&mut self, raw: Vec<RawScreen>) -> Vec<Screen> {
        let mut seen = BTreeSet::new();
        let mut screens = Vec::new();
        for raw in raw {
            let id = raw.id.get_ref().clone();
            if !seen.insert(id.clone()) {
                self.say(&raw.id.span(), format!("there are two screens `{id}`"));
            }
            let stages = raw.stages.get_ref();
            if stages.is_empty() || stages.windows(2).any(|pair| pair[0] >= pair[1]) {
                let hint =
                    "name at least one, in the order draft, quote, billing_info, payment_confirm, active";
                self.say_with_hint(
                    &raw.stages.span(),
                    format!("the stages of screen `{id}` are out of order"),
                    hint,
                );
            }
            if let Some(url) = &raw.help_url {
                self.link(url);
            }
            if let Some(path) = raw.path.as_ref().filter(|path| !is_path(path.get_ref())) {
                let hint = "it is what follows the first return address, such as `billing/contacts`";
                self.say_with_hint(&path.span(), "this cannot be a path in the product", hint);
            }
            for (at, line) in raw.edits.iter().enumerate() {
                let mut before = raw.edits.iter().take(at);
                if before.any(|other| other.get_ref() == line.get_ref()) {
                    self.say(&line.span(), "this line is listed twice");
                }
            }
            screens.push(Screen {
                title: self.texts(&format!("the title of screen `{id}`"), raw.title),
                stages: raw.stages.into_inner(),
                ends_with: raw.ends_with,
                button: self.texts(&format!("the button of screen `{id}`"), raw.button),
                help_url: raw.help_url.map(Spanned::into_inner),
                path: raw.path.map(Spanned::into_inner),
                edits: raw.edits.into_iter().map(Spanned::into_inner).collect(),
                id,
            });
        }
        screens
    }
}
