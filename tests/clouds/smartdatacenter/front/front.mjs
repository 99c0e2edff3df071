// CloudAPI before gosdc's double: verifies signatures with http-signature, and speaks the wire of
// CloudAPI where the double does not. Usage: front.mjs PORT DOUBLE_PORT ACCOUNT KEYS_DIR
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { authenticate, knownKeys } from "./auth.mjs";
import { Cloud } from "./cloud.mjs";
import { Double } from "./double.mjs";
import { Refusal } from "./refusal.mjs";

const [port, doublePort, account, keysDir] = process.argv.slice(2);
const double = new Double(Number(doublePort), account);
const keys = knownKeys(keysDir, account, double);
const cloud = new Cloud(double, `http://127.0.0.1:${port}`);

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "BadRequest", "the body is no JSON");
  }
}

async function answer(request) {
  const url = new URL(request.url, "http://front");
  if (url.pathname === "/--ping") {
    return { body: { ping: "pong", cloudapi: { versions: ["9.20.0", "8.0.0"] } } };
  }
  const body = await bodyOf(request);
  const versions = request.headers["accept-version"] ?? request.headers["api-version"] ?? "~9";
  if (!/(^|[~|*^ ])(7|8|9|\*)/.test(versions)) {
    throw new Refusal(449, "InvalidVersion", `${versions} is not supported`);
  }
  await authenticate(request, keys);
  const [login, ...path] = url.pathname.split("/").slice(1).map(decodeURIComponent);
  if (login !== account && login !== "my") throw new Refusal(403, "NotAuthorized", "the account is another's");
  return cloud.answer(request.method, path, url.searchParams, body);
}

const server = createServer(async (request, response) => {
  let reply;
  try {
    reply = await answer(request);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(request.method, request.url, error);
    const refusal = error instanceof Refusal ? error : new Refusal(500, "InternalError", String(error));
    reply = { status: refusal.status, body: refusal.body() };
  }
  const text = reply.body === undefined ? "" : JSON.stringify(reply.body);
  response.writeHead(reply.status ?? 200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "api-version": "9.20.0",
    "request-id": randomUUID(),
    server: "cloudapi/9.20.0",
    ...reply.headers,
  });
  response.end(request.method === "HEAD" ? "" : text);
});
server.keepAliveTimeout = 120_000;
server.listen(Number(port), "127.0.0.1");
