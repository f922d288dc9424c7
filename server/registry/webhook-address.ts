import { BlockList, isIP } from "node:net";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";

// Where a webhook may go. A server that calls addresses which its users name must not become their way into its own network.

const inner = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  inner.addSubnet(address, bits, "ipv4");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
const wrapping = new BlockList();
// Forms that carry an IPv4 address inside, by which an inner one could pass for a public one, and what is set aside for documents.
wrapping.addSubnet("2001::", 32, "ipv6");
wrapping.addSubnet("2001:db8::", 32, "ipv6");
wrapping.addSubnet("2002::", 16, "ipv6");

/** Whether an IP address belongs to the internet, and not to this machine or an inner network. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return isPublicAddress(mapped);
  if (isIP(address) === 4) return !inner.check(address, "ipv4");
  if (isIP(address) === 6) return global6.check(address, "ipv6") && !wrapping.check(address, "ipv6");
  return false;
}

const isLoopback = (address: string) => /^127\.|^::1$|^::ffff:127\./i.test(address);

/** Whether a delivery may connect to this IP address; asked of the address that is really connected to, so that no second look-up can differ. */
export function mayConnectTo(address: string): boolean {
  const { WEBHOOK_PRIVATE, TOUCHSTONE_ENV } = env();
  if (isPublicAddress(address) || WEBHOOK_PRIVATE === "1") return true;
  return TOUCHSTONE_ENV === "development" && isLoopback(address);
}

const refused = (url: string, why: string, remedy: string) =>
  new AppError("invalid_input", `${why} ${remedy}`, { field: "url", value: url, remedy });

/** The parsed address of a webhook. Errors: invalid_input for what is no https address, or names an inner address outright. */
export function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url?.hostname) throw refused(text, `'${text}' is no address.`, "Name one as https://example.com/hook.");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const near = host === "localhost" || (isIP(host) !== 0 && isLoopback(host));
  const privately = env().WEBHOOK_PRIVATE === "1" || (near && env().TOUCHSTONE_ENV === "development");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && privately))
    throw refused(text, `Invalid webhook URL scheme: '${url.protocol.slice(0, -1)}'.`, "Use https.");
  if (url.username || url.password)
    throw refused(text, "A webhook's address carries no user name or password.", "Use the secret to prove the sender.");
  const inside = (isIP(host) !== 0 && !mayConnectTo(host)) || (host === "localhost" && !privately);
  if (inside)
    throw refused(
      text,
      `'${host}' is not a public address.`,
      "An administrator can allow inner addresses with WEBHOOK_PRIVATE=1.",
    );
  return url;
}
