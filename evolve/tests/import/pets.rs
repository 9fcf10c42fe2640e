//! Contracts made for a question.

use serde_json::json;

use crate::support::{Ours, wordless};

const PETS: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
      - {name: X-Trace, in: header, description: Any text., schema: {type: string}}
      responses:
        '200':
          description: All pets.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
        '400':
          description: Bad.
          content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}
components:
  schemas:
    Pet: {type: object, properties: {name: {type: string}}}
    Fault: {type: object, properties: {code: {type: string}}}
";

const PET: &str = r#"{
  "title": "Pet",
  "type": "object",
  "properties": {
    "name": {
      "type": "string"
    }
  }
}
"#;

#[test]
fn bodies_of_another_kind_follow_and_their_descriptions_stay() {
    let ours = Ours::of(PETS, PET);
    let json = "/content/application~1json/schema";
    let result = ours.settles(|venue| {
        let responses = venue.pointer_mut("/paths/~1pets/get/responses").unwrap();
        let error = responses.pointer_mut(&format!("/400{json}")).unwrap();
        *error = json!({"type": "array", "items": {"$ref": "#/components/schemas/Fault"}});
        responses["200"]["content"] = json!({"text/plain": {"schema": {"type": "string"}}});
    });
    let rules: Vec<_> = result.diff.changes.iter().map(|it| it.rule.id()).collect();
    assert_eq!(
        rules,
        [
            "response-content-changed",
            "response-widened",
            "type-removed"
        ]
    );
    assert_eq!(wordless(&result), Vec::<String>::new());
    for kept in ["description: All pets.", "description: Bad."] {
        assert!(result.openapi.contains(kept), "{}", result.openapi);
    }
    // No operation uses the component any more, so the schema has nothing to follow.
    assert_eq!(result.schema, PET);
}

#[test]
fn a_header_in_other_letters_is_the_same_parameter() {
    let ours = Ours::of(PETS, PET);
    let result = ours.settles(|venue| {
        let param = venue.pointer_mut("/paths/~1pets/get/parameters/0").unwrap();
        param["name"] = json!("x-trace");
    });
    let rules: Vec<_> = result.diff.changes.iter().map(|it| it.rule.id()).collect();
    assert_eq!(rules, ["parameter-respelled"]);
    assert!(result.openapi.contains("description: Any text."));
    assert_eq!(wordless(&result), Vec::<String>::new());
}

#[test]
fn a_parameter_that_moves_is_removed_and_added() {
    let ours = Ours::of(PETS, PET);
    let result = ours.settles(|venue| {
        let param = venue.pointer_mut("/paths/~1pets/get/parameters/0").unwrap();
        param["in"] = json!("query");
    });
    let rules: Vec<_> = result.diff.changes.iter().map(|it| it.rule.id()).collect();
    assert_eq!(rules, ["parameter-moved"]);
    assert_eq!(
        wordless(&result),
        ["pets.yaml#/paths/~1pets/get/parameters/0"]
    );
}
