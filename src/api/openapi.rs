//! The OpenAPI document, made from the code.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::{OpenApi, RefOr, Required, Schema};
use utoipa::{IntoResponses, OpenApi as _};

use super::error::PROBLEM_JSON;
use super::register::Described;
use super::table::routes;
use crate::Problem;
use crate::jobs::Job;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "cloudfarm",
        description = "One HTTP door to every cloud a team has.\n\nEvery error is a problem document \
            (RFC 9457). Whatever changes a cloud answers `202` with a job; `Prefer: wait=60` holds \
            the answer until the job has ended. Ids or exact names are taken wherever an id is \
            expected.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(Problem, Job)),
    tags(
        (name = "engines", description = "What can be configured"),
        (name = "clouds", description = "The named clouds and how they fare"),
        (name = "nodes", description = "Machines"),
        (name = "images", description = "What nodes are made from"),
        (name = "sizes", description = "How much of everything a node gets"),
        (name = "locations", description = "Where nodes can be"),
        (name = "volumes", description = "Disks with a life of their own"),
        (name = "volume-snapshots", description = "Volumes as they were at one moment"),
        (name = "node-snapshots", description = "Nodes as they were, which they can go back to"),
        (name = "networks", description = "What nodes are on"),
        (name = "subnets", description = "Ranges of addresses on networks"),
        (name = "routers", description = "What leads from subnet to subnet, and out"),
        (name = "security-groups", description = "Which traffic reaches nodes, and leaves them"),
        (name = "addresses", description = "Addresses with a life of their own"),
        (name = "quotas", description = "How much there may be, and is"),
        (name = "provider-projects", description = "What a cloud's credential may act on"),
        (name = "key-pairs", description = "Public keys that nodes are made with"),
        (name = "actions", description = "Many things in one call"),
        (name = "leases", description = "Until when nodes may be there, and whose they are"),
        (name = "orphans", description = "What jobs left behind on clouds"),
        (name = "jobs", description = "Work that changes clouds"),
        (name = "notifiers", description = "Who is told of ends of jobs and of leases"),
        (name = "schedules", description = "What is begun again and again"),
        (name = "operations", description = "For those who run cloudfarm"),
    )
)]
struct Base;

/// The document, of the routes that are served.
pub fn document() -> OpenApi {
    let mut described = Described::default();
    routes(&mut described);
    let mut document = Base::openapi();
    document.paths.merge(described.paths);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(described.schemas);
    allow_no_body(&mut document);
    add_idempotency(&mut document);
    add_examples(&mut document);
    // No keys are asked for; "no security" is said outright rather than left open.
    document.security = Some(vec![
        utoipa::openapi::security::SecurityRequirement::default(),
    ]);
    document
}

/// Real answers by operation, with the requests that they answer.
const EXAMPLES: &str = include_str!("examples.json");

/// An example of an operation.
#[derive(Debug, Deserialize)]
struct Example {
    request: Option<serde_json::Value>,
    response: serde_json::Value,
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ]
        .into_iter()
        .flatten()
    })
}

/// A body of which every field may be left out may be left out itself.
fn allow_no_body(document: &mut OpenApi) {
    let schemas = document.components.as_ref().map(|of| &of.schemas);
    let is_optional = |content: &RefOr<Content>| {
        let RefOr::T(Content {
            schema: Some(RefOr::Ref(to)),
            ..
        }) = content
        else {
            return false;
        };
        let name = to.ref_location.rsplit('/').next().unwrap_or_default();
        match schemas.and_then(|schemas| schemas.get(name)) {
            Some(RefOr::T(Schema::Object(object))) => object.required.is_empty(),
            _ => false,
        }
    };
    for operation in operations(&mut document.paths) {
        if let Some(RefOr::T(body)) = &mut operation.request_body
            && body.content.values().all(is_optional)
        {
            body.required = Some(Required::False);
        }
    }
}

/// Whatever makes a job takes a key by which its repetitions are known.
fn add_idempotency(document: &mut OpenApi) {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255));
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "a key of the client's choice; a repetition with the same key within 24 hours is \
             answered with what the first made",
        ))
        .schema(Some(key))
        .build();
    let other = problem("The Idempotency-Key was used for another request");
    for operation in operations(&mut document.paths) {
        let responses = &mut operation.responses.responses;
        if responses.contains_key("202") {
            responses.insert("422".to_owned(), other.clone());
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(RefOr::T(parameter.clone()));
        }
    }
}

fn add_examples(document: &mut OpenApi) {
    let examples: BTreeMap<String, Example> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for operation in operations(&mut document.paths) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let Some(example) = examples.get(id) else {
            continue;
        };
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            set_example(&mut body.content, example.request.as_ref());
        }
        for status in ["200", "201"] {
            if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut(status) {
                set_example(&mut answer.content, Some(&example.response));
            }
        }
    }
}

fn set_example<'a>(
    contents: impl IntoIterator<Item = (&'a String, &'a mut RefOr<Content>)>,
    example: Option<&serde_json::Value>,
) {
    for (media_type, content) in contents {
        if let (RefOr::T(content), "application/json") = (content, media_type.as_str()) {
            content.example = example.cloned();
        }
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content)
        .build()
        .into()
}

/// Every problem that an operation may answer with.
pub(super) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("400", "The request is wrong; the problem names the field"),
            (
                "403",
                "The cloud does not allow it, or a quota leaves no room",
            ),
            ("404", "There is no such thing"),
            (
                "409",
                "Busy, illegal in this state, ambiguous, or changed in the meantime",
            ),
            ("413", "The body is too large"),
            ("415", "The body is not JSON"),
            (
                "429",
                "Too many requests; Retry-After says when to come back",
            ),
            ("500", "A defect of cloudfarm"),
            ("501", "The cloud cannot do this"),
            ("502", "The cloud failed, or refused the farm's credentials"),
            ("503", "The cloud cannot be reached"),
            ("504", "Out of time"),
            ("507", "The cloud has no room"),
        ]
        .into_iter()
        .map(|(status, description)| (status.to_owned(), problem(description)))
        .collect()
    }
}

/// The answers of whatever changes a cloud.
pub(super) struct JobAnswers;

impl IntoResponses for JobAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let answer = |description: &str| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Job")))
                .build();
            let location = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some("where the job is"))
                .build();
            ResponseBuilder::new()
                .description(description)
                .content("application/json", content)
                .header("Location", location)
                .build()
                .into()
        };
        BTreeMap::from([
            (
                "200".to_owned(),
                answer("The job, which ended while the answer was held"),
            ),
            ("202".to_owned(), answer("The job, which goes on")),
        ])
    }
}
