//! Samples of requests to go down, and of what is promised for a day.

use uuid::Uuid;

use super::stages::Shelf;
use super::{NOW, World};
use crate::domain::catalog::Selection;
use crate::domain::change::{
    Afterwards, AskChannel, Basis, Hold, NoteRef, Party, Promise, PromiseStep, Stage, TicketAsk, TicketMaker,
};

impl Shelf<'_> {
    pub(super) fn going_down(&mut self) {
        let selection = World::selection("basic", 1);
        let deal = self.world.deal(&selection);
        let problem = "catalog_not_pushed".to_owned();
        for (detail, problem) in [("", None), ("not applied", Some(problem))] {
            let (selection, ask) = (selection.clone(), TicketAsk::default());
            self.put(
                detail,
                Stage::TicketOpen {
                    selection,
                    problem,
                    ask,
                },
            );
        }
        let form = Some(NoteRef {
            row: Uuid::from_u128(40),
            hash: "words-1".to_owned(),
        });
        let by_mail = TicketAsk {
            form,
            channel: AskChannel::Mail,
            ..TicketAsk::default()
        };
        let set_by_staff = TicketAsk {
            channel: AskChannel::Support,
            made_by: TicketMaker::Support,
            ..TicketAsk::default()
        };
        self.put(
            "by mail",
            Stage::TicketHeld {
                selection: selection.clone(),
                ask: by_mail.clone(),
            },
        );
        for (detail, ask) in [("by mail", by_mail), ("set by staff", set_by_staff)] {
            let selection = selection.clone();
            self.put(
                detail,
                Stage::TicketOpen {
                    selection,
                    problem: None,
                    ask,
                },
            );
        }
        let scheduled = Stage::TicketScheduled {
            selection: selection.clone(),
            at: NOW + jiff::SignedDuration::from_hours(24 * 20),
            ask: TicketAsk::default(),
            basis: Basis::default(),
            promise: None,
            problem: None,
        };
        self.put("", scheduled);
        self.promised(&selection);
        for (detail, deal) in [("asking", None), ("lowering", Some(deal))] {
            let (selection, ask) = (selection.clone(), TicketAsk::default());
            self.put(detail, Stage::TicketApplying { selection, deal, ask });
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table: one row for each sample")]
    fn promised(&mut self, selection: &Selection) {
        let (plan, promise) = (
            Box::new(self.world.promise_plan(selection)),
            self.world.promise(selection),
        );
        let basis = Basis::of(&self.world.contract);
        let ending = Promise {
            hold: Hold::Ending,
            ..promise.clone()
        };
        let mut other = self.world.contract.clone();
        for line in &mut other.lines {
            line.quantity += 1;
        }
        for (detail, promise, problem, basis) in [
            (
                "at the provider",
                Some(Box::new(promise.clone())),
                None,
                basis.clone(),
            ),
            ("ending", Some(Box::new(ending)), None, basis.clone()),
            ("fallen", None, Some("not_carried_out".to_owned()), basis),
            ("left behind", None, None, Basis::of(&other)),
        ] {
            let stage = Stage::TicketScheduled {
                selection: selection.clone(),
                at: plan.at,
                ask: TicketAsk::default(),
                basis,
                promise,
                problem,
            };
            self.put(detail, stage);
        }
        // What takes effect by the seller's rules goes back to choosing where the provider does not allow it: there is no request to open.
        let by_the_rules = Stage::TicketScheduling {
            selection: selection.clone(),
            ask: TicketAsk {
                direct: true,
                ..TicketAsk::default()
            },
            step: PromiseStep::Asking,
            then: Afterwards::Stand,
            aside: false,
        };
        self.put("asking by the rules", by_the_rules);
        let schedule = "sub_sched_1".to_owned();
        let subscription = plan.subscription.clone();
        let hold = World::hold();
        let cancel = Afterwards::Cancel {
            by: Party::Customer,
            why: "changed my mind".to_owned(),
        };
        let code = "http_400".to_owned();
        let fall = Afterwards::Fall {
            problem: code.clone(),
        };
        let releasing = PromiseStep::Releasing {
            subscription: subscription.clone(),
            hold: hold.clone(),
        };
        for (detail, step, then, aside) in [
            ("asking", PromiseStep::Asking, Afterwards::Stand, false),
            ("asking again", PromiseStep::Asking, Afterwards::Stand, true),
            (
                "making",
                PromiseStep::Making { plan: plan.clone() },
                Afterwards::Stand,
                false,
            ),
            (
                "making, taken back",
                PromiseStep::Making { plan: plan.clone() },
                cancel.clone(),
                false,
            ),
            (
                "telling",
                PromiseStep::Telling {
                    plan: plan.clone(),
                    schedule,
                },
                Afterwards::Stand,
                false,
            ),
            ("ending", PromiseStep::Ending { plan }, Afterwards::Stand, false),
            ("releasing", releasing.clone(), cancel.clone(), true),
            (
                "releasing, come true",
                releasing.clone(),
                Afterwards::Done {
                    deal: Box::new(promise.plan.deal),
                },
                true,
            ),
            (
                "releasing, replaced",
                releasing.clone(),
                Afterwards::Replaced,
                true,
            ),
            ("releasing, fallen", releasing.clone(), fall.clone(), false),
            ("releasing, fallen again", releasing.clone(), fall, true),
            ("releasing, applied", releasing, Afterwards::Apply, true),
            (
                "halted",
                PromiseStep::Halted {
                    subscription,
                    hold,
                    code,
                },
                cancel,
                true,
            ),
        ] {
            let stage = Stage::TicketScheduling {
                selection: selection.clone(),
                ask: TicketAsk::default(),
                step,
                then,
                aside,
            };
            self.put(detail, stage);
        }
    }
}
