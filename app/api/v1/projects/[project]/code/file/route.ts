import { deleteFile } from "#server/code/index.ts";
import { route } from "#server/http/route.ts";
import { readDraftFile, saveDraftFile } from "#server/http/workspace-file.ts";

export const GET = readDraftFile;
/** Needs If-Match with the ETag that the text was edited from, or If-None-Match: * for a new file; 412 brings the text now stored. */
export const PUT = saveDraftFile;
export const DELETE = route(deleteFile);
