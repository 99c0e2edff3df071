//! How a cloud is reached: `extra_params.http` of its settings.

use cloudfarm_contract::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Period;

/// How a cloud is reached over HTTP. A driver takes it in as the field `http` of its
/// `extra_params`; every field has a default, so the whole may be left out. Times are written as
/// `"10s"`, `"500ms"`, `"2m"`, or as a number of seconds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpParams {
    /// How long it may take to connect, TLS included.
    #[schema(value_type = String, default = "10s")]
    pub connect_timeout: Period,
    /// How long the provider may be silent before and within an answer.
    #[schema(value_type = String, default = "30s")]
    pub read_timeout: Period,
    /// How long one request may take in all. The deadline of the call may be nearer.
    #[schema(value_type = String, default = "60s")]
    pub timeout: Period,
    /// The proxy, as `http://proxy.example:3128`; `none` to use no proxy. Without it the
    /// environment decides (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    pub proxy: Option<String>,
    /// Who connects through `proxy`.
    pub proxy_user: Option<String>,
    /// With which secret.
    #[schema(inline, default = json!(null))]
    pub proxy_password: Option<Secret>,
    /// Hosts, domains and networks that are reached without `proxy`.
    pub no_proxy: Vec<String>,
    /// A PEM file with authorities that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// Trust only the authorities in `ca_file`.
    pub ca_only: bool,
    /// A PEM file with the client certificate, the leaf first.
    pub client_cert_file: Option<String>,
    /// A PEM file with the key of the client certificate, if `client_cert_file` does not hold it.
    pub client_key_file: Option<String>,
    /// Do not verify whom cloudfarm talks to. Whoever sits on the way can then read every secret:
    /// for tests only, `ca_file` is the right way.
    pub insecure_skip_verify: bool,
    /// What cloudfarm calls itself.
    #[schema(default = "cloudfarm/VERSION")]
    pub user_agent: String,
    /// Ask for compressed answers.
    #[schema(default = true)]
    pub gzip: bool,
    /// The largest answer that is read, in bytes, after decompression.
    #[schema(default = 67_108_864)]
    pub max_response_bytes: usize,
    /// How long an idle connection is kept.
    #[schema(value_type = String, default = "60s")]
    pub pool_idle_timeout: Period,
    /// How many idle connections are kept per host.
    #[schema(default = 16)]
    pub pool_max_idle: usize,
}

impl Default for HttpParams {
    fn default() -> Self {
        Self {
            connect_timeout: Period::from_secs(10),
            read_timeout: Period::from_secs(30),
            timeout: Period::from_secs(60),
            proxy: None,
            proxy_user: None,
            proxy_password: None,
            no_proxy: Vec::new(),
            ca_file: None,
            ca_only: false,
            client_cert_file: None,
            client_key_file: None,
            insecure_skip_verify: false,
            user_agent: concat!("cloudfarm/", env!("CARGO_PKG_VERSION")).to_owned(),
            gzip: true,
            max_response_bytes: 64 * 1024 * 1024,
            pool_idle_timeout: Period::from_secs(60),
            pool_max_idle: 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema as _;

    use super::HttpParams;

    #[test]
    fn the_schema_stands_alone_and_shows_the_defaults() {
        let schema = serde_json::to_value(HttpParams::schema()).unwrap();
        assert!(!schema.to_string().contains("$ref"), "{schema:#}");
        let fields = &schema["properties"];
        assert_eq!(fields["timeout"]["type"], "string");
        assert_eq!(fields["timeout"]["default"], "60s");
        assert_eq!(fields["proxy_password"]["oneOf"][0]["format"], "password");
        assert_eq!(schema["additionalProperties"], false);
        let given = serde_json::json!({"timeout": fields["timeout"]["default"]});
        let params: HttpParams = serde_json::from_value(given).unwrap();
        assert_eq!(params.timeout, HttpParams::default().timeout);
    }
}
