"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { IconButton } from "#components/ui/icon-button.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";

export type Theme = "system" | "light" | "dark";

const YEAR = 31_536_000;

const ThemeContext = createContext<{ theme: Theme; setTheme: (theme: Theme) => void }>({
  theme: "system",
  setTheme: () => undefined,
});

/** The chosen theme: a cookie, so that the server's first HTML already wears it. */
export function ThemeProvider({ initial, children }: { initial: Theme; children: ReactNode }) {
  const [theme, setState] = useState(initial);
  const setTheme = useCallback((next: Theme) => {
    setState(next);
    const root = document.documentElement;
    if (next === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = next;
    document.cookie = `theme=${next}; path=/; max-age=${YEAR}; samesite=lax`;
  }, []);
  const value = useMemo(() => ({ theme, setTheme }), [theme, setTheme]);
  return <ThemeContext value={value}>{children}</ThemeContext>;
}

export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  return use(ThemeContext);
}

export const THEMES = [
  { id: "system", label: "As the system", icon: <Monitor aria-hidden /> },
  { id: "light", label: "Light", icon: <Sun aria-hidden /> },
  { id: "dark", label: "Dark", icon: <Moon aria-hidden /> },
] as const;

/** Light, dark, or as the system. */
export function ThemeSwitch() {
  const { theme, setTheme } = useTheme();
  return (
    <DropdownMenu
      trigger={<IconButton label="Theme" side="bottom" icon={THEMES.find((each) => each.id === theme)?.icon} />}
      items={THEMES.map((each) => ({
        label: each.label,
        checked: each.id === theme,
        onSelect: () => setTheme(each.id),
      }))}
    />
  );
}
