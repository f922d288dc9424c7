import { type NextRequest, NextResponse } from "next/server";
import { sessionCookie } from "#server/http/caller.ts";

/** Answers without a session: sign-in itself, probes, and what programs call, which answers by itself that somebody must sign in. */
const OPEN = ["/login", "/api/", "/metrics", "/icon.svg", "/ajax-api/", "/version", "/health"];

/**
 * Sets the content security policy with a nonce per request and sends people without a session cookie to the sign-in page. Whether the cookie is good is
 * decided where the session is used; this is only the quick way out.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.randomUUID()).toString("base64");
  const development = process.env.NODE_ENV === "development";
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  const { pathname, search } = request.nextUrl;
  if (
    !OPEN.some((prefix) => pathname === prefix || pathname.startsWith(prefix)) &&
    !sessionCookie(request.headers.get("cookie"))
  ) {
    const to = request.nextUrl.clone();
    to.pathname = "/login";
    to.search = `?callbackUrl=${encodeURIComponent(pathname + search)}`;
    return NextResponse.redirect(to);
  }
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("x-path", pathname + search);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("referrer-policy", "strict-origin-when-cross-origin");
  response.headers.set("permissions-policy", "camera=(), microphone=(), geolocation=()");
  response.headers.set("cross-origin-opener-policy", "same-origin");
  return response;
}

// Paths that carry large bodies stay out of the proxy: for those it matches, Next cuts the body at 10 MB with no more than a log line.
export const config = {
  matcher: [
    "/((?!_next/static|_next/image|favicon.ico|icon.svg|git/|api/2.0/|api/3.0/|ajax-api/|p/[^/]+/api/|p/[^/]+/ajax-api/|p/[^/]+/version|p/[^/]+/health|api/v1/|api/health|metrics|monaco/).*)",
  ],
};
