//! A document of Swagger 2.0 is read as the OpenAPI 3.0 document that says the same.

#![cfg(test)]

use bpx_contract::Document;
use serde_json::json;

const SWAGGER: &str = "
swagger: '2.0'
info: {title: Kennel, version: '1'}
host: api.example.org
basePath: /v1/
schemes: [https, http]
consumes: [application/json]
produces: [application/json, application/vnd.kennel+json]
security: [{key: []}]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  user: {type: basic}
  app: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a/auth', tokenUrl: 'https://a/token', scopes: {read: Reading}}
parameters:
  Limit: {name: limit, in: query, type: integer, format: int32, maximum: 100, default: 20}
  NewDog: {name: dog, in: body, required: true, schema: {$ref: '#/definitions/Dog'}}
responses:
  Missing: {description: No such dog, schema: {$ref: '#/definitions/Fault'}}
definitions:
  Fault: {type: object, properties: {type: {type: string}}}
  Dog:
    type: object
    discriminator: kind
    required: [kind]
    properties:
      kind: {type: string}
      owner: {type: string, x-nullable: true}
      pups: {type: array, items: {$ref: '#/definitions/Dog'}}
paths:
  /dogs/{id}:
    parameters:
    - {name: id, in: path, required: true, type: integer, format: int64}
    get:
      operationId: getDog
      parameters:
      - $ref: '#/parameters/Limit'
      - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi, minItems: 1}
      - {name: ids, in: query, type: array, items: {type: integer}}
      - {name: sizes, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
      responses:
        '200':
          description: The dog
          schema: {$ref: '#/definitions/Dog'}
          headers: {X-Rate: {type: integer, description: Calls left}}
          examples: {application/json: {kind: terrier}}
        '404': {$ref: '#/responses/Missing'}
        default: {description: Anything}
    put:
      operationId: putDog
      schemes: [http]
      parameters: [{$ref: '#/parameters/NewDog'}]
      responses: {'204': {description: Done}}
    post:
      operationId: addPicture
      consumes: [multipart/form-data]
      produces: [image/png]
      parameters:
      - {name: picture, in: formData, type: file, required: true}
      - {name: caption, in: formData, type: string, maxLength: 9}
      responses: {'200': {description: The picture, schema: {type: file}}}
";

const OPENAPI: &str = "
openapi: 3.0.3
info: {title: Kennel, version: '1'}
servers: [{url: 'https://api.example.org/v1'}, {url: 'http://api.example.org/v1'}]
security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    user: {type: http, scheme: basic}
    app:
      type: oauth2
      flows:
        authorizationCode: {authorizationUrl: 'https://a/auth', tokenUrl: 'https://a/token', scopes: {read: Reading}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, format: int32, maximum: 100, default: 20}}
  requestBodies:
    NewDog: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Dog'}}}}
  responses:
    Missing:
      description: No such dog
      content:
        application/json: {schema: {$ref: '#/components/schemas/Fault'}}
        application/vnd.kennel+json: {schema: {$ref: '#/components/schemas/Fault'}}
  schemas:
    Fault: {type: object, properties: {type: {type: string}}}
    Dog:
      type: object
      discriminator: {propertyName: kind}
      required: [kind]
      properties:
        kind: {type: string}
        owner: {type: string, nullable: true}
        pups: {type: array, items: {$ref: '#/components/schemas/Dog'}}
paths:
  /dogs/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: integer, format: int64}}
    get:
      operationId: getDog
      parameters:
      - $ref: '#/components/parameters/Limit'
      - {name: tags, in: query, explode: true, schema: {type: array, items: {type: string}, minItems: 1}}
      - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
      - {name: sizes, in: query, explode: false, style: pipeDelimited, schema: {type: array, items: {type: integer}}}
      responses:
        '200':
          description: The dog
          content:
            application/json: {schema: {$ref: '#/components/schemas/Dog'}}
            application/vnd.kennel+json: {schema: {$ref: '#/components/schemas/Dog'}}
          headers: {X-Rate: {description: Calls left, schema: {type: integer}}}
        '404': {$ref: '#/components/responses/Missing'}
        default: {description: Anything}
    put:
      operationId: putDog
      servers: [{url: 'http://api.example.org/v1'}]
      requestBody: {$ref: '#/components/requestBodies/NewDog'}
      responses: {'204': {description: Done}}
    post:
      operationId: addPicture
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [picture]
              properties:
                picture: {type: string, format: binary}
                caption: {type: string, maxLength: 9}
      responses:
        '200': {description: The picture, content: {image/png: {schema: {type: string, format: binary}}}}
";

#[test]
fn every_part_stands_where_openapi_has_it() {
    let [swagger, openapi] =
        [SWAGGER, OPENAPI].map(|text| Document::parse("kennel.yaml", text.as_bytes()).unwrap());
    for pointer in [
        "/servers",
        "/security",
        "/paths/~1dogs~1{id}",
        "/components",
    ] {
        let [read, written] = [&swagger, &openapi].map(|it| it.value.pointer(pointer));
        assert_eq!(read, written, "{pointer}");
    }
    assert_eq!(swagger.value, openapi.value);
}

#[test]
fn a_path_without_host_is_the_server_and_other_versions_stay_as_they_are() {
    let servers =
        |text: &str| Document::parse("a.yaml", text.as_bytes()).unwrap().value["servers"].clone();
    assert_eq!(
        servers("swagger: 2.0\nbasePath: /v1\npaths: {}"),
        json!([{"url": "/v1"}])
    );
    assert_eq!(servers("swagger: '2.0'\npaths: {}"), json!([{"url": "/"}]));
    assert_eq!(
        servers("swagger: '2.0'\nhost: h\npaths: {}"),
        json!([{"url": "https://h"}])
    );
    for other in [
        "swagger: '1.2'\npaths: {}",
        "swagger: '2.0'\nopenapi: 3.0.3\npaths: {}",
    ] {
        let read = Document::parse("a.yaml", other.as_bytes()).unwrap();
        assert!(read.value.get("swagger").is_some(), "{other}");
    }
}
