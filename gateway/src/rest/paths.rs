//! Checks that the paths of a capability can be served beside each other and beside the gateway's own.

use std::collections::btree_map::{BTreeMap, Entry};

use bpx_capability::Exposed;
use bpx_capability::exposed::Route;

use crate::error::GatewayError;

/// Checks every route of the capability. `own` are the paths that the gateway serves itself.
///
/// # Errors
/// [`GatewayError::Route`]: the first route that cannot be served.
pub(super) fn check(exposed: &Exposed, own: &[&str]) -> Result<(), GatewayError> {
    let mut templates = BTreeMap::new();
    let mut methods = BTreeMap::new();
    for route in exposed.routes() {
        let shape = shape(&route.path).ok_or_else(|| {
            let problem = "the path is not `/` followed by segments that are text or one `{name}`";
            let fix = "give it a path such as `/orders/{id}`";
            refused(route, problem.to_owned(), fix)
        })?;
        if own.contains(&route.path.as_str()) {
            let problem = "the gateway serves this path itself".to_owned();
            return Err(refused(route, problem, "give it another path"));
        }
        match templates.entry(shape) {
            Entry::Vacant(entry) => {
                entry.insert(&route.path);
            }
            Entry::Occupied(entry) if *entry.get() == &route.path => {}
            Entry::Occupied(entry) => {
                let problem = format!("`{}` matches the same requests", entry.get());
                let fix = "name the parameters alike in both paths, or change one of the paths";
                return Err(refused(route, problem, fix));
            }
        }
        if let Some(other) = methods.insert((&route.path, route.method), &route.name) {
            let problem = format!("the route `{other}` has the same method and path");
            return Err(refused(route, problem, "give one of the two another path"));
        }
    }
    Ok(())
}

fn refused(route: &Route, problem: String, fix: &'static str) -> GatewayError {
    GatewayError::Route {
        route: format!("{} {}", route.method, route.path),
        problem,
        fix,
    }
}

/// The path without the names of its parameters; none if it is not a path that the router takes.
fn shape(path: &str) -> Option<String> {
    let segments = path.strip_prefix('/')?.split('/');
    let shapes: Option<Vec<_>> = segments
        .map(|segment| match segment.strip_prefix('{') {
            Some(rest) => {
                let name = rest.strip_suffix('}')?;
                let is_plain = !name.is_empty() && !name.contains(['{', '}', '*']);
                is_plain.then_some("{}")
            }
            None => (!segment.contains(['{', '}']) && !segment.starts_with([':', '*']))
                .then_some(segment),
        })
        .collect();
    Some(shapes?.join("/"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A capability with routes at these paths.
    fn capability(paths: &[&str]) -> Exposed {
        let mut exposed = bpx_venue::exposed().clone();
        let operation = &exposed.rest[0].routes[0].operation;
        let routes = paths.iter().map(|path| {
            Arc::new(Route {
                name: format!("at {path}"),
                description: String::new(),
                method: "GET",
                path: (*path).to_owned(),
                operation: Arc::clone(operation),
                bound: None,
            })
        });
        exposed.rest[0].routes = routes.collect();
        exposed
    }

    #[test]
    fn paths_that_the_router_takes_pass() {
        for paths in [
            &["/", "/orders", "/orders/{id}", "/orders/{id}/fills"][..],
            &["/orders/{id}", "/orders/open"],
        ] {
            check(&capability(paths), &["/docs"]).unwrap();
        }
        check(bpx_venue::exposed(), &["/docs"]).unwrap();
    }

    #[test]
    fn paths_that_the_router_would_stop_at_are_refused_by_name() {
        for (paths, problem) in [
            (&["orders"][..], "is not `/`"),
            (&["/orders/{id"], "is not `/`"),
            (&["/orders/{*rest}"], "is not `/`"),
            (&["/orders/x{id}"], "is not `/`"),
            (&["/:id"], "is not `/`"),
            (&["/docs"], "serves this path itself"),
            (
                &["/o/{id}", "/o/{name}"],
                "`/o/{id}` matches the same requests",
            ),
            (&["/o", "/o"], "has the same method and path"),
        ] {
            let refused = check(&capability(paths), &["/docs"]).unwrap_err();
            assert!(
                refused.to_string().contains(problem),
                "{paths:?}: {refused}"
            );
        }
    }
}
