import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { refuseUnreadable } from "./refuse-unreadable.ts";

const server = createServer((incoming, outgoing) => {
  if (!refuseUnreadable(incoming, outgoing)) outgoing.end("read");
});
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

async function ask(path: string) {
  const outgoing = request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", path }).end();
  const [answer] = (await once(outgoing, "response")) as [import("node:http").IncomingMessage];
  return { status: answer.statusCode, type: answer.headers["content-type"], text: await text(answer) };
}

it.each(["/api/v1/projects/%zz/runs", "/git/%ff.git/info/refs?service=git-upload-pack", "/p/%E0%A4%A"])(
  "refuses %s and names it",
  async (path) => {
    const answer = await ask(path);
    expect(answer).toMatchObject({ status: 400, type: "application/problem+json" });
    expect(JSON.parse(answer.text)).toMatchObject({ code: "invalid_input", field: "path", value: path.split("?")[0] });
  },
);

it.each(["/", "/p/a%20b/%E2%82%AC", "/p/x?filter=%zz"])("leaves %s", async (path) => {
  expect(await ask(path)).toMatchObject({ status: 200, text: "read" });
});
