//! What is stuck: every code comes about, says since when and why, and offers only what the machine would take.

use std::collections::BTreeSet;

use changeover::domain::change::samples::{self, NOW, World};
use changeover::domain::change::stuck::{
    Action, Difference, Failing, Failure, FailureKind, NOT_LONG, Owed, OwedState, Standing, Stuck, StuckCode,
    Unsent, Work, concern, diagnose, follows, possible,
};
use changeover::domain::change::{
    Actor, CallName, EffectId, Event, MACHINE_VERSION, Refusal, RefusalCode, Stage, decide,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ana::support;

/// A stage with all that may be wrong around it; by default nothing is.
struct Scene {
    world: World,
    actor: Actor,
    stage: Stage,
    machine_version: u32,
    owed: Vec<Owed>,
    unsent: Vec<Unsent>,
    differences: Vec<Difference>,
    work: Work,
    now: Timestamp,
}

impl Scene {
    fn of(stage: Stage) -> Self {
        Self {
            world: World::subscribed(),
            actor: support(),
            stage,
            machine_version: MACHINE_VERSION,
            owed: Vec::new(),
            unsent: Vec::new(),
            differences: Vec::new(),
            work: Work::default(),
            now: NOW,
        }
    }

    fn sample(name: &str, detail: &str) -> Self {
        let all = samples::stages();
        let found = all
            .into_iter()
            .find(|sample| sample.stage.full_name() == name && sample.detail == detail);
        Self::of(
            found
                .unwrap_or_else(|| panic!("no sample {name} ({detail})"))
                .stage,
        )
    }

    fn owing(mut self, state: OwedState, spent: bool) -> Self {
        self.owed.push(Owed {
            effect: EffectId(Uuid::from_u128(7)),
            call: CallName::UpdateSubscription,
            first_sent_at: Some(NOW),
            attempts: 3,
            next_try_at: NOW + SignedDuration::from_hours(40),
            state,
            spent,
            charges: true,
            last_error: Some("no answer, said ana@example.com".to_owned()),
        });
        self
    }

    fn failing(mut self, kind: FailureKind, times: u32) -> Self {
        let detail = "it does not work".to_owned();
        self.work.failing = Some(Failing {
            times,
            since: NOW,
            last: Failure { kind, detail },
        });
        self
    }

    fn given_up(mut self, mail: bool) -> Self {
        self.unsent.push(Unsent {
            mail,
            topic: "activated".to_owned(),
            at: NOW,
            attempts: 11,
            last_error: Some("550".to_owned()),
        });
        self
    }

    fn differing(mut self) -> Self {
        self.differences.push(Difference {
            finding: "late_money",
            object: "in_1".to_owned(),
            amount: None,
            seen: "It was paid, said ana@example.com.".to_owned(),
            since: NOW,
        });
        self
    }

    fn after(mut self, wait: SignedDuration) -> Self {
        self.now = NOW + wait;
        self
    }

    fn standing(&self) -> Standing<'_> {
        Standing {
            stage: Some(&self.stage),
            machine_version: self.machine_version,
            entered_at: NOW,
            concern_at: concern(None, &self.stage, NOW),
            turn: Some(self.world.turn(&self.actor, self.now)),
            now: self.now,
            owed: &self.owed,
            unsent: &self.unsent,
            differences: &self.differences,
            work: &self.work,
        }
    }

    fn stuck(&self) -> Vec<Stuck> {
        diagnose(&self.standing())
    }

    fn codes(&self) -> Vec<StuckCode> {
        self.stuck().iter().map(|stuck| stuck.code).collect()
    }
}

fn refused(code: RefusalCode) -> Stage {
    Stage::Draft {
        selection: World::selection("pro", 5),
        problem: Some(Refusal::new(code, "It cannot be quoted.")),
    }
}

fn paid_but_not_switched() -> Stage {
    let Scene { mut stage, .. } = Scene::sample("payment_confirm.settling", "");
    if let Stage::Settling { paid, .. } = &mut stage {
        *paid = true;
    }
    stage
}

fn newer() -> Scene {
    let mut scene = Scene::sample("quote.ready", "");
    scene.machine_version = MACHINE_VERSION + 1;
    scene
}

fn overdue() -> Scene {
    let mut scene = Scene::sample("quote.pending", "first");
    scene.work.due_at = Some(NOW);
    scene.after(NOT_LONG)
}

