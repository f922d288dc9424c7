import { SignIn } from "#components/shell/sign-in.tsx";

interface Props {
  searchParams: Promise<{ callbackUrl?: string; error?: string }>;
}

/** The only page without a session. */
export default async function LoginPage({ searchParams }: Props) {
  const { callbackUrl, error } = await searchParams;
  // Only a path of our own: an address from outside must not lead people elsewhere after they signed in.
  const to =
    callbackUrl?.startsWith("/") && !callbackUrl.startsWith("//") && !callbackUrl.includes("\\") ? callbackUrl : "/";
  return <SignIn callbackUrl={to} error={error} />;
}
