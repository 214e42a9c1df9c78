//! What a seller says about its plans and items beyond price and quantity: what belongs together, what is on top of what,
//! what is chosen with it, and what becomes of it on another plan.

use serde::{Deserialize, Serialize};

use super::{FamilyId, FeatureId, GroupId, ItemId, PrerequisiteId, RateTableId};
use crate::domain::language::Texts;

/// A product that plans belong to, where a seller has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name in every machine-readable place.
    pub id: FamilyId,
    /// Its name for people.
    pub name: Texts,
    /// The products that are in it, where it is a bundle.
    pub contains: Vec<FamilyId>,
}

/// Items of which so many must be in every selection: such as one channel package beside each plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name in every machine-readable place.
    pub id: GroupId,
    /// Its name for people.
    pub name: Texts,
    /// How many of its items must be chosen,
    pub min: u64,
    /// and how many may be.
    pub max: u64,
}

/// What an item is bought on top of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// One of these items must be in the selection too.
    pub items: Vec<ItemId>,
    /// Whether it must be held already: then the two cannot be bought in one change.
    pub held_before: bool,
}

/// What has to be chosen with an item: rows of a rate table, such as the channels that a package is used on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionRule {
    /// The table whose rows can be chosen.
    pub of: RateTableId,
    /// How many must be,
    pub min: u64,
    /// and how many may be.
    pub max: u64,
}

/// What becomes of an item when its customer moves to another plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAnotherPlan {
    /// It is had as the new plan offers it; where that does not, the change is refused and says which plans do.
    #[default]
    AsOffered,
    /// The same, but where the new plan does not offer it, it ends with the change.
    DropIfNotOffered,
    /// Its price and quantity stay as they are.
    Keep,
}

/// Something that plans and packages are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Its name in every machine-readable place.
    pub id: FeatureId,
    /// Its name for people.
    pub name: Texts,
    /// A sentence that explains it; may be empty.
    pub help: Texts,
}

/// What a plan or package has of a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureValue {
    /// It has it, or not.
    Included(bool),
    /// So many.
    Number(u64),
    /// In words.
    Said(Texts),
}

/// What a customer does next, once something is held: it stands on the done page and in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// In the seller's words.
    pub text: Texts,
    /// A page that leads on.
    pub url: Option<String>,
}

/// Something that has to be met outside of this program before an item can be used, by those to whom it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prerequisite {
    /// Its name in every machine-readable place.
    pub id: PrerequisiteId,
    /// The items that it is about.
    pub items: Vec<ItemId>,
    /// What it is called.
    pub name: Texts,
    /// Whether it applies: a question that can be answered with yes or no.
    pub question: Texts,
    /// What it is about; shown to everybody before buying.
    pub text: Texts,
    /// What those do next to whom it applies.
    pub next_step: NextStep,
}
