// The double, over HTTP. It answers 500 to nearly everything that is wrong.
import { Agent, request } from "node:http";

export class Double {
  constructor(port, account) {
    Object.assign(this, { port, account, agent: new Agent({ keepAlive: true }) });
  }

  get(path) {
    return this.call("GET", path);
  }

  // The answer's body, or nothing where the double failed.
  call(method, path, body) {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { "content-length": Buffer.byteLength(text) };
      const options = {
        host: "127.0.0.1", port: this.port, agent: this.agent, method, headers,
        path: encodeURI(`/${this.account}/${path}`),
      };
      const sent = request(options, (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("end", () => {
          if (response.statusCode >= 400) return resolve(undefined);
          const json = Buffer.concat(pieces).toString();
          resolve(json ? JSON.parse(json) : null);
        });
      });
      sent.on("error", reject);
      sent.end(text);
    });
  }
}
