//! Which operation a request belongs to, by its method and path.

use std::collections::HashMap;

use crate::model::Model;

/// Finds the operation of a request.
///
/// ```
/// use bpx_contract::{Document, Matcher, lower};
///
/// let model = lower(&Document::parse("pets.yaml", br#"
/// openapi: 3.0.3
/// info: {title: Pets, version: '1'}
/// servers: [{url: https://pets.example/v1}]
/// paths:
///   /pets/{id}:
///     get:
///       operationId: getPet
///       parameters: [{name: id, in: path, required: true, schema: {type: string}}]
///       responses: {'200': {description: The pet.}}
/// "#)?)?;
/// let matcher = Matcher::new(&model);
/// assert_eq!(matcher.find("GET", "/v1/pets/17"), Some("getPet"));
/// assert_eq!(matcher.find("GET", "/pets/17"), Some("getPet"));
/// assert_eq!(matcher.find("POST", "/pets/17"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Matcher {
    constant: HashMap<String, HashMap<String, String>>,
    /// Those with more constant segments first.
    templates: Vec<Template>,
    /// Paths that the paths of requests may begin with: that of the first server, and the caller's.
    bases: Vec<String>,
}

#[derive(Debug)]
struct Template {
    method: String,
    segments: Vec<Option<String>>,
    id: String,
}

impl Matcher {
    /// A matcher of the operations of a model.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut this = Self {
            bases: model.server.as_deref().map(base_path).into_iter().collect(),
            ..Self::default()
        };
        for (id, operation) in &model.operations {
            let method = operation.method.as_str().to_owned();
            if operation.path.contains('{') {
                this.templates.push(Template {
                    method,
                    segments: operation.path.split('/').map(segment).collect(),
                    id: id.clone(),
                });
            } else {
                let of_method = this.constant.entry(method).or_default();
                of_method.insert(operation.path.clone(), id.clone());
            }
        }
        this.templates
            .sort_by_key(|template| template.segments.iter().filter(|it| it.is_none()).count());
        this
    }

    /// Lets the paths of requests begin with this one, as behind a gateway.
    pub fn add_base(&mut self, path: &str) {
        self.bases.push(path.trim_end_matches('/').to_owned());
    }

    /// The id of the operation; the case of the method, and one slash at the end of the path, do not count.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<&str> {
        let path = path
            .strip_suffix('/')
            .filter(|it| !it.is_empty())
            .unwrap_or(path);
        self.find_exact(method, path).or_else(|| {
            let mut rests = self
                .bases
                .iter()
                .filter_map(|base| path.strip_prefix(&**base));
            rests.find_map(|rest| self.find_exact(method, rest))
        })
    }

    fn find_exact(&self, method: &str, path: &str) -> Option<&str> {
        let constant = match self.constant.get(method) {
            Some(paths) => paths.get(path),
            None => self
                .constant
                .get(&method.to_ascii_uppercase())
                .and_then(|it| it.get(path)),
        };
        if let Some(id) = constant {
            return Some(id);
        }
        let mut templates = self.templates.iter();
        templates
            .find(|it| it.method.eq_ignore_ascii_case(method) && it.fits(path))
            .map(|it| it.id.as_str())
    }
}

impl Template {
    fn fits(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let all = self.segments.iter().all(|wanted| {
            given.next().is_some_and(|given| match wanted {
                Some(wanted) => given == wanted,
                None => !given.is_empty(),
            })
        });
        all && given.next().is_none()
    }
}

/// A constant segment; `None` for one with a parameter in it.
fn segment(text: &str) -> Option<String> {
    (!text.contains('{')).then(|| text.to_owned())
}

/// `https://host/base` has the base `/base`.
fn base_path(server: &str) -> String {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let path = rest
        .find('/')
        .and_then(|at| rest.get(at..))
        .unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}
