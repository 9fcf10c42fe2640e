//! Approval beside clients that declare forms: which of their refusals are a person's, and what they get.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bpx_gateway::{Decision, Scope};
use rmcp::ClientHandler;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig,
    ClientRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationCapability,
    ErrorData, Implementation, ProgressNotificationParam,
};
use rmcp::service::{
    ClientLifecycleMode, NotificationContext, PeerRequestOptions, RequestContext, RoleClient,
    RunningService, serve_client_with_lifecycle,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use super::approval::{built, patient};
use super::clients::{modern, order};
use super::support::{EXECUTE, Fixture, bid};

/// Longer than the gateway takes for a client's own answer.
const READING: Duration = Duration::from_millis(400);

/// A program between gateway and person.
#[derive(Debug, Clone, Default)]
struct Host {
    /// What it answers to a form, and after what time; it knows no forms if there is none.
    answer: Option<(ElicitationAction, Duration)>,
    has_forms: bool,
    shown: Arc<Mutex<Vec<String>>>,
}

impl ClientHandler for Host {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        if self.has_forms {
            capabilities.elicitation =
                Some(ElicitationCapability::new().with_form(Default::default()));
        }
        ClientConfig::new(capabilities, Implementation::new("host", "2"))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let Some((action, after)) = self.answer.clone() else {
            return Err(ErrorData::internal_error("there are no forms here", None));
        };
        tokio::time::sleep(after).await;
        Ok(ElicitResult::new(action))
    }

    async fn on_progress(
        &self,
        shown: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.shown.lock().unwrap().push(shown.message.unwrap());
    }
}

async fn connected(
    fixture: &Fixture,
    host: Host,
    lifecycle: ClientLifecycleMode,
) -> RunningService<RoleClient, Host> {
    let config = StreamableHttpClientTransportConfig::with_uri(fixture.url())
        .auth_header(fixture.token(Scope::Trade));
    let transport = StreamableHttpClientTransport::from_config(config);
    serve_client_with_lifecycle(host, transport, lifecycle)
        .await
        .unwrap()
}

fn text(result: &CallToolResult) -> String {
    serde_json::to_string(&result.content).unwrap()
}

#[tokio::test]
async fn a_client_that_says_no_by_itself_is_told_apart_and_its_call_waits() {
    let fixture = built(patient).await;
    let cancel = Some((ElicitationAction::Cancel, Duration::ZERO));
    for (answer, lifecycle) in [
        (None, ClientLifecycleMode::Initialize),
        (cancel.clone(), ClientLifecycleMode::Initialize),
        (cancel, modern()),
    ] {
        let host = Host {
            answer,
            has_forms: true,
            ..Host::default()
        };
        let client = connected(&fixture, host, lifecycle).await;
        let before = fixture.placements();
        let deciding = async {
            let call = fixture.waiting(1).await.remove(0);
            assert_eq!(call.client, "host 2");
            fixture
                .elsewhere()
                .decide(&call.id, Decision::Approve)
                .unwrap();
        };
        let (placed, ()) = tokio::join!(client.call_tool(order()), deciding);
        let placed = placed.unwrap();
        assert_eq!(placed.is_error, Some(false), "{}", text(&placed));
        assert_eq!(fixture.placements(), before + 1);
        client.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn a_no_that_took_a_persons_time_is_the_persons() {
    let fixture = built(patient).await;
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let host = Host {
            answer: Some((ElicitationAction::Decline, READING)),
            has_forms: true,
            ..Host::default()
        };
        let client = connected(&fixture, host, lifecycle).await;
        let refused = text(&client.call_tool(order()).await.unwrap());
        assert!(refused.contains("CONFIRMATION_DECLINED"), "{refused}");
        assert!(refused.contains("the person did not agree"), "{refused}");
        fixture.waiting(0).await;
        client.cancel().await.unwrap();
    }
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn who_waited_in_vain_is_told_that_nobody_was_asked() {
    let fixture = built(|settings| {
        patient(settings);
        settings.mcp_settings.approval_wait = Duration::from_millis(1);
    })
    .await;
    let host = Host {
        answer: Some((ElicitationAction::Cancel, Duration::ZERO)),
        has_forms: true,
        ..Host::default()
    };
    let client = connected(&fixture, host, ClientLifecycleMode::Initialize).await;
    let refused = text(&client.call_tool(order()).await.unwrap());
    assert!(refused.contains("CONFIRMATION_TIMED_OUT"), "{refused}");
    assert!(
        refused.contains("declined without asking anyone, as far as is known"),
        "{refused}"
    );
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_call_that_waits_tells_its_progress_and_ends_when_the_client_cancels_it() {
    let fixture = built(patient).await;
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let host = Host::default();
        let shown = Arc::clone(&host.shown);
        let client = connected(&fixture, host, lifecycle).await;
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(order()));
        let options = PeerRequestOptions::no_options();
        let call = client
            .send_cancellable_request(request, options)
            .await
            .unwrap();
        fixture.waiting(1).await;
        while shown.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let message = shown.lock().unwrap()[0].clone();
        assert!(
            message.contains("/approve") && message.contains("`bpx approve --state '"),
            "{message}"
        );
        call.cancel(None).await.unwrap();
        fixture.waiting(0).await;
        client.cancel().await.unwrap();
    }
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn a_call_whose_client_is_gone_waits_no_more() {
    let fixture = built(patient).await;
    let params = json!({"name": EXECUTE, "arguments": bid("20")});
    let none: Value = json!({});
    tokio::select! {
        _ = fixture.send_as(Scope::Trade, "tools/call", params, &none) => panic!("nobody decided"),
        _ = fixture.waiting(1) => {}
    }
    fixture.waiting(0).await;
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn a_client_without_forms_in_a_session_waits_too() {
    let fixture = built(patient).await;
    let client = connected(&fixture, Host::default(), ClientLifecycleMode::Initialize).await;
    let deciding = async {
        let id = fixture.waiting(1).await.remove(0).id;
        fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    };
    let order: CallToolRequestParams = order();
    let (placed, ()) = tokio::join!(client.call_tool(order), deciding);
    assert_eq!(placed.unwrap().is_error, Some(false));
    assert_eq!(fixture.placements(), 1);
    client.cancel().await.unwrap();
}
