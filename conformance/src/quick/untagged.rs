//! Unions whose arms only their shapes tell apart.

use super::scan::{Scan, Step, Stop, count};
use super::table::{Alternative, Json};
use super::words::words;

/// More required members than this of all arms together are left to the oracle.
const MEMBERS_MAX: usize = 64;

impl<'a> Scan<'a, '_> {
    /// A value of the first arm that it fits. It must be certain that an object fits no other arm.
    pub(super) fn untagged(
        &mut self,
        arms: &'a [Alternative],
        slot: usize,
        at: usize,
        depth: u8,
    ) -> Step {
        let json = Json::of(self.byte(at)).ok_or(Stop::Fail)?;
        let mut candidates = arms.iter().zip(slot..).filter(|(arm, _)| arm.json == json);
        match (candidates.next(), candidates.next(), json) {
            (None, ..) => Err(Stop::Fail),
            (Some(only), None, _) => self.arm(only, at, depth),
            (_, _, Json::Object) => {
                let only = self.object_arm(arms, slot, at + 1)?;
                self.arm(only, at, depth)
            }
            (_, _, Json::Array) => Err(Stop::Unsure),
            _ => self.first_scalar(arms, slot, json, at),
        }
    }

    fn arm(&mut self, (arm, slot): (&'a Alternative, usize), at: usize, depth: u8) -> Step {
        let end = self.value(&arm.kind, at, depth)?;
        count(self.seen, slot);
        Ok(end)
    }

    fn first_scalar(
        &mut self,
        arms: &'a [Alternative],
        slot: usize,
        json: Json,
        at: usize,
    ) -> Step {
        for arm in arms.iter().zip(slot..).filter(|(arm, _)| arm.json == json) {
            match self.arm(arm, at, 0) {
                Err(Stop::Fail) => {}
                step => return step,
            }
        }
        Err(Stop::Fail)
    }

    /// The one arm all of whose required members the object has.
    fn object_arm(
        &mut self,
        arms: &'a [Alternative],
        slot: usize,
        at: usize,
    ) -> Result<(&'a Alternative, usize), Stop> {
        let found = self.members(arms, at)?;
        let mut bit = 0_usize;
        let mut fitting = arms.iter().zip(slot..).filter(|(arm, _)| {
            let own = bit..bit + arm.required.len();
            bit = own.end;
            arm.json == Json::Object && own.clone().all(|bit| found & (1 << bit) != 0)
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Stop::Fail),
            _ => Err(Stop::Unsure),
        }
    }

    /// A bit for each required member of each arm that the object has.
    fn members(&mut self, arms: &[Alternative], at: usize) -> Result<u64, Stop> {
        let required = arms.iter().flat_map(|arm| &arm.required);
        if required.clone().count() > MEMBERS_MAX {
            return Err(Stop::Unsure);
        }
        let (mut found, mut at) = (0, self.blank(at));
        while self.byte(at) == b'"' {
            let rest = self.body.get(at + 1..).unwrap_or_default();
            let start = words(self.body, at + 1);
            for (name, bit) in required.clone().zip(0..) {
                found |= u64::from(name.begins(start, rest)) << bit;
            }
            let (_, end) = self.plain(at + 1)?;
            let value = self.colon(end)?;
            let end = self.passed(value)?;
            at = self.blank(end);
            if self.byte(at) == b',' {
                at = self.blank(at + 1);
            }
        }
        if self.byte(at) == b'}' {
            Ok(found)
        } else {
            Err(Stop::Unsure)
        }
    }
}
