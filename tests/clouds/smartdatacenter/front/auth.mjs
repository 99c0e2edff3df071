// Signatures, verified by http-signature.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import httpSignature from "http-signature";
import sshpk from "sshpk";
import { Refusal } from "./refusal.mjs";

// The keys that may sign, by what stands in keyId: those in the folder, and those of the account.
export function knownKeys(folder, account, double) {
  const known = new Map();
  const add = (login, name, text) => {
    const key = sshpk.parseKey(text.trim(), "ssh");
    const pem = key.toString("pem");
    const fingerprint = key.fingerprint("md5").toString().replace(/^MD5:/i, "");
    known.set(`/${login}/keys/${name}`, pem).set(`/${login}/keys/${fingerprint}`, pem);
  };
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".pub"))) {
    const name = basename(file, ".pub");
    const user = name.match(/^user-(\w+)$/);
    add(user ? `${account}/users/${user[1]}` : account, name, readFileSync(join(folder, file), "utf8"));
  }
  return async (keyId) => {
    if (known.has(keyId)) return known.get(keyId);
    for (const key of await double.get("keys")) {
      try {
        add(account, key.Name, key.Key);
      } catch {
        continue;
      }
    }
    return known.get(keyId);
  };
}

export async function authenticate(request, keyOf) {
  const refused = (message) => new Refusal(401, "InvalidCredentials", message);
  let parsed;
  try {
    parsed = httpSignature.parseRequest(request, { clockSkew: 300, headers: ["date"] });
  } catch (error) {
    throw refused(error.message);
  }
  const key = await keyOf(parsed.keyId);
  if (!key) throw refused(`${parsed.keyId} does not exist`);
  let good = false;
  try {
    good = httpSignature.verifySignature(parsed, key);
  } catch (error) {
    throw refused(error.message);
  }
  if (!good) throw refused("the signature is invalid");
}
