import { PageMissing } from "#components/shell/page-state.tsx";

export default function NotFound() {
  return (
    <main>
      <PageMissing />
    </main>
  );
}
