import { gitRoute } from "#server/http/git.ts";

export { gitRoute as GET, gitRoute as POST };
