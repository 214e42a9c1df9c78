//! What is sold: plans, items, prices, eligibility, and what a selection would cost.
//!
//! Pure values. This room knows money, languages, and the lines that an account holds; it must never know how a seller
//! writes these things down (`workflow` does), nor how a provider charges them (`stripe` does).

mod calendar;
mod clients;
mod colour;
mod combining;
mod credits;
mod differences;
mod direction;
mod estimate;
mod ids;
mod interval;
mod listing;
mod losses;
mod method;
mod offering;
mod policy;
mod price;
mod resolve;
mod selection;
mod seller;
mod tax;
mod ticket;
mod understanding;

pub use calendar::{Anchoring, CalendarError, FirstPeriod, anchor_day, first_period, start_of_day};
pub use clients::{AllowanceRule, ClientRules, LimitKind, LimitRule, ManagedBy, ServiceRule};
pub use colour::{Colour, ColourError};
pub use combining::Service;
pub use credits::{Credit, Rate, RateTable, Share};
pub use direction::{Condition, Differences, Direction, DirectionRule, DirectionTable, LineMove, Scope};
pub use estimate::{
    Estimate, EstimateError, EstimateInstant, EstimateLine, EstimateLineKind, Recurring, estimate, unused,
};
pub use ids::FieldId;
pub use ids::{
    CreditId, FamilyId, FeatureId, GroupId, ItemId, LineKey, MeterId, OptionId, PlanId, PrerequisiteId,
    RateTableId, RoleId, ScreenId, SellerId, ServiceId, SlugError, UnknownLineKey,
};
pub use interval::{Interval, IntervalError, IntervalUnit};
pub use listing::{Billed, Catalog, Item, Offer, Plan, QuantityRule};
pub use losses::{ItemLoss, Losses};
pub use method::{Age, MethodAsk, MethodRule, PaymentMethodKind, Unavailable, VoucherTerms};
pub use offering::{
    Family, Feature, FeatureValue, Group, Needs, NextStep, OnAnotherPlan, OptionRule, Prerequisite,
};
pub use policy::{
    AutomaticChanges, BillingInfoPolicy, Deadlines, Policy, ProrationPolicy, Reminders, Screen, ScreenEnd,
    StageName, Terms, usual_reminders,
};
pub use price::{Price, PriceRef, Scheme, Tier};
pub use selection::{Options, Place, Selection, SelectionProblem, TargetLine};
pub use seller::{Playbook, SellerProfile, Sender, SupportContact, WorkflowVersion};
pub use tax::{AppliedRate, TaxRate, TaxRateRef, TaxRules, TaxedLine, rates_for, taxes_on};
pub use ticket::{
    ANSWER_MAX, Answers, FieldChoice, FieldKind, FormFault, FormField, FormProblem, Prefill, TicketForm,
};
