import type { ReactNode } from "react";
import { cn } from "./cn.ts";

type CardProps = {
  title?: ReactNode;
  /** One line under the title. */
  description?: ReactNode;
  actions?: ReactNode;
  /** `false` lets a table or an editor touch the edges. */
  padded?: boolean | undefined;
  footer?: ReactNode;
  className?: string | undefined;
  children?: ReactNode;
};

/** A surface with an edge, a title line and acts at its right. */
export function Card({ title, description, actions, padded = true, footer, className, children }: CardProps) {
  const headed = title !== undefined || actions !== undefined;
  return (
    <section className={cn("min-w-0 rounded-md border bg-surface", className)}>
      {headed ? (
        <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5">
          <div className="min-w-0 flex-1">
            <h2 className="truncate text-sm">{title}</h2>
            {description === undefined ? null : <p className="text-xs text-muted">{description}</p>}
          </div>
          {actions === undefined ? null : <div className="flex items-center gap-1.5">{actions}</div>}
        </header>
      ) : null}
      <div className={padded ? "p-3" : undefined}>{children}</div>
      {footer === undefined ? null : <footer className="border-t px-3 py-2 text-xs text-muted">{footer}</footer>}
    </section>
  );
}

type SectionProps = {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  id?: string | undefined;
  className?: string | undefined;
  children?: ReactNode;
};

/** A titled part of a page without an edge of its own. */
export function Section({ title, description, actions, id, className, children }: SectionProps) {
  return (
    <section id={id} className={cn("min-w-0 space-y-3", className)}>
      <header className="flex flex-wrap items-end gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1">
          <h2 className="text-base">{title}</h2>
          {description === undefined ? null : <p className="text-sm text-muted">{description}</p>}
        </div>
        {actions === undefined ? null : <div className="flex items-center gap-1.5">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
