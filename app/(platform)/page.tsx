import { PageHeader } from "#components/ui/page-header.tsx";

/** Home. */
export default function HomePage() {
  return <PageHeader title="Home" />;
}
