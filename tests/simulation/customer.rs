//! Customers: they choose, hesitate, click twice, open a second tab, give bad cards, cancel in the middle, and some never come
//! back from the bank's page.

use changeover::domain::account::{AccountId, Contract, ContractId, ContractStatus};
use changeover::domain::catalog::Selection;
use changeover::domain::change::{ChangeId, Event, Means, NextAction, RefusalCode};
use changeover::engine::{ChangeView, EngineError, OpenChange, OpenFirstChange, Wish};
use jiff::SignedDuration;

use crate::chance::Chance;
use crate::client::{Answered, Client, Command};
use crate::scheduler::Group;
use crate::world::{World, lock};
use crate::{agency, desk, forms, wishes};

/// How many clicks one tab does at most.
const CLICKS_MAX: usize = 60;

/// One customer.
#[derive(Clone)]
pub struct Customer {
    pub client: Client,
    pub account: AccountId,
    /// What they began with.
    pub contract: Option<ContractId>,
    /// The agency that takes care of them, if one does.
    pub agency: Option<agency::Agency>,
}

/// Whether the customer goes on.
pub enum Goes {
    On,
    Away,
}

impl Customer {
    pub fn world(&self) -> &World {
        &self.client.world
    }

    /// Changes the plan, several times.
    pub async fn lives(self, rounds: u64) {
        let _here = World::enters(&self.client.world);
        let mut mood = self.world().dice().fork();
        for _ in 0..rounds {
            if !self.world().storms() {
                return;
            }
            let opener = self.somebody(&mut mood);
            if let Some(change) = opener.opens(&mut mood).await {
                if self.world().strikes("second_tab", |weather| weather.second_tab) {
                    let (twin, other) = (self.clone(), mood.fork());
                    let here = World::enters(&self.client.world);
                    self.world().scheduler.spawn(Group::World, async move {
                        let _here = here;
                        twin.client.dawdles(SignedDuration::from_mins(2)).await;
                        twin.drives(change, other).await;
                    });
                }
                self.drives(change, mood.fork()).await;
            }
            self.client.dawdles(SignedDuration::from_hours(6)).await;
        }
    }

    /// Whoever acts: of an agency's client, the agency's people too.
    fn somebody(&self, mood: &mut Chance) -> Self {
        let Some(agency) = &self.agency else {
            return self.clone();
        };
        Self {
            client: self.client.on_behalf_of(agency.somebody(self.account, mood)),
            ..self.clone()
        }
    }

    /// What the customer holds now: what they began with, else whatever is in force in their name.
    pub fn held(&self) -> Option<Contract> {
        let memory = lock(&self.world().memory);
        let contracts = &memory.tables.contracts;
        let in_force =
            |contract: &&Contract| contract.status != ContractStatus::Cancelled && !contract.is_proposed();
        let own = self.contract.and_then(|id| contracts.get(&id)).filter(in_force);
        let other = || {
            let mut theirs = contracts.values().filter(|one| one.account == self.account);
            theirs.find(in_force)
        };
        own.or_else(other).cloned()
    }

    /// What the customer wants to hold; now and then what cannot be had.
    fn wants(&self, held: Option<&Contract>, mood: &mut Chance) -> Selection {
        let world = self.world();
        let catalog = &world.playbook.catalog;
        let wanted = wishes::drawn(catalog, held, world.currency, mood);
        if !mood.permille(60) {
            return wanted;
        }
        let spoiled = wishes::spoiled(catalog, wanted, mood);
        world.count("impossible wish");
        lock(&world.spoiled).push(spoiled.clone());
        spoiled
    }

    /// The command that opens a change: on what is held, or to conclude a contract.
    fn opening(&self, mood: &mut Chance) -> Command {
        let held = self.held();
        let selection = self.wants(held.as_ref(), mood);
        match held {
            Some(held) => Command::Open(OpenChange {
                supersedes: self.promised(&held).filter(|_| mood.permille(250)),
                contract: held.id,
                selection,
                return_url: None,
                cancel_url: None,
            }),
            None => Command::First(OpenFirstChange {
                account: self.account,
                selection,
                responsible: None,
                return_url: None,
                cancel_url: None,
            }),
        }
    }

    /// What is promised beside it.
    fn promised(&self, held: &Contract) -> Option<ChangeId> {
        let memory = lock(&self.world().memory);
        let mut changes = memory.tables.changes.values();
        let promised = changes.find(|change| change.contract == held.id && change.is_promised());
        promised.map(|change| change.id)
    }

    async fn opens(&self, mood: &mut Chance) -> Option<ChangeId> {
        let opening = self.opening(mood);
        if self
            .world()
            .strikes("second_tab_opens", |weather| weather.second_tab / 2)
        {
            let here = World::enters(&self.client.world);
            let (twin, other) = (self.client.clone(), self.opening(mood));
            self.world().scheduler.spawn(Group::World, async move {
                let _here = here;
                twin.insists(other).await;
            });
        }
        match self.client.insists(opening.clone()).await {
            Answered::Done(told) => Some(told.change),
            // The other tab was faster: this one goes on with what it began, or gives it up for what it wants itself.
            Answered::Refused(EngineError::Blocked(change)) => match opening {
                Command::Open(wish) if mood.permille(250) => {
                    let instead = Command::Open(OpenChange {
                        supersedes: Some(change),
                        ..wish
                    });
                    match self.client.insists(instead).await {
                        Answered::Done(told) => Some(told.change),
                        Answered::Refused(_) | Answered::Never => None,
                    }
                }
                _ => Some(change),
            },
            Answered::Refused(_) | Answered::Never => None,
        }
    }

