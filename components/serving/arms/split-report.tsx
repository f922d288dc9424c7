import { CircleCheck, CircleHelp, OctagonAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ArmReport, MetricFigure, ReportedArm, ReportedMetric } from "#server/serving/contract.ts";
import { Card } from "#components/ui/card.tsx";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";
import { Num } from "#components/ui/values.tsx";
import { Verdict, VerdictBanner } from "#components/ui/verdict.tsx";
import { ArmBadge } from "./arm-badge.tsx";
import { ratioSentence } from "./arm-words.ts";
import {
  differenceText,
  furtherSentences,
  headline,
  METRIC_NAMES,
  metricText,
  spanText,
  unknowns,
  verdictOf,
} from "./report-words.ts";

/** What a split has shown: the verdict, the ratio of the split, how each side answered, what outcomes say, and what is not known. */
export function SplitReport({ report }: { report: ArmReport }) {
  const { arm, champion, challenger, metrics } = report;
  const { value, sentence } = headline(report);
  return (
    <div className="space-y-3">
      <VerdictBanner
        value={value}
        sentence={sentence}
        detail={
          <>
            Version {challenger.version} beside version {champion.version}, <span data-number>{spanText(report)}</span>
            {arm.endReason === "" ? "" : `. Ended: ${arm.endReason}`}
          </>
        }
      />
      <Ratio report={report} />
      <Card title="How each side answered" padded={false}>
        <Sides sides={[champion, challenger]} />
      </Card>
      {metrics.length > 0 ? (
        <Card
          title="What the outcomes say"
          description="With 95% intervals; rows of one entity or request count together. A difference above 0 is in favour of the arm."
          padded={false}
        >
          <Metrics metrics={metrics} said={sentence} champion={champion} challenger={challenger} />
        </Card>
      ) : null}
      <Card title="What is not known">
        <ul className="list-disc space-y-1 pl-4 text-sm">
          {unknowns(report).map((unknown) => (
            <li key={unknown}>{unknown}</li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

const RATIOS = {
  fits: { icon: <CircleCheck className="text-good" aria-hidden />, word: "Split as declared" },
  broken: { icon: <OctagonAlert className="text-bad" aria-hidden />, word: "Split is broken" },
  insufficient: { icon: <CircleHelp className="text-warn" aria-hidden />, word: "Too few to judge the split" },
} as const;

function Ratio({ report: { ratio } }: { report: ArmReport }) {
  const { icon, word } = RATIOS[ratio.verdict];
  return (
    <Card title="Is the split what was declared?">
      <div className="flex items-start gap-3 text-sm">
        <span className="mt-0.5 shrink-0 [&_svg]:size-4">{icon}</span>
        <div className="min-w-0 space-y-1">
          <p className="font-medium">{word}</p>
          <p data-number>{ratioSentence(ratio)}</p>
          <p className="text-xs text-muted" data-number>
            Sample-ratio check (χ², 1 degree of freedom, broken below p = 0.001): n ={" "}
            {formatNumber(ratio.champion + ratio.arm)} {ratio.unit === "entity" ? "entities" : "requests"}, χ² ={" "}
            {formatNumber(ratio.statistic)}, p = {formatNumber(ratio.p)}
          </p>
        </div>
      </div>
    </Card>
  );
}

function Sides({ sides }: { sides: readonly ReportedArm[] }) {
  return (
    <Table
      heads={[
        "Side",
        "Requests",
        "Refused (4xx)",
        "Failed (5xx)",
        "p50 (ms)",
        "p95 (ms)",
        "p99 (ms)",
        "Outcomes known",
      ]}
    >
      {sides.map((side) => (
        <tr key={side.arm} className="h-9 border-t">
          <Side side={side} />
          {[side.requests, side.refused, side.failed].map((count, i) => (
            <td key={i} className="px-3 text-right">
              <Num value={count} digits={0} />
            </td>
          ))}
          {[side.p50Ms, side.p95Ms, side.p99Ms].map((ms, i) => (
            <td key={i} className="px-3 text-right">
              <Num value={ms} />
            </td>
          ))}
          <td className="px-3 text-right whitespace-nowrap" data-number>
            {side.rows === 0
              ? "–"
              : `${formatNumber(side.outcomes)} of ${formatNumber(side.rows)} (${formatPercent(side.outcomes / side.rows, 0)})`}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Metrics({
  metrics,
  said,
  champion,
  challenger,
}: {
  metrics: readonly ReportedMetric[];
  /** What stands at the top of the report already. */
  said: string;
  champion: ReportedArm;
  challenger: ReportedArm;
}) {
  const sentences = furtherSentences(metrics, said);
  return (
    <>
      <Table
        heads={[
          "Metric",
          `Champion, version ${champion.version}`,
          `Arm, version ${challenger.version}`,
          "Difference",
          "Verdict",
        ]}
        left={["Verdict"]}
      >
        {metrics.map((metric) => (
          <tr key={metric.name} className="h-11 border-t">
            <th scope="row" className="px-3 text-left font-medium">
              {METRIC_NAMES[metric.name]}
              <span className="block font-normal whitespace-nowrap text-muted">
                {metric.higherIsBetter ? "more is better" : "less is better"}
              </span>
            </th>
            <Figure name={metric.name} figure={metric.champion} />
            <Figure name={metric.name} figure={metric.arm} />
            <td className="px-3 text-right whitespace-nowrap" data-number>
              {differenceText(metric)}
            </td>
            <td className="px-3">
              <Verdict value={verdictOf(metric)} />
            </td>
          </tr>
        ))}
      </Table>
      {sentences.length > 0 ? (
        <ul className="space-y-1 border-t px-3 py-2 text-sm">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function Figure({ name, figure }: { name: ReportedMetric["name"]; figure: MetricFigure | null }) {
  return (
    <td className="px-3 text-right whitespace-nowrap" data-number>
      {figure ? (
        <>
          {metricText(name, figure.value)} ({metricText(name, figure.low)} to {metricText(name, figure.high)})
          <span className="block whitespace-normal text-muted">
            {plural(figure.rows, "row")} of {formatNumber(figure.units)} entities or requests
          </span>
        </>
      ) : (
        "–"
      )}
    </td>
  );
}

function Side({ side }: { side: ReportedArm }) {
  return (
    <th scope="row" className="px-3 text-left font-normal">
      <span className="flex items-center gap-2 whitespace-nowrap">
        <ArmBadge arm={side.arm} /> version {side.version}
      </span>
    </th>
  );
}

function Table({
  heads,
  left = [],
  children,
}: {
  heads: readonly string[];
  /** Heads whose column holds words. */
  left?: readonly string[];
  children: ReactNode;
}) {
  return (
    <div
      className="overflow-x-auto"
      tabIndex={0}
      role="region"
      aria-label={`Table by ${heads[0]?.toLowerCase() ?? ""}`}
    >
      <table className="w-full min-w-160 text-xs">
        <thead>
          <tr className="h-8 text-muted">
            {heads.map((head, i) => (
              <th
                key={head}
                scope="col"
                className={`px-3 font-medium whitespace-nowrap ${i === 0 || left.includes(head) ? "text-left" : "text-right"}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
