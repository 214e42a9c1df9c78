//! What the page of choosing shows.

use askama::Template;

use crate::domain::account::PrerequisiteSaid;
use crate::domain::catalog::Selection;
use crate::web::api::views::{CatalogView, EstimateBody, ItemView, PlanView, WayView};
use crate::web::checkout::prerequisites::Said;
use crate::web::checkout::screens::StepView;
use crate::web::page::{FormTokens, Say, Shell};
use crate::web::problem::OnAPage;

#[derive(Template)]
#[template(path = "web/checkout/templates/choose.html")]
pub(super) struct ChoosePage {
    pub shell: Shell,
    pub say: Say,
    pub steps: Vec<StepView>,
    pub alert: Option<OnAPage>,
    pub catalog: CatalogView,
    /// Which of the catalogue's plans is chosen.
    pub plan: usize,
    /// Whether another can be chosen.
    pub plans: bool,
    pub selection: Selection,
    /// The one line that is edited, where the page was opened for one.
    pub only: Option<String>,
    pub live: LiveView,
    pub form: FormTokens,
    pub change: Option<String>,
    pub at: String,
    pub estimate_at: String,
    pub button: String,
    pub first: bool,
    /// Who answers for the contract, as far as it is typed.
    pub responsible: String,
    /// The change that is in the way, if one is.
    pub blocking: Option<String>,
    pub intervals: Vec<(String, bool)>,
    /// What the account has said of what must be met first.
    pub said: Said,
}

/// The price of what is chosen.
#[derive(Template)]
#[template(path = "web/checkout/templates/estimate.html")]
pub(super) struct LiveView {
    pub say: Say,
    pub estimate: Option<EstimateBody>,
    /// The names of the plan that is held and of another that is wanted.
    pub plan: Option<(String, String)>,
    pub wrong: Option<OnAPage>,
    pub frozen: bool,
}

impl ChoosePage {
    fn plan(&self) -> Option<&PlanView> {
        self.catalog.plans.get(self.plan)
    }

    /// The items that can be chosen by quantity: what belongs to a group is chosen there.
    fn items(&self) -> Vec<&ItemView> {
        let plan = self.plan();
        let all = plan.map(|plan| plan.items.as_slice()).unwrap_or_default();
        all.iter().filter(|item| item.group.is_none()).collect()
    }

    fn in_group(&self, group: &str) -> Vec<&ItemView> {
        let plan = self.plan();
        let all = plan.map(|plan| plan.items.as_slice()).unwrap_or_default();
        all.iter()
            .filter(|item| item.group.as_deref() == Some(group))
            .collect()
    }

    fn quantity(&self, item: &str) -> u64 {
        let mut chosen = self.selection.quantities.iter();
        chosen
            .find(|(id, _)| id.as_str() == item)
            .map_or(0, |(_, quantity)| *quantity)
    }

    fn is_optioned(&self, item: &str, option: &str) -> bool {
        let mut chosen = self.selection.options.iter();
        chosen
            .find(|(id, _)| id.as_str() == item)
            .is_some_and(|(_, options)| options.iter().any(|one| one.as_str() == option))
    }

    fn is_plan(&self, plan: &str) -> bool {
        self.selection.plan.as_str() == plan
    }

    fn is_currency(&self, currency: &str) -> bool {
        self.selection.currency.code() == currency
    }

    /// Whether this line is shown to be edited.
    fn shows(&self, key: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == key)
    }

    /// Whether the account has said that it applies to them, or that it does not.
    fn is_said(&self, prerequisite: &str, applies: bool) -> bool {
        let answer = if applies {
            PrerequisiteSaid::Applies
        } else {
            PrerequisiteSaid::DoesNotApply
        };
        self.said.is(prerequisite, answer)
    }

    fn live_html(&self) -> String {
        // A price that cannot be written is missing, and the quote tells it.
        self.live.render().unwrap_or_default()
    }

    /// The price of one, where every one costs the same, and of nothing else than the chosen interval.
    fn unit(&self, item: &ItemView) -> Option<String> {
        let own = item
            .billed_every
            .clone()
            .unwrap_or_else(|| self.selection.interval.to_string());
        let currency = self.selection.currency.code();
        let mut prices = item.prices.iter();
        let unit = prices.find_map(|price| {
            let unit = price.unit.as_ref()?;
            (price.interval == own && unit.currency == currency).then(|| unit.text.clone())
        })?;
        Some(self.say.per(own, unit))
    }

    fn plan_price(&self, plan: &PlanView) -> Option<String> {
        let (own, currency) = (
            self.selection.interval.to_string(),
            self.selection.currency.code(),
        );
        let mut prices = plan.prices.iter();
        prices.find_map(|price| {
            let unit = price.unit.as_ref()?;
            let fits = price.interval == own && unit.currency == currency;
            fits.then(|| self.say.per(&own, &unit.text))
        })
    }
}
