// A server that is asked to stop finishes what it has begun.

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { expect, test } from "@playwright/test";
import { Portal, freePort } from "../support/portal.mjs";

/** A request that the server has begun to read, and that waits for its last bytes. */
async function begin(port: number, body: string): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  const head = [
    "POST /sign-in HTTP/1.1",
    `Host: localhost:${port}`,
    `Origin: http://localhost:${port}`,
    "Expect: 100-continue",
  ];
  head.push("Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`, "", "");
  socket.write(head.join("\r\n"));
  // It asks for the body: it is at work.
  expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 100 /);
  return socket;
}

async function answer(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (data) => (text += data.toString()));
  await once(socket, "close");
  return text;
}

test("requests that have begun are answered, new ones are not taken, and it ends well", async () => {
  const port = await freePort();
  const server = await Portal.start({
    PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
    PORTCULLIS_BASE_URL: `http://localhost:${port}`,
    PORTCULLIS_SMTP_URL: undefined,
  });
  const body = "email=nobody%40people.example&password=not+this+one";
  const begun = await Promise.all(Array.from({ length: 8 }, () => begin(port, body)));
  const ended = server.stop();
  await expect
    .poll(() =>
      fetch(`${server.origin}/healthz`, { headers: { connection: "close" } }).then(
        () => "open",
        () => "closed",
      ),
    )
    .toBe("closed");
  const answers = begun.map(answer);
  for (const socket of begun) socket.write(body);
  for (const text of await Promise.all(answers)) expect(text).toMatch(/^HTTP\/1\.1 303 /);
  expect(await ended).toBe(0);
});
