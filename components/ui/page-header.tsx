import type { ReactNode } from "react";
import { type Crumb, Crumbs } from "./crumbs.tsx";

type PageHeaderProps = {
  title: ReactNode;
  /** State, aliases: stand right of the title. */
  badge?: ReactNode;
  /** How many there are, for list pages; stands muted beside the title. */
  count?: ReactNode;
  /** Owner, age, version, key numbers: one muted line under the title; separate items are spaced. */
  meta?: ReactNode;
  /** The primary act last (outermost right). */
  actions?: ReactNode;
  /** Steps between the section and this page; the shell's top bar shows them after project and section. */
  breadcrumb?: readonly Crumb[] | undefined;
};

/** The head of every page: what is this, in which state, what can I do. */
export function PageHeader({ title, badge, count, meta, actions, breadcrumb }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-2 pb-4">
      <Crumbs items={breadcrumb ?? []} />
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
          <h1 className="min-w-0 text-xl tracking-tight break-words">{title}</h1>
          {count === undefined ? null : (
            <span className="text-sm text-muted" data-number>
              {count}
            </span>
          )}
          {badge}
        </div>
        {meta === undefined ? null : (
          <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">{meta}</div>
        )}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2 pt-0.5">{actions}</div>}
    </header>
  );
}
