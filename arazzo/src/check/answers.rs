//! What expressions say of the current request and its response.

use super::Origin;
use super::callee::{Callee, Fault};
use super::expressions::names_nothing;
use super::spot::{Result, Spot, Typed, When};
use super::state::WorkflowChecker;
use super::types::{Found, Missing, Type};
use super::worlds::{Presence, World};
use crate::near::name_one_of;
use crate::{Expression, Part, Root};
use bpx_contract::model::{IntFormat, Location, Operation, Shape};

impl WorkflowChecker<'_> {
    pub(super) fn in_exchange(&self, expression: &Expression, spot: &Spot) -> Result<Typed> {
        let callee = spot.step.and_then(|step| self.callees.get(step));
        let operation = match callee {
            _ if spot.when == When::End => None,
            Some(Callee::Operation {
                operation, source, ..
            }) => Some((*operation, source)),
            Some(Callee::Unknown) => return Ok(Type::any().into()),
            Some(Callee::Workflow(called)) if spot.when != When::Request => {
                return Ok(last_of(expression, &called.reference.id));
            }
            _ => None,
        };
        let Some((operation, source)) = operation else {
            return Err((
                format!("`{expression}` has no value here: there is no request"),
                "take the value from the outputs of a step".to_owned(),
            ));
        };
        if spot.when == When::Request {
            return Err((
                format!("`{expression}` has no value before the request is sent"),
                "take the value from an earlier step".to_owned(),
            ));
        }
        let no_answer = spot.worlds.iter().any(|world| world.status.is_empty());
        match expression.root() {
            Root::Url | Root::Method => Ok(Type::text().into()),
            Root::StatusCode => {
                let ty = Type::plain(Shape::Integer(IntFormat::Uint16));
                Ok(ty.or_absent(no_answer).into())
            }
            Root::Request(part) => self.request(expression, part, (operation, source), spot.step),
            Root::Response(part) => self.response(expression, part, operation, spot),
            _ => Ok(Type::any().into()),
        }
    }

    fn request(
        &self,
        expression: &Expression,
        part: &Part,
        (operation, source): (&Operation, &str),
        step: Option<usize>,
    ) -> Result<Typed> {
        let (name, location) = match part {
            Part::Header(_) => return Ok(Type::text().or_absent(true).into()),
            Part::Query(name) | Part::Path(name) if self.sends(step, name) => {
                return Ok(Type::text().or_absent(true).into());
            }
            Part::Query(name) => (name, Location::Query),
            Part::Path(name) => (name, Location::Path),
            Part::Body(tokens) => {
                let Some(body) = &operation.body else {
                    let step = step.and_then(|index| self.workflow.steps.get(index));
                    if !self.signs && step.is_some_and(|it| it.body.is_some()) {
                        return Ok(Type::any().into());
                    }
                    let problem = format!("`{expression}`: the operation takes no body");
                    return Err((problem, "remove it".to_owned()));
                };
                let ty = Type {
                    shape: body.shape.clone(),
                    origin: Origin::Source(source.to_owned()),
                    ..Type::text()
                };
                let tokens = tokens.iter().map(String::as_str).collect();
                return self.inside(expression, ty, tokens).map(Typed::from);
            }
        };
        let params = || operation.params.iter().filter(|it| it.location == location);
        if params().any(|it| it.name == *name) {
            return Ok(Type::text().or_absent(location == Location::Query).into());
        }
        let known: Vec<_> = params().map(|it| it.name.as_str()).collect();
        let problem = format!(
            "`{expression}`: the operation has no {} parameter `{name}`",
            location.as_str()
        );
        Err((problem, name_one_of(name, known)))
    }

    /// Whether the step sends a parameter of this name that the contract may not declare.
    fn sends(&self, step: Option<usize>, name: &str) -> bool {
        let step = step.and_then(|index| self.workflow.steps.get(index));
        let mut parameters = step.into_iter().flat_map(|it| &it.parameters);
        !self.signs && parameters.any(|it| it.name == name)
    }

    fn response(
        &self,
        expression: &Expression,
        part: &Part,
        operation: &Operation,
        spot: &Spot,
    ) -> Result<Typed> {
        match part {
            Part::Header(name) => Ok(header(name, operation)),
            Part::Query(_) | Part::Path(_) => Err((
                format!("`{expression}`: a response has headers and a body"),
                "write `$request` for what was sent".to_owned(),
            )),
            Part::Body(tokens) => self.response_body(expression, tokens, &spot.worlds),
        }
    }

    /// A pointer into the body, over all answers that are possible here.
    fn response_body(
        &self,
        expression: &Expression,
        tokens: &[String],
        worlds: &[World],
    ) -> Result<Typed> {
        if worlds.is_empty() {
            // That the criteria admit no answer has been said.
            return Ok(Type::any().into());
        }
        let mut found: Option<Found> = None;
        let (mut missing, mut empty, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
        for world in worlds {
            let (ty, maybe) = match &world.body {
                Presence::None => {
                    empty.push(world.words());
                    continue;
                }
                Presence::Some(ty) => (ty, false),
                Presence::Maybe(ty) => (ty, true),
            };
            let tokens = tokens.iter().map(String::as_str);
            match self.tables.walk(ty.clone(), tokens, world.arm.as_deref()) {
                Ok(mut next) => {
                    next.ty.optional |= maybe;
                    match &mut found {
                        Some(found) => found.join(next),
                        None => found = Some(next),
                    }
                }
                Err(nothing) => {
                    lacking.push(world.words());
                    missing.push(nothing);
                }
            }
        }
        let Some(mut found) = found else {
            let fault = self.nowhere(expression, &missing, worlds);
            // A 204 never has a body; of any other status a contract may leave it out.
            let may_have = missing.is_empty() && worlds.iter().any(World::may_have_body);
            return match may_have && !self.signs {
                true => Ok(Typed {
                    doubt: Some(fault),
                    ..Type::any().into()
                }),
                false => Err(fault),
            };
        };
        let sometimes = !empty.is_empty() || !lacking.is_empty();
        found.ty.optional |= sometimes;
        found.without.sort();
        found.without.dedup();
        lacking.extend(found.without);
        empty.retain(|it| !it.is_empty());
        Ok(Typed {
            ty: found.ty,
            remark: remark(expression, &empty, &lacking),
            doubt: None,
        })
    }

    fn nowhere(&self, expression: &Expression, missing: &[Missing], worlds: &[World]) -> Fault {
        if missing.is_empty() {
            let statuses: Vec<_> = worlds.iter().map(World::words).collect();
            return (
                format!(
                    "`{expression}`: no answer that is possible here has a body ({})",
                    statuses.join(", ")
                ),
                "let the criteria admit a status with a body".to_owned(),
            );
        }
        let mut statuses: Vec<_> = worlds
            .iter()
            .filter(|world| world.body != Presence::None)
            .map(|world| world.status.as_str())
            .collect();
        statuses.dedup();
        names_nothing(
            expression,
            missing,
            &format!(" (status {})", statuses.join(", ")),
        )
    }
}

