// Where tests ask about what is not in a browser: mail that has arrived, and the portal's log.

import { createServer } from "node:http";

export class Desk {
  /**
   * @param {import("./post_office.mjs").PostOffice} mail
   * @param {import("./portal.mjs").Portal} portal
   */
  constructor(mail, portal) {
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const to = url.searchParams.get("to") ?? "";
      switch (`${request.method} ${url.pathname}`) {
        case "GET /mails":
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify(mail.letters.filter((letter) => letter.to === to)));
          break;
        case "GET /log":
          response.end(portal.log());
          break;
        case "PUT /strike":
          mail.strikes.set(to, 0);
          response.end();
          break;
        case "GET /strike":
          response.end(String(mail.strikes.get(to) ?? 0));
          break;
        case "DELETE /strike":
          mail.strikes.delete(to);
          response.end();
          break;
        default:
          response.writeHead(404).end();
      }
    });
  }

  /**
   * @param {import("./post_office.mjs").PostOffice} mail
   * @param {import("./portal.mjs").Portal} portal
   */
  static async open(mail, portal) {
    const desk = new Desk(mail, portal);
    await new Promise((resolve) => desk.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    return desk;
  }

  get origin() {
    const address = this.server.address();
    return `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}`;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