    /// One tab: does what the page says next, until the change is over or the customer is gone.
    pub async fn drives(&self, change: ChangeId, mut mood: Chance) {
        let leaves = self.world().strikes("leaves", |weather| weather.leaves);
        let clicks = if leaves {
            1 + usize::try_from(mood.below(0..8)).unwrap_or(0)
        } else {
            CLICKS_MAX
        };
        for _ in 0..clicks {
            let pause = *mood.one_of(&[1, 3, 20, 60, 1200]);
            self.client.dawdles(SignedDuration::from_secs(pause)).await;
            let Some(view) = self.client.reads(change).await else {
                return;
            };
            if view.stage.is_terminal() {
                return;
            }
            // Who has seen a change fall back to an earlier stage often gives up.
            let shaken = if self.world().watch.has_lost() { 250 } else { 0 };
            if self
                .world()
                .strikes("cancels", |weather| weather.cancels.max(shaken))
            {
                let why = "changed my mind".to_owned();
                self.says(change, Wish::Event(Event::Cancel { why })).await;
                continue;
            }
            if let Goes::Away = self.somebody(&mut mood).clicks(&view, &mut mood).await {
                return;
            }
        }
    }

    pub async fn says(&self, change: ChangeId, wish: Wish) -> Answered {
        self.client.insists(Command::Ask(change, Box::new(wish))).await
    }

    async fn clicks(&self, view: &ChangeView, mood: &mut Chance) -> Goes {
        let change = view.change.id;
        match &view.next_action {
            NextAction::AskQuote => self.asks_what_it_costs(view, mood).await,
            NextAction::Accept => self.accepts(view, mood).await,
            NextAction::GiveBillingInfo => {
                let wish = if mood.permille(250) {
                    Wish::Event(Event::PassBillingInfo)
                } else {
                    Wish::BillingInfo(forms::identity(&view.playbook, mood))
                };
                self.says(change, wish).await;
            }
            NextAction::ChoosePaymentMethod { .. } => match self.sends_the_money(mood) {
                Some(method) => {
                    self.says(change, Wish::Event(Event::ChooseMethod { method }))
                        .await;
                }
                None => self.gives_a_card(change, mood).await,
            },
            NextAction::Confirm => self.confirms(view, None, mood).await,
            NextAction::Authenticate { .. } => return self.meets_the_bank(change, mood).await,
            NextAction::PayVoucher { voucher } => return self.pays(voucher, mood).await,
            NextAction::AwaitSupport => return self.waits_for_support(change, mood).await,
            NextAction::Wait => {}
            NextAction::None => return Goes::Away,
        }
        Goes::On
    }

    /// Asks for the quote, chooses otherwise, or fills in the form of a request to go down.
    async fn asks_what_it_costs(&self, view: &ChangeView, mood: &mut Chance) {
        let change = view.change.id;
        let chooses = |mood: &mut Chance| {
            let selection = self.wants(Some(&view.contract), mood);
            Wish::Event(Event::Select { selection })
        };
        let files = |mood: &mut Chance| Wish::FileTicket(forms::answers(&view.playbook.policy.ticket, mood));
        let wish = match mood.below(0..100) {
            ..15 => chooses(mood),
            15..20 => files(mood),
            _ => Wish::Event(Event::AskQuote),
        };
        let Answered::Refused(EngineError::Refused(refusal)) = self.says(change, wish).await else {
            return;
        };
        match refusal.code {
            RefusalCode::TicketFormMissing | RefusalCode::TicketFormInvalid => {
                self.says(change, files(mood)).await;
            }
            // What cannot be had now is not asked for over and over.
            _ if mood.permille(600) => {
                self.says(change, chooses(mood)).await;
            }
            _ => {}
        }
    }

    /// With a request that support answers: some write, some call, some take it back, some forget it.
    async fn waits_for_support(&self, change: ChangeId, mood: &mut Chance) -> Goes {
        self.client.dawdles(SignedDuration::from_hours(3)).await;
        match mood.below(0..100) {
            ..20 => return Goes::Away,
            20..30 => {
                let text = "Any news?".to_owned();
                self.says(
                    change,
                    Wish::Comment {
                        text,
                        internal: false,
                    },
                )
                .await;
            }
            30..70 => desk::is_called(&self.client.world, change, mood).await,
            70..75 => {
                let why = "we keep it after all".to_owned();
                self.says(change, Wish::Event(Event::Cancel { why })).await;
            }
            _ => {}
        }
        Goes::On
    }

    async fn accepts(&self, view: &ChangeView, mood: &mut Chance) {
        let Some(deal) = view.stage.deal() else { return };
        let change = view.change.id;
        if mood.permille(150) {
            self.says(
                change,
                Wish::Event(Event::Select {
                    selection: self.wants(Some(&view.contract), mood),
                }),
            )
            .await;
        } else if let Some(method) = self.sends_the_money(mood) {
            self.confirms(view, Some(method), mood).await;
        } else if mood.permille(300) {
            // One click for everything, with a card that is kept.
            let cards = self
                .client
                .asks(move |engine, asked| Box::pin(async move { engine.cards(change, &asked).await }));
            let card = cards
                .await
                .and_then(Result::ok)
                .and_then(|cards| cards.into_iter().next());
            self.confirms(view, card.map(Means::Card), mood).await;
        } else {
            let quote = deal.quote.id.clone();
            self.says(change, Wish::Event(Event::Accept { quote })).await;
        }
    }
}
