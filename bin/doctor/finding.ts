/** What doctor says of one thing. "bad" keeps Touchstone from starting or running as configured; "warn" costs a part of it. */
export type Finding = {
  readonly level: "good" | "warn" | "bad";
  readonly name: string;
  readonly detail: string;
  /** What to do now, for all that is not good. */
  readonly remedy?: string;
};

export const good = (name: string, detail: string): Finding => ({ level: "good", name, detail });
export const warn = (name: string, detail: string, remedy: string): Finding => ({
  level: "warn",
  name,
  detail,
  remedy,
});
export const bad = (name: string, detail: string, remedy: string): Finding => ({ level: "bad", name, detail, remedy });
