//! From method and path to an operation.

use std::collections::HashMap;

use bpx_contract::model::Model;

/// Constant paths by name; templates by method and number of segments.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    constant: HashMap<String, HashMap<String, String>>,
    templates: Vec<Template>,
    /// Paths that recorded URLs may begin with: that of the first server, and the caller's.
    bases: Vec<String>,
}

#[derive(Debug)]
struct Template {
    method: String,
    segments: Vec<Option<String>>,
    id: String,
}

impl Matcher {
    pub(crate) fn of(model: &Model) -> Self {
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
        // The one with more constant segments says more.
        this.templates
            .sort_by_key(|template| template.segments.iter().filter(|it| it.is_none()).count());
        this
    }

    pub(crate) fn add_base(&mut self, path: &str) {
        self.bases.push(path.trim_end_matches('/').to_owned());
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&str> {
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

/// A constant segment; none for one with a parameter in it.
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
