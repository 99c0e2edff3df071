//! Answers that are wrong.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{
    ErrorKind, ListQuery, ManualClock, Marker, NodeQuery, PageRequest, Retry, SideEffect,
    SystemClock,
};

use crate::wire::{Reply, Wire, cx, ok, refused};

const EMPTY: &str = "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
    <requestId>r</requestId><reservationSet/></DescribeInstancesResponse>";

fn instance(id: &str) -> String {
    format!(
        "<item><reservationId>r</reservationId><instancesSet><item><instanceId>{id}</instanceId>\
         <instanceState><code>16</code><name>running</name></instanceState></item></instancesSet>\
         </item>"
    )
}

fn instances(ids: &[&str], next: &str) -> String {
    let items: String = ids.iter().map(|id| instance(id)).collect();
    format!(
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>\
         <nextToken>{next}</nextToken></DescribeInstancesResponse>"
    )
}

/// Nothing that is not the list is taken for an empty one.
#[tokio::test]
async fn a_broken_list_is_no_empty_list() {
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
         <DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>&b;\
         </instanceId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>",
        "ha".repeat(1000)
    );
    let deep = format!(
        "<DescribeInstancesResponse>{}<reservationSet/>",
        "<x>".repeat(20_000)
    );
    for body in [
        String::new(),
        EMPTY[..EMPTY.len() - 20].to_owned(),
        EMPTY[..60].to_owned(),
        "<html><body>It works!</body></html>".to_owned(),
        "{\"reservationSet\": []}".to_owned(),
        EMPTY.replace("DescribeInstances", "DescribeVolumes"),
        "<DescribeInstancesResponse/>".to_owned(),
        bomb,
        deep,
        "\u{0}\u{1}".to_owned(),
    ] {
        let wire = Wire::new(move |_| ok(body.clone())).await;
        let driver = wire.driver(Arc::new(SystemClock));
        let error = driver
            .list_nodes(&cx(), &NodeQuery::all())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError, "{error:?}");
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(error.message().len() < 400, "{error}");
    }
    let wire = Wire::new(|_| Reply::Half(EMPTY.to_owned())).await;
    let driver = wire.driver(Arc::new(SystemClock));
    let error = driver
        .list_nodes(&cx(), &NodeQuery::all())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError, "{error:?}");
}

/// The namespace follows the version, or the server, and has a prefix at times.
#[tokio::test]
async fn any_namespace_will_do() {
    let plain = instances(&["i-0a"], "");
    let prefixed = plain
        .replace("</", "</euca:")
        .replace('<', "<euca:")
        .replace("<euca:/euca:", "</euca:");
    let prefixed = prefixed.replacen('>', " xmlns:euca=\"http://msgs.eucalyptus.com/4.4\">", 1);
    for body in [plain, prefixed] {
        let wire = Wire::new(move |_| ok(body.clone())).await;
        let driver = wire.driver(Arc::new(SystemClock));
        let nodes = driver.list_nodes(&cx(), &NodeQuery::all()).await.unwrap();
        assert_eq!(nodes.items.len(), 1);
        assert_eq!(nodes.items[0].id, "i-0a");
    }
}

#[tokio::test]
async fn a_third_child_in_an_error_is_no_trouble() {
    let body = "<Response><Errors><Error><Code>InstanceLimitExceeded</Code><Message>You have \
                reached your quota.</Message><Type>Sender</Type></Error></Errors>\
                <RequestID>req-7</RequestID></Response>";
    let wire = Wire::new(move |_| Reply::Answer(400, Vec::new(), body.to_owned())).await;
    let driver = wire.driver(Arc::new(SystemClock));
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert_eq!(
        error.message(),
        "the provider said: You have reached your quota"
    );
    assert_eq!(error.provider_code().unwrap(), "InstanceLimitExceeded");
    assert_eq!(error.provider_request_id().unwrap(), "req-7");
}

