//! What support is shown once a world has come to rest: a node is asked as support asks it, before anything is proven.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use changeover::domain::account::ContractId;
use changeover::domain::change::ChangeId;
use changeover::engine::{Case, CaseSearch, Compared, Engine, EngineError};
use futures_util::future::BoxFuture;

use crate::world::{World, lock};

/// What support is shown.
pub struct Shown {
    /// Everything about each change.
    pub cases: BTreeMap<ChangeId, Case>,
    /// The changes in support's list of what is stuck.
    pub listed: BTreeSet<ChangeId>,
    /// What a comparison finds at each contract. Nothing is begun by it.
    pub compared: BTreeMap<ContractId, Compared>,
}

/// Asks a node for something that it must be able to tell.
async fn certainly<T: Send + 'static>(
    world: &Arc<World>,
    ask: impl FnOnce(Engine) -> BoxFuture<'static, Result<T, EngineError>> + Send + 'static,
) -> Option<T> {
    match world.ask(0, ask).await {
        Some(Ok(told)) => Some(told),
        Some(Err(error)) => {
            world
                .witness
                .breaks("I25", format!("support is refused at rest: {error}"));
            None
        }
        None => {
            world.witness.breaks("I25", "support is not answered at rest");
            None
        }
    }
}

/// Asks for all that there is.
pub async fn asks(world: Arc<World>) -> Option<Shown> {
    let (changes, contracts): (Vec<ChangeId>, Vec<ContractId>) = {
        let memory = lock(&world.memory);
        let tables = &memory.tables;
        (
            tables.changes.keys().copied().collect(),
            // A proposal is nobody's contract yet: support is not shown it as one.
            tables
                .contracts
                .values()
                .filter(|contract| !contract.is_proposed())
                .map(|contract| contract.id)
                .collect(),
        )
    };
    let mut shown = Shown {
        cases: BTreeMap::new(),
        listed: BTreeSet::new(),
        compared: BTreeMap::new(),
    };
    for change in changes {
        let ask = move |engine: Engine| -> BoxFuture<'static, _> {
            Box::pin(async move { engine.case(change, None).await })
        };
        shown.cases.insert(change, certainly(&world, ask).await?);
    }
    let wanted = CaseSearch {
        stuck: true,
        limit: 200,
        ..CaseSearch::default()
    };
    let ask = move |engine: Engine| -> BoxFuture<'static, _> {
        Box::pin(async move { engine.cases(&wanted).await })
    };
    let page = certainly(&world, ask).await?;
    shown.listed = page.lines.iter().map(|line| line.change.id).collect();
    for contract in contracts {
        let seller = world.seller.clone();
        let ask = move |engine: Engine| -> BoxFuture<'static, _> {
            Box::pin(async move { engine.reconcile(contract, &seller, None).await })
        };
        shown.compared.insert(contract, certainly(&world, ask).await?);
    }
    Some(shown)
}
