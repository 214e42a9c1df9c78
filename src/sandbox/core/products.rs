//! Products: what prices are for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::shown::{CURSOR, stands};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Product {
    pub(super) id: String,
    created: i64,
    updated: i64,
    active: bool,
    pub(super) name: String,
    description: Option<String>,
    unit_label: Option<String>,
    statement_descriptor: Option<String>,
    url: Option<String>,
    images: Vec<String>,
    marketing_features: Vec<String>,
    metadata: Metadata,
}

stands!(Product, products, "product", "product", "product.updated");

impl Product {
    fn render(&self, _: &World) -> Value {
        let features: Vec<Value> = self
            .marketing_features
            .iter()
            .map(|name| json!({ "name": name }))
            .collect();
        json!({
            "id": self.id,
            "object": "product",
            "active": self.active,
            "created": self.created,
            "default_price": null,
            "description": self.description,
            "images": self.images,
            "livemode": false,
            "marketing_features": features,
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": self.statement_descriptor,
            "tax_code": null,
            "tax_details": null,
            "type": "service",
            "unit_label": self.unit_label,
            "updated": self.updated,
            "url": self.url,
        })
    }

    fn read(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        if let Some(name) = params.owned("name")? {
            self.name = name;
        }
        self.active = params.flag("active")?.unwrap_or(self.active);
        params.set_text("description", &mut self.description)?;
        params.set_text("unit_label", &mut self.unit_label)?;
        params.set_text("statement_descriptor", &mut self.statement_descriptor)?;
        params.set_text("url", &mut self.url)?;
        if params.has("images") {
            self.images = params.texts("images")?.into_iter().map(str::to_owned).collect();
        }
        if params.has("marketing_features") {
            let features = params.children("marketing_features")?;
            let names: Result<Vec<_>, _> = features
                .iter()
                .map(|feature| feature.needed_text("name").map(str::to_owned))
                .collect();
            self.marketing_features = names?;
        }
        params.merge_metadata(&mut self.metadata)
    }
}

const FIELDS: [&str; 9] = [
    "name",
    "active",
    "description",
    "unit_label",
    "statement_descriptor",
    "url",
    "images",
    "marketing_features",
    "metadata",
];

/// Makes a product from parameters; `id` may be chosen by the caller.
pub(super) fn make(world: &mut World, params: &Params<'_>) -> Result<Value, ApiError> {
    let id = match params.text("id")? {
        Some(id) if world.products.get(id).is_some() => {
            let message = format!("Product already exists with this ID: {id}");
            return Err(params.refuse("id", message).with_code("resource_already_exists"));
        }
        Some(id) => id.to_owned(),
        None => world.memory.ids.next("prod"),
    };
    let mut product = Product {
        id,
        created: world.now,
        updated: world.now,
        active: true,
        name: params.needed_text("name")?.to_owned(),
        description: None,
        unit_label: None,
        statement_descriptor: None,
        url: None,
        images: Vec::new(),
        marketing_features: Vec::new(),
        metadata: Metadata::new(),
    };
    product.read(params)?;
    Ok(world.add(product, "product.created"))
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[&FIELDS[..], &["id", "type"]].concat())?;
    make(world, &ask.params)
}

pub(super) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&FIELDS)?;
    let id = ask.id("id");
    let mut product = world.products.find(id, "id")?.clone();
    product.read(&ask.params)?;
    product.updated = ask.now;
    world.change::<Product>(id, |kept| *kept = product)?;
    world.show::<Product>(id)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "active", "ids"]].concat())?;
    let active = ask.params.flag("active")?;
    let ids = ask.params.texts("ids")?;
    world.page::<Product>(ask, "/v1/products", |product| {
        active.is_none_or(|active| product.active == active)
            && (ids.is_empty() || ids.contains(&product.id.as_str()))
    })
}
