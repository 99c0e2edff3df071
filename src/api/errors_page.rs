//! `/docs/errors`: where the `type` of a problem leads. It is the page of the guide, as HTML.

use std::fmt::Write as _;

use actix_web::HttpResponse;

/// The guide's page. Only the kinds are shown, each under its name.
const GUIDE: &str = include_str!("../../docs/errors.md");

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>cloudfarm: errors</title>\
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em}\
code{background:#8882;padding:0 .2em}:target{background:#fd08}</style>\
<h1>The kinds of errors</h1><p><a href=\"/docs/\">The API</a></p>";

/// The page.
pub(super) async fn errors_page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page())
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for section in GUIDE.split("\n### ").skip(1) {
        let (kind, text) = section.split_once('\n').unwrap_or((section, ""));
        let _ = write!(page, "<h2 id=\"{kind}\"><code>{kind}</code></h2>");
        for block in text.split("\n\n").map(str::trim) {
            write_block(&mut page, block);
        }
    }
    page
}

fn write_block(page: &mut String, block: &str) {
    if let Some(items) = block.strip_prefix("- ") {
        page.push_str("<ul>");
        for item in items.split("\n- ") {
            let _ = write!(page, "<li>{}</li>", inline(item));
        }
        page.push_str("</ul>");
    } else if !block.is_empty() {
        let _ = write!(page, "<p>{}</p>", inline(block));
    }
}

/// What stands between backticks is code.
fn inline(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let parts = escaped.split('`').enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::ErrorKind;
    use utoipa::PartialSchema;

    use super::page;

    #[test]
    fn every_kind_has_its_place() {
        let page = page();
        let schema = serde_json::to_value(ErrorKind::schema()).unwrap();
        let kinds = schema["enum"].as_array().unwrap();
        assert!(kinds.len() > 10, "{schema}");
        for kind in kinds {
            assert!(page.contains(&format!("id={kind}")), "{kind}");
        }
        assert!(page.contains("<code>field</code> names what is wrong"));
    }
}
