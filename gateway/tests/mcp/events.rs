//! What happened to the account as a resource, and notifications of updates.

use std::sync::Arc;
use std::time::Duration;

use bpx_gateway::Scope;
use rmcp::ClientHandler;
use rmcp::model::{
    ResourceUpdatedNotificationParam, ServerNotification, SubscribeRequestParams,
    SubscriptionFilter,
};
use rmcp::service::{
    ClientLifecycleMode, NotificationContext, RoleClient, RunningService,
    serve_client_with_lifecycle,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::support::{EXECUTE, Fixture, Plan, bid};

const URI: &str = "events://latest";

/// A client that waits for a notification.
#[derive(Debug, Clone, Default)]
struct Listener {
    message: Arc<Notify>,
}

impl ClientHandler for Listener {
    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        assert_eq!(params.uri, URI);
        self.message.notify_one();
    }
}

async fn with_events() -> Fixture {
    let plan = Plan {
        gateway: |settings| {
            settings.events = true;
            settings.mcp_settings.sessions = true;
            settings.mcp_settings.confirm = bpx_gateway::Confirm::Never;
        },
        ..Plan::default()
    };
    Fixture::built(plan).await
}

async fn events(fixture: &Fixture) -> Vec<Value> {
    let read = fixture.send("resources/read", json!({"uri": URI})).await;
    let text = read.result()["contents"][0]["text"].as_str().unwrap();
    let read: Value = serde_json::from_str(text).unwrap();
    read["events"].as_array().unwrap().clone()
}

async fn place(fixture: &Fixture) {
    let call = json!({"name": EXECUTE, "arguments": bid("20")});
    fixture.send("tools/call", call).await.done();
}

#[tokio::test]
async fn the_latest_events_are_a_resource_where_the_gateway_listens() {
    let fixture = with_events().await;
    assert!(events(&fixture).await.is_empty());
    place(&fixture).await;
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while events(&fixture).await.is_empty() && tokio::time::Instant::now() < until {}
    let events = events(&fixture).await;
    assert_eq!(
        (&events[0]["id"], &events[0]["event"]),
        (&1.into(), &"order".into())
    );
    assert_eq!(events[0]["data"]["e"], "orderAccepted");

    let without = Fixture::built(Plan::default()).await;
    let read = without.send("resources/read", json!({"uri": URI})).await;
    assert!(read.body["error"].is_object(), "{}", read.body);
}

async fn connect(
    fixture: &Fixture,
    lifecycle: ClientLifecycleMode,
) -> RunningService<RoleClient, Listener> {
    let config = StreamableHttpClientTransportConfig::with_uri(fixture.url())
        .auth_header(fixture.token(Scope::Read));
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = serve_client_with_lifecycle(Listener::default(), transport, lifecycle);
    client.await.unwrap()
}

async fn soon<T>(happens: impl Future<Output = T>) -> T {
    let soon = tokio::time::timeout(Duration::from_secs(20), happens);
    soon.await.unwrap()
}

#[tokio::test]
async fn an_older_client_is_told_of_more_within_its_session() {
    let fixture = with_events().await;
    let client = connect(&fixture, ClientLifecycleMode::Initialize).await;
    #[allow(deprecated, reason = "it is what older clients call")]
    client
        .subscribe(SubscribeRequestParams::new(URI))
        .await
        .unwrap();
    place(&fixture).await;
    soon(client.service().message.notified()).await;
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_modern_client_is_told_of_more_of_what_there_is() {
    let fixture = with_events().await;
    let client = connect(&fixture, super::clients::modern()).await;
    let wanted = [URI, "schema://order"];
    let filter = SubscriptionFilter::builder().resource_subscriptions(wanted);
    let mut changes = client.listen(filter.build()).await.unwrap();
    let taken = changes.acknowledged().resource_subscriptions.clone();
    assert_eq!(taken, Some(vec![URI.to_owned()]));
    place(&fixture).await;
    let change = soon(changes.next()).await.unwrap().unwrap();
    let ServerNotification::ResourceUpdatedNotification(changed) = change else {
        panic!("{change:?}");
    };
    assert_eq!(changed.params.uri, URI);
    client.cancel().await.unwrap();
}
