//! From [`HttpParams`] to clients, with every problem named by its field.

use std::error::Error as StdError;
use std::io;
use std::sync::OnceLock;

use cloudfarm_contract::{Error, Result, SideEffect};
use reqwest::{Certificate, Client, ClientBuilder, Identity, NoProxy, Proxy, Url};

use crate::HttpParams;
use crate::failure::find_cause;

/// In these the environment names a proxy for plain HTTP, which may itself be spoken to over TLS.
const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The clients of one cloud. The machine's trusted authorities are read, which takes longer than a
/// login, when TLS is first spoken.
pub(crate) struct Clients {
    params: HttpParams,
    /// Trusts nobody; none where a problem with TLS has to be known at the start.
    plain: Option<Client>,
    trusting: OnceLock<Client>,
}

impl Clients {
    /// Asks nobody over the network.
    pub(crate) fn new(params: &HttpParams) -> Result<Self> {
        let params = params.clone();
        if needs_tls_at_once(&params) {
            let trusting = OnceLock::from(build(&params)?);
            return Ok(Self {
                params,
                plain: None,
                trusting,
            });
        }
        let plain = configured(&params, None, None, true)?.build();
        let plain = plain.map_err(|error| build_error(&params, &error))?;
        Ok(Self {
            params,
            plain: Some(plain),
            trusting: OnceLock::new(),
        })
    }

    /// The client for an address of this scheme.
    pub(crate) fn of(&self, scheme: &str) -> Result<&Client> {
        if let Some(plain) = self.plain.as_ref().filter(|_| scheme == "http") {
            return Ok(plain);
        }
        if let Some(trusting) = self.trusting.get() {
            return Ok(trusting);
        }
        let client =
            build(&self.params).map_err(|error| error.with_side_effect(SideEffect::None))?;
        Ok(self.trusting.get_or_init(|| client))
    }
}

/// Whether the settings name files, whose problems are told at the start, or plain HTTP may go
/// through a proxy.
fn needs_tls_at_once(params: &HttpParams) -> bool {
    let names_files = params.ca_file.is_some()
        || params.ca_only
        || params.client_cert_file.is_some()
        || params.client_key_file.is_some();
    names_files
        || match params.proxy.as_deref() {
            Some(proxy) => proxy != "none",
            None => PROXY_VARIABLES
                .iter()
                .any(|variable| std::env::var_os(variable).is_some()),
        }
}

fn build(params: &HttpParams) -> Result<Client> {
    let roots = roots(params)?;
    let identity = identity(params)?;
    match configured(params, roots.clone(), identity.clone(), false)?.build() {
        Ok(client) => Ok(client),
        // A machine without trusted authorities can still speak plain HTTP; https is refused when
        // it is tried, since then nothing is trusted.
        Err(error) if roots.is_none() && has_no_system_roots(&error) => {
            log::warn!(
                "no trusted authorities are installed, so https will be refused: install them or set ca_file"
            );
            configured(params, roots, identity, true)?
                .build()
                .map_err(|error| build_error(params, &error))
        }
        Err(error) => Err(build_error(params, &error)),
    }
}

fn configured(
    params: &HttpParams,
    roots: Option<Vec<Certificate>>,
    identity: Option<Identity>,
    without_system_roots: bool,
) -> Result<ClientBuilder> {
    let mut builder = Client::builder()
        .connect_timeout(params.connect_timeout.duration())
        .read_timeout(params.read_timeout.duration())
        .pool_idle_timeout(params.pool_idle_timeout.duration())
        .pool_max_idle_per_host(params.pool_max_idle)
        .gzip(params.gzip)
        .user_agent(&params.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false);
    if params.insecure_skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder = match roots {
        Some(roots) if params.ca_only => builder.tls_certs_only(roots),
        Some(roots) => builder.tls_certs_merge(roots),
        None if without_system_roots => builder.tls_certs_only([]),
        None => builder,
    };
    if let Some(identity) = identity {
        builder = builder.identity(identity);
    }
    proxied(params, builder)
}

