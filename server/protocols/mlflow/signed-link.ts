import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { instanceKey } from "#server/platform/instance-key.ts";

/** What a link permits whoever has it, and until when (seconds since 1970). */
const Permit = z.object({
  act: z.enum(["download", "upload", "part"]),
  project: z.string(),
  /** The artifact's path as MLflow names it. */
  path: z.string(),
  upload: z.string().default(""),
  part: z.number().int().default(0),
  until: z.number(),
});
export type Permit = z.infer<typeof Permit>;

/** A short MAC of a text under this instance's key. */
export function macOf(text: string): string {
  return createHmac("sha256", instanceKey("artifact links")).update(text).digest("base64url");
}

/** Whether `mac` is that of `text`, without telling by its time how much of it is right. */
export function isMacOf(mac: string, text: string): boolean {
  const [given, right] = [Buffer.from(mac), Buffer.from(macOf(text))];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The last part of an address that permits one act on one file to whoever has it. */
export function signPermit(
  permit: Omit<Permit, "until" | "upload" | "part"> & Partial<Permit>,
  seconds: number,
): string {
  const text = JSON.stringify(Permit.parse({ ...permit, until: Math.floor(Date.now() / 1000) + seconds }));
  const payload = Buffer.from(text).toString("base64url");
  return `${payload}.${macOf(payload)}`;
}

/** What a link permits. Errors: forbidden when it was not made here or is over. */
export function readPermit(signed: string): Permit {
  const [payload = "", mac = ""] = signed.split(".");
  if (!isMacOf(mac, payload)) throw new AppError("forbidden", "The signature of this address is not valid.");
  const permit = Permit.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
  if (permit.until * 1000 < Date.now())
    throw new AppError("forbidden", "This address has expired. Ask for a new one.", { field: "until" });
  return permit;
}
