"use client";

import { LogIn } from "lucide-react";
import { signIn } from "next-auth/react";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Logo } from "./logo.tsx";

/** What went wrong at the provider, by next-auth's name for it. */
const REASONS: Readonly<Record<string, string>> = {
  OAuthSignin: "The identity provider cannot be reached. Try again in a moment; if it stays, tell an administrator.",
  OAuthCallback:
    "The identity provider did not confirm the sign-in. Try again; a link that was opened twice or too late does this.",
  AccessDenied: "The identity provider refused the sign-in. Ask an administrator for access to Touchstone.",
};

/** The sign-in page: the mark, what this is, one button. */
export function SignIn({ callbackUrl, error }: { callbackUrl: string; error: string | undefined }) {
  const [leaving, setLeaving] = useState(false);
  return (
    <main className="flex min-h-dvh items-center justify-center bg-bg p-4">
      <div className="w-full max-w-sm rounded-md border bg-surface p-8">
        <Logo className="text-lg" />
        <h1 className="mt-6 text-xl font-semibold">Sign in to Touchstone</h1>
        <p className="mt-2 text-muted">The workbench in which no model reaches production without proof.</p>
        {error ? (
          <p role="alert" className="mt-4 rounded-md bg-bad-soft p-3 text-bad">
            {REASONS[error] ?? "The sign-in did not work. Try again; if it stays, tell an administrator."}
          </p>
        ) : null}
        <Button
          variant="primary"
          size="lg"
          className="mt-6 w-full"
          loading={leaving}
          icon={<LogIn aria-hidden />}
          onClick={() => {
            setLeaving(true);
            void signIn("oidc", { callbackUrl });
          }}
        >
          Sign in
        </Button>
        <p className="mt-4 text-xs text-muted">You continue at your company’s identity provider and come back here.</p>
      </div>
    </main>
  );
}