/// In a step that calls a workflow, the last request there is meant; which one that is only a run tells.
fn last_of(expression: &Expression, workflow: &str) -> Typed {
    let remark = format!("`{expression}` speaks of the last request of workflow `{workflow}`");
    Typed {
        ty: Type::any(),
        remark: Some(remark),
        doubt: None,
    }
}

/// A header: those that every success must have are there, others may come or not.
fn header(name: &str, operation: &Operation) -> Typed {
    let mut headers = operation.success.headers.iter();
    let promised = headers.any(|it| it.required && it.name.eq_ignore_ascii_case(name));
    let remark = (!promised).then(|| {
        format!("the contract does not promise the header `{name}`, so it may be missing")
    });
    let ty = Type::text().or_absent(true);
    Typed {
        ty,
        remark,
        doubt: None,
    }
}

fn remark(expression: &Expression, empty: &[String], lacking: &[String]) -> Option<String> {
    let mut reasons = Vec::new();
    if !empty.is_empty() {
        reasons.push(format!("status {} has no body", empty.join(", ")));
    }
    if !lacking.is_empty() {
        reasons.push(format!("{} does not have it", lacking.join(", ")));
    }
    (!reasons.is_empty()).then(|| format!("`{expression}` may be missing: {}", reasons.join("; ")))
}
