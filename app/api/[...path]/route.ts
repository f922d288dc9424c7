import { handle } from "#server/http/route.ts";
import { nothingHere } from "#server/http/nothing-here.ts";

// Without it a program that mistypes an address is answered with a page.
export const GET = handle(nothingHere);
export const POST = handle(nothingHere);
export const PUT = handle(nothingHere);
export const PATCH = handle(nothingHere);
export const DELETE = handle(nothingHere);
