import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import type { TryAnswer } from "../contract.ts";
import { tryAddress } from "../try-endpoint.ts";
import { findService } from "./find-service.ts";

/**
 * Sends one real request to a service for a signed-in person, through the router, and returns its answer, right or wrong; it is logged like any other.
 * Errors: forbidden for a token (a program calls the service itself), unavailable when no serving process answers.
 */
export const tryService = defineUseCase({
  name: "serving.try-service",
  scope: "serving:predict",
  effect: "read",
  input: z.object({ name: z.string(), body: z.string().max(1_000_000) }),
  async run({ input, actor, project, db }): Promise<TryAnswer> {
    await findService(db, project.id, input.name);
    const address = `${env().servingUrl}/services/${input.name}`;
    if (actor.kind !== "person")
      throw new AppError("forbidden", "A try is for people; a program calls the service itself.", {
        remedy: `Send the request to ${address}.`,
      });
    const request = { address, type: "application/json", body: input.body, requestId: actor.requestId };
    return await tryAddress(actor, project.id, request);
  },
});
