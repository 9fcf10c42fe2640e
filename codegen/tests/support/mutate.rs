//! Documents changed at random.

use bpx_contract::pointer;
use serde_json::{Value, json};

/// A small generator of numbers (xorshift64*), so that a failure can be had again.
pub(crate) struct Dice(u64);

impl Dice {
    /// The generator of one round of a seed.
    pub(crate) fn of(seed: u64, round: usize) -> Self {
        let round = u64::try_from(round).unwrap() + 1;
        Self(seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| pointers(member, &pointer::join(at, key), all)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), all)),
        _ => {}
    }
}

const KEYS: [&str; 24] = [
    "type",
    "enum",
    "$ref",
    "properties",
    "allOf",
    "oneOf",
    "anyOf",
    "items",
    "required",
    "nullable",
    "const",
    "format",
    "discriminator",
    "additionalProperties",
    "description",
    "x-closed",
    "$id",
    "$anchor",
    "default",
    "maximum",
    "patternProperties",
    "prefixItems",
    "parameters",
    "content",
];

/// The document with one to four changes, and what they were.
pub(crate) fn mutant(document: &Value, dice: &mut Dice) -> (Value, Vec<String>) {
    let mut changed = document.clone();
    let steps = (0..=dice.below(3)).map(|_| mutate(&mut changed, dice));
    let steps = steps.collect();
    (changed, steps)
}

/// Changes one place; says how.
fn mutate(document: &mut Value, dice: &mut Dice) -> String {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let pointer = dice.pick(&all).clone();
    let other = dice.pick(&all).clone();
    let donor = document.pointer(&other).cloned().unwrap_or_default();
    let texts = [
        "",
        "x",
        "object",
        "array",
        "null",
        "string",
        "a\u{0}b",
        "`\"<[é",
        "#/components/schemas/Order",
        "Self",
        "1",
    ];
    let junk = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!([]),
        json!({}),
        json!([{}]),
        json!(dice.pick(&texts)),
        json!({"$ref": format!("#{other}")}),
        json!({"oneOf": [{"$ref": format!("#{other}")}, {"type": "null"}]}),
        donor.clone(),
    ];
    let value = dice.pick(&junk).clone();
    let Some(at) = document.pointer_mut(&pointer) else {
        return String::new();
    };
    let action = dice.below(5);
    match (at, action) {
        (Value::Object(members), 0) if !members.is_empty() => {
            let keys: Vec<String> = members.keys().cloned().collect();
            members.shift_remove(dice.pick(&keys));
        }
        (Value::Object(members), 1) => drop(members.insert((*dice.pick(&KEYS)).to_owned(), value)),
        (Value::Object(members), 2) => {
            drop(members.insert(format!("{}x", dice.pick(&texts)), donor))
        }
        (Value::Array(items), 0) => drop(items.pop()),
        (Value::Array(items), 1) => items.push(value),
        (at, _) => *at = value,
    }
    format!("{action} at {pointer}, from {other}")
}
