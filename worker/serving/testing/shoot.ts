import { Agent, request } from "node:http";

export interface Shot {
  readonly path: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends all of them over a few connections, and gives the statuses in order. A connection that the server closes is 0. */
export async function shoot(port: number, shots: readonly Shot[], token = "good"): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const statuses = await Promise.all(
    shots.map(
      ({ path, body, headers }) =>
        new Promise<number>((resolve) => {
          const sent = request(
            {
              port,
              host: "127.0.0.1",
              path,
              method: "POST",
              agent,
              headers: { authorization: `Bearer ${token}`, "content-length": body.length, ...headers },
            },
            (response) => {
              response.resume();
              response.on("end", () => resolve(response.statusCode ?? 0));
            },
          );
          sent.on("error", () => resolve(0));
          sent.end(body);
        }),
    ),
  );
  agent.destroy();
  return statuses;
}
