//! The request handlers that rmcp calls: lists, resources, skills and tool calls.

use std::sync::Arc;
use std::time::Instant;

use axum::http::request::Parts;
use rmcp::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest,
    CustomResult, ErrorCode, ErrorData, Implementation, ListPromptsRequestMethod,
    ListPromptsResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerCapabilities,
    ServerConfig, SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span, field, info_span};

use super::call::{Attempt, CallOutcome, CallSettings};
use super::events::{self, Subscriptions};
use super::resources::{self, Resources};
use super::tools::Tools;
use crate::caller::{Caller, Scope};
use crate::error::GatewayError;
use crate::settings::McpSettings;
use crate::shared::{CallError, Shared};
use crate::trace::TraceParent;

/// How long a client may cache lists and resources. They change only with a restart.
const LIFETIME_MS: u64 = 5 * 60 * 1000;

type Context = RequestContext<RoleServer>;

/// The client that started this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) caller: Caller,
    /// The tools that it is shown.
    pub(super) listed: Scope,
}

/// The server; clones share everything.
#[derive(Debug, Clone)]
pub(super) struct Server {
    inner: Arc<Inner>,
    /// The only client, where the connection has no others; otherwise each request says who makes it.
    client: Option<Client>,
}

#[derive(Debug)]
struct Inner {
    settings: CallSettings,
    tools: Tools,
    resources: Resources,
    calls: TaskTracker,
    subscriptions: Subscriptions,
}

impl Server {
    pub(super) fn new(shared: Arc<Shared>, settings: McpSettings) -> Result<Self, GatewayError> {
        let order = shared.dispatch.venue().order_component();
        let inner = Inner {
            tools: Tools::new(&shared.exposed),
            resources: Resources::new(&shared.exposed, order),
            settings: CallSettings::new(shared, settings)?,
            calls: TaskTracker::new(),
            subscriptions: Subscriptions::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
            client: None,
        })
    }

    /// The same for a connection on which every request is this client's.
    pub(super) fn for_client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Waits until no tool call is in flight; it does not wait for new ones.
    pub(super) async fn idle(&self) {
        self.inner.calls.close();
        self.inner.calls.wait().await;
    }

    async fn call(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let inner = &self.inner;
        let Some(entry) = inner.tools.find(&request.name) else {
            let message = format!(
                "there is no tool of this name; the tools are {}",
                inner.tools.names()
            );
            return Err(ErrorData::invalid_params(message, None));
        };
        let caller = self.caller(&context)?;
        let _in_flight = inner.calls.token();
        let started = Instant::now();
        let attempt = Attempt {
            settings: &inner.settings,
            tool: &entry.tool,
            shape: &entry.shape,
            caller,
            context: &context,
        };
        let making = attempt.make(request);
        let outcome = match self.admitted().await {
            Ok(_permit) => making.instrument(span(&context, &entry.tool.name)).await,
            Err(error) => CallOutcome::not_made(&error),
        };
        let (response, code) = match outcome {
            CallOutcome::Counted(result) => (result.into(), None),
            CallOutcome::Asking(form) => (CallToolResponse::InputRequired(form), Some("ASKING")),
            CallOutcome::Refused(code, result) => (CallToolResult::into(result), Some(code)),
        };
        if let Some(code) = code {
            let operation = entry.tool.operation.id.clone();
            let shared = &inner.settings.shared;
            shared.called(caller.protocol, operation, code, started);
        }
        Ok(response)
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.inner.settings.shared
    }

    /// Whether it is notified of what happens to the account.
    fn listens(&self) -> bool {
        self.shared().listens
    }

    fn caller(&self, context: &Context) -> Result<Caller, ErrorData> {
        let parts = || context.extensions.get::<Parts>();
        let guarded = || parts()?.extensions.get::<Caller>().copied();
        let caller = self.client.map(|client| client.caller).or_else(guarded);
        caller.ok_or_else(|| ErrorData::internal_error("the request has no caller", None))
    }

    /// Over HTTP the guard counts requests; here, a client that started this process is counted by its calls.
    async fn admitted(&self) -> Result<Option<SemaphorePermit<'_>>, CallError> {
        let Some(Client { caller, .. }) = self.client else {
            return Ok(None);
        };
        let shared = &self.inner.settings.shared;
        let counted = shared.rates.request(caller.scope);
        counted.map_err(|wait| CallError::Rate { wait })?;
        Ok(shared.permits.acquire().await.ok())
    }
}

