//! Damage to an answer, of every kind that wires, proxies and services do.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// The body with something done to it: bits, its end, its middle, or its values.
pub fn damaged(body: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut body = body.to_vec();
    match rng.u8(..8) {
        0 => flip_bits(&mut body, rng),
        1 => body.truncate(rng.usize(..=body.len())),
        2 => splice(&mut body, rng),
        _ => {
            if let Ok(mut value) = serde_json::from_slice(&body) {
                for _ in 0..rng.usize(1..4) {
                    change(&mut value, rng);
                }
                body = value.to_string().into_bytes();
            }
        }
    }
    body
}

fn flip_bits(body: &mut [u8], rng: &mut Rng) {
    for _ in 0..rng.usize(1..8) {
        if !body.is_empty() {
            let at = rng.usize(..body.len());
            body[at] ^= 1 << rng.u8(..8);
        }
    }
}

/// Puts a piece of the body, or something of another format, into its middle.
fn splice(body: &mut Vec<u8>, rng: &mut Rng) {
    let strange: [&[u8]; 6] = [
        b"<html><body>502</body></html>",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE\x00",
        b"\\ud800",
        b"NaN",
        b"1e999999",
    ];
    let at = rng.usize(..=body.len());
    let piece = if rng.bool() {
        let start = rng.usize(..=body.len());
        body[start..rng.usize(start..=body.len())].to_vec()
    } else {
        strange[rng.usize(..strange.len())].to_vec()
    };
    body.splice(at..at, piece);
}

/// Changes one place somewhere in a document.
fn change(value: &mut Value, rng: &mut Rng) {
    let deeper = rng.u8(..8) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = rng.usize(..fields.len());
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            if rng.u8(..12) == 0 {
                fields.remove(&name);
            } else if let Some(field) = fields.get_mut(&name) {
                change(field, rng);
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = rng.usize(..items.len());
            match rng.u8(..12) {
                0 => items.push(items[at].clone()),
                1 => drop(items.remove(at)),
                _ => change(&mut items[at], rng),
            }
        }
        _ => *value = other(value, rng),
    }
}

fn other(value: &Value, rng: &mut Rng) -> Value {
    match rng.u8(..14) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1e308),
        6 => json!(""),
        7 => json!([]),
        8 => json!({}),
        9 => json!("9999-99-99T99:99:99Z"),
        10 => json!("\u{0}é\u{1F680}\u{202E}".repeat(rng.usize(1..200))),
        11 => nested(value.clone(), rng.usize(1..400), rng.bool()),
        12 => json!(value.to_string()),
        _ => json!([value, value]),
    }
}

fn nested(mut value: Value, depth: usize, in_lists: bool) -> Value {
    for _ in 0..depth {
        // By hand, because json! copies what it is given, at every level.
        value = if in_lists {
            Value::Array(vec![value])
        } else {
            Value::Object(Map::from_iter([("message".to_owned(), value)]))
        };
    }
    value
}