/// One scene for each code.
fn scenes() -> Vec<(StuckCode, Scene)> {
    let charging = || Scene::sample("payment_confirm.charging", "updating");
    let long = SignedDuration::from_hours(1);
    vec![
        (
            StuckCode::Undecidable,
            charging().owing(OwedState::Undecidable { since: NOW }, true),
        ),
        (
            StuckCode::PaidNotSwitched,
            Scene::of(paid_but_not_switched()).after(NOT_LONG),
        ),
        (StuckCode::RefundHalted, Scene::sample("active", "refund halted")),
        (
            StuckCode::QuoteDrift,
            Scene::sample("active", "refund on its way"),
        ),
        (
            StuckCode::ComparisonDiffers,
            Scene::sample("active", "").differing(),
        ),
        (
            StuckCode::AbortHalted,
            Scene::sample("payment_confirm.aborting", "halted, invoice open"),
        ),
        (
            StuckCode::ChargeHalted,
            Scene::sample("payment_confirm.charging", "halted, invoice open"),
        ),
        (
            StuckCode::OutcomeRefused,
            Scene::sample("quote.ready", "").owing(OwedState::NotTakenIn, false),
        ),
        (StuckCode::UnknownMachineVersion, newer()),
        (
            StuckCode::RulesMissing,
            Scene::sample("quote.pending", "first").failing(FailureKind::Rules, 1),
        ),
        (
            StuckCode::WorkFailing,
            Scene::sample("quote.pending", "first").failing(FailureKind::Ours, 3),
        ),
        (StuckCode::WorkerAbsent, overdue()),
        (
            StuckCode::OutcomeUnknown,
            charging().owing(OwedState::Unknown, false).after(NOT_LONG),
        ),
        (
            StuckCode::CallPutOff,
            charging().owing(OwedState::Waiting, false).after(NOT_LONG),
        ),
        (
            StuckCode::SettlingLong,
            Scene::sample("payment_confirm.settling", "").after(long),
        ),
        (
            StuckCode::AbortWaits,
            Scene::sample("payment_confirm.aborting", "looking").after(long),
        ),
        (
            StuckCode::QuoteUnavailable,
            Scene::sample("quote.pending", "first")
                .failing(FailureKind::Provider, 9)
                .after(NOT_LONG),
        ),
        (
            StuckCode::PaymentUnreadable,
            Scene::sample("payment_confirm.action_required", "")
                .failing(FailureKind::Provider, 9)
                .after(NOT_LONG),
        ),
        (
            StuckCode::CustomerBusy,
            Scene::sample("payment_confirm.charging", "verifying")
                .failing(FailureKind::Customer, 99)
                .after(NOT_LONG),
        ),
        (
            StuckCode::ContractOutOfStep,
            Scene::of(refused(RefusalCode::ContractOutOfStep)),
        ),
        (
            StuckCode::QuoteRefused,
            Scene::of(refused(RefusalCode::CatalogNotPushed)),
        ),
        (
            StuckCode::TicketNotApplied,
            Scene::sample("downgrade_ticket.open", "not applied"),
        ),
        (
            StuckCode::PromiseFell,
            Scene::sample("downgrade_ticket.scheduled", "fallen"),
        ),
        (StuckCode::CardNotKept, Scene::sample("active", "card not kept")),
        (StuckCode::MailGivenUp, Scene::sample("active", "").given_up(true)),
        (
            StuckCode::EventGivenUp,
            Scene::sample("active", "").given_up(false),
        ),
    ]
}

#[test]
fn i25_every_code_comes_about_with_evidence_and_what_can_be_done() {
    let scenes = scenes();
    let told: Vec<StuckCode> = scenes.iter().map(|(code, _)| *code).collect();
    assert_eq!(told, StuckCode::ALL, "a scene for each, the most serious first");
    for (code, scene) in &scenes {
        let stuck = scene.stuck();
        let [only] = stuck.as_slice() else {
            panic!("{code}: {stuck:?}");
        };
        assert_eq!(only.code, *code);
        assert_eq!(only.since, NOW, "{code}");
        assert!(!only.evidence.is_empty(), "{code}");
        assert!(
            only.evidence.iter().all(|fact| !fact.value.contains('@')),
            "personal data in {only:?}"
        );
        let readable = *code != StuckCode::UnknownMachineVersion;
        assert_eq!(only.actions.contains(&Action::Note), readable, "{code}");
        let everything: BTreeSet<Action> = possible(&scene.standing()).into_iter().collect();
        let offered: BTreeSet<Action> = only.actions.iter().copied().collect();
        assert!(offered.is_subset(&everything), "{code}: {only:?}");
    }
}

#[test]
fn what_a_person_can_free_offers_more_than_a_note() {
    use StuckCode::{ComparisonDiffers, QuoteDrift, RulesMissing, UnknownMachineVersion, WorkerAbsent};
    for (code, scene) in scenes() {
        let freed_elsewhere = [
            ComparisonDiffers,
            QuoteDrift,
            RulesMissing,
            UnknownMachineVersion,
            WorkerAbsent,
        ]
        .contains(&code);
        let actions = &scene.stuck()[0].actions;
        assert_eq!(actions.len() > 1, !freed_elsewhere, "{code}: {actions:?}");
    }
}

