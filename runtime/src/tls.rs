//! TLS, for calls and streams alike.

use std::sync::Arc;

use reqwest::Url;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// The system's certificates for https, and none where nothing is encrypted.
pub(crate) fn tls(base: &Url) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match base.scheme() {
        "http" => builder.with_root_certificates(RootCertStore::empty()),
        _ => builder.with_platform_verifier()?,
    };
    Ok(builder.with_no_client_auth())
}
