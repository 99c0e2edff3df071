// Machines: made, changed and listed by the double; states that take their time, history, snapshots
// and the rest of CloudAPI's behaviour are kept here.
import { invalid, missing, notFound, Refusal } from "./refusal.mjs";

// How long a change takes, in milliseconds.
const TAKES = { provision: 300, stop: 200, start: 200, reboot: 250, resize: 200, rename: 150, snapshot: 200 };

export class Machines {
  constructor(double, cloud) {
    Object.assign(this, { double, cloud, known: new Map(), gone: new Map() });
  }

  // What is known here of a machine of the double.
  record(id) {
    if (!this.known.has(id)) {
      const now = new Date().toISOString();
      this.known.set(id, { created: now, updated: now, states: [], audit: [], snapshots: new Map(), nics: [] });
    }
    return this.known.get(id);
  }

  shape(raw, packages) {
    const record = this.record(raw.Id);
    const now = Date.now();
    const passing = record.states.find((it) => it.until > now);
    const pack = packages.find((it) => it.Id === raw.Package || it.Name === raw.Package);
    return {
      id: raw.Id, name: raw.Name, type: raw.Type, brand: raw.Type === "virtualmachine" ? "bhyve" : "joyent",
      state: passing?.state ?? raw.State, image: record.image ?? raw.Image, memory: raw.Memory, disk: raw.Disk,
      ips: passing?.state === "provisioning" ? [] : record.nics.map((nic) => nic.ip), primaryIp: raw.PrimaryIP,
      networks: record.nics.map((nic) => nic.network), nics: passing?.state === "provisioning" ? [] : record.nics,
      metadata: raw.Metadata ?? {}, tags: { ...raw.Tags, ...record.typed }, created: record.created,
      updated: record.updated, package: pack?.Name ?? raw.Package, firewall_enabled: raw.firewall_enabled,
      deletion_protection: record.protected ?? false, compute_node: "44454c4c-3300-1039-8032-b9c04f333233",
    };
  }

  async all() {
    const [raw, packages] = await Promise.all([this.double.get("machines"), this.double.get("packages")]);
    return raw.map((machine) => this.shape(machine, packages));
  }

  async get(id) {
    if (this.gone.has(id)) throw Object.assign(new Refusal(410, "", ""), { body: () => this.gone.get(id) });
    const raw = await this.double.get(`machines/${id}`);
    if (!raw) throw notFound(`machine ${id}`);
    return this.shape(raw, await this.double.get("packages"));
  }

  async memory() {
    return (await this.all()).reduce((sum, machine) => sum + machine.memory, 0);
  }

  async answer(method, [id, part, ...rest], query, body) {
    if (id === undefined) return method === "POST" ? this.create(body) : this.list(method, query);
    const machine = await this.get(id);
    switch (part) {
      case undefined:
        if (method === "GET") return { body: machine };
        return method === "DELETE" ? this.remove(machine) : this.act(machine, query, body);
      case "audit": return { body: this.history(id) };
      case "tags": return this.tags(method, machine, rest[0], body);
      case "snapshots": return this.snapshots(method, machine, rest[0], body);
      case "nics": return { body: machine.nics };
      case "metadata": return { body: machine.metadata };
      default: throw notFound(part);
    }
  }