#[tokio::test]
async fn codes_say_what_a_status_does_not() {
    for (status, code, kind) in [
        (503, "RequestLimitExceeded", ErrorKind::RateLimited),
        (400, "Throttling", ErrorKind::RateLimited),
        (500, "InsufficientInstanceCapacity", ErrorKind::NoCapacity),
        (400, "VcpuLimitExceeded", ErrorKind::QuotaExceeded),
        (403, "UnauthorizedOperation", ErrorKind::Forbidden),
        (403, "SignatureDoesNotMatch", ErrorKind::ProviderAuth),
        (401, "AuthFailure", ErrorKind::ProviderAuth),
        (400, "RequestExpired", ErrorKind::ProviderAuth),
        (400, "IncorrectInstanceState", ErrorKind::Conflict),
        (400, "InvalidParameterValue", ErrorKind::Invalid),
        (400, "InvalidInstanceID.Malformed", ErrorKind::NotFound),
        (500, "InternalError", ErrorKind::ProviderError),
        (503, "Unavailable", ErrorKind::Unavailable),
        (400, "SomethingNew", ErrorKind::Invalid),
    ] {
        let wire = Wire::new(move |_| refused(status, code, "Because.")).await;
        let error = wire
            .driver(Arc::new(SystemClock))
            .check(&cx())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.side_effect(), SideEffect::None, "{code}");
    }
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let wire = Wire::new(
        |_| match refused(503, "RequestLimitExceeded", "Slow down") {
            Reply::Answer(status, mut headers, body) => {
                headers.push(("retry-after", "7".to_owned()));
                Reply::Answer(status, headers, body)
            }
            other => other,
        },
    )
    .await;
    let error = wire
        .driver(Arc::new(SystemClock))
        .check(&cx())
        .await
        .unwrap_err();
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(7)));
}

#[tokio::test]
async fn pages_are_read_to_their_end_and_never_in_circles() {
    let wire = Wire::new(|seen| {
        ok(match crate::wire::field(seen, "NextToken") {
            "" => instances(&["i-02", "i-01"], "second"),
            "second" => instances(&["i-03"], ""),
            _ => return refused(400, "InvalidNextToken", "The token is invalid."),
        })
    })
    .await;
    let driver = wire.driver(Arc::new(SystemClock));
    let mut ids = Vec::new();
    let mut query = NodeQuery {
        page: PageRequest::first(1),
        ..NodeQuery::all()
    };
    loop {
        let page = driver.list_nodes(&cx(), &query).await.unwrap();
        ids.extend(page.items.iter().map(|node| node.id.to_string()));
        let Some(next) = page.next else { break };
        query.page.marker = Some(next);
    }
    assert_eq!(ids, ["i-01", "i-02", "i-03"]);
    query.page.marker = Some(Marker::new("ec2:|foreign"));
    let error = driver.list_nodes(&cx(), &query).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field().unwrap().as_str()),
        (ErrorKind::Invalid, "marker")
    );

    let wire = Wire::new(|_| ok(instances(&["i-01"], "same"))).await;
    let driver = wire.driver(Arc::new(SystemClock));
    query.page = PageRequest::after(Marker::new("ec2:|same"), None);
    let error = driver.list_nodes(&cx(), &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
}

#[tokio::test]
async fn what_is_no_api_says_so() {
    let wire = Wire::new(|_| Reply::Answer(404, Vec::new(), "<h1>Not Found</h1>".into())).await;
    let error = wire
        .driver(Arc::new(SystemClock))
        .check(&cx())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.hint().unwrap().contains("/services/compute"));
}

/// Eucalyptus says in one element whose an address is and where it leads.
#[tokio::test]
async fn addresses_of_eucalyptus_are_taken_apart() {
    let body = "<DescribeAddressesResponse><addressesSet>\
        <item><publicIp>198.51.100.1</publicIp><instanceId>available (arn:aws:euare::1:user/a)\
        </instanceId></item>\
        <item><publicIp>198.51.100.2</publicIp><instanceId>nobody</instanceId></item>\
        <item><publicIp>198.51.100.3</publicIp><instanceId>i-3DCA07E1 (arn:aws:euare::1:user/a)\
        </instanceId></item></addressesSet></DescribeAddressesResponse>";
    let wire = Wire::new(move |_| ok(body)).await;
    let driver = wire.driver(Arc::new(ManualClock::new(jiff::Timestamp::UNIX_EPOCH)));
    let addresses = driver.addresses().unwrap();
    let listed = addresses
        .list_addresses(&cx(), &ListQuery::default())
        .await
        .unwrap();
    let shown: Vec<_> = listed
        .items
        .iter()
        .map(|address| (address.id.as_str(), address.node.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [("198.51.100.1", None), ("198.51.100.3", Some("i-3DCA07E1"))]
    );
}
