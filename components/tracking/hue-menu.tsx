import type { MenuItem } from "#components/ui/menu.tsx";

const HUES = [1, 2, 3, 4, 5, 6];

/** The six colours that a run can be given, and its own; `chosen` is the one it has, null for its own. */
export function hueItems(chosen: number | null, choose: (hue: number | null) => void): readonly MenuItem[] {
  return [
    { heading: "Colour in charts" },
    ...HUES.map((hue) => ({
      label: `Colour ${hue}`,
      icon: <span className="size-2.5 shrink-0 rounded-full" style={{ backgroundColor: `var(--chart-${hue})` }} />,
      note: hue === chosen ? "chosen" : undefined,
      onSelect: () => choose(hue),
    })),
    "separator",
    { label: "Its own colour", disabled: chosen === null, onSelect: () => choose(null) },
  ];
}
