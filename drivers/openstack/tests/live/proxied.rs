//! A wire between the driver and the living control plane: logins are counted, and what goes to
//! Nova may fail.

use std::sync::Arc;

use cloudfarm_contract::layers::{LayerSettings, Layered, NoObserver, RateLimit, Stack};
use cloudfarm_contract::{
    Driver, ListQuery, PageRequest, Result, Secret, SystemClock, Text, model::Size,
};
use cloudfarm_http::{HttpParams, Transport, Url};
use cloudfarm_openstack::identity::{
    AuthAddress, Credentials, DomainRef, Keystone, Login, ProjectRef, Scope, UserRef,
};
use cloudfarm_openstack::{ServiceKind, Wanted};
use cloudfarm_wire::{Reply, Seen, Wire};
use serde_json::{Value, json};

use crate::access::{Access, access, cx};

/// A driver of project demo whose Keystone and Nova are behind wires.
pub(crate) struct Proxied {
    identity: Wire,
    pub(crate) compute: Wire,
    pub(crate) driver: Arc<dyn Driver>,
}

impl Proxied {
    /// `fault` answers what it wants to; what it leaves goes to Nova.
    pub(crate) async fn start(
        fault: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let demo = access("demo");
        let keystone = Url::parse(&text(&demo, "auth_url")).unwrap();
        let nova = nova(&demo).await;
        let identity = Wire::to(place(&keystone), |_| Reply::forward()).await;
        let pass_on = move |asked: &Seen| fault(asked).unwrap_or_else(Reply::forward);
        let compute = Wire::to(place(&nova), pass_on).await;
        let here = |wire: &Wire, path: &str| json!(format!("http://127.0.0.1:{}{path}", wire.port));
        let driver = demo
            .with("auth_url", here(&identity, "/v3"))
            .with("endpoints", json!({"compute": here(&compute, "/v2.1")}))
            .connect()
            .unwrap();
        Self {
            identity,
            compute,
            driver,
        }
    }

    /// The driver below the layers that every call of the server passes.
    pub(crate) fn layered(&self) -> Layered {
        let limit = Arc::new(RateLimit::new(Default::default()));
        let layers = LayerSettings::default();
        let stack = Stack::new(Text::from("lab"), layers, limit, Arc::new(NoObserver));
        Layered::new(Arc::clone(&self.driver), stack)
    }

    pub(crate) fn logins(&self) -> usize {
        self.identity.count("POST", "/v3/auth/tokens")
    }
}

/// The names of all sizes, read `limit` to a page.
pub(crate) async fn sizes(driver: &dyn Driver, limit: u32) -> Result<Vec<Text>> {
    let mut sizes: Vec<Size> = Vec::new();
    let mut query = ListQuery {
        page: PageRequest::first(limit),
        ..ListQuery::default()
    };
    loop {
        let page = driver.list_sizes(&cx(), &query).await?;
        sizes.extend(page.items);
        match page.next {
            Some(marker) => query.page = PageRequest::after(marker, Some(limit)),
            None => return Ok(sizes.into_iter().map(|size| size.name).collect()),
        }
    }
}

/// The same body, after `edit`, under the same head.
pub(crate) fn edit_json(answer: &[u8], edit: impl Fn(&mut Value)) -> Vec<u8> {
    let text = std::str::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut body: Value = serde_json::from_str(body).unwrap();
    edit(&mut body);
    let body = body.to_string();
    let kept = head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    let head: Vec<&str> = kept.collect();
    let length = body.len();
    let head = head.join("\r\n");
    format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Where Nova is, as the catalog says.
async fn nova(demo: &Access) -> Url {
    let domain = |key: &str| DomainRef::Name(text(demo, key));
    let user = UserRef::Name(demo.user.clone().unwrap(), domain("user_domain"));
    let project = ProjectRef::Name(text(demo, "project"), domain("project_domain"));
    let login = Login {
        credentials: Credentials::Password(user, Secret::new(demo.password.clone().unwrap())),
        scope: Scope::Project(project),
    };
    let clock = Arc::new(SystemClock);
    let transport = Transport::new("lab", &HttpParams::default(), clock.clone()).unwrap();
    let address = AuthAddress::parse("auth_url", &text(demo, "auth_url")).unwrap();
    let tokens = Keystone::new(transport, address, login).into_tokens(clock);
    let token = tokens.get(&cx()).await.unwrap();
    let found = token.catalog.find(ServiceKind::Compute, &Wanted::default());
    Url::parse(found.unwrap()).unwrap()
}

fn text(access: &Access, key: &str) -> String {
    access.extra_params[key].as_str().unwrap().to_owned()
}

/// Host and port.
fn place(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}
