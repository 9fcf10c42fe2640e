//! Which keys the format knows, part by part.

/// The style a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// 1.0.0-alpha2: `naftiko:`, `label`, lists.
    Lists,
    /// Later: `ikanos:`, `display`, maps keyed by name.
    Maps,
}

/// The keys of one part.
pub(super) struct Keys {
    /// The part, in a sentence.
    pub(super) what: &'static str,
    /// In both styles.
    pub(super) both: &'static [&'static str],
    /// In lists only: the name, which maps have as their key, and what was renamed.
    pub(super) lists: &'static [&'static str],
    /// In maps only.
    pub(super) maps: &'static [&'static str],
}

impl Keys {
    pub(super) fn has(&self, style: Style, key: &str) -> bool {
        let own = match style {
            Style::Lists => self.lists,
            Style::Maps => self.maps,
        };
        self.both.contains(&key) || own.contains(&key)
    }
}

pub(super) const ROOT: Keys = Keys {
    what: "a capability file",
    both: &["info", "consumes", "binds", "capability"],
    lists: &["naftiko"],
    maps: &["ikanos", "aggregates", "exposes"],
};
pub(super) const INFO: Keys = Keys {
    what: "`info`",
    both: &["description", "tags", "created", "modified", "stakeholders"],
    lists: &["label"],
    maps: &["display", "version"],
};
pub(super) const BIND: Keys = Keys {
    what: "a bind",
    both: &["namespace", "description", "location", "keys"],
    lists: &[],
    maps: &[],
};
pub(super) const CAPABILITY: Keys = Keys {
    what: "`capability`",
    both: &["binds", "exposes", "consumes", "aggregates"],
    lists: &[],
    maps: &[],
};
pub(super) const CONSUMES: Keys = Keys {
    what: "a consumed API",
    both: &[
        "namespace",
        "type",
        "description",
        "baseUri",
        "inputParameters",
        "authentication",
        "resources",
    ],
    lists: &[],
    maps: &["display"],
};
pub(super) const CONSUMED_RESOURCE: Keys = Keys {
    what: "a consumed resource",
    both: &["description", "path", "inputParameters", "operations"],
    lists: &["name", "label"],
    maps: &["display"],
};
pub(super) const CONSUMED_OPERATION: Keys = Keys {
    what: "a consumed operation",
    both: &[
        "description",
        "method",
        "inputParameters",
        "outputRawFormat",
        "outputSchema",
        "outputParameters",
        "body",
    ],
    lists: &["name", "label"],
    maps: &["display", "maxBinarySize"],
};
pub(super) const CONSUMED_INPUT: Keys = Keys {
    what: "an input of a consumed operation",
    both: &["in", "value"],
    lists: &["name"],
    maps: &[],
};
pub(super) const AUTHENTICATION: Keys = Keys {
    what: "an authentication",
    both: &[
        "type",
        "key",
        "value",
        "placement",
        "token",
        "username",
        "password",
    ],
    lists: &[],
    maps: &[],
};
pub(super) const AGGREGATE: Keys = Keys {
    what: "an aggregate",
    both: &["namespace"],
    lists: &["label", "functions"],
    maps: &["display", "flows"],
};
pub(super) const FUNCTION: Keys = Keys {
    what: "a function of an aggregate",
    both: &[
        "description",
        "semantics",
        "inputParameters",
        "call",
        "with",
        "steps",
        "mappings",
        "outputParameters",
    ],
    lists: &["name"],
    maps: &["display"],
};
pub(super) const REST: Keys = Keys {
    what: "a REST server",
    both: &[
        "type",
        "address",
        "port",
        "namespace",
        "authentication",
        "resources",
    ],
    lists: &[],
    maps: &["tunnel"],
};
pub(super) const RESOURCE: Keys = Keys {
    what: "a resource of a REST server",
    both: &[
        "description",
        "path",
        "inputParameters",
        "operations",
        "forward",
    ],
    lists: &["name", "label"],
    maps: &["display"],
};
pub(super) const ROUTE: Keys = Keys {
    what: "an operation of a REST server",
    both: &[
        "description",
        "method",
        "inputParameters",
        "ref",
        "call",
        "with",
        "outputParameters",
        "steps",
        "mappings",
    ],
    lists: &["name", "label"],
    maps: &["display", "outputMediaType"],
};
pub(super) const ROUTE_INPUT: Keys = Keys {
    what: "an input of a REST operation",
    both: &["in", "type", "description", "pattern", "value"],
    lists: &["name"],
    maps: &["required"],
};
pub(super) const MCP: Keys = Keys {
    what: "an MCP server",
    both: &[
        "type",
        "transport",
        "address",
        "port",
        "namespace",
        "description",
        "authentication",
        "tools",
        "resources",
        "prompts",
    ],
    lists: &[],
    maps: &["ttlMs", "cacheScope", "tunnel"],
};
pub(super) const TOOL: Keys = Keys {
    what: "a tool",
    both: &[
        "description",
        "inputParameters",
        "ref",
        "call",
        "with",
        "steps",
        "mappings",
        "hints",
        "outputParameters",
    ],
    lists: &["name", "label"],
    maps: &["display", "outputMediaType"],
};
pub(super) const TOOL_INPUT: Keys = Keys {
    what: "an input of a tool",
    both: &["type", "description", "required"],
    lists: &["name"],
    maps: &[],
};
pub(super) const HINTS: Keys = Keys {
    what: "`hints`",
    both: &["readOnly", "destructive", "idempotent", "openWorld"],
    lists: &[],
    maps: &[],
};
