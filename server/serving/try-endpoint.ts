import { z } from "zod";
import { type Actor, createToken, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { FormId, type TryAnswer } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { requestForms } from "./request-forms.ts";

const TIMEOUT_MS = 30_000;
const TOKEN_DAYS = 1;
/** Renewed an hour before it ends. */
const TOKEN_MS = 23 * 3_600_000;
/** Tokens that the page uses for a person in a project, so that a try is checked, counted and logged like any other call. */
const tokens = new Map<string, { readonly secret: string; readonly until: number }>();

/**
 * Sends one real request to an endpoint for a signed-in person, through the serving process, and returns its answer, right or wrong. The prediction is
 * logged like any other. Errors: forbidden for a token (a program calls the endpoint itself), unavailable when no serving process answers.
 */
export const tryEndpoint = defineUseCase({
  name: "serving.try-endpoint",
  scope: "serving:predict",
  effect: "read",
  input: z.object({ name: z.string(), form: FormId, body: z.string().max(1_000_000) }),
  async run({ input, actor, project, db }): Promise<TryAnswer> {
    await findEndpoint(db, project.id, input.name);
    const form = requestForms(input.name, []).find(({ id }) => id === input.form);
    if (!form) throw new Error("unreachable: every form has an example");
    const address = env().servingUrl + form.path;
    if (actor.kind !== "person")
      throw new AppError("forbidden", "A try is for people; a program calls the endpoint itself.", {
        remedy: `Send the request to ${address}.`,
      });
    const request = { address, type: form.contentType, body: input.body, requestId: actor.requestId };
    return await tryAddress(actor, project.id, request);
  },
});

/** Sends a request for a signed-in person with a token that the page keeps for them. Errors: unavailable when no serving process answers. */
export async function tryAddress(actor: Actor, projectId: string, request: TryRequest): Promise<TryAnswer> {
  const first = await send(request, await tokenOf(actor, projectId));
  if (first.status !== 401) return first;
  // The person has revoked the page's token meanwhile.
  tokens.delete(`${actor.userId} ${projectId}`);
  return await send(request, await tokenOf(actor, projectId));
}

async function tokenOf(actor: Actor, projectId: string): Promise<string> {
  const key = `${actor.userId} ${projectId}`;
  const known = tokens.get(key);
  if (known && known.until > Date.now()) return known.secret;
  const scopes = ["serving:predict" as const];
  const { secret } = await createToken(actor, projectId, { name: "Try it (endpoint page)", scopes, days: TOKEN_DAYS });
  tokens.set(key, { secret, until: Date.now() + TOKEN_MS });
  return secret;
}

interface TryRequest {
  readonly address: string;
  readonly type: string;
  readonly body: string;
  readonly requestId: string;
}

async function send({ address, type, body, requestId }: TryRequest, token: string): Promise<TryAnswer> {
  const started = performance.now();
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": type, "x-request-id": requestId },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const answer = asJson(text);
    return { status: response.status, ms, predictionIds: predictionIdsOf(answer), body: answer };
  } catch (error) {
    throw new AppError("unavailable", `The serving process at ${env().servingUrl} does not answer.`, {
      remedy: "Try again; if it stays so, ask an administrator to start a worker with the role serving.",
      cause: error,
    });
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The ids of an answer's predictions, in whichever form it is. */
function predictionIdsOf(answer: unknown): string[] {
  const Ids = z.array(z.string());
  const found = z
    .union([
      z.object({ parameters: z.object({ prediction_ids: Ids }) }).transform((a) => a.parameters.prediction_ids),
      z.object({ prediction_ids: Ids }).transform((a) => a.prediction_ids),
      z.object({ predictions: z.array(z.object({ id: z.string() })) }).transform((a) => a.predictions.map((p) => p.id)),
    ])
    .safeParse(answer);
  return found.success ? found.data : [];
}
