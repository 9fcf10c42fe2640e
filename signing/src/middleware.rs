//! The signer as the innermost layer of a `reqwest-middleware` stack.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{ClientBuilder, Request, Response, Url, redirect, retry};
use reqwest_middleware::{Error, Middleware, Next, Result as Outcome};

use crate::origin::Base;
use crate::{Signer, SigningError};

/// Signs each request that passes, for one exchange. Made by [`Signer::into_middleware`].
///
/// Attach it last, so that it is the innermost: what waits or retries outside of it then sends a fresh timestamp and
/// signature with each attempt. The client under it must not follow redirects; take
/// [`SigningMiddleware::client_builder`].
///
/// A request is refused before its first byte is sent, with a [`SigningError`] inside
/// [`reqwest_middleware::Error::Middleware`], when its method and path are not in the signer's table, when it goes to
/// another origin or path than the base URL's, and for all that [`Signer::sign`] refuses. Where the signer corrects its
/// clock, each answer's `Date` is observed.
///
/// ```
/// # use bpx_signing::{Key, SignedOperation, Signer};
/// # static OPERATIONS: &[SignedOperation] = &[];
/// # let key = Key::generate()?;
/// let signing = Signer::new(key, OPERATIONS).into_middleware("https://api.backpack.exchange")?;
/// let http = signing.client_builder().build()?;
/// // Retries and throttles go before `signing`.
/// let client = reqwest_middleware::ClientBuilder::new(http).with(signing).build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SigningMiddleware {
    signer: Signer,
    base: Base,
}

impl Signer {
    /// Makes a middleware that signs for the exchange at this base URL, which may have a path.
    ///
    /// # Errors
    /// [`SigningError::InvalidBaseUrl`] if it cannot be read or holds more than scheme, host, port and path,
    /// [`SigningError::PlainText`] if it is not https and not on this computer.
    pub fn into_middleware(self, base_url: &str) -> Result<SigningMiddleware, SigningError> {
        let base = Base::parse(base_url)?;
        Ok(SigningMiddleware { signer: self, base })
    }
}

impl SigningMiddleware {
    /// The HTTP client the middleware wants under it: it follows no redirect, which would carry the signature
    /// elsewhere, and sends nothing twice by itself, which would send an old signature. Plain http stays on this
    /// computer, past any proxy.
    pub fn client_builder(&self) -> ClientBuilder {
        let builder = ClientBuilder::new()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .tcp_nodelay(true);
        if self.base.is_https() {
            builder.https_only(true)
        } else {
            builder.no_proxy()
        }
    }

    /// The signer inside, whose clock correction it shares.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    fn sign(&self, request: &mut Request) -> Result<(), SigningError> {
        let path = self.base.path_below(request.url())?;
        let method = request.method().as_str();
        let operation = self.signer.operation(method, path);
        let operation = operation.ok_or_else(|| SigningError::UnknownOperation {
            method: method.to_owned(),
            path: path.to_owned(),
        })?;
        self.signer.sign(request, operation)
    }
}

#[async_trait]
impl Middleware for SigningMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Outcome<Response> {
        self.sign(&mut request).map_err(Error::middleware)?;
        let url = request.url().clone();
        let sent_ms = self.signer.clock_ms();
        let response = next.run(request, extensions).await?;
        let received_ms = self.signer.clock_ms();
        check_not_redirected(&url, response.url()).map_err(Error::middleware)?;
        self.signer
            .observe_date(response.headers(), sent_ms, received_ms);
        Ok(response)
    }
}

/// A client that follows redirects shows it only by where the answer comes from.
fn check_not_redirected(asked: &Url, answered: &Url) -> Result<(), SigningError> {
    if asked == answered {
        return Ok(());
    }
    Err(SigningError::RedirectFollowed {
        origin: answered.origin().ascii_serialization(),
    })
}
