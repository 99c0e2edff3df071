//! Somebody who is told things over HTTP.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that keeps what it is told.
#[derive(Debug, Clone)]
pub struct Receiver {
    address: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    told: Vec<Told>,
    answers: VecDeque<Response>,
}

/// What it was told.
#[derive(Debug, Clone)]
pub struct Told {
    pub at: Instant,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// What it answers.
#[derive(Debug, Clone)]
pub enum Response {
    /// This status, and these lines of headers.
    Status(u16, &'static str),
    /// Nothing at all.
    Hang,
}

impl Receiver {
    /// Answers so in this order, then 200 to all that follows.
    pub fn start(answers: impl IntoIterator<Item = Response>) -> Self {
        Self::listen("127.0.0.1:0", answers)
    }

    /// The same at this address.
    pub fn listen(address: &str, answers: impl IntoIterator<Item = Response>) -> Self {
        let listener = TcpListener::bind(address).expect("the address is free");
        let address = listener.local_addr().expect("an address").to_string();
        let shared = Shared {
            answers: answers.into_iter().collect(),
            ..Shared::default()
        };
        let shared = Arc::new(Mutex::new(shared));
        let kept = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&kept);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// An address with a secret in it.
    pub fn url(&self) -> String {
        format!("http://{}/hook/canary-in-the-address", self.address)
    }

    /// All that it was told so far.
    pub fn told(&self) -> Vec<Told> {
        lock(&self.shared).told.clone()
    }

    /// What it was told as soon as that is so much.
    pub async fn until(&self, count: usize) -> Vec<Told> {
        let started = Instant::now();
        loop {
            let told = self.told();
            if told.len() >= count {
                return told;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "told {} of {count}",
                told.len()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Told {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

fn serve(stream: TcpStream, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream);
    while let Some(told) = read(&mut reader) {
        let answer = {
            let mut shared = lock(shared);
            shared.told.push(told);
            shared.answers.pop_front()
        };
        let (status, headers) = match answer {
            Some(Response::Hang) => {
                thread::sleep(PATIENCE);
                return;
            }
            Some(Response::Status(status, headers)) => (status, headers),
            None => (200, ""),
        };
        let answer = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: 0\r\n\r\n");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection; nothing at its end.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Told> {
    let mut headers = HashMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Told {
        at: Instant::now(),
        headers,
        body,
    })
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
