//! What HTTP drivers share: transport, token source, paging, redaction. This page is the guide for
//! the author of a driver.
//!
//! # Settings
//!
//! Take [`HttpParams`] into the driver's own `extra_params`, so that proxy, authorities, client
//! certificate and timeouts are set alike for every cloud, under `extra_params.http`:
//!
//! ```
//! use cloudfarm_http::HttpParams;
//!
//! #[derive(serde::Deserialize, utoipa::ToSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Params {
//!     endpoint: String,
//!     #[serde(default)]
//!     #[schema(inline)]
//!     http: HttpParams,
//! }
//! ```
//!
//! `inline` matters: the schema of an engine stands alone and cannot refer to another. Read the
//! address of the provider with [`parse_endpoint`] and build addresses below it with [`join`], which
//! escapes ids.
//!
//! # One call
//!
//! In `Engine::connect` make one [`Transport`] per cloud. A call builds a [`Request`] with the
//! [`Effect`](cloudfarm_contract::Effect) of what it does, sends it under the
//! [`Context`](cloudfarm_contract::Context) it was given, and reads the [`Response`]:
//!
//! ```
//! # use cloudfarm_contract::{Context, Result, Text};
//! # use cloudfarm_http::{Request, Transport, Url, join};
//! #[derive(serde::Deserialize)]
//! struct Machine {
//!     id: Text,
//! }
//!
//! async fn get_machine(transport: &Transport, cx: &Context, base: &Url, id: &str) -> Result<Machine> {
//!     let request = Request::get(join(base, &["machines", id])?);
//!     transport.send(cx, request).await?.success()?.json()
//! }
//! ```
//!
//! - [`Transport::send`] fails only if there is no whole answer, and its errors already say what may
//!   have been left behind. Hand them on as they are.
//! - [`Response::success`] makes an error of any status that is no success, with the provider's
//!   message, code, request id and wait. If the provider's own codes say more than the status, read
//!   them into a [`Complaint`] and choose the kind with [`Response::to_error_of`].
//! - [`Response::json`] says where the JSON is not what it should be, and what is there if it is not
//!   JSON at all. For XML say the same with [`Response::unreadable`].
//!
//! # Secrets
//!
//! Whatever is secret is marked where it goes in: [`Request::secret_header`],
//! [`Request::secret_query`], [`Request::secret_fields`], [`Request::secret_body`], and for what
//! comes back [`Request::secret_response_fields`] and [`Request::secret_response`]. Then it stays out
//! of the [`wire_log`], and out of errors even if the provider repeats it there.
//!
//! # Tokens
//!
//! If the provider gives tokens, implement [`FetchToken`], keep a [`TokenSource`], and make calls
//! through [`TokenSource::with_token`]:
//!
//! ```
//! # use cloudfarm_contract::{Context, Result, Secret, async_trait};
//! # use cloudfarm_http::{FetchToken, Fetched, Request, Response, TokenSource, Transport, Url};
//! # use cloudfarm_http::header::HeaderName;
//! struct Login {
//!     transport: Transport,
//!     url: Url,
//!     password: Secret,
//! }
//!
//! #[async_trait]
//! impl FetchToken for Login {
//!     type Token = Secret;
//!
//!     async fn fetch(&self, cx: &Context) -> Result<Fetched<Secret>> {
//!         // A login changes nothing that matters, so it may be sent again.
//!         let request = Request::post(self.url.clone(), cloudfarm_contract::Effect::Read)
//!             .json(&serde_json::json!({"password": self.password.expose()}))
//!             .secret_response();
//!         let response = self.transport.send(cx, request).await?.success()?;
//!         let token = response.header("x-subject-token").unwrap_or_default();
//!         Ok(Fetched { token: Secret::new(token), expires_at: None })
//!     }
//! }
//!
//! async fn list(source: &TokenSource<Login>, cx: &Context, url: Url) -> Result<Response> {
//!     let transport = &source.fetcher().transport;
//!     source
//!         .with_token(cx, |token| {
//!             let name = HeaderName::from_static("x-auth-token");
//!             let request = Request::get(url.clone()).secret_header(name, &token);
//!             async move { transport.send(cx, request).await }
//!         })
//!         .await?
//!         .success()
//! }
//! ```
//!
//! Clouds that differ only in their region share a source through a [`TokenPool`], under a
//! [`CredentialKey`] that holds the secret as a keyed hash.
//!
//! # Lists
//!
//! One call of a driver is one page of the provider. Make the contract's marker of one value with
//! [`paging::marker_from_link`], and apply it to your own URL; never request a link that a provider
//! gives. [`paging::collect_all`] reads everything, for look-ups within the driver.
//!
//! # Who repeats what
//!
//! | what | who | when |
//! |---|---|---|
//! | a request whose connection went without an answer | [`Transport`] | `Read` and `Idempotent`, once, at once |
//! | a request that never left a pooled connection | the HTTP client | any effect: nobody has seen it |
//! | a request refused with 401 | [`TokenSource::with_token`] | any effect, once, with a new token |
//! | everything else: rate limits, 5xx, timeouts, refused connections | the layers of the contract | by the operation's effect |
//! | a create | the job | after it has looked for its mark |
//!
//! A driver has no loop of its own around a request.
#![warn(missing_docs)]

mod address;
mod client;
mod complaint;
mod failure;
pub mod paging;
mod params;
mod period;
mod redact;
mod request;
mod response;
mod retry_after;
mod status;
mod token;
mod transport;
pub mod wire_log;

pub use address::{join, parse_endpoint};
pub use complaint::Complaint;
pub use params::HttpParams;
pub use period::Period;
pub use request::{HeaderText, Request, Secrecy};
pub use reqwest::{Method, StatusCode, Url, header};
pub use response::Response;
pub use retry_after::{LONGEST_RETRY_AFTER, retry_after};
pub use token::{CredentialKey, FetchToken, Fetched, Held, TokenPool, TokenSettings, TokenSource};
pub use transport::Transport;
