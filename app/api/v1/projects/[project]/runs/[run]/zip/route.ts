import { sendArtifactZip } from "#server/http/artifacts.ts";
import { handle } from "#server/http/route.ts";

export const GET = handle(sendArtifactZip);
