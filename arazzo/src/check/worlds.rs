//! The answers a step can get: one world per status the contract documents and arm of the body's union, and one in
//! which there is no answer at all.

use std::sync::Arc;

use super::Origin;
use super::types::{Tables, Type};
use crate::condition::Datum;
use crate::{Criterion, Expression, Part, Pattern, Root, Test};
use bpx_contract::model::{Content, Operation, Shape};

/// Statuses that never have a body (RFC 9110, 15.3.5 and 15.3.6).
const EMPTY: [&str; 2] = ["204", "205"];

/// One possible answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    /// The documented status; empty where there is no answer.
    pub(super) status: String,
    /// The codes it stands for.
    codes: Arc<[u16]>,
    /// Its body.
    pub(super) body: Presence,
    /// The arm of the union that the body is.
    pub(super) arm: Option<String>,
}

/// Whether there is a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Presence {
    None,
    Some(Type),
    Maybe(Type),
}

impl World {
    pub(super) fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// Accepted, not yet executed, and no body.
    pub(super) fn is_accepted(&self) -> bool {
        self.status == "202" && self.body == Presence::None
    }

    /// Whether the protocol admits a body, whatever the contract documents.
    pub(super) fn may_have_body(&self) -> bool {
        !self.status.is_empty() && !EMPTY.contains(&self.status.as_str())
    }

    /// A status that says: refused, nothing was done.
    fn is_refusal(&self) -> bool {
        self.status.starts_with('4')
    }

    /// How to speak of it.
    pub(super) fn words(&self) -> String {
        match &self.arm {
            Some(arm) => format!("{} ({arm})", self.status),
            None => self.status.clone(),
        }
    }
}

/// Every answer that the contract documents for an operation, and none.
pub(super) fn of(operation: &Operation, source: &str, tables: Tables<'_>) -> Vec<World> {
    let mut worlds = Vec::new();
    let typed = |shape: &Shape| Type {
        shape: shape.clone(),
        origin: Origin::Source(source.to_owned()),
        ..Type::text()
    };
    let success = &operation.success;
    let body = match &success.content {
        Content::Empty => Presence::None,
        Content::Json(shape) => Presence::Some(typed(shape)),
        Content::Text | Content::Bytes | Content::Events(_) => Presence::Some(Type::text()),
    };
    let explained = success
        .statuses
        .iter()
        .any(|(it, _)| EMPTY.contains(&it.as_str()));
    for (status, _) in &success.statuses {
        let none = EMPTY.contains(&status.as_str()) || (status == "202" && success.accepted);
        let body = match &body {
            _ if none => Presence::None,
            Presence::Some(ty) if success.absent && !explained => Presence::Maybe(ty.clone()),
            other => other.clone(),
        };
        add(&mut worlds, status, codes(status, operation), body, tables);
    }
    for failure in &operation.errors {
        let body = match (&operation.error, failure.has_body()) {
            (Some(shape), true) => Presence::Some(typed(shape)),
            (None, true) => Presence::Some(Type::text()),
            (_, false) => Presence::None,
        };
        let codes = codes(&failure.status, operation);
        add(&mut worlds, &failure.status, codes, body, tables);
    }
    add(&mut worlds, "", Arc::default(), Presence::None, tables);
    worlds
}

/// The codes that a documented status stands for: itself, its class, or for `default` all that nothing else covers.
fn codes(status: &str, operation: &Operation) -> Arc<[u16]> {
    if let Ok(code) = status.parse() {
        return Arc::new([code]);
    }
    let class = |status: &str, code: u16| {
        status.ends_with("XX") && status.bytes().next().map(u16::from) == Some(code / 100 + 48)
    };
    let successes = operation.success.statuses.iter().map(|(it, _)| it);
    let all: Vec<_> = successes
        .chain(operation.errors.iter().map(|it| &it.status))
        .collect();
    let exact = |code: u16| all.iter().any(|it| **it == code.to_string());
    let covered = |code: u16| exact(code) || all.iter().any(|it| class(it, code));
    let candidates = 100..600_u16;
    match status {
        "default" => candidates.filter(|code| !covered(*code)).collect(),
        _ => candidates
            .filter(|code| class(status, *code) && !exact(*code))
            .collect(),
    }
}

fn add(
    worlds: &mut Vec<World>,
    status: &str,
    codes: Arc<[u16]>,
    body: Presence,
    tables: Tables<'_>,
) {
    let world = |arm| World {
        status: status.to_owned(),
        codes: Arc::clone(&codes),
        body: body.clone(),
        arm,
    };
    let union = match &body {
        Presence::Some(ty) | Presence::Maybe(ty) => tables.union(ty),
        Presence::None => None,
    };
    match union.filter(|union| union.tag.is_some()) {
        Some(union) => {
            let arms = union.arms.iter().map(|arm| Some(arm.value.clone()));
            worlds.extend(arms.map(world));
        }
        None => worlds.push(world(None)),
    }
}

