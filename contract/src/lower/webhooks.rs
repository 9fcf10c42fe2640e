//! What a server sends to whoever listens (OpenAPI 3.1.1, `webhooks`).

use std::collections::BTreeMap;

use super::Lowerer;
use super::hoist::Hint;
use super::media::is_json;
use crate::cursor::Cursor;
use crate::model::Shape;

impl Lowerer<'_> {
    /// The bodies of webhooks, which a server sends to whoever listens, by the key of the hook.
    pub(super) fn webhooks(&mut self, root: &Cursor<'_>) -> BTreeMap<String, Shape> {
        let mut bodies = BTreeMap::new();
        for (name, item) in root.entries("webhooks") {
            let Some(item) = self.ok(item.follow()) else {
                continue;
            };
            let post = item.get("post").or_else(|| item.get("put"));
            let body = post.and_then(|at| at.get("requestBody"));
            let Some(body) = body.and_then(|body| self.ok(body.follow())) else {
                self.note(
                    &item,
                    "a webhook without a body that a server posts has no type",
                );
                continue;
            };
            let content = body.entries("content").into_iter();
            let json = content
                .filter(|(media, _)| is_json(media))
                .map(|(_, at)| at)
                .next();
            if let Some(schema) = json.and_then(|at| at.get("schema")) {
                let hint = Hint::new(name, "hook");
                let found = self.use_of(&schema, &hint);
                bodies.insert(name.to_owned(), found.shape.or_null(found.nullable));
            } else {
                self.widened(&body, "a webhook whose body is not JSON has no type");
            }
        }
        bodies
    }
}
