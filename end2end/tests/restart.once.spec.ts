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

/** A server of this test's own. */
async function serve(): Promise<{ port: number; server: Portal }> {
  const port = await freePort();
  const server = await Portal.start({
    PORTCULLIS_LISTEN: `127.0.0.1:${port}`,
    PORTCULLIS_BASE_URL: `http://localhost:${port}`,
    PORTCULLIS_SMTP_URL: undefined,
  });
  return { port, server };
}

/** A connection that a browser keeps for its next page, after one page or before the first. */
async function keep(port: number, after: "a page" | "nothing"): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  await once(socket, "connect");
  if (after === "a page") {
    socket.write(`GET /sign-in HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
  }
  return socket;
}

test("requests that have begun are answered, new ones are not taken, and it ends well", async () => {
  const { port, server } = await serve();
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

test("connections that browsers keep open do not keep it from ending", async () => {
  const { port, server } = await serve();
  const kept = await Promise.all(Array.from({ length: 12 }, (_, nth) => keep(port, nth % 2 ? "a page" : "nothing")));
  const body = "email=nobody%40people.example&password=not+this+one";
  const begun = await begin(port, body);
  const closed = kept.map((socket) => once(socket.resume(), "close"));
  const asked = performance.now();
  const ended = server.stop();
  await Promise.all(closed);
  // While a request is at work it waits for that, and for nothing else.
  expect(server.process.exitCode).toBeNull();
  const text = answer(begun);
  begun.write(body);
  expect(await text).toMatch(/^HTTP\/1\.1 303 /);
  expect(await ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(20_000);
});