/// A call's span, inside the request's. It has trace ids of its own only if the call's `_meta` names a trace.
fn span(context: &Context, tool: &str) -> Span {
    let span = info_span!(
        "tool",
        tool,
        trace_id = field::Empty,
        parent_id = field::Empty,
    );
    let traceparent = context.meta.get("traceparent").and_then(Value::as_str);
    if let Some(parent) = traceparent.and_then(TraceParent::parse) {
        parent.record(&span);
    }
    span
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        if let Some(resources) = capabilities.resources.as_mut() {
            resources.subscribe = self.listens().then_some(true);
        }
        capabilities.extensions = Some(resources::extensions());
        let exposed = &self.inner.settings.shared.exposed;
        let server = exposed.mcp.first();
        let name = server.map_or(env!("CARGO_PKG_NAME"), |server| &server.namespace);
        let identity = Implementation::new(name, env!("CARGO_PKG_VERSION"))
            .with_title(&exposed.title)
            .with_description(&exposed.description);
        ServerConfig::new(capabilities)
            .with_server_info(identity)
            .with_instructions(server.map_or("", |server| &server.instructions))
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        let found = self.inner.tools.find(name);
        found.map(|it| it.described.clone())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let scope = match self.client {
            Some(client) => client.listed,
            None => self.caller(&context)?.scope,
        };
        let tools = self.inner.tools.described(scope).cloned();
        let mut list = ListToolsResult::with_all_items(tools.collect());
        list.ttl_ms = Some(LIFETIME_MS);
        list.cache_scope = Some(CacheScope::Private);
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        self.call(request, context).await
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut resources = self.inner.resources.list();
        resources.extend(self.listens().then(events::resource));
        let mut list = ListResourcesResult::with_all_items(resources);
        list.ttl_ms = Some(LIFETIME_MS);
        list.cache_scope = Some(CacheScope::Public);
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if request.uri == events::URI && self.listens() {
            let contents = events::read(self.shared()).await?;
            return Ok(ReadResourceResult::new(vec![contents]).into());
        }
        let Some(contents) = self.inner.resources.read(&request.uri) else {
            let message = "there is no resource of this URI; `resources/list` has them all";
            return Err(ErrorData::resource_not_found(
                message,
                Some(json!({"uri": request.uri})),
            ));
        };
        let mut result = ReadResourceResult::new(vec![contents]);
        result.ttl_ms = Some(LIFETIME_MS);
        result.cache_scope = Some(CacheScope::Public);
        Ok(result.into())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        if !self.listens() {
            return None;
        }
        let mut accepted = SubscriptionFilter::new();
        let wanted = requested.resource_subscriptions.iter().flatten();
        let known = wanted.filter(|uri| *uri == events::URI).cloned();
        accepted.resource_subscriptions = Some(known.collect());
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let sink = context.sink().clone();
        let telling = events::tell(Arc::clone(self.shared()), async move || {
            sink.notify_resource_updated(events::URI).await.is_ok()
        });
        tokio::select! {
            () = telling => {}
            () = context.cancelled() => {}
        }
        Ok(())
    }

    /// As `listen`, for clients from before 2026-07-28.
    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: Context,
    ) -> Result<(), ErrorData> {
        if request.uri != events::URI || !self.listens() {
            let message =
                "only events://latest changes, where the gateway was started with --events";
            return Err(ErrorData::resource_not_found(
                message,
                Some(json!({"uri": request.uri})),
            ));
        }
        self.inner
            .subscriptions
            .add(Arc::clone(self.shared()), &context);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        context: Context,
    ) -> Result<(), ErrorData> {
        self.inner.subscriptions.remove(&context);
        Ok(())
    }

    /// This server has no prompts.
    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: Context,
    ) -> Result<CustomResult, ErrorData> {
        let mut result = match request.method.as_str() {
            "skills/list" => self.inner.resources.skills(),
            "skills/get" => {
                let uri = request
                    .params
                    .as_ref()
                    .and_then(|params| params["uri"].as_str());
                let skill = uri.and_then(|uri| self.inner.resources.skill(uri));
                skill.ok_or_else(|| {
                    let message = "there is no skill of this URI; `skills/list` has them all";
                    ErrorData::invalid_params(message, None)
                })?
            }
            other => {
                let code = ErrorCode::METHOD_NOT_FOUND;
                return Err(ErrorData::new(code, other.to_owned(), None));
            }
        };
        if let Some(members) = result.as_object_mut() {
            members.insert("resultType".to_owned(), "complete".into());
            members.insert("ttlMs".to_owned(), LIFETIME_MS.into());
            members.insert("cacheScope".to_owned(), "public".into());
        }
        Ok(CustomResult::new(result))
    }
}
