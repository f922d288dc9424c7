"use client";

import { Toaster as Sonner, toast as sonner } from "sonner";
import { toProblem } from "./api.ts";

type ToastAction = { label: string; onClick: () => void };

/** Short notices in the corner, for what has happened; never the only place where an error is said. */
export const toast = {
  /** An act succeeded; `action` offers the next step or an undo. */
  success(message: string, options: { detail?: string; action?: ToastAction } = {}): void {
    sonner.success(message, extra(options));
  },
  info(message: string, options: { detail?: string; action?: ToastAction } = {}): void {
    sonner(message, extra(options));
  },
  /** A refused act outside a form: title, detail and remedy of the error. */
  error(error: unknown, options: { action?: ToastAction } = {}): void {
    const problem = toProblem(error);
    const detail = [
      problem.detail === problem.title ? undefined : problem.detail,
      problem.remedy,
      problem.requestId === undefined ? undefined : `Request ${problem.requestId}`,
    ];
    sonner.error(problem.title, {
      ...extra({ ...options, detail: detail.filter(Boolean).join(" ") }),
      duration: 12_000,
    });
  },
};

function extra(options: { detail?: string; action?: ToastAction }): { description?: string; action?: ToastAction } {
  return {
    ...(options.detail === undefined || options.detail === "" ? {} : { description: options.detail }),
    ...(options.action === undefined ? {} : { action: options.action }),
  };
}

/** Once around the application. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      style={{ fontFamily: "inherit" }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-89 items-start gap-2.5 rounded-md border bg-surface px-3 py-2.5 text-sm text-text shadow-float",
          title: "font-medium",
          description: "text-muted break-words",
          content: "min-w-0 flex-1",
          icon: "mt-0.5 text-muted",
          success: "[&_[data-icon]]:text-good",
          error: "[&_[data-icon]]:text-bad",
          actionButton: "h-6 shrink-0 rounded-sm bg-raised px-2 text-xs font-medium hover:bg-line",
        },
      }}
    />
  );
}
