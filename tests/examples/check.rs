// examples/check.rs
use bpx_client::types::Order;
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema: Value = serde_json::from_str(include_str!("../../schemas/order.schema.json"))?;
    let recorded = include_str!("../recordings/order-history.json");
    let validator = jsonschema::validator_for(&schema)?;
    let mut faults = 0;

    for mut row in serde_json::from_str::<Vec<Value>>(recorded)? {
        // The venue sends `null` for what is absent; the schema has no word for that.
        let members = row.as_object_mut().ok_or("a row is no object")?;
        members.retain(|_, value| !value.is_null());
        for fault in validator.iter_errors(&row) {
            faults += 1;
            println!("{}: {fault}", fault.instance_path());
        }
        let order: Order = serde_json::from_value(row)?;
        println!("order {}: {} {}", order.id, order.symbol, order.status);
    }
    if faults > 0 {
        return Err(format!("{faults} faults").into());
    }
    Ok(())
}
