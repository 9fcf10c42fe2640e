//! How the workflows of a document need one another.

use std::collections::{BTreeMap, VecDeque};

use crate::near::name_one_of;
use crate::{Action, Description, Destination, Target, Then, Workflow, WorkflowRef};
use bpx_contract::Diagnostic;

/// The workflows, those that others need first; `None` if they need one another in a circle.
pub(super) fn order(description: &Description, faults: &mut Vec<Diagnostic>) -> Option<Vec<usize>> {
    let ids: BTreeMap<_, _> = description
        .workflows
        .iter()
        .enumerate()
        .map(|(index, it)| (it.id.as_str(), index))
        .collect();
    let mut needs = Vec::new();
    for workflow in &description.workflows {
        let local = needed(workflow)
            .into_iter()
            .filter(|it| it.source.is_none());
        let mut indices = Vec::new();
        for reference in local {
            match ids.get(reference.id.as_str()) {
                Some(index) => indices.push(*index),
                None => faults.push(Diagnostic::new(
                    workflow.place.clone(),
                    format!(
                        "workflow `{}` refers to `{}`, which does not exist",
                        workflow.id, reference.id
                    ),
                    name_one_of(&reference.id, ids.keys().copied()),
                )),
            }
        }
        needs.push(indices);
    }
    let order = sorted(&needs);
    if order.len() == needs.len() {
        return Some(order);
    }
    let stuck = description
        .workflows
        .iter()
        .enumerate()
        .filter(|(index, _)| !order.contains(index));
    let names: Vec<_> = stuck.clone().map(|(_, it)| it.id.as_str()).collect();
    if let Some((_, first)) = stuck.clone().next() {
        faults.push(Diagnostic::new(
            first.place.clone(),
            format!(
                "workflows need one another in a circle: {}",
                names.join(", ")
            ),
            "break the circle: remove one `dependsOn`, or one step that calls back",
        ));
    }
    None
}

/// What must be known of other workflows before this one can be: it waits for them, or calls them.
fn needed(workflow: &Workflow) -> Vec<&WorkflowRef> {
    let mut needed: Vec<_> = workflow.depends_on.iter().collect();
    for step in &workflow.steps {
        if let Target::Workflow(reference) = &step.target {
            needed.push(reference);
        }
        let actions = step.on_success.iter().chain(&step.on_failure);
        needed.extend(actions.filter_map(called));
    }
    needed
}

/// A workflow that an action calls and comes back from.
fn called(action: &Action) -> Option<&WorkflowRef> {
    match &action.then {
        Then::Retry {
            first: Some(Destination::Workflow(reference)),
            ..
        } => Some(reference),
        _ => None,
    }
}

/// Kahn's algorithm; what is on a circle, or behind one, is left out.
fn sorted(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut open: Vec<_> = needs.iter().map(Vec::len).collect();
    let mut users = vec![Vec::new(); needs.len()];
    for (index, needed) in needs.iter().enumerate() {
        for other in needed {
            if let Some(users) = users.get_mut(*other) {
                users.push(index);
            }
        }
    }
    let free = open.iter().enumerate().filter(|(_, count)| **count == 0);
    let mut ready: VecDeque<_> = free.map(|(index, _)| index).collect();
    let mut order = Vec::new();
    while let Some(index) = ready.pop_front() {
        order.push(index);
        for user in users.get(index).into_iter().flatten() {
            if let Some(count) = open.get_mut(*user) {
                *count -= 1;
                if *count == 0 {
                    ready.push_back(*user);
                }
            }
        }
    }
    order
}
