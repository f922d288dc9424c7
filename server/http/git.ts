import { isAppError } from "#server/kernel/errors.ts";
import { answerGit } from "#server/protocols/git/index.ts";
import { callerOf } from "./caller.ts";
import { problemOf } from "./problem.ts";
import { requestIdOf } from "./route.ts";

/** Git over HTTP: the API token is the password, the user name does not matter. Refusals are plain text, which git shows to the person. */
export async function gitRoute(request: Request, context: { params: Promise<{ path: string[] }> }): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    const actor = await callerOf(request, requestId);
    return await answerGit(actor, request, (await context.params).path.join("/"));
  } catch (error) {
    const { status, body } = problemOf(error, requestId);
    const challenge = isAppError(error, "unauthenticated")
      ? { "www-authenticate": 'Basic realm="Touchstone: use an API token as password"' }
      : undefined;
    const said = [body["detail"], body["remedy"]].filter((text) => typeof text === "string").join(" ");
    return new Response(`${said}\n`, {
      status,
      headers: { "content-type": "text/plain", ...challenge },
    });
  }
}
