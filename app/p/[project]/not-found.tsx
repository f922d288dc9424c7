import type { Metadata } from "next";
import { MissingInProject } from "#components/shell/page-state.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function FramedNotFound() {
  return <MissingInProject />;
}
