//! Contracts made for a question.

use bpx_contract::{Document, Lines};
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
            "response-media-type-removed",
            "response-widened",
            "response-content-changed",
            "response-media-type-added",
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

const COMPOSED: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string}}
    - {name: limit, in: query, description: At most., schema: {type: integer}}
    get:
      operationId: getPet
      responses:
        '200':
          description: One pet.
          content:
            application/json:
              schema:
                type: object
                # Written inline.
                properties:
                  pet: {$ref: '#/components/schemas/Dog'}
                  owner:
                    type: object
                    properties:
                      name: {type: string, description: Of the owner.}
components:
  schemas:
    Dog:
      description: A dog.
      allOf:
      - $ref: '#/components/schemas/Animal'
      - type: object
        required: [bark]
        properties:
          bark: {type: string, description: How it barks.}
    Animal:
      type: object
      required: [name]
      properties:
        name: {type: string, description: Its name.}
        legs: {type: integer, description: How many.}
";

/// The edits of [`COMPOSED`], and what is left of the prose.
const EDITS: [(&str, &str, &[&str]); 8] = [
    (
        "name: {type: string, description: Of the owner.}",
        "name: {type: string}\\n                      age: {type: integer}",
        &["Of the owner.", "# Written inline."],
    ),
    (
        "bark: {type: string, description: How it barks.}",
        "bark: {type: string, maxLength: 9}\\n          tail: {type: boolean}",
        &["How it barks.", "A dog.", "Its name."],
    ),
    ("required: [bark]", "required: [bark, name]", &["Its name."]),
    (
        "legs: {type: integer, description: How many.}",
        "legs: {type: string}",
        &["How many.", "A dog."],
    ),
    (
        "        legs: {type: integer, description: How many.}\\n",
        "",
        &["Its name.", "How it barks."],
    ),
    (
        "- {name: limit, in: query, description: At most., schema: {type: integer}}",
        "- {name: limit, in: query, schema: {type: integer, maximum: 5}}",
        &["At most."],
    ),
    (
        "    - {name: limit, in: query, description: At most., schema: {type: integer}}\\n",
        "",
        &["One pet."],
    ),
    (
        "                  pet: {$ref: '#/components/schemas/Dog'}",
        "                  pet: {$ref: '#/components/schemas/Animal'}",
        &["Its name."],
    ),
];

#[test]
fn inline_objects_compositions_and_parameters_of_paths_are_edited_in_place() {
    for (before, after, kept) in EDITS {
        let (before, after) = (before.replace("\\n", "\n"), after.replace("\\n", "\n"));
        assert!(COMPOSED.contains(&before), "{before}");
        let ours = Ours::of(COMPOSED, PET);
        let edited = COMPOSED.replacen(&before, &after, 1);
        let venue = Document::parse("venue.yaml", edited.as_bytes()).unwrap();
        let result = ours.settles(|value| *value = venue.value.clone());
        for words in kept {
            assert!(
                result.openapi.contains(words),
                "{before}\n{}",
                result.openapi
            );
        }
    }
}

#[test]
fn lines_of_pointers_are_found_in_yaml_and_in_json() {
    fn line<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
        let line = Lines::of(text).line(pointer)?;
        Some(text.lines().nth(line - 1)?.trim())
    }
    let params = "/paths/~1pets~1{id}/parameters";
    let limit = "- {name: limit, in: query, description: At most., schema: {type: integer}}";
    assert_eq!(line(COMPOSED, &format!("{params}/1")), Some(limit));
    assert_eq!(
        line(COMPOSED, &format!("{params}/1/schema/type")),
        Some(limit)
    );
    let bark = "bark: {type: string, description: How it barks.}";
    let dog = "/components/schemas/Dog/allOf/1/properties/bark";
    assert_eq!(line(COMPOSED, dog), Some(bark));
    assert_eq!(line(COMPOSED, "/components/schemas/Cat"), Some("schemas:"));
    assert_eq!(line(PET, "/properties/name"), Some("\"name\": {"));
    assert_eq!(line(PET, ""), None);
}
