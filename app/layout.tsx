import "./globals.css";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { type Theme, ThemeProvider } from "#components/shell/theme.tsx";
import { KeptTitle } from "#components/ui/kept-title.tsx";
import { PageRefresher } from "#components/ui/page-refresh.tsx";
import { QueryProvider } from "#components/ui/query-client.tsx";
import { Toaster } from "#components/ui/toast.tsx";
import { TooltipProvider } from "#components/ui/tooltip.tsx";

export const metadata: Metadata = {
  title: { default: "Touchstone", template: "%s · Touchstone" },
  description: "The MLOps workbench in which no model reaches production without proof",
};

export const viewport: Viewport = { colorScheme: "light dark" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  // A page made at build time carries no nonce, its scripts are refused by the content policy, and it never comes alive.
  await connection();
  const theme = readTheme((await cookies()).get("theme")?.value);
  return (
    <html
      lang="en"
      data-theme={theme === "system" ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body>
        <ThemeProvider initial={theme}>
          <QueryProvider>
            <TooltipProvider>{children}</TooltipProvider>
          </QueryProvider>
          <Toaster />
          <KeptTitle />
          <PageRefresher />
        </ThemeProvider>
      </body>
    </html>
  );
}

function readTheme(value: string | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
