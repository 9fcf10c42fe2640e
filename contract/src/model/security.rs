//! How a caller shows who it is (OpenAPI 3.0.4 and 3.1.1, Security Scheme Object).

/// One security scheme that a client can use. Mutual TLS is none: it belongs to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer …`: a token of any origin, OAuth 2 and OpenID Connect included.
    Bearer {
        /// Its description.
        doc: String,
    },
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// Its description.
        doc: String,
    },
    /// A key in a place of the document's choice.
    ApiKey {
        /// Its description.
        doc: String,
        /// Where it travels.
        location: ApiKeyIn,
        /// The name of the header, query parameter or cookie.
        name: String,
    },
}

/// Where an API key travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ApiKeyIn {
    Header,
    Query,
    Cookie,
}
