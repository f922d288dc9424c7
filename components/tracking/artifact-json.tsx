"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { createContext, useContext, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { plural } from "#components/ui/format.ts";

/** Children of one value that are drawn at first, and added on each wish for more. */
const STEP = 100;
/** Levels that stand open at first. */
const OPEN = 2;

/** "all" and "none" come from the buttons; the number makes every press a new one. */
const Wish = createContext<{ open: boolean; times: number } | null>(null);

/** A JSON value as a tree whose branches fold. Only open branches are drawn, long ones in parts. */
export function JsonTree({ value }: { value: unknown }) {
  const [wish, setWish] = useState<{ open: boolean; times: number } | null>(null);
  const press = (open: boolean) => () => setWish((last) => ({ open, times: (last?.times ?? 0) + 1 }));
  return (
    <>
      <div className="flex h-8 items-center gap-1 border-b px-2 text-xs text-muted">
        <Button size="sm" variant="ghost" onClick={press(true)}>
          Unfold
        </Button>
        <Button size="sm" variant="ghost" onClick={press(false)}>
          Fold
        </Button>
      </div>
      <div className="max-h-[64vh] overflow-auto px-2 py-2 font-mono text-xs leading-5">
        <Wish value={wish}>
          <ul aria-label="JSON">
            <Branch key={wish?.times ?? 0} name={null} value={value} depth={0} />
          </ul>
        </Wish>
      </div>
    </>
  );
}

type Entries = readonly (readonly [string, unknown])[];

function Branch({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const wish = useContext(Wish);
  // Unfolding everything stops below five levels: a deep file would otherwise be drawn whole.
  const [open, setOpen] = useState(wish ? wish.open && depth < 5 : depth < OPEN);
  const [shown, setShown] = useState(STEP);
  const label = name === null ? null : <span className="text-muted">{name}: </span>;
  if (value === null || typeof value !== "object")
    return (
      <li className="pl-4 break-words">
        {label}
        <Leaf value={value} />
      </li>
    );
  const list = Array.isArray(value);
  const entries: Entries = list ? value.map((one, i) => [String(i), one as unknown] as const) : Object.entries(value);
  const Chevron = open ? ChevronDown : ChevronRight;
  const size = list ? `[${plural(entries.length, "item")}]` : `{${plural(entries.length, "key")}}`;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        className="flex max-w-full items-center rounded-sm text-left hover:bg-raised"
        onClick={() => setOpen(!open)}
      >
        <Chevron className="size-3.5 shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate">
          {label}
          <span className="text-muted">{size}</span>
        </span>
      </button>
      {open ? (
        <ul className="ml-1.5 border-l pl-2">
          {entries.slice(0, shown).map(([key, one]) => (
            <Branch key={key} name={key} value={one} depth={depth + 1} />
          ))}
          {entries.length > shown ? (
            <li className="pl-4">
              <Button size="sm" variant="ghost" onClick={() => setShown(shown + STEP * 5)}>
                {(entries.length - shown).toLocaleString("en")} more
              </Button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </li>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") {
    const text = value.length > 2000 ? `${value.slice(0, 2000)}…` : value;
    return <span className="text-good">{JSON.stringify(text)}</span>;
  }
  return <span className={cn(typeof value === "number" ? "text-info" : "text-warn")}>{String(value)}</span>;
}
