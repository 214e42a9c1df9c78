//! What is sold: plans, items, prices, eligibility, and what a selection would cost.
//!
//! Pure values. This room knows money, languages, and the lines that an account holds; it must never know how a seller
//! writes these things down (`workflow` does), nor how a provider charges them (`stripe` does).

mod calendar;
mod direction;
mod estimate;
mod ids;
mod interval;
mod listing;
mod losses;
mod policy;
mod price;
mod resolve;
mod selection;
mod seller;
mod ticket;

pub use calendar::{Anchoring, CalendarError, FirstPeriod, anchor_day, first_period, start_of_day};
pub use direction::{Condition, Differences, Direction, DirectionRule, DirectionTable, LineMove};
pub use estimate::{
    Estimate, EstimateError, EstimateInstant, EstimateLine, EstimateLineKind, Recurring, estimate,
};
pub use ids::{FieldId, ItemId, LineKey, PlanId, RoleId, ScreenId, SellerId, SlugError, UnknownLineKey};
pub use interval::{Interval, IntervalError, IntervalUnit};
pub use listing::{Billed, Catalog, Item, Offer, Plan, QuantityRule};
pub use losses::{ItemLoss, Losses};
pub use policy::{
    BillingInfoPolicy, Deadlines, MethodRule, PaymentMethodKind, Policy, ProrationPolicy, Reminders, Screen,
    ScreenEnd, StageName, Terms,
};
pub use price::{Price, PriceRef, Scheme, Tier};
pub use selection::{Place, Selection, SelectionProblem, TargetLine};
pub use seller::{Playbook, SellerProfile, Sender, SupportContact, WorkflowVersion};
pub use ticket::{
    ANSWER_MAX, Answers, FieldChoice, FieldKind, FormFault, FormField, FormProblem, Prefill, TicketForm,
};
