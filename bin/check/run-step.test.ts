import { beforeEach, expect, test, vi } from "vitest";
import { runAll, runStep, SKIPPED, type Step } from "./run-step.ts";

const shown: string[] = [];
beforeEach(() => {
  shown.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void shown.push(line));
});

const step = (name: string, code: string, more: Partial<Step> = {}): Step => ({
  name,
  args: ["-e", code],
  minutes: 1,
  ...more,
});

test("a step without a report is one check", async () => {
  expect(await runStep(step("good", ""))).toMatchObject({ ok: true, passed: 1, failed: 0 });
  expect(await runStep(step("bad", "process.exit(3)"))).toMatchObject({ ok: false, passed: 0, failed: 1 });
});

test("only what a failed step wrote is shown", async () => {
  await runStep(step("good", "console.log('quiet please')"));
  await runStep(step("bad", "console.log('the reason'); process.exit(1)"));
  expect(shown.join("\n")).not.toContain("quiet please");
  expect(shown.join("\n")).toContain("the reason");
});

test("a report's numbers count, and a failure that it does not know of counts too", async () => {
  const count = () => ({ passed: 7, failed: 0, skipped: 2 });
  expect(await runStep(step("good", "", { count }))).toMatchObject({ passed: 7, failed: 0, skipped: 2 });
  expect(await runStep(step("leak", "process.exit(1)", { count }))).toMatchObject({ passed: 7, failed: 1 });
  expect(await runStep(step("crash", "process.exit(1)", { count: () => null }))).toMatchObject({
    passed: 0,
    failed: 1,
  });
});

test("a step that hangs is stopped and has failed", async () => {
  expect(await runStep(step("hang", "setInterval(() => {}, 1000)", { minutes: 0.005 }))).toMatchObject({
    ok: false,
    failed: 1,
  });
  expect(shown.join("\n")).toContain("took more than");
});

test("a step that has nothing to stand on is skipped, and says why", async () => {
  const outcome = await runStep(step("python", `console.log("SKIPPED: no network"); process.exit(${SKIPPED})`));
  expect(outcome).toMatchObject({ ok: true, passed: 0, failed: 0, skipped: 1 });
  expect(shown.join("\n")).toContain("no network");
});

test("all run, whether or not one fails", async () => {
  const outcomes = await runAll([step("a", "process.exit(1)"), step("b", ""), step("c", "")], 2);
  expect(outcomes.map(({ name, ok }) => [name, ok]).sort()).toEqual([
    ["a", false],
    ["b", true],
    ["c", true],
  ]);
});

test("a developer's own settings do not reach a step", async () => {
  vi.stubEnv("OIDC_ISSUER", "https://login.example.org");
  vi.stubEnv("PGHOST", "production.example.org");
  const code = "process.exit(process.env.OIDC_ISSUER || process.env.PGHOST ? 1 : 0)";
  expect(await runStep(step("clean", code))).toMatchObject({ ok: true });
});