fn proxied(params: &HttpParams, builder: ClientBuilder) -> Result<ClientBuilder> {
    let Some(address) = params.proxy.as_deref() else {
        for (field, given) in [
            ("proxy_user", params.proxy_user.is_some()),
            ("proxy_password", params.proxy_password.is_some()),
            ("no_proxy", !params.no_proxy.is_empty()),
        ] {
            if given {
                return Err(wrong(field, "goes with proxy, which is not set"));
            }
        }
        return Ok(builder);
    };
    if address == "none" {
        return Ok(builder.no_proxy());
    }
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
        .ok_or_else(|| {
            wrong(
                "proxy",
                "must be none or a url such as http://proxy.example:3128",
            )
        })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "proxy",
            "must not hold credentials: they go into proxy_user and proxy_password",
        ));
    }
    let mut proxy = Proxy::all(url).map_err(|_| wrong("proxy", "cannot be used as a proxy"))?;
    if let Some(user) = &params.proxy_user {
        let password = params.proxy_password.as_ref().map_or("", |p| p.expose());
        proxy = proxy.basic_auth(user, password);
    }
    Ok(builder.proxy(proxy.no_proxy(NoProxy::from_string(&params.no_proxy.join(",")))))
}

fn roots(params: &HttpParams) -> Result<Option<Vec<Certificate>>> {
    let Some(file) = &params.ca_file else {
        if params.ca_only {
            return Err(wrong("ca_only", "needs ca_file, which is not set"));
        }
        return Ok(None);
    };
    let pem = read("ca_file", file)?;
    let roots = Certificate::from_pem_bundle(&pem)
        .ok()
        .filter(|roots| !roots.is_empty())
        .ok_or_else(|| wrong("ca_file", "must be a pem file that holds certificates"))?;
    Ok(Some(roots))
}

fn identity(params: &HttpParams) -> Result<Option<Identity>> {
    let Some(cert_file) = &params.client_cert_file else {
        if params.client_key_file.is_some() {
            return Err(wrong(
                "client_key_file",
                "needs client_cert_file, which is not set",
            ));
        }
        return Ok(None);
    };
    let mut pem = read("client_cert_file", cert_file)?;
    if let Some(key_file) = &params.client_key_file {
        pem.push(b'\n');
        pem.extend(read("client_key_file", key_file)?);
    }
    let identity = Identity::from_pem(&pem).map_err(|_| {
        wrong(
            "client_cert_file",
            "must be a pem file with a certificate, with its private key in it or in client_key_file",
        )
    })?;
    Ok(Some(identity))
}

fn read(field: &str, file: &str) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "names a file that does not exist",
            io::ErrorKind::PermissionDenied => "names a file that may not be read",
            _ => "names a file that cannot be read",
        };
        wrong(field, reason).with_internal(error)
    })
}

fn build_error(params: &HttpParams, error: &reqwest::Error) -> Error {
    let about_tls = find_cause::<rustls::Error>(error).is_some();
    let wrong = if about_tls && params.client_cert_file.is_some() {
        wrong("client_cert_file", "does not go with its private key")
    } else if about_tls && params.ca_file.is_some() {
        wrong("ca_file", "holds a certificate that cannot be used")
    } else if params.user_agent.chars().any(char::is_control) {
        wrong("user_agent", "must not hold control characters")
    } else {
        Error::internal("the http client cannot be built")
    };
    wrong.with_internal(format_args!("{error}: {:?}", error.source()))
}

fn has_no_system_roots(error: &reqwest::Error) -> bool {
    find_cause::<rustls::Error>(error)
        .is_some_and(|cause| matches!(cause, rustls::Error::General(_)))
}

fn wrong(field: &str, reason: &str) -> Error {
    Error::invalid(format!("{field} {reason}")).with_field(format!("extra_params.http.{field}"))
}
