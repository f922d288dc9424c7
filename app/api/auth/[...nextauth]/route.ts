import NextAuth from "next-auth";
import { authOptions } from "#server/http/oidc.ts";

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

// Options are read per request: while building there is no configuration yet.
async function answer(request: Request, context: Context): Promise<Response> {
  return (await NextAuth(request as never, context as never, authOptions())) as Response;
}

export { answer as GET, answer as POST };
