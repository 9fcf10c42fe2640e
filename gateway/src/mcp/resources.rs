//! Resources: the schemas of the tools, the schema of an order, and the files of the skill; and the skill as SEP-2640
//! lists it.

use bpx_capability::Exposed;
use bpx_capability::exposed::{Skill, SkillFile};
use rmcp::model::{ExtensionCapabilities, JsonObject, Resource, ResourceContents};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The extension under which servers offer skills.
const SKILLS_EXTENSION: &str = "io.modelcontextprotocol/skills";
const SCHEMA: &str = "application/schema+json";
const MARKDOWN: &str = "text/markdown";

/// Every resource with its text, in the order of the list, and the skill.
#[derive(Debug)]
pub(super) struct Resources {
    resources: Vec<(Resource, String)>,
    skill: Option<Value>,
}

impl Resources {
    /// The resources of a capability. `order` is the name of the document's component that describes an order.
    pub(super) fn new(exposed: &Exposed, order: Option<&str>) -> Self {
        let skill = exposed.skill.as_ref();
        let files = skill
            .into_iter()
            .flat_map(|skill| skill.files.iter().map(|file| skill_file(skill, file)));
        let order = order.and_then(|component| order_schema(exposed, component));
        Self {
            resources: files.chain(order).chain(tool_schemas(exposed)).collect(),
            skill: skill.map(entry),
        }
    }

    pub(super) fn list(&self) -> Vec<Resource> {
        let resources = self.resources.iter();
        resources.map(|(resource, _)| resource.clone()).collect()
    }

    pub(super) fn read(&self, uri: &str) -> Option<ResourceContents> {
        let mut resources = self.resources.iter();
        let (resource, text) = resources.find(|(resource, _)| resource.uri == uri)?;
        let mime_type = resource.mime_type.clone().unwrap_or_default();
        Some(ResourceContents::text(text, uri).with_mime_type(mime_type))
    }

    /// The result of `skills/list`.
    pub(super) fn skills(&self) -> Value {
        let skills: Vec<_> = self.skill.iter().collect();
        json!({"skills": skills})
    }

    /// The result of `skills/get`.
    pub(super) fn skill(&self, uri: &str) -> Option<Value> {
        let skill = self.skill.as_ref().filter(|skill| skill["uri"] == uri)?;
        Some(json!({"skill": skill}))
    }
}

fn tool_schemas(exposed: &Exposed) -> impl Iterator<Item = (Resource, String)> {
    exposed.tools().flat_map(|tool| {
        let (name, interface) = (&tool.name, tool.interface());
        [
            ("input", "Arguments", interface.input_schema()),
            ("output", "Result", interface.output_schema()),
        ]
        .map(|(side, what, schema)| {
            let uri = format!("schema://tools/{name}/{side}");
            let about = format!("{what} of the tool {name}, as JSON Schema 2020-12");
            let id = format!("{name}-{side}");
            resource(&uri, &id, &about, SCHEMA, schema.to_string())
        })
    })
}

/// The schema of an order by itself, out of the first result that has it.
fn order_schema(exposed: &Exposed, component: &str) -> Option<(Resource, String)> {
    let (definitions, order) = exposed.tools().find_map(|tool| {
        let definitions = tool.operation.output_schema().get("$defs")?;
        let order = definitions.get(component)?.as_object()?;
        Some((definitions.clone(), order.clone()))
    })?;
    let mut order: JsonObject = order;
    order.insert("$defs".to_owned(), definitions);
    let about = "An order as lists of past orders return it, as JSON Schema 2020-12";
    let text = Value::Object(order).to_string();
    Some(resource("schema://order", "order", about, SCHEMA, text))
}

fn resource(
    uri: &str,
    name: &str,
    description: &str,
    mime_type: &str,
    text: String,
) -> (Resource, String) {
    let resource = Resource::new(uri, name)
        .with_description(description)
        .with_mime_type(mime_type)
        .with_size(text.len() as u64);
    (resource, text)
}

/// `SKILL.md` has the name and the description of its front matter.
fn skill_file(skill: &Skill, file: &SkillFile) -> (Resource, String) {
    let uri = skill_uri(skill, file);
    if skill.files.first() == Some(file) {
        return resource(&uri, &skill.name, &skill.description, MARKDOWN, file.text());
    }
    let about = format!("Part of the skill {}", skill.name);
    resource(&uri, file.path, &about, MARKDOWN, file.text())
}

/// A skill as `skills/list` and `skills/get` describe it.
fn entry(skill: &Skill) -> Value {
    let files = skill.files.iter().map(|file| {
        let text = file.text();
        json!({
            "uri": skill_uri(skill, file),
            "digest": format!("sha256:{}", hex::encode(Sha256::digest(&text))),
            "size": text.len(),
        })
    });
    let files: Vec<_> = files.collect();
    json!({
        "uri": skill.files.first().map(|file| skill_uri(skill, file)),
        "frontmatter": {"name": skill.name, "description": skill.description},
        "resources": files,
    })
}

fn skill_uri(skill: &Skill, file: &SkillFile) -> String {
    format!("skill://{}/{}", skill.name, file.path)
}

/// The extensions of this server, without settings.
pub(super) fn extensions() -> ExtensionCapabilities {
    [(SKILLS_EXTENSION.to_owned(), JsonObject::new())].into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn resources() -> Resources {
        Resources::new(bpx_venue::exposed(), Some("Order"))
    }

    fn text(resources: &Resources, uri: &str) -> String {
        match resources.read(uri) {
            Some(ResourceContents::TextResourceContents { text, .. }) => text,
            other => panic!("{uri}: {other:?}"),
        }
    }

    #[test]
    fn each_resource_can_be_read_under_its_own_uri() {
        let resources = resources();
        let listed = resources.list();
        let uris: BTreeSet<_> = listed.iter().map(|it| it.uri.clone()).collect();
        assert_eq!(uris.len(), listed.len());
        for resource in listed {
            let size = text(&resources, &resource.uri).len() as u64;
            assert_eq!(resource.size, Some(size));
        }
        assert!(resources.read("schema://nothing").is_none());
    }

    #[test]
    fn every_schema_is_one_that_a_validator_accepts() {
        let resources = resources();
        let listed = resources.list().into_iter();
        let schemas = listed.filter(|resource| resource.uri.starts_with("schema:"));
        let mut count = 0;
        for resource in schemas {
            let schema: Value = serde_json::from_str(&text(&resources, &resource.uri)).unwrap();
            jsonschema::validator_for(&schema)
                .unwrap_or_else(|error| panic!("{}: {error}", resource.uri));
            count += 1;
        }
        assert_eq!(count, 2 * 8 + 1);
    }

    #[test]
    fn without_an_order_component_there_is_no_order_resource() {
        for order in [None, Some("Nothing")] {
            let resources = Resources::new(bpx_venue::exposed(), order);
            assert!(resources.read("schema://order").is_none());
        }
    }

    #[test]
    fn a_skill_is_found_by_the_uri_of_its_first_file() {
        let resources = resources();
        let list = resources.skills();
        let entry = &list["skills"][0];
        let found = resources.skill(entry["uri"].as_str().unwrap()).unwrap();
        assert_eq!(&found["skill"], entry);
        assert!(resources.skill("skill://other/SKILL.md").is_none());
        assert_eq!(entry["resources"].as_array().unwrap().len(), 3);
    }
}
