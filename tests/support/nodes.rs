//! A second process on the same database, with an address and workers of its own.

use changeover::app::App;
use changeover::engine::EngineError;

use super::gateway::Gateway;
use super::house::House;
use super::people::Backend;

/// More rounds than it takes until nothing is due.
const ROUNDS_MAX: usize = 500;

pub struct Node {
    /// The seller's backend, speaking to this node.
    pub backend: Backend,
    app: App,
}

impl House {
    /// Another process on the database of this house; only a server takes more than one.
    pub async fn another_node(&self) -> Node {
        let app = self.build().await;
        let gateway = Gateway::open().await;
        gateway.put(Some(app.router.clone()));
        Node {
            backend: self.backend.at(gateway.address),
            app,
        }
    }
}

impl Node {
    /// Works until nothing is due for it at this instant, beside whoever else works.
    pub async fn works(&self) -> Result<(), EngineError> {
        for _ in 0..ROUNDS_MAX {
            let engine = &self.app.engine;
            if engine.work_once().await? + engine.send_once().await? == 0 {
                return Ok(());
            }
        }
        panic!("the node does not come to rest");
    }

    pub async fn close(self) {
        self.app.close().await;
    }
}
