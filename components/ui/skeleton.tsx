import { cn } from "./cn.ts";

/** One grey bone; give it height and width by class. */
export function Skeleton({ className }: { className?: string | undefined }) {
  return <div aria-hidden className={cn("bone h-4 w-full", className)} />;
}

const widths = ["w-3/5", "w-2/5", "w-1/2", "w-1/3", "w-2/3"];

/** The bones of a table: a head and `rows` lines of 32 px. */
export function SkeletonTable({ rows = 8, columns = 5 }: { rows?: number | undefined; columns?: number | undefined }) {
  return (
    <div role="status" aria-label="Loading" className="overflow-hidden rounded-md border bg-surface">
      {Array.from({ length: rows + 1 }, (_, row) => (
        <div
          key={row}
          className={cn("flex h-8 items-center gap-6 border-b px-3 last:border-b-0", row === 0 && "bg-raised/60")}
        >
          {Array.from({ length: columns }, (_, column) => (
            <div key={column} className="flex-1">
              <Skeleton className={cn("h-2.5", row === 0 ? "w-1/4" : widths[(row + column * 2) % widths.length])} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** The bones of a page: title, acts, then a table, cards with charts, or the two columns of a detail page. */
export function SkeletonPage({ kind = "list" }: { kind?: "list" | "detail" | "dashboard" | undefined }) {
  return (
    <div role="status" aria-label="Loading" className="space-y-4">
      <div className="flex items-center justify-between">
        <Skeleton className="h-6 w-56" />
        <Skeleton className="h-8 w-28" />
      </div>
      {kind === "list" ? (
        <>
          <Skeleton className="h-8 w-80" />
          <SkeletonTable rows={12} />
        </>
      ) : kind === "dashboard" ? (
        <>
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            {Array.from({ length: 4 }, (_, index) => (
              <Skeleton key={index} className="h-20" />
            ))}
          </div>
          <div className="grid gap-3 lg:grid-cols-2">
            {Array.from({ length: 4 }, (_, index) => (
              <Skeleton key={index} className="h-64" />
            ))}
          </div>
        </>
      ) : (
        <div className="grid gap-4 lg:grid-cols-[1fr_320px]">
          <div className="space-y-3">
            <Skeleton className="h-9" />
            <Skeleton className="h-40" />
            <Skeleton className="h-64" />
          </div>
          <Skeleton className="h-80" />
        </div>
      )}
    </div>
  );
}
