// A real mail server, whose letters are kept in memory.

import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** @typedef {{ to: string, from: string, subject: string, text: string, html: string, link: string }} Letter */

export class PostOffice {
  /** @type {Letter[]} */
  letters = [];
  /**
   * How often somebody who wanted to leave mail for an address was hung up on, while that goes on.
   * @type {Map<string, number>}
   */
  strikes = new Map();

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      onRcptTo: (address, session, done) => {
        const attempts = this.strikes.get(address.address);
        if (attempts === undefined) return done();
        this.strikes.set(address.address, attempts + 1);
        this.#hangUp(session.id);
      },
      onData: (stream, session, done) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        simpleParser(stream).then(
          (mail) => {
            const [text, html] = [mail.text ?? "", mail.html || ""];
            const link = /https?:\/\/\S+/.exec(text)?.[0] ?? "";
            const from = mail.from?.text ?? "";
            this.letters.push(...recipients.map((to) => ({ to, from, subject: mail.subject ?? "", text, html, link })));
            done();
          },
          (/** @type {Error} */ error) => done(error),
        );
      },
    });
    this.server.on("error", () => {
      // Somebody hung up; whether that mattered is for the tests to find.
    });
  }

  /** Opens one on a free port. */
  static async open() {
    const office = new PostOffice();
    await new Promise((resolve) => office.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    return office;
  }

  get port() {
    const address = this.server.server.address();
    return address && typeof address === "object" ? address.port : 0;
  }

  /** @param {string} id */
  #hangUp(id) {
    for (const connection of this.server.connections) {
      if ("id" in connection && connection.id === id && "_socket" in connection) {
        /** @type {import("node:net").Socket} */ (connection._socket).destroy();
      }
    }
  }

  async close() {
    await new Promise((resolve) => this.server.close(() => resolve(undefined)));
  }
}
