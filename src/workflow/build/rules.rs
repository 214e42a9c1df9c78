//! The rules of a change: roles, directions, deadlines, reminders, methods and screens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use toml::Spanned;

use super::Builder;
use crate::domain::account::{RoleRule, Roles};
use crate::domain::catalog::{
    Deadlines, Direction, DirectionRule, DirectionTable, MethodRule, Policy, Reminders, Screen, StageName,
    Terms,
};
use crate::workflow::raw::{
    RawDeadlines, RawDirection, RawDuration, RawMethod, RawOutcome, RawRole, RawRules, RawScreen, RawTicket,
};

pub(super) struct RawPolicy {
    pub(super) rules: RawRules,
    pub(super) deadlines: RawDeadlines,
    pub(super) reminders: BTreeMap<StageName, Vec<Spanned<RawDuration>>>,
    pub(super) roles: Vec<RawRole>,
    pub(super) directions: Vec<Spanned<RawDirection>>,
    pub(super) payment_methods: Vec<RawMethod>,
    pub(super) screens: Vec<RawScreen>,
    pub(super) terms: Terms,
    pub(super) ticket: RawTicket,
}

impl Builder<'_, '_> {
    pub(super) fn policy(&mut self, raw: RawPolicy) -> Policy {
        let deadlines = self.deadlines(&raw.deadlines);
        Policy {
            direction: self.directions(raw.directions),
            roles: self.roles(raw.roles),
            reminders: self.reminders(raw.reminders, &deadlines),
            deadlines,
            quote_valid_for: self.positive(&raw.rules.quote_valid_for),
            freeze_before_renewal: raw.rules.freeze_before_renewal.0,
            billing_info: raw.rules.billing_info,
            tax_ids: raw.rules.tax_ids,
            proration: raw.rules.proration,
            payment_methods: self.methods(raw.payment_methods),
            screens: self.screens(raw.screens),
            terms: raw.terms,
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
                    Some(deadline) if after < deadline => {}
                    Some(_) => self.say(&step.span(), "the stage has expired before this reminder"),
                    None => self.say(&step.span(), "nobody waits in this stage"),
                }
                before = after;
            }
            reminders.insert(stage, ladder.iter().map(|step| step.get_ref().0).collect());
        }
        reminders
    }

    fn roles(&mut self, raw: Vec<RawRole>) -> Roles {
        let nobody = raw.iter().all(|role| !role.may_change);
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
            all.push(RoleRule {
                id,
                name,
                may_change: raw.may_change,
            });
        }
        Roles { all }
    }

    fn directions(&mut self, raw: Vec<Spanned<RawDirection>>) -> DirectionTable {
        let mut rules: Vec<DirectionRule> = Vec::new();
        for raw in raw {
            let span = raw.span();
            let raw = raw.into_inner();
            let wider = |rule: &DirectionRule| rule.when.iter().all(|condition| raw.when.contains(condition));
            if rules.iter().any(wider) {
                let hint = "the first rule that matches decides: put the narrower one first";
                self.say_with_hint(
                    &span,
                    "this rule is never reached: an earlier one matches whenever it does",
                    hint,
                );
            }
            let then = match (raw.then, raw.text) {
                (RawOutcome::Refused, Some(text)) => {
                    Direction::Refused(self.texts("the text of a refusal", text))
                }
                (RawOutcome::Refused, None) => {
                    self.say(
                        &span,
                        "a refusal needs a `text` that says where the customer can turn to",
                    );
                    Direction::Refused(BTreeMap::new())
                }
                (_, Some(text)) => {
                    self.say(&text.span(), "only a refusal has a `text`");
                    Direction::Immediate
                }
                (RawOutcome::Immediate, None) => Direction::Immediate,
                (RawOutcome::AtPeriodEnd, None) => Direction::AtPeriodEnd,
                (RawOutcome::Ticket, None) => Direction::Ticket,
            };
            rules.push(DirectionRule { when: raw.when, then });
        }
        DirectionTable { rules }
    }

    fn methods(&mut self, raw: Vec<RawMethod>) -> Vec<MethodRule> {
        let mut seen = BTreeSet::new();
        let mut methods = Vec::new();
        for raw in raw {
            let kind = *raw.kind.get_ref();
            if !seen.insert(kind) {
                self.say(&raw.kind.span(), "this payment method is listed twice");
            }
            methods.push(MethodRule {
                kind,
                releases: self.texts("when the payment releases", raw.releases),
            });
        }
        methods
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
            screens.push(Screen {
                title: self.texts(&format!("the title of screen `{id}`"), raw.title),
                stages: raw.stages.into_inner(),
                ends_with: raw.ends_with,
                button: self.texts(&format!("the button of screen `{id}`"), raw.button),
                help_url: raw.help_url.map(Spanned::into_inner),
                id,
            });
        }
        screens
    }
}