#[test]
fn what_moves_or_waits_as_it_should_is_not_stuck() {
    let halted = |detail: &str| {
        ["halted", "refund", "not applied", "card not kept", "fallen"]
            .iter()
            .any(|word| detail.contains(word))
    };
    for sample in samples::stages()
        .into_iter()
        .filter(|sample| !halted(sample.detail))
    {
        let name = format!("{} ({})", sample.stage.full_name(), sample.detail);
        let problem = matches!(sample.stage, Stage::Draft { problem: Some(_), .. });
        let scene = Scene::of(sample.stage)
            .owing(OwedState::Unknown, false)
            .failing(FailureKind::Provider, 1);
        assert!(problem || scene.codes().is_empty(), "{name}: {:?}", scene.codes());
    }
}

#[test]
fn an_unpaid_renewal_is_the_customers_to_mend() {
    let scene = Scene::of(refused(RefusalCode::SubscriptionPastDue));
    assert_eq!(scene.codes(), []);
}

#[test]
fn what_can_be_done_is_what_the_machine_takes() {
    for sample in samples::stages() {
        let name = format!("{} ({})", sample.stage.full_name(), sample.detail);
        let scene = Scene::of(sample.stage);
        let standing = scene.standing();
        let offered = possible(&standing);
        let why = String::new();
        for (action, event) in [
            (Action::Retry, Event::Retry),
            (Action::Cancel, Event::Cancel { why }),
        ] {
            let turn = standing.turn.expect("a turn");
            let taken = decide(&scene.stage, &event, turn).is_ok();
            assert_eq!(offered.contains(&action), taken, "{action} in {name}");
        }
        assert!(offered.contains(&Action::Note), "{name}");
    }
}

#[test]
fn i7_a_spent_key_is_looked_for_and_never_sent() {
    let unspent = Scene::sample("payment_confirm.charging", "updating").owing(OwedState::Unknown, false);
    let spent = Scene::sample("payment_confirm.charging", "updating").owing(OwedState::Unknown, true);
    let of = |scene: &Scene| possible(&scene.standing());
    assert!(of(&unspent).contains(&Action::Retry) && !of(&unspent).contains(&Action::Refresh));
    assert!(of(&spent).contains(&Action::Refresh) && !of(&spent).contains(&Action::Retry));
}

#[test]
fn a_step_keeps_its_beginning_while_nothing_moves() {
    let first = Scene::sample("payment_confirm.settling", "").stage;
    let at = concern(None, &first, NOW);
    let later = NOW + SignedDuration::from_mins(50);
    assert_eq!(concern(Some((&first, at)), &first, later), at);
    // It is paid meanwhile: another concern, from now on.
    let paid = paid_but_not_switched();
    assert_eq!(concern(Some((&first, at)), &paid, later), Some(later + NOT_LONG));
    let over = Scene::sample("active", "").stage;
    assert_eq!(concern(Some((&paid, at)), &over, later), None);
}

#[test]
fn a_plan_says_what_is_charged_and_what_is_given_back() {
    let plan = |scene: &Scene, event: Event| {
        let standing = scene.standing();
        let turn = standing.turn.expect("a turn");
        let decision = decide(&scene.stage, &event, turn).expect("taken");
        follows(&standing, &event, &decision, &scene.owed)
    };
    let halted = Scene::sample("payment_confirm.charging", "halted");
    let due = halted.stage.payment().expect("a payment").deal.quote.due_today;
    assert_eq!(plan(&halted, Event::Retry).charges, Some(due));
    assert_eq!(plan(&halted, Event::Note).charges, None);
    let why = String::new();
    assert_eq!(plan(&halted, Event::Cancel { why }).charges, None);
    let open = Scene::sample("payment_confirm.charging", "halted, invoice open");
    assert_eq!(
        plan(&open, Event::Retry).charges,
        None,
        "the invoice is read, not paid"
    );
    let owed = Scene::sample("payment_confirm.charging", "updating").owing(OwedState::Unknown, false);
    assert_eq!(plan(&owed, Event::Hurry).charges, Some(due));
    let refund = plan(&Scene::sample("active", "refund halted"), Event::Retry);
    assert_eq!(
        (refund.charges, refund.gives_back),
        (None, Some(World::money(100)))
    );
    let resumed = plan(&Scene::sample("active", "").given_up(true), Event::Resume);
    assert_eq!((resumed.charges, resumed.gives_back), (None, None));
    for scene in [halted, open, owed] {
        let told = plan(&scene, Event::Note);
        assert!(told.steps.iter().all(|step| !step.told().is_empty()));
    }
}
