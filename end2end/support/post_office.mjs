// A real mail server, whose letters are kept in memory.

import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** @typedef {{ to: string, from: string, subject: string, text: string, html: string, link: string }} Letter */

/** Mail to this domain finds no server while the office is on strike. */
export const STRIKING = "striking.example";

export class PostOffice {
  /** @type {Letter[]} */
  letters = [];
  /** While it is, whoever wants to leave mail for the striking domain is hung up on. */
  isOnStrike = false;

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      onRcptTo: (address, session, done) => {
        if (this.isOnStrike && address.address.endsWith(`@${STRIKING}`)) this.#hangUp(session.id);
        else done();
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
