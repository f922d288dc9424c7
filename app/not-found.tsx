import type { Metadata } from "next";
import { PageMissing } from "#components/shell/page-state.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main>
      <PageMissing />
    </main>
  );
}