  async list(method, query) {
    let all = await this.all();
    for (const [key, value] of query) {
      if (["name", "image", "state", "brand"].includes(key)) all = all.filter((it) => it[key] === value);
      if (key === "memory") all = all.filter((it) => it.memory === Number(value));
      if (!key.startsWith("tag.")) continue;
      const tag = key.slice(4);
      const pattern = new RegExp(`^${value.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
      all = all.filter((it) => it.tags[tag] !== undefined && pattern.test(String(it.tags[tag])));
    }
    const limit = Number(query.get("limit") ?? 1000);
    if (!(limit >= 1 && limit <= 1000)) throw invalid("limit must be between 1 and 1000");
    const offset = Number(query.get("offset") ?? 0);
    const page = method === "HEAD" ? all : all.slice(offset, offset + limit);
    return { body: page, headers: { "x-resource-count": page.length, "x-query-limit": limit } };
  }

  async create(body) {
    for (const field of ["image", "package"]) if (!body[field]) throw missing(field);
    const packages = await this.double.get("packages");
    const pack = packages.find((it) => it.Id === body.package || it.Name === body.package);
    if (!pack) throw invalid("package is not available", "package");
    const image = (await this.cloud.allImages()).find((it) => it.id === body.image);
    if (!image) throw invalid(`image ${body.image} is unknown`);
    await this.checkName(body.name);
    const wanted = (body.networks ?? []).map((it) => (typeof it === "string" ? { ipv4_uuid: it } : it));
    const networks = await this.cloud.allNetworks();
    for (const { ipv4_uuid } of wanted) {
      if (!networks.some((it) => it.id === ipv4_uuid)) throw invalid(`network ${ipv4_uuid} is unknown`, "networks");
    }
    const told = { name: body.name, package: pack.Id, image: image.origin ?? image.id };
    const typed = {};
    for (const [key, value] of Object.entries(body)) {
      if (/^(tag|metadata)\./.test(key)) told[key] = String(value);
      if (key.startsWith("tag.") && typeof value !== "string") typed[key.slice(4)] = value;
    }
    const raw = await this.double.call("POST", "machines", told);
    const record = this.record(raw.Id);
    Object.assign(record, { image: body.image, typed, protected: body.deletion_protection });
    record.nics = this.nics(raw, wanted, networks);
    if (body.firewall_enabled) await this.double.call("POST", `machines/${raw.Id}?action=enable_firewall`);
    this.passes(raw.Id, "provisioning", TAKES.provision, "provision");
    const made = await this.get(raw.Id);
    return { status: 201, body: made, headers: { location: `/${this.double.account}/machines/${raw.Id}` } };
  }

  // Without networks a machine is on one of each kind, with the addresses that the double gave it.
  nics(raw, wanted, networks) {
    const mac = (at) => `90:b8:d0:${[at, ...raw.Id.slice(-4)].map((it) => `0${it}`.slice(-2)).slice(0, 3).join(":")}`;
    const nic = (at, ip, id) => ({
      ip, mac: mac(at), primary: at === 0, netmask: "255.255.255.0", gateway: null, state: "running", network: id,
    });
    const usual = networks.filter((it) => !it.fabric);
    if (!wanted.length) return usual.map((it, at) => nic(at, raw.IPs[at], it.id));
    this.lastIp = ((this.lastIp ?? 9) + 1) % 250;
    return wanted.map(({ ipv4_uuid, ipv4_ips }, at) => {
      const range = networks.find((it) => it.id === ipv4_uuid).subnet ?? "10.88.88.0/24";
      return nic(at, ipv4_ips?.[0] ?? range.replace(/\d+\/\d+$/, this.lastIp), ipv4_uuid);
    });
  }

  async checkName(name) {
    if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)) throw invalid("name is invalid", "alias");
    if (name === undefined || !(await this.all()).some((it) => it.name === name)) return;
    const message = "Already exists for this owner_uuid";
    throw new Refusal(409, "ValidationFailed", "Invalid VM parameters", [{ field: "alias", code: "Duplicate", message }]);
  }

  // A state that passes, and an entry in the history when it has.
  passes(id, state, takes, action) {
    const record = this.record(id);
    const until = Date.now() + takes;
    record.states = [{ state, until }];
    record.updated = new Date().toISOString();
    record.audit.push({
      action, success: "yes", at: until, caller: { type: "signature", ip: "127.0.0.1", keyId: `/${this.double.account}/keys/x` },
    });
  }

  history(id) {
    const done = this.record(id).audit.filter((it) => it.at <= Date.now());
    return done.map(({ at, ...entry }) => ({ ...entry, time: new Date(at).toISOString() })).reverse();
  }

  async act(machine, query, body) {
    const action = query.get("action") ?? body.action;
    const given = (name) => query.get(name) ?? body[name];
    const tell = (rest = "") => this.double.call("POST", `machines/${machine.id}?action=${action}${rest}`);
    const needs = (...states) => {
      if (states.includes(machine.state)) return;
      throw new Refusal(409, "InvalidState", `machine must be ${states.join(" or ")} to ${action}`);
    };
    if (action === "start" || action === "stop") {
      needs(action === "start" ? "stopped" : "running");
      await tell();
      this.passes(machine.id, action === "stop" ? "stopping" : "stopped", TAKES[action], action);
    } else if (action === "reboot") {
      needs("running");
      this.passes(machine.id, "running", TAKES.reboot, action);
    } else if (action === "resize") {
      const pack = (await this.double.get("packages")).find((it) => [it.Id, it.Name].includes(given("package")));
      if (!pack) throw invalid("package is not available", "package");
      setTimeout(() => tell(`&package=${pack.Id}`), TAKES.resize);
      this.passes(machine.id, machine.state, TAKES.resize + 50, action);
    } else if (action === "rename") {
      await this.checkName(given("name"));
      setTimeout(() => tell(`&name=${given("name")}`), TAKES.rename);
      this.passes(machine.id, machine.state, TAKES.rename + 50, action);
    } else if (/^(en|dis)able_firewall$/.test(action)) {
      await tell();
    } else if (/^(en|dis)able_deletion_protection$/.test(action)) {
      this.record(machine.id).protected = action.startsWith("enable");
    } else {
      throw invalid(`${action} is not a valid action`);
    }
    return { status: 202 };
  }

  // The double deletes only what is stopped, as servers did long ago.
  async remove(machine) {
    if (machine.deletion_protection) {
      throw new Refusal(409, "CannotDestroyMachine", "deletion_protection is enabled: the machine is protected");
    }
    await this.double.call("POST", `machines/${machine.id}?action=stop`);
    await this.double.call("DELETE", `machines/${machine.id}`);
    this.gone.set(machine.id, { ...machine, state: "deleted" });
    return { status: 204 };
  }

  async tags(method, machine, name, body) {
    const path = `machines/${machine.id}/tags`;
    if (method === "GET") return { body: name === undefined ? machine.tags : machine.tags[name] };
    if (method === "DELETE") {
      if (name !== undefined && machine.tags[name] === undefined) throw notFound(`tag ${name}`);
      await this.double.call("DELETE", name === undefined ? path : `${path}/${name}`);
      return { status: 204 };
    }
    // The double adds what is not there and replaces what is, but neither does the other's part.
    const told = Object.fromEntries(Object.entries(body).map(([key, value]) => [key, String(value)]));
    await this.double.call("PUT", path, told);
    return { body: await this.double.call("POST", path, told) };
  }

  async snapshots(method, machine, name, body) {
    const kept = this.record(machine.id).snapshots;
    const shown = (it) => ({ name: it.name, created: it.created, state: it.readyAt > Date.now() ? "queued" : "created" });
    if (name === undefined) {
      if (method === "GET") return { body: [...kept.values()].map(shown) };
      if (kept.has(body.name)) throw invalid(`snapshot ${body.name} already exists`);
      const made = { name: body.name, created: new Date().toISOString(), readyAt: Date.now() + TAKES.snapshot };
      kept.set(made.name, made);
      return { status: 201, body: shown(made) };
    }
    if (!kept.has(name)) throw notFound(`snapshot ${name}`);
    if (method === "GET") return { body: shown(kept.get(name)) };
    if (method === "DELETE") {
      kept.delete(name);
      return { status: 204 };
    }
    if (machine.state !== "stopped") throw new Refusal(409, "InvalidState", "machine must be stopped");
    await this.double.call("POST", `machines/${machine.id}?action=start`);
    this.passes(machine.id, "stopped", TAKES.start, "rollback_snapshot");
    return { status: 202 };
  }
}
