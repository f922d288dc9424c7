import { listTrafficRange, readTrafficWindow } from "#server/serving/index.ts";
import type { TrafficDay, TrafficWindow } from "#server/serving/contract.ts";
import type { WindowLength } from "./contract.ts";
import { type EventWindow, windowsOfDay } from "./event-windows.ts";

/** A window that the log has something for, with what it counts. */
export interface LoggedWindow extends EventWindow {
  readonly predictions: number;
  readonly outcomes: number;
  /** Changes whenever a prediction or an outcome of the window's days arrives. */
  readonly counts: readonly (readonly [day: string, ...figures: (string | number)[]])[];
}

/** The windows of an endpoint's log by event time, oldest first. Those of an hour may turn out to be empty: the log is counted by the day. */
export async function listLoggedWindows(endpointId: string, length: WindowLength): Promise<LoggedWindow[]> {
  const { days } = await listTrafficRange(endpointId);
  const windows = new Map<number, { window: EventWindow; days: TrafficDay[] }>();
  for (const day of days) {
    for (const window of windowsOfDay(Date.parse(day.day), length)) {
      const known = windows.get(window.startsAt);
      if (known) known.days.push(day);
      else windows.set(window.startsAt, { window, days: [day] });
    }
  }
  return [...windows.values()]
    .sort((a, b) => a.window.startsAt - b.window.startsAt)
    .map(({ window, days: found }) => ({
      ...window,
      predictions: found.reduce((sum, day) => sum + day.predictions, 0),
      outcomes: found.reduce((sum, day) => sum + day.outcomes, 0),
      counts: found.map((day) => [day.day, day.predictions, day.outcomes, day.lastReceivedAt, day.lastOutcomeAt ?? ""]),
    }));
}

/**
 * The rows of a window that the champion answered, by column. A canary or an A/B gets a share of the same traffic, chosen at random, so the champion's
 * rows show what the traffic was like; and its quality and its predictions are compared with its own baselines, which another version's would blur.
 */
export async function readWindow(endpointId: string, { startsAt, endsAt }: EventWindow): Promise<TrafficWindow> {
  return await readTrafficWindow(endpointId, new Date(startsAt), new Date(endsAt), { arm: "champion" });
}

/** Every row of a window, whoever answered it. */
export async function readAllRows(endpointId: string, { startsAt, endsAt }: EventWindow): Promise<TrafficWindow> {
  return await readTrafficWindow(endpointId, new Date(startsAt), new Date(endsAt));
}

/** The version that answered most of the rows: windows are compared with what that version was trained on. Null for an empty window. */
export function mainVersion(window: Pick<TrafficWindow, "versions">): TrafficWindow["versions"][number] | null {
  return window.versions.reduce<TrafficWindow["versions"][number] | null>(
    (most, version) => (most && most.rows >= version.rows ? most : version),
    null,
  );
}
