import { describe, expect, it } from "vitest";
import { ROLE_SCOPES } from "#server/identity/contract.ts";
import { activeEntry, platformEntries, sameSection, sectionAbove, sectionsOf } from "./navigation.tsx";

const project = (role: keyof typeof ROLE_SCOPES) => ({
  slug: "flights",
  name: "Flights",
  role,
  scopes: ROLE_SCOPES[role],
});
const person = (...platformRoles: string[]) => ({ id: "1", name: "Ada", email: "ada@example.org", platformRoles });
const ids = (entries: readonly { id: string }[]) => entries.map((entry) => entry.id);

describe("what is offered", () => {
  it("shows a viewer no section that would refuse them", () => {
    expect(ids(sectionsOf(project("viewer")))).not.toContain("code");
    expect(ids(sectionsOf(project("viewer")))).toContain("endpoints");
    expect(ids(sectionsOf(project("scientist")))).toContain("code");
  });
  it("shows the control plane to administrators and Audit to those who may read one", () => {
    expect(ids(platformEntries(person(), [project("viewer")]))).toEqual(["home", "inbox"]);
    expect(ids(platformEntries(person(), [project("reviewer")]))).toEqual(["home", "inbox", "audit"]);
    expect(ids(platformEntries(person("administrator"), []))).toEqual(["home", "inbox", "audit", "control-plane"]);
  });
});

describe("where one is", () => {
  const entries = [...sectionsOf(project("maintainer")), ...platformEntries(person(), [])];
  it.each([
    ["/p/flights", "overview"],
    ["/p/flights/models", "models"],
    ["/p/flights/models/delay/versions/3", "models"],
    ["/p/flights/services/delay-desk", "endpoints"],
    ["/p/flights/scorings", "endpoints"],
    ["/p/flights/predictions/01a2", "endpoints"],
    ["/", "home"],
    ["/inbox", "inbox"],
  ])("%s lies under %s", (path, id) => expect(activeEntry(entries, path)?.id).toBe(id));
  it("knows no entry for a foreign path", () => {
    expect(activeEntry(entries, "/elsewhere")).toBeUndefined();
    expect(activeEntry(entries, "/p/flights/nowhere")).toBeUndefined();
  });
});

describe("another project", () => {
  it("opens the same section, never the same object", () => {
    expect(sameSection("/p/flights/models/delay", "flights", "churn")).toBe("/p/churn/models");
    expect(sameSection("/p/flights", "flights", "churn")).toBe("/p/churn");
    expect(sameSection("/p/flights/unknown", "flights", "churn")).toBe("/p/churn");
    expect(sameSection("/inbox", null, "churn")).toBe("/p/churn");
  });
});

it("leads from an address that leads nowhere to the section above it", () => {
  const experiments = { label: "Experiments", href: "/p/flights/experiments" };
  const overview = { label: "Overview", href: "/p/flights" };
  expect(sectionAbove("/p/flights/experiments/runs/0")).toEqual(experiments);
  expect(sectionAbove("/p/flights/services/gone").label).toBe("Endpoints");
  // A section that refuses its reader would lead to itself.
  for (const path of ["/p/flights/experiments", "/p/flights/nothing/here", "/p/flights"])
    expect(sectionAbove(path)).toEqual(overview);
});
