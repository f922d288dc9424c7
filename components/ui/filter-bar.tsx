"use client";

import { Check, ListFilter, X } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useMemo, useTransition } from "react";
import { Button, buttonStyle } from "./button.tsx";
import { cn } from "./cn.ts";
import { DropdownMenu } from "./menu.tsx";
import { SearchInput } from "./search-input.tsx";
import { setSearchParams, useSearch } from "./url-state.ts";

export type FilterDefinition = {
  /** Name in the URL. */
  param: string;
  label: string;
  options: readonly { value: string; label: string; count?: number | undefined }[];
  /** Several values, separated by commas in the URL. */
  multiple?: boolean | undefined;
};

type FilterBarProps = {
  /** Placeholder of the text search (?q=); leave out for none. */
  search?: string | undefined;
  filters?: readonly FilterDefinition[] | undefined;
  /** Asks the server for the page again; otherwise only the URL changes and the client filters. */
  server?: boolean | undefined;
  actions?: ReactNode;
};

/** Search and filters that live in the URL, so that a view can be linked, and one button that clears them. */
export function FilterBar({ search, filters = [], server = false, actions }: FilterBarProps) {
  const params = useSearch();
  const path = usePathname();
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const names = [...(search === undefined ? [] : ["q"]), ...filters.map((filter) => filter.param)];
  const active = names.filter((name) => (params.get(name) ?? "") !== "");

  const change = (changes: Record<string, string | null>): void => {
    if (!server) {
      setSearchParams({ ...changes, page: null });
      return;
    }
    const next = new URLSearchParams(params);
    // Another filter starts at the first page again.
    next.delete("page");
    next.delete("cursor");
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, value);
    }
    startTransition(() => router.replace(`${path}?${next.toString()}`, { scroll: false }));
  };

  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2" aria-busy={pending}>
      {search === undefined ? null : (
        <SearchInput placeholder={search} value={params.get("q") ?? ""} onValueChange={(q) => change({ q })} />
      )}
      {filters.map((filter) => (
        <Filter
          key={filter.param}
          filter={filter}
          value={params.get(filter.param) ?? ""}
          onChange={(value) => change({ [filter.param]: value })}
        />
      ))}
      {active.length === 0 ? null : (
        <Button
          variant="ghost"
          size="sm"
          icon={<X aria-hidden />}
          onClick={() => change(Object.fromEntries(names.map((name) => [name, null])))}
        >
          Clear
        </Button>
      )}
      {actions === undefined ? null : <div className="ml-auto flex items-center gap-2">{actions}</div>}
    </div>
  );
}

function Filter({
  filter,
  value,
  onChange,
}: {
  filter: FilterDefinition;
  value: string;
  onChange: (value: string | null) => void;
}) {
  const chosen = value === "" ? [] : value.split(",");
  const words = filter.options.filter((option) => chosen.includes(option.value)).map((option) => option.label);
  return (
    <DropdownMenu
      align="start"
      trigger={
        <button
          type="button"
          className={cn(
            buttonStyle({ size: "sm" }),
            "h-8 font-normal",
            chosen.length === 0 ? "text-muted" : "border-line-strong",
          )}
        >
          <ListFilter aria-hidden />
          {filter.label}
          {words.length === 0 ? null : (
            <span className="font-medium text-text">
              {words.length > 2 ? `${words.length} chosen` : words.join(", ")}
            </span>
          )}
        </button>
      }
      items={filter.options.map((option) => ({
        label: option.label,
        note: option.count,
        ...(filter.multiple === true
          ? { checked: chosen.includes(option.value) }
          : { icon: <Check className={chosen.includes(option.value) ? "" : "invisible"} aria-hidden /> }),
        onSelect: () => {
          const without = chosen.filter((one) => one !== option.value);
          const next =
            without.length < chosen.length
              ? without
              : filter.multiple === true
                ? [...chosen, option.value]
                : [option.value];
          onChange(next.length === 0 ? null : next.join(","));
        },
      }))}
    />
  );
}

/** The values of these URL parameters; absent ones are empty text. */
export function useFilters<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const params = useSearch();
  const key = names.join(",");
  return useMemo(
    () => Object.fromEntries(key.split(",").map((name) => [name, params.get(name) ?? ""])) as Record<Name, string>,
    [params, key],
  );
}
