//! Brings what was found in the documents together with the changes that the models show.

use super::super::drafts::{Draft, Drafts, Known};
use super::super::witness::Probe;
use super::schemas::Found;
use crate::rules::Class;
use crate::side::Side;

pub(super) fn draft(found: Found) -> Draft {
    let is_removed = found.rule.is_removal();
    let probe = match found.rule.class() {
        Class::Values if found.is_provable => Probe::Several,
        _ => Probe::None,
    };
    let draft = Draft::new(found.rule, &found.subject, found.places)
        .detail(found.detail)
        .probe(probe);
    if is_removed { draft.removed() } else { draft }
}

/// Adds what no change says already: one of the same class at the same place or of the same name. Each change says one
/// difference. Where the documents are stricter than the models, the change is judged by the documents.
pub(super) fn merge(id: &str, found: Vec<(Side, Found)>, drafts: &mut Drafts<'_>) {
    let mut known: Vec<_> = drafts.known(id).into_iter().map(Some).collect();
    let mut left = found;
    for (fits, says_one) in [(is_same as Fits, false), (is_like, true)] {
        let mut open = Vec::new();
        for (side, found) in left {
            let same = |it: &Known| it.fits(side, found.rule) && fits(it, &found);
            let index = known.iter().position(|it| it.as_ref().is_some_and(same));
            let Some(slot) = index.and_then(|index| known.get_mut(index)) else {
                open.push((side, found));
                continue;
            };
            if let Some(it) = slot.take_if(|_| says_one).as_ref().or(slot.as_ref()) {
                let is_stricter = found.rule.verdict() > it.key.1.verdict();
                if is_stricter && found.rule.class() == Class::Values {
                    drafts.judge(id, &it.key, found.rule);
                }
            }
        }
        left = open;
    }
    for (side, found) in left {
        drafts.add(id, side, draft(found), None);
    }
}

type Fits = fn(&Known, &Found) -> bool;

/// Whether a change is the difference: by its name, or by its place and the value or variant that it is about.
fn is_same(known: &Known, found: &Found) -> bool {
    let subject = known.subject();
    let is_here = !known.pointers.is_disjoint(&found.pointers);
    let is_inside = known.is_whole() && found.subject.starts_with(subject);
    subject == found.subject || is_inside || (is_here && item(subject) == item(&found.subject))
}

/// Whether a change may be the difference: the models give inline types names and places of their own.
fn is_like(known: &Known, found: &Found) -> bool {
    let is_here = !known.pointers.is_disjoint(&found.pointers);
    known.key.1 == found.rule && (is_here || item(known.subject()) == item(&found.subject))
}

/// The value or variant that a change is about: `sold` in `Status=sold`, `Dog` in `Animal:Dog`.
fn item(subject: &str) -> Option<&str> {
    let (_, item) = subject.rsplit_once(['=', ':'])?;
    Some(item)
}