/// The worlds in which all criteria may hold; without criteria those of success.
pub(super) fn passing(worlds: &[World], criteria: &[Criterion], tables: Tables<'_>) -> Vec<World> {
    let may_pass = |world: &&World| {
        if criteria.is_empty() {
            return world.is_success();
        }
        criteria
            .iter()
            .all(|it| judge(it, world, tables) != Some(false))
    };
    worlds.iter().filter(may_pass).cloned().collect()
}

/// The worlds in which some criterion may fail.
pub(super) fn failing(worlds: &[World], criteria: &[Criterion], tables: Tables<'_>) -> Vec<World> {
    let may_fail = |world: &&World| {
        if criteria.is_empty() {
            return !world.is_success();
        }
        criteria
            .iter()
            .any(|it| judge(it, world, tables) != Some(true))
    };
    worlds.iter().filter(may_fail).cloned().collect()
}

/// The worlds in which an action's criteria may hold; without criteria all.
pub(super) fn within(worlds: &[World], criteria: &[Criterion], tables: Tables<'_>) -> Vec<World> {
    let may = |world: &&World| {
        criteria
            .iter()
            .all(|it| judge(it, world, tables) != Some(false))
    };
    worlds.iter().filter(may).cloned().collect()
}

/// Whether criteria hold only where a request was refused, even if a response comes that is not documented.
pub(super) fn only_refusals(worlds: &[World], criteria: &[Criterion], tables: Tables<'_>) -> bool {
    let documented = within(worlds, criteria, tables);
    let undocumented = World {
        status: "other".to_owned(),
        codes: Arc::default(),
        body: Presence::Maybe(Type::any()),
        arm: None,
    };
    let mut others = (100..400_u16).chain(500..600);
    documented.iter().all(World::is_refusal)
        && others.all(|code| {
            criteria
                .iter()
                .any(|it| judge_at(it, &undocumented, Some(code), tables) == Some(false))
        })
}

/// Whether a criterion holds in a world, as far as that is certain.
fn judge(criterion: &Criterion, world: &World, tables: Tables<'_>) -> Option<bool> {
    let mut verdicts = world
        .codes
        .iter()
        .map(|code| judge_at(criterion, world, Some(*code), tables));
    let Some(first) = verdicts.next() else {
        return judge_at(criterion, world, None, tables);
    };
    first.filter(|_| verdicts.all(|it| it == first))
}

fn judge_at(
    criterion: &Criterion,
    world: &World,
    code: Option<u16>,
    tables: Tables<'_>,
) -> Option<bool> {
    let mut look = |expression: &Expression| Ok(known(expression, world, code, tables));
    match &criterion.test {
        Test::Simple(condition) => condition.judge(&mut look).ok().flatten(),
        Test::Pattern { context, pattern } => match (known(context, world, code, tables)?, pattern)
        {
            (Datum::Null, _) => Some(false),
            (Datum::Number(text) | Datum::Text(text), Pattern::Fixed(regex)) => {
                Some(regex.is_match(&text))
            }
            _ => None,
        },
        Test::Path { context, .. } => match known(context, world, code, tables)? {
            Datum::Null => Some(false),
            _ => None,
        },
        Test::Never { .. } => Some(false),
    }
}

/// What an expression comes to in a world, if that is certain.
fn known(
    expression: &Expression,
    world: &World,
    code: Option<u16>,
    tables: Tables<'_>,
) -> Option<Datum> {
    match expression.root() {
        Root::StatusCode => Some(code.map_or(Datum::Null, |code| Datum::Number(code.to_string()))),
        Root::Response(Part::Header(_)) if world.status.is_empty() => Some(Datum::Null),
        Root::Response(Part::Body(tokens)) => match &world.body {
            Presence::None => Some(Datum::Null),
            Presence::Maybe(_) => None,
            Presence::Some(ty) => in_body(ty, tokens, world.arm.as_deref(), tables),
        },
        _ => None,
    }
}

/// The tag is known with the arm, and a member that the arm does not have is null.
fn in_body(ty: &Type, tokens: &[String], arm: Option<&str>, tables: Tables<'_>) -> Option<Datum> {
    let tag = tables.union(ty).and_then(|union| union.tag.as_deref());
    if let (Some(arm), [only]) = (arm, tokens)
        && tag == Some(only)
    {
        return Some(Datum::Text(arm.to_owned()));
    }
    let walked = tables.walk(ty.clone(), tokens.iter().map(String::as_str), arm);
    walked.is_err().then_some(Datum::Null)
}
