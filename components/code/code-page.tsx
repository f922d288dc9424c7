"use client";

import dynamic from "next/dynamic";
import { FullBleed } from "#components/ui/full-bleed.tsx";
import { SkeletonPage } from "#components/ui/skeleton.tsx";
import type { WorkbenchProps } from "./workbench.tsx";

// Monaco needs a browser, and nobody but this page should carry its weight.
const Workbench = dynamic(() => import("./workbench.tsx").then((module) => module.Workbench), {
  ssr: false,
  loading: () => (
    <div className="p-4">
      <SkeletonPage kind="detail" />
    </div>
  ),
});

/** The code section: the workbench over the whole area. */
export function CodePage(props: WorkbenchProps) {
  return (
    <FullBleed>
      <Workbench {...props} />
    </FullBleed>
  );
}
