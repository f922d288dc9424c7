import type { ReactNode } from "react";
import { cn } from "./cn.ts";

type EmptyStateProps = {
  icon?: ReactNode;
  /** One sentence that teaches what will stand here and how it comes about. */
  children: ReactNode;
  /** One button (Button, LinkButton or a dialog's trigger). */
  action?: ReactNode;
  className?: string | undefined;
};

/** What an empty list says: one sentence and one button. */
export function EmptyState({ icon, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center justify-center gap-3 px-6 py-12 text-center", className)}>
      {icon === undefined ? null : <div className="text-muted [&_svg]:size-6 [&_svg]:stroke-[1.5]">{icon}</div>}
      <p className="max-w-md text-sm text-balance text-muted">{children}</p>
      {action}
    </div>
  );
}
