//! Everything that moved money, or asked for it, in the order of making: what proofs read.

use serde_json::{Value, json};

use super::World;
use super::ids::serial;
use super::shelf::{Kept, Shelf};
use super::shown::Shown;

impl World {
    /// Everything that moved money or asked for it, oldest first: `{"entries": [...]}`, each as the API renders it (its
    /// `object` says what it is). Charges and invoices carry the links that the API tells of only indirectly.
    pub fn ledger(&self) -> Value {
        let mut entries: Vec<(String, Value)> = Vec::new();
        self.write_down(&self.charges, &mut entries);
        self.write_down(&self.refunds, &mut entries);
        self.write_down(&self.invoices, &mut entries);
        self.write_down(&self.movements, &mut entries);
        self.write_down(&self.payment_intents, &mut entries);
        self.write_down(&self.subscriptions, &mut entries);
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| self.linked(entry)).collect();
        json!({ "entries": entries })
    }

    fn write_down<T: Shown>(&self, kept: &Shelf<T>, entries: &mut Vec<(String, Value)>) {
        entries.extend(
            kept.iter()
                .map(|object| (serial(Kept::id(object)).to_owned(), object.shown(self))),
        );
    }

    /// Adds `sandbox_invoice`: the invoice that a charge, a refund or a payment intent is for.
    fn linked(&self, mut entry: Value) -> Value {
        let field = |name: &str| entry.get(name).and_then(Value::as_str);
        let intent = match field("object") {
            Some("payment_intent") => field("id"),
            Some("charge" | "refund") => field("payment_intent"),
            _ => None,
        };
        let invoice = intent.and_then(|intent| self.payment_intents.get(intent)?.invoice.clone());
        if let (Some(_), Some(fields)) = (intent.map(str::to_owned), entry.as_object_mut()) {
            fields.insert("sandbox_invoice".to_owned(), json!(invoice));
        }
        entry
    }
}
