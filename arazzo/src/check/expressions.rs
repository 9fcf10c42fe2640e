//! What an expression comes to, in each place where one may stand.

use super::Origin;
use super::callee::{CalledWorkflow, Callee, Fault};
use super::flow::Before;
use super::proof::proved;
use super::spot::{Result, Spot, Typed, When};
use super::state::WorkflowChecker;
use super::types::{Missing, Type};
use crate::near::{name_one_of, nearest};
use crate::{Criterion, Expression, Reference, Root, Side, Then, WorkflowRef};

impl WorkflowChecker<'_> {
    /// The same place, once the criteria have held.
    pub(super) fn after(&self, spot: Spot, criteria: &[Criterion]) -> Spot {
        let certain = |it: &Expression| {
            let typed = self.unproved_type_of(it, &spot);
            typed.is_ok_and(|it| !it.ty.optional)
        };
        let proved = criteria.iter().flat_map(|it| proved(it, &certain));
        Spot {
            proved: proved.collect(),
            ..spot
        }
    }

    /// The type of an expression.
    pub(super) fn type_of(&self, expression: &Expression, spot: &Spot) -> Result<Typed> {
        let mut typed = self.unproved_type_of(expression, spot)?;
        if spot.proved.contains(expression.root()) {
            typed.ty.optional = false;
            typed.remark = None;
        }
        Ok(typed)
    }

    fn unproved_type_of(&self, expression: &Expression, spot: &Spot) -> Result<Typed> {
        match expression.root() {
            Root::Inputs(name) => self.input(expression, name).map(Typed::from),
            Root::Step { id, output } => self.step_output(expression, id, output, spot),
            Root::Outputs(name) => self.own_output(expression, name, spot),
            Root::Workflow { id, side, value } => self
                .other_workflow(expression, id, *side, value)
                .map(Typed::from),
            Root::Source { name, field } => self.source_field(name, field).map(Typed::from),
            Root::SelfUri => Ok(Type::text().into()),
            Root::Component { .. } => Err((
                format!("`{expression}` is not a value"),
                "refer to a component with `reference`, in place of a parameter or action"
                    .to_owned(),
            )),
            Root::Url | Root::Method | Root::StatusCode | Root::Request(_) | Root::Response(_) => {
                self.in_exchange(expression, spot)
            }
        }
    }

    fn input(&self, expression: &Expression, name: &Reference) -> Result<Type> {
        let Some(inputs) = self.tables.inputs.get(&self.workflow.id) else {
            return Ok(Type::any());
        };
        let fields = inputs.fields();
        let found = name.resolve(|name| fields.iter().find(|field| field.name == name));
        let Some((field, rest)) = found else {
            let known = fields.iter().map(|field| field.name.as_str());
            let problem = format!(
                "`{expression}`: workflow `{}` has no input `{}`",
                self.workflow.id, name.name
            );
            return Err((problem, name_one_of(&name.name, known)));
        };
        let ty = Type {
            shape: field.shape.clone(),
            origin: Origin::Inputs(self.workflow.id.clone()),
            optional: field.optional() && field.default.is_none(),
            doc: field.doc.clone(),
        };
        self.inside(expression, ty, rest)
    }

    /// What a way into a known value leads to.
    pub(super) fn inside(
        &self,
        expression: &Expression,
        ty: Type,
        rest: Vec<&str>,
    ) -> Result<Type> {
        let found = self.tables.walk(ty, rest, None);
        found
            .map(|found| found.ty)
            .map_err(|missing| names_nothing(expression, &[missing], ""))
    }

    fn step_output(
        &self,
        expression: &Expression,
        id: &str,
        output: &Reference,
        spot: &Spot,
    ) -> Result<Typed> {
        let index = self.position(id)?;
        let always = match spot.step {
            Some(step) if step == index && spot.when == When::Success => true,
            Some(step) => self.ran_before(id, step)? == Before::Always,
            None => self.always_ran(index),
        };
        let (_, ty) = self.step_value(expression, id, output)?;
        let remark = (!always).then(|| {
            format!("`{expression}` may be missing: step `{id}` does not always run before")
        });
        let ty = ty.or_absent(!always);
        Ok(Typed {
            ty,
            remark,
            doubt: None,
        })
    }

    /// What a step gives when it succeeds, and its position.
    pub(super) fn step_value(
        &self,
        expression: &Expression,
        id: &str,
        output: &Reference,
    ) -> Result<(usize, Type)> {
        let index = self.position(id)?;
        let step = self.workflow.steps.get(index);
        let declared = step.map(|it| it.outputs.as_slice()).unwrap_or_default();
        let found = output.resolve(|name| declared.iter().find(|(known, _)| known == name));
        let Some(((name, _), rest)) = found else {
            let names = declared.iter().map(|(name, _)| name.as_str());
            let problem = format!(
                "`{expression}`: step `{id}` has no output `{}`",
                output.name
            );
            return Err((problem, name_one_of(&output.name, names)));
        };
        let known = self.outputs.get(index).and_then(|it| it.get(name));
        let ty = known.cloned().unwrap_or_else(Type::any);
        self.inside(expression, ty, rest).map(|ty| (index, ty))
    }

    pub(super) fn position(&self, id: &str) -> Result<usize> {
        self.positions.get(id).copied().ok_or_else(|| {
            let known = self.positions.keys().copied();
            (format!("there is no step `{id}`"), name_one_of(id, known))
        })
    }

    /// Whether a step has succeeded before another; never is a fault, unless nothing ever leads there.
    pub(super) fn ran_before(&self, id: &str, step: usize) -> Result<Before> {
        let index = self.position(id)?;
        match self.flow.before(index, step) {
            Before::Never if self.flow.is_reached(step) => Err((
                format!("step `{id}` never runs before this one"),
                "take the value from an earlier step, or change the order".to_owned(),
            )),
            other => Ok(other),
        }
    }

    /// Whether a step has succeeded however the workflow ends in success.
    fn always_ran(&self, index: usize) -> bool {
        let steps = &self.workflow.steps;
        (0..steps.len()).all(|other| {
            let ends = self.may_end_after(other);
            !ends || other == index || self.flow.before(index, other) == Before::Always
        })
    }

    /// Whether the workflow can end in success after this step.
    fn may_end_after(&self, index: usize) -> bool {
        let Some(step) = self.workflow.steps.get(index) else {
            return false;
        };
        let last = index + 1 == self.workflow.steps.len();
        let ends = step.on_success.iter().any(|it| it.then == Then::End);
        let decided = step.on_success.iter().any(|it| it.criteria.is_empty());
        self.flow.is_reached(index) && (ends || (last && !decided))
    }

    fn own_output(&self, expression: &Expression, name: &Reference, spot: &Spot) -> Result<Typed> {
        let callee = spot.step.and_then(|step| self.callees.get(step));
        let outputs = match (callee, spot.when) {
            (_, When::Request | When::End) | (None, _) => {
                return Err((
                    format!("`{expression}` has no value here"),
                    "name the step: `$steps.ID.outputs.NAME`".to_owned(),
                ));
            }
            (Some(Callee::Workflow(called)), _) => called.outputs.as_ref(),
            (_, When::Success) => spot.step.and_then(|step| self.outputs.get(step)),
            _ => {
                return Err((
                    format!("`{expression}` has no value before the step has succeeded"),
                    "take the value from `$response`".to_owned(),
                ));
            }
        };
        let Some(outputs) = outputs else {
            return Ok(Type::any().into());
        };
        let Some((ty, rest)) = name.resolve(|name| outputs.get(name)) else {
            let known = outputs.keys().map(String::as_str);
            let problem = format!("`{expression}`: there is no output `{}`", name.name);
            return Err((problem, name_one_of(&name.name, known)));
        };
        let failed = spot.when == When::Failure;
        self.inside(expression, ty.clone(), rest)
            .map(|ty| ty.or_absent(failed).into())
    }

    fn other_workflow(
        &self,
        expression: &Expression,
        id: &str,
        side: Side,
        value: &Reference,
    ) -> Result<Type> {
        let this = id == self.workflow.id;
        let waits = self.workflow.depends_on.iter().any(|it| it.id == id);
        let calls = self
            .callees
            .iter()
            .any(|it| matches!(it, Callee::Workflow(called) if called.reference.id == id));
        let called = self.workflow_named(id)?;
        if side == Side::Inputs && this {
            return self.input(expression, value);
        }
        if !waits && !calls {
            return Err((
                format!("`{expression}`: workflow `{id}` has not run when this one does"),
                format!("add `{id}` to `dependsOn`, or call it in a step"),
            ));
        }
        let known: Vec<(String, Type)> = match side {
            Side::Inputs => called
                .inputs
                .fields()
                .iter()
                .filter_map(|it| Some((it.name.clone(), called.input(&it.name)?)))
                .collect(),
            Side::Outputs => called.outputs.into_iter().flatten().collect(),
        };
        let found = value.resolve(|name| known.iter().find(|(known, _)| known == name));
        let Some(((_, ty), rest)) = found else {
            let names = known.iter().map(|(name, _)| name.as_str());
            let problem = format!("`{expression}`: workflow `{id}` has no such value");
            return Err((problem, name_one_of(&value.name, names)));
        };
        self.inside(expression, ty.clone(), rest)
            .map(|ty| ty.or_absent(!waits))
    }

    /// A workflow by its bare id: of this document, or one of those it depends on.
    fn workflow_named(&self, id: &str) -> Result<CalledWorkflow<'_>> {
        let depends = self.workflow.depends_on.iter().find(|it| it.id == id);
        let called = self.callees.iter().find_map(|it| match it {
            Callee::Workflow(called) if called.reference.id == id => Some(&called.reference),
            _ => None,
        });
        let reference = depends.or(called).cloned().unwrap_or_else(|| WorkflowRef {
            source: None,
            id: id.to_owned(),
        });
        self.checker.workflow_callee(&reference)
    }

    fn source_field(&self, name: &str, field: &str) -> Result<Type> {
        let sources = &self.checker.description.sources;
        if !sources.iter().any(|it| it.name == name) {
            let known = sources.iter().map(|it| it.name.as_str());
            return Err((
                format!("there is no source `{name}`"),
                name_one_of(name, known),
            ));
        }
        if ["url", "name", "type"].contains(&field) {
            return Ok(Type::text());
        }
        let problem = format!("the source `{name}` has no field `{field}`");
        Err((problem, name_one_of(field, ["url", "name", "type"])))
    }
}

pub(super) fn names_nothing(expression: &Expression, missing: &[Missing], suffix: &str) -> Fault {
    let mut schemas: Vec<_> = missing.iter().map(|it| it.schema.clone()).collect();
    schemas.sort();
    schemas.dedup();
    let token = missing
        .first()
        .map(|it| it.token.clone())
        .unwrap_or_default();
    let known: Vec<_> = missing
        .iter()
        .flat_map(|it| it.known.iter().map(String::as_str))
        .collect();
    let fix = match nearest(&token, known.iter().copied()) {
        Some("0") => "give an index, such as `0`".to_owned(),
        Some(near) => format!("the nearest field is `{near}`"),
        None => "end the pointer before it".to_owned(),
    };
    let has = if schemas.len() > 1 { "have" } else { "has" };
    let problem = format!(
        "`{expression}` names nothing: {} {has} no `{token}`{suffix}",
        schemas.join(" and ")
    );
    (problem, fix)
}
