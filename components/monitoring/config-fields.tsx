"use client";

import { useState } from "react";
import { type MonitorConfig, WINDOW_LENGTHS, WindowLength } from "#server/monitoring/contract.ts";
import { Field } from "#components/ui/field.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { RadioGroup } from "#components/ui/toggle.tsx";
import { LENGTHS } from "./words.ts";

interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Empty: no limit. */
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly required?: boolean;
}

/** Keeps what is typed until it is a number, so that "0." is not lost half-way. */
function NumberField({ label, hint, value, onChange, required = false }: NumberFieldProps) {
  const [text, setText] = useState(value === undefined ? "" : String(value));
  const number = text.trim() === "" ? undefined : Number(text);
  const isWrong = number === undefined ? required : !Number.isFinite(number);
  return (
    <Field label={label} hint={hint} error={isWrong ? "Give a number." : undefined}>
      <Input
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const next = event.target.value.trim() === "" ? undefined : Number(event.target.value);
          if (next === undefined ? !required : Number.isFinite(next)) onChange(next);
        }}
      />
    </Field>
  );
}

interface Props {
  readonly config: MonitorConfig;
  readonly onChange: (config: MonitorConfig) => void;
}

/** Everything of a monitor that is set in the browser. What stands in monitor.yaml beside it stays as it is. */
export function ConfigFields({ config, onChange }: Props) {
  const { drift, prediction_drift: prediction, performance, service, retrain } = config;
  const set = (change: Partial<MonitorConfig>) => onChange({ ...config, ...change });
  const limit = <K extends string>(key: K, value: number | undefined) => (value === undefined ? {} : { [key]: value });
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(190px,1fr))] gap-3">
      <Field label="Window" hint="by the time of each event">
        <Select
          options={WINDOW_LENGTHS.map((value) => ({ value, label: LENGTHS[value] }))}
          value={config.window}
          onValueChange={(value) => set({ window: WindowLength.parse(value) })}
        />
      </Field>
      <NumberField
        label="Fewest rows"
        hint="fewer raise no alert"
        required
        value={config.min_rows}
        onChange={(v) => set({ min_rows: v ?? 1 })}
      />
      <NumberField
        label="Feature drift: PSI"
        required
        value={drift.psi}
        onChange={(v) => set({ drift: { ...drift, psi: v ?? drift.psi } })}
      />
      <NumberField
        label="Feature drift: Jensen-Shannon"
        required
        value={drift.jensen_shannon}
        onChange={(v) => set({ drift: { ...drift, jensen_shannon: v ?? drift.jensen_shannon } })}
      />
      <NumberField
        label="Chance of a false alarm"
        hint="alpha, over all features"
        required
        value={drift.alpha}
        onChange={(v) => set({ drift: { ...drift, alpha: v ?? drift.alpha } })}
      />
      <NumberField
        label="Prediction drift: PSI"
        required
        value={prediction.psi}
        onChange={(v) => set({ prediction_drift: { ...prediction, psi: v ?? prediction.psi } })}
      />
      <NumberField
        label="AUC may drop by"
        hint="empty: shown, not judged"
        value={performance.auc?.max_drop}
        onChange={(v) => {
          const { auc: _, ...rest } = performance;
          set({ performance: { ...rest, ...(v === undefined ? {} : { auc: { max_drop: v } }) } });
        }}
      />
      <NumberField
        label="Accuracy may drop by"
        hint="empty: shown, not judged"
        value={performance.accuracy?.max_drop}
        onChange={(v) => {
          const { accuracy: _, ...rest } = performance;
          set({ performance: { ...rest, ...(v === undefined ? {} : { accuracy: { max_drop: v } }) } });
        }}
      />
      <NumberField
        label="Log-loss may rise by"
        hint="empty: shown, not judged"
        value={performance.log_loss?.max_rise}
        onChange={(v) => {
          const { log_loss: _, ...rest } = performance;
          set({ performance: { ...rest, ...(v === undefined ? {} : { log_loss: { max_rise: v } }) } });
        }}
      />
      <NumberField
        label="Share of failed requests"
        hint="at most, 0 to 1; empty: not judged"
        value={service.max_error_share}
        onChange={(v) => {
          const { max_error_share: _, ...rest } = service;
          set({ service: { ...rest, ...limit("max_error_share", v) } });
        }}
      />
      <NumberField
        label="p95 of requests in ms"
        hint="at most; empty: not judged"
        value={service.max_p95_ms}
        onChange={(v) => {
          const { max_p95_ms: _, ...rest } = service;
          set({ service: { ...rest, ...limit("max_p95_ms", v) } });
        }}
      />
      <Field label="Retraining: pipeline">
        <Input
          mono
          value={retrain.pipeline}
          onChange={(event) => set({ retrain: { ...retrain, pipeline: event.target.value } })}
        />
      </Field>
      <div className="col-span-full">
        <RadioGroup
          label="Retraining starts"
          value={retrain.mode}
          onValueChange={(value) =>
            set({ retrain: { ...retrain, mode: value === "automatic" ? "automatic" : "manual" } })
          }
          options={[
            { value: "manual", label: "By one click on an alert" },
            {
              value: "automatic",
              label: "By itself when an alert opens",
              hint: "Once outcomes are known and the traffic has come to rest. A reviewer still decides on the result.",
            },
          ]}
        />
      </div>
    </div>
  );
}
