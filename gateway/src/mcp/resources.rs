//! Resources: the schemas of the tools, the Order, and the files of the skill; and the skill as SEP-2640 lists it.

use bpx_client::capability::{MCP, SKILLS};
use bpx_venue::operations::GET_ORDER_HISTORY;
use bpx_runtime::capability::{Skill, SkillFile};
use rmcp::model::{JsonObject, Resource, ResourceContents};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::tools::schema;

/// The extension under which servers offer skills.
pub(super) const SKILLS_EXTENSION: &str = "io.modelcontextprotocol/skills";
const SCHEMA: &str = "application/schema+json";
const MARKDOWN: &str = "text/markdown";

/// Everything that can be read, in one order.
#[derive(Debug)]
pub(super) struct Resources {
    rows: Vec<(Resource, Text)>,
}

/// What a resource says: written by the generator, or taken out of a schema.
#[derive(Debug)]
enum Text {
    Fixed(&'static str),
    Made(String),
}

impl Resources {
    pub(super) fn new() -> Self {
        let files = SKILLS
            .iter()
            .flat_map(|skill| skill.files.iter().map(|file| skill_file(skill, file)));
        let tools = MCP.iter().flat_map(|server| server.tools);
        let schemas = tools.flat_map(|tool| {
            let operation = tool.operation;
            [
                ("input", "Arguments", operation.input_schema),
                ("output", "Result", operation.output_schema),
            ]
            .map(|(side, what, text)| {
                let name = format!("{}-{side}", tool.name);
                let about = format!("{what} of the tool {}, as JSON Schema 2020-12", tool.name);
                row(
                    &format!("schema://tools/{}/{side}", tool.name),
                    &name,
                    &about,
                    SCHEMA,
                    Text::Fixed(text),
                )
            })
        });
        Self {
            rows: files.chain(order()).chain(schemas).collect(),
        }
    }

    pub(super) fn list(&self) -> Vec<Resource> {
        self.rows.iter().map(|(row, _)| row.clone()).collect()
    }

    pub(super) fn read(&self, uri: &str) -> Option<ResourceContents> {
        let (row, text) = self.rows.iter().find(|(row, _)| row.uri == uri)?;
        let text = match text {
            Text::Fixed(text) => (*text).to_owned(),
            Text::Made(text) => text.clone(),
        };
        let mime_type = row.mime_type.clone().unwrap_or_default();
        Some(ResourceContents::text(text, uri).with_mime_type(mime_type))
    }
}

fn row(uri: &str, name: &str, description: &str, mime_type: &str, text: Text) -> (Resource, Text) {
    let size = match &text {
        Text::Fixed(text) => text.len(),
        Text::Made(text) => text.len(),
    };
    let row = Resource::new(uri, name)
        .with_description(description)
        .with_mime_type(mime_type)
        .with_size(size as u64);
    (row, text)
}

/// `SKILL.md` goes by the name and the description of its front matter.
fn skill_file(skill: &Skill, file: &SkillFile) -> (Resource, Text) {
    let uri = skill_uri(skill, file);
    let text = Text::Fixed(file.text);
    if is_entry(skill, file) {
        return row(&uri, skill.name, skill.description, MARKDOWN, text);
    }
    let about = format!("Part of the skill {}", skill.name);
    row(&uri, file.path, &about, MARKDOWN, text)
}

/// The Order by itself, out of the schema of the order history.
fn order() -> Option<(Resource, Text)> {
    let history = schema(GET_ORDER_HISTORY.output_schema);
    let definitions = history.get("$defs")?.as_object()?.clone();
    let mut order: JsonObject = definitions.get("Order")?.as_object()?.clone();
    order.insert("$defs".to_owned(), Value::Object(definitions));
    let about = "An order as the order history returns it, as JSON Schema 2020-12";
    let text = Text::Made(Value::Object(order).to_string());
    Some(row("schema://order", "order", about, SCHEMA, text))
}

/// The answer to `skills/list`.
pub(super) fn skills() -> Value {
    let entries: Vec<_> = SKILLS.iter().map(entry).collect();
    json!({"skills": entries})
}

/// The answer to `skills/get`.
pub(super) fn skill(uri: &str) -> Option<Value> {
    let skill = SKILLS.iter().find(|skill| {
        let first = skill.files.first();
        first.is_some_and(|file| skill_uri(skill, file) == uri)
    })?;
    Some(json!({"skill": entry(skill)}))
}

fn entry(skill: &Skill) -> Value {
    let files = skill.files.iter().map(|file| {
        let digest = Sha256::digest(file.text);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "uri": skill_uri(skill, file),
            "digest": format!("sha256:{hex}"),
            "size": file.text.len(),
        })
    });
    let files: Vec<_> = files.collect();
    json!({
        "uri": skill.files.first().map(|file| skill_uri(skill, file)),
        "frontmatter": {"name": skill.name, "description": skill.description},
        "resources": files,
    })
}

fn is_entry(skill: &Skill, file: &SkillFile) -> bool {
    skill.files.first() == Some(file)
}

fn skill_uri(skill: &Skill, file: &SkillFile) -> String {
    format!("skill://{}/{}", skill.name, file.path)
}

/// Settings of the extension: it has none here.
pub(super) fn extensions() -> rmcp::model::ExtensionCapabilities {
    [(SKILLS_EXTENSION.to_owned(), JsonObject::new())].into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(resources: &Resources, uri: &str) -> String {
        match resources.read(uri) {
            Some(ResourceContents::TextResourceContents { text, .. }) => text,
            other => panic!("{uri}: {other:?}"),
        }
    }

    #[test]
    fn each_resource_can_be_read_under_its_own_uri() {
        let resources = Resources::new();
        let listed = resources.list();
        let uris: BTreeSet<_> = listed.iter().map(|row| row.uri.clone()).collect();
        assert_eq!(uris.len(), listed.len());
        for row in listed {
            assert_eq!(row.size, Some(text(&resources, &row.uri).len() as u64));
        }
        assert!(resources.read("schema://nothing").is_none());
    }

    #[test]
    fn every_schema_is_one_that_a_validator_accepts() {
        let resources = Resources::new();
        let schemas = resources
            .list()
            .into_iter()
            .filter(|row| row.uri.starts_with("schema:"));
        let mut count = 0;
        for row in schemas {
            let schema: Value = serde_json::from_str(&text(&resources, &row.uri)).unwrap();
            jsonschema::validator_for(&schema)
                .unwrap_or_else(|error| panic!("{}: {error}", row.uri));
            count += 1;
        }
        assert_eq!(count, 2 * 8 + 1);
    }

    #[test]
    fn a_skill_is_found_by_the_uri_of_its_first_file() {
        let list = skills();
        let entry = &list["skills"][0];
        let found = skill(entry["uri"].as_str().unwrap()).unwrap();
        assert_eq!(&found["skill"], entry);
        assert!(skill("skill://other/SKILL.md").is_none());
        assert_eq!(entry["resources"].as_array().unwrap().len(), 3);
    }
}
