//! rmcp's own client, of both protocol versions, with a person behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bpx_gateway::Scope;
use rmcp::ClientHandler;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationCapability, ErrorData, Implementation, ProtocolVersion,
};
use rmcp::service::{
    ClientLifecycleMode, RequestContext, RoleClient, RunningService, serve_client_with_lifecycle,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use super::support::{EXECUTE, Fixture, OPEN, Plan, bid};

/// A client whose person says yes or no to every form.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) agrees: bool,
    pub(crate) was_asked: Arc<AtomicBool>,
}

impl Person {
    pub(crate) fn new(agrees: bool) -> Self {
        Self {
            agrees,
            was_asked: Arc::default(),
        }
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::new().with_form(Default::default()));
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            panic!("no form");
        };
        assert!(message.contains("comes to: 20 USDC"), "{message}");
        self.was_asked.store(true, Ordering::SeqCst);
        Ok(match self.agrees {
            true => {
                ElicitResult::new(ElicitationAction::Accept).with_content(json!({"confirm": true}))
            }
            false => ElicitResult::new(ElicitationAction::Decline),
        })
    }
}

pub(crate) fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

pub(crate) async fn connect(
    fixture: &Fixture,
    person: &Person,
    lifecycle: ClientLifecycleMode,
) -> RunningService<RoleClient, Person> {
    let config = StreamableHttpClientTransportConfig::with_uri(fixture.url())
        .auth_header(fixture.token(Scope::Trade));
    let transport = StreamableHttpClientTransport::from_config(config);
    serve_client_with_lifecycle(person.clone(), transport, lifecycle)
        .await
        .unwrap()
}

pub(crate) fn order() -> CallToolRequestParams {
    CallToolRequestParams::new(EXECUTE).with_arguments(bid("20").as_object().unwrap().clone())
}

#[tokio::test]
async fn a_modern_client_places_an_order_once_its_person_agrees() {
    let fixture = Fixture::built(Plan::default()).await;
    let person = Person::new(true);
    let client = connect(&fixture, &person, modern()).await;
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), 8);
    let placed = client.call_tool(order()).await.unwrap();
    assert_eq!(placed.is_error, Some(false));
    assert!(person.was_asked.load(Ordering::SeqCst));
    let open = client
        .call_tool(CallToolRequestParams::new(OPEN))
        .await
        .unwrap();
    let rows: Value = open.structured_content.unwrap();
    assert_eq!(rows["result"].as_array().unwrap().len(), 1);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_modern_client_whose_person_says_no_places_nothing() {
    let fixture = Fixture::built(Plan::default()).await;
    let client = connect(&fixture, &Person::new(false), modern()).await;
    let refused = client.call_tool(order()).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    assert_eq!(fixture.placements(), 0);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn an_older_client_reads_without_a_session_and_is_not_let_through() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| settings.mcp_settings.sessions = false,
        ..Plan::default()
    })
    .await;
    let person = Person::new(true);
    let client = connect(&fixture, &person, ClientLifecycleMode::Initialize).await;
    let info = client.peer_info().unwrap();
    assert_eq!(info.protocol_version, ProtocolVersion::V_2025_11_25);
    assert_eq!(client.list_all_tools().await.unwrap().len(), 8);
    let open = client
        .call_tool(CallToolRequestParams::new(OPEN))
        .await
        .unwrap();
    assert_eq!(open.structured_content, Some(json!({"result": []})));
    let denied = client.call_tool(order()).await.unwrap();
    let text = serde_json::to_string(&denied.content).unwrap();
    assert!(
        text.contains("CONFIRMATION_UNAVAILABLE") && text.contains("sessions"),
        "{text}"
    );
    assert!(!person.was_asked.load(Ordering::SeqCst));
    assert_eq!(fixture.placements(), 0);
    client.cancel().await.unwrap();
}
