import {
  Breach,
  FeatureDrift,
  type MetricName,
  Performance,
  PredictionDrift,
  ServiceFigures,
  type WindowDto,
  type WindowLength,
  WindowVersion,
} from "./contract.ts";
import { windowLabel } from "./event-windows.ts";

interface Row {
  readonly id: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly rows: number;
  readonly outcomes: number;
  readonly versions: unknown;
  readonly drift: unknown;
  readonly predictionDrift: unknown;
  readonly performance: unknown;
  readonly service: unknown;
  readonly breaches: unknown;
  readonly notes: readonly string[];
  readonly computedAt: Date;
  readonly computeMs: number;
}

/** A stored window as pages and clients read it. */
export function windowDto(
  row: Row,
  length: WindowLength,
  reference: { id: string; version: number; dataset: { name: string } } | null,
): WindowDto {
  return {
    id: row.id,
    label: windowLabel(row.startsAt.getTime(), length),
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    rows: row.rows,
    outcomes: row.outcomes,
    versions: WindowVersion.array().parse(row.versions),
    reference: reference && { versionId: reference.id, name: reference.dataset.name, version: reference.version },
    drift: FeatureDrift.array().parse(row.drift),
    predictionDrift: PredictionDrift.nullable().parse(row.predictionDrift),
    performance: Performance.nullable().parse(row.performance),
    service: ServiceFigures.nullable().parse(row.service),
    breaches: Breach.array().parse(row.breaches),
    notes: row.notes,
    computedAt: row.computedAt.toISOString(),
    computeMs: row.computeMs,
  };
}

/** The one figure that stands for a window's quality: the AUC of a two-class model, else the accuracy; null without outcomes. */
export function mainFigure(window: WindowDto): { metric: MetricName; value: number; n: number } | null {
  const { performance } = window;
  if (performance?.auc) return { metric: "auc", value: performance.auc.value, n: performance.n };
  return performance?.accuracy ? { metric: "accuracy", value: performance.accuracy.value, n: performance.n } : null;
}

/** A window without the bars of its distributions, which are most of its bytes. */
export function withoutBars(window: WindowDto): WindowDto {
  const strip = <T extends FeatureDrift>(feature: T): T => {
    if (!feature.distribution) return feature;
    const { bars: _, ...distribution } = feature.distribution;
    return { ...feature, distribution };
  };
  return {
    ...window,
    drift: window.drift.map(strip),
    predictionDrift: window.predictionDrift && strip(window.predictionDrift),
  };
}
