// The resources of CloudAPI: what the double knows from the double, the rest from here.
import { invalid, missing, notFound, Refusal } from "./refusal.mjs";
import { Machines } from "./machines.mjs";
import { image, lower, network, pack } from "./shapes.mjs";
import sshpk from "sshpk";
import { randomUUID } from "node:crypto";

const ACCOUNT_ID = "9dce1460-0c4c-4417-ab8b-25ca478c5a78";

export class Cloud {
  constructor(double, address) {
    Object.assign(this, { double, address });
    this.machines = new Machines(double, this);
    this.madeImages = new Map();
    this.descriptions = new Map();
  }

  async answer(method, path, query, body) {
    const [collection, ...rest] = path;
    switch (collection) {
      case undefined: return { body: { id: ACCOUNT_ID, login: this.double.account, email: "demo@example.com" } };
      case "datacenters": return {
        body: { "lab-1": this.address, "lab-2": "https://lab-2.cloudapi.example" },
        headers: { "triton-datacenter-name": "lab-1" },
      };
      case "limits": return { body: [{ by: "ram", value: 1048576, used: await this.machines.memory() }] };
      case "machines": return this.machines.answer(method, rest, query, body);
      case "packages": return this.packages(rest);
      case "images": return this.images(method, rest, query, body);
      case "keys": return this.keys(method, rest, body);
      case "networks": return this.networks(rest);
      case "fabrics": return this.fabrics(method, rest, body);
      case "fwrules": return this.rules(method, rest, body);
      default: throw notFound(`/${path.join("/")}`);
    }
  }

  async packages([id]) {
    const all = (await this.double.get("packages")).map(pack);
    if (id === undefined) return { body: all };
    const found = all.find((it) => it.id === id || it.name === id);
    if (!found) throw notFound(`package ${id}`);
    return { body: found };
  }

  async allImages() {
    return [...(await this.double.get("images")).map(image), ...this.madeImages.values()].map((it) => ({
      ...it,
      state: it.readyAt > Date.now() ? "creating" : "active",
      readyAt: undefined,
    }));
  }

  async images(method, [id], query, body) {
    if (method === "POST") return this.createImage(body);
    let all = await this.allImages();
    if (id === undefined) {
      for (const field of ["name", "os", "version", "owner"]) {
        if (query.has(field)) all = all.filter((it) => it[field] === query.get(field));
      }
      const wanted = query.get("state") ?? "active";
      return { body: all.filter((it) => wanted === "all" || it.state === wanted) };
    }
    const found = all.find((it) => it.id === id);
    if (!found) throw notFound(`image ${id}`);
    if (method === "GET") return { body: found };
    if (!this.madeImages.delete(id)) throw new Refusal(403, "NotImageOwner", "the image is another account's");
    return { status: 204 };
  }

  async createImage({ machine, name, version, tags }) {
    for (const [field, value] of Object.entries({ machine, name, version })) if (!value) throw missing(field);
    const from = await this.machines.get(machine);
    const made = {
      id: randomUUID(), name, version, tags, os: "smartos", type: "zone-dataset", public: false,
      owner: ACCOUNT_ID, published_at: new Date().toISOString(), origin: from.image, readyAt: Date.now() + 300,
    };
    this.madeImages.set(made.id, made);
    return { status: 201, body: { ...made, state: "creating", readyAt: undefined } };
  }

  async keys(method, [name], body) {
    const shown = (key) => {
      const fingerprint = sshpk.parseKey(key.key.trim(), "ssh").fingerprint("md5").toString();
      return { name: key.name, key: key.key, fingerprint: fingerprint.replace(/^MD5:/i, "") };
    };
    const all = (await this.double.get("keys")).map(lower);
    if (method === "POST") {
      if (!body.key) throw missing("key");
      if (all.some((key) => key.name === body.name)) throw invalid(`a key ${body.name} already exists`);
      try {
        sshpk.parseKey(body.key.trim(), "ssh");
      } catch {
        throw invalid("key is invalid");
      }
      return { status: 201, body: shown(lower(await this.double.call("POST", "keys", body))) };
    }
    if (name === undefined) return { body: all.map(shown) };
    const found = all.find((key) => key.name === name);
    if (!found) throw notFound(`key ${name}`);
    if (method === "GET") return { body: shown(found) };
    await this.double.call("DELETE", `keys/${name}`);
    return { status: 204 };
  }

  async fabricNetworks() {
    const networks = [];
    for (const vlan of await this.double.get("fabrics/default/vlans")) {
      // It may go between the two calls.
      networks.push(...((await this.double.get(`fabrics/default/vlans/${vlan.vlan_id}/networks`)) ?? []));
    }
    return networks;
  }

  async allNetworks() {
    return [...(await this.double.get("networks")).map(network), ...(await this.fabricNetworks())];
  }

  async networks([id]) {
    const all = await this.allNetworks();
    if (id === undefined) return { body: all };
    const found = all.find((it) => it.id === id);
    if (!found) throw notFound(`network ${id}`);
    return { body: found };
  }

  async fabrics(method, [fabric, ...path], body) {
    if (fabric !== "default") throw notFound(`fabric ${fabric}`);
    if (method === "POST") {
      const needed = path.length > 1 ? ["name", "subnet", "provision_start_ip", "provision_end_ip"] : ["name", "vlan_id"];
      for (const field of needed) if (body[field] === undefined) throw missing(field);
    }
    const made = await this.double.call(method, ["fabrics/default", ...path].join("/"), method === "POST" ? body : undefined);
    if (made === undefined) throw notFound(`/fabrics/default/${path.join("/")}`);
    return { status: { POST: 201, DELETE: 204 }[method] ?? 200, body: method === "DELETE" ? undefined : made };
  }

  async rules(method, [id, verb], body) {
    const shown = (raw) => {
      const rule = lower(raw);
      return { ...rule, description: this.descriptions.get(rule.id) };
    };
    if (method === "POST" && id === undefined) {
      if (!body.rule) throw missing("rule");
      const made = await this.double.call("POST", "fwrules", { rule: body.rule, enabled: body.enabled ?? false });
      if (body.description) this.descriptions.set(made.Id, body.description);
      return { status: 201, body: shown(made) };
    }
    if (id === undefined) return { body: (await this.double.get("fwrules")).map(shown) };
    const found = await this.double.get(`fwrules/${id}`);
    if (!found) throw notFound(`rule ${id}`);
    if (method === "GET") return { body: shown(found) };
    const changed = await this.double.call(method, `fwrules/${id}${verb ? `/${verb}` : ""}`, body);
    return method === "DELETE" ? { status: 204 } : { body: shown(changed) };
  }
}
