//! Small changes at random that leave most documents valid.

use bpx_contract::pointer;
use serde_json::Value;

/// A small generator of numbers (xorshift64*), so that a failure can be had again.
pub(super) struct Dice(u64);

impl Dice {
    /// The generator of one round of a seed.
    pub(super) fn of(seed: u64, round: usize) -> Self {
        let round = u64::try_from(round).unwrap() + 1;
        Self(seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }
}

/// Every member of objects: the pointer to its object, its name and its value.
fn members(value: &Value, at: &str, all: &mut Vec<(String, String, Value)>) {
    match value {
        Value::Object(object) => {
            for (name, member) in object {
                all.push((at.to_owned(), name.clone(), member.clone()));
                members(member, &pointer::join(at, name), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                members(item, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// Removes a member, gives it the value of another of the same name, or copies a member into an object that is the
/// value of the same name. Says what it did.
pub(super) fn change(document: &mut Value, dice: &mut Dice) -> String {
    let mut all = Vec::new();
    members(document, "", &mut all);
    let (at, name, _) = all[dice.below(all.len())].clone();
    let last = |at: &str| at.rsplit('/').next().unwrap_or_default().to_owned();
    let action = dice.below(4);
    let donors: Vec<_> = match action {
        1 => all.iter().filter(|it| it.1 == name).collect(),
        _ => all.iter().filter(|it| last(&it.0) == last(&at)).collect(),
    };
    let (from, donated, value) = donors[dice.below(donors.len())].clone();
    let Some(Value::Object(object)) = document.pointer_mut(&at) else {
        return String::new();
    };
    match action {
        0 => {
            object.shift_remove(&name);
            format!("remove {at}/{name}")
        }
        1 => {
            object.insert(name.clone(), value);
            format!("{at}/{name} as in {from}")
        }
        2 => {
            object.insert(format!("{donated}_"), value);
            format!("{at}/{donated}_ as in {from}/{donated}")
        }
        _ => {
            object.insert(donated.clone(), value);
            format!("{at}/{donated} as in {from}")
        }
    }
}
