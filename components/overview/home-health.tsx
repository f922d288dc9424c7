import { RadioTower } from "lucide-react";
import { Card, Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import type { LiveModel } from "#server/overview/contract.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import { LiveModelCard } from "./live-model-card.tsx";

/** What is live in every project of the reader, and how well it does. */
export function HomeHealth({ health, projects }: { health: readonly LiveModel[]; projects: readonly ProjectDto[] }) {
  const scopesOf = (slug: string) => projects.find((project) => project.slug === slug)?.scopes ?? [];
  return (
    <Section title="What is live" description="In your projects, in plain words">
      {health.length === 0 ? (
        <Card>
          <EmptyState icon={<RadioTower aria-hidden />}>
            Nothing is live yet. When a promotion is approved, this page says what answers, since when, and how well.
          </EmptyState>
        </Card>
      ) : (
        health.map((model) => (
          <LiveModelCard
            key={`${model.project.slug}/${model.endpoint}`}
            model={model}
            scopes={scopesOf(model.project.slug)}
            showProject
          />
        ))
      )}
    </Section>
  );
}
