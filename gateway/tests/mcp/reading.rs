//! Resources and the skill.

use serde_json::{Value, json};

use super::support::Fixture;

#[tokio::test]
async fn every_listed_resource_can_be_read() {
    let fixture = Fixture::unasked().await;
    let list = fixture.send("resources/list", json!({})).await;
    let resources = list.result()["resources"].as_array().unwrap().clone();
    assert_eq!(resources.len(), 3 + 1 + 2 * 8);
    for resource in resources {
        let read = fixture
            .send("resources/read", json!({"uri": resource["uri"]}))
            .await;
        let contents = &read.result()["contents"][0];
        assert_eq!(contents["mimeType"], resource["mimeType"]);
        assert_eq!(
            contents["text"].as_str().unwrap().len() as u64,
            resource["size"]
        );
    }
    let order = fixture
        .send("resources/read", json!({"uri": "schema://order"}))
        .await;
    let text = order.result()["contents"][0]["text"].as_str().unwrap();
    let schema: Value = serde_json::from_str(text).unwrap();
    assert!(
        schema["required"]
            .as_array()
            .unwrap()
            .contains(&json!("timeInForce"))
    );
}

#[tokio::test]
async fn a_resource_that_is_not_there_is_an_error_of_the_protocol() {
    let fixture = Fixture::unasked().await;
    let read = fixture
        .send("resources/read", json!({"uri": "schema://nothing"}))
        .await;
    assert_eq!(read.body["error"]["code"], -32602);
    assert_eq!(read.body["error"]["data"]["uri"], "schema://nothing");
}

#[tokio::test]
async fn the_skill_is_listed_with_the_digests_of_its_files() {
    use sha2::{Digest as _, Sha256};
    let fixture = Fixture::unasked().await;
    let discovered = fixture.send("server/discover", json!({})).await;
    let capabilities = &discovered.result()["capabilities"];
    assert_eq!(
        capabilities["extensions"]["io.modelcontextprotocol/skills"],
        json!({})
    );
    assert!(capabilities["resources"].is_object());
    assert!(capabilities["prompts"].is_null());
    let list = fixture.send("skills/list", json!({})).await;
    let skill = &list.result()["skills"][0];
    assert_eq!(skill["frontmatter"]["name"], "backpack-orders");
    for file in skill["resources"].as_array().unwrap() {
        let read = fixture
            .send("resources/read", json!({"uri": file["uri"]}))
            .await;
        let text = read.result()["contents"][0]["text"].as_str().unwrap();
        let digest = Sha256::digest(text);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["digest"], format!("sha256:{hex}"));
        assert_eq!(file["size"], text.len());
    }
    let get = fixture
        .send("skills/get", json!({"uri": skill["uri"]}))
        .await;
    assert_eq!(&get.result()["skill"], skill);
    for uri in [json!("skill://other/SKILL.md"), Value::Null] {
        let none = fixture.send("skills/get", json!({"uri": uri})).await;
        assert_eq!(none.body["error"]["code"], -32602);
    }
}
