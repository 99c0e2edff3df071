//! The yardstick of the benchmark: actix-web with nothing around it, returning fixed bytes.
//!
//! `bare-route FILE...` serves each file as JSON at `/0`, `/1` and so on, on a free port that it
//! prints, until its standard input ends.

use std::io::{Error, Read, Result, stdin};

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

#[actix_web::main]
async fn main() -> Result<()> {
    let bodies = std::env::args_os()
        .skip(1)
        .map(|path| std::fs::read(path).map(Bytes::from))
        .collect::<Result<Vec<_>>>()?;
    let server = HttpServer::new(move || {
        bodies
            .iter()
            .enumerate()
            .fold(App::new(), |app, (number, body)| {
                let body = body.clone();
                let answer = move || {
                    let body = body.clone();
                    async move {
                        HttpResponse::Ok()
                            .content_type("application/json")
                            .body(body)
                    }
                };
                app.route(&format!("/{number}"), web::get().to(answer))
            })
    })
    .disable_signals()
    .bind("127.0.0.1:0")?;
    let address = server.addrs().first().copied();
    println!("{}", address.ok_or_else(|| Error::other("no address"))?);
    let server = server.run();
    let handle = server.handle();
    std::thread::spawn(move || {
        let _ = stdin().read_to_end(&mut Vec::new());
        drop(handle.stop(false));
    });
    server.await
}
