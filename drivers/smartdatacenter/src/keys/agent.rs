//! A key that stays in an SSH agent, which signs on request.

use std::path::PathBuf;

use cloudfarm_contract::{Context, Error, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout_at;

use super::Algorithm;
use super::der;
use super::public::{PublicKey, positive, put_string, take_string};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const RSA_SHA2_256: u32 = 2;
const RSA_SHA2_512: u32 = 4;

/// The longest answer that is read.
const LONGEST: usize = 256 * 1024;

/// A key in an agent, by its fingerprint or by the comment that it was added with.
#[derive(Debug, Clone)]
pub struct AgentKey {
    socket: PathBuf,
    id: String,
    algorithm: Option<String>,
}

impl AgentKey {
    /// The key that the agent at `socket` knows as `id`.
    pub fn new(socket: PathBuf, id: &str, algorithm: Option<String>) -> Self {
        Self {
            socket,
            id: id.to_owned(),
            algorithm,
        }
    }

    /// The public half, by which the provider knows the key.
    ///
    /// # Errors
    ///
    /// As [`AgentKey::sign`].
    pub async fn public(&self, cx: &Context) -> Result<PublicKey> {
        Ok(self.within(cx, self.find()).await?.0)
    }

    /// Signs.
    ///
    /// # Errors
    ///
    /// `unavailable` if the agent cannot be reached, `provider_auth` if it does not have the key or
    /// does not sign with it.
    pub async fn sign(&self, cx: &Context, message: &[u8]) -> Result<(Algorithm, Vec<u8>)> {
        self.within(cx, async {
            let (key, mut stream) = self.find().await?;
            let algorithm = Algorithm::of(&key, self.algorithm.as_deref()).map_err(|error| {
                if error.field().is_some() {
                    error
                } else {
                    error.with_field("extra_params.key_id")
                }
            })?;
            let flags = match algorithm {
                Algorithm::RsaSha256 => RSA_SHA2_256,
                Algorithm::RsaSha512 => RSA_SHA2_512,
                _ => 0,
            };
            let mut request = Vec::new();
            put_string(&mut request, &key.to_blob());
            put_string(&mut request, message);
            request.extend(flags.to_be_bytes());
            let answer = exchange(&mut stream, SIGN_REQUEST, &request).await?;
            let signature = read_signature(&answer, algorithm).ok_or_else(|| {
                Error::provider_auth("the ssh agent does not sign with the key").with_hint(
                    "it may be locked, ask for a confirmation, or be too old for rsa with sha-2",
                )
            })?;
            Ok((algorithm, signature))
        })
        .await
    }

    async fn within<T>(&self, cx: &Context, work: impl Future<Output = Result<T>>) -> Result<T> {
        timeout_at(cx.deadline(), work)
            .await
            .unwrap_or_else(|_| Err(Error::unavailable("the ssh agent does not answer")))
    }

    async fn find(&self) -> Result<(PublicKey, UnixStream)> {
        let mut stream = UnixStream::connect(&self.socket).await.map_err(|error| {
            Error::unavailable("the ssh agent cannot be reached")
                .with_hint("start it, or set agent to its socket")
                .with_internal(error)
        })?;
        let answer = exchange(&mut stream, REQUEST_IDENTITIES, &[]).await?;
        let keys = read_identities(&answer)
            .ok_or_else(|| Error::unavailable("the ssh agent says what nobody can read"))?;
        let known = keys
            .iter()
            .find(|(key, comment)| key.is_known_as(&self.id) || *comment == self.id);
        match known {
            Some((key, _)) => Ok((key.clone(), stream)),
            None => Err(Error::provider_auth(format!(
                "the ssh agent has no key {}, but {} others",
                self.id,
                keys.len()
            ))
            .with_hint("add it with ssh-add, or set key_id to the fingerprint of one it has")),
        }
    }
}

async fn exchange(stream: &mut UnixStream, kind: u8, body: &[u8]) -> Result<Vec<u8>> {
    let broken =
        |error: std::io::Error| Error::unavailable("the ssh agent broke off").with_internal(error);
    let mut message = vec![kind];
    message.extend(body);
    let mut framed = Vec::new();
    put_string(&mut framed, &message);
    stream.write_all(&framed).await.map_err(broken)?;
    let length = stream.read_u32().await.map_err(broken)? as usize;
    if length > LONGEST {
        return Err(Error::unavailable(
            "the ssh agent says what nobody can read",
        ));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.map_err(broken)?;
    Ok(answer)
}

/// The keys that are of a kind that can sign here, with their comments.
fn read_identities(answer: &[u8]) -> Option<Vec<(PublicKey, String)>> {
    let mut rest = answer.strip_prefix(&[IDENTITIES_ANSWER])?;
    let (count, tail) = rest.split_first_chunk::<4>()?;
    rest = tail;
    let mut keys = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let blob = take_string(&mut rest)?;
        let comment = String::from_utf8_lossy(take_string(&mut rest)?).into_owned();
        if let Some(key) = PublicKey::from_blob(blob) {
            keys.push((key, comment));
        }
    }
    Some(keys)
}

/// The signature as CloudAPI takes it. An agent that does not know SHA-2 signs with SHA-1 instead,
/// which shows in the name.
fn read_signature(answer: &[u8], algorithm: Algorithm) -> Option<Vec<u8>> {
    let mut rest = answer.strip_prefix(&[SIGN_RESPONSE])?;
    let mut signature = take_string(&mut rest)?;
    let name = take_string(&mut signature)?;
    let value = take_string(&mut signature)?;
    let wanted: &[u8] = match algorithm {
        Algorithm::RsaSha256 => b"rsa-sha2-256",
        Algorithm::RsaSha512 => b"rsa-sha2-512",
        Algorithm::EcdsaSha256 => b"ecdsa-sha2-nistp256",
        Algorithm::EcdsaSha512 => b"ecdsa-sha2-nistp521",
        Algorithm::Ed25519 => b"ssh-ed25519",
    };
    if name != wanted {
        return None;
    }
    if !name.starts_with(b"ecdsa") {
        return Some(value.to_vec());
    }
    // SSH writes the two numbers one after the other, CloudAPI wants them in DER.
    let mut numbers = value;
    let mut both = der::integer(&positive(take_string(&mut numbers)?));
    both.extend(der::integer(&positive(take_string(&mut numbers)?)));
    Some(der::element(der::SEQUENCE, &both))
}
