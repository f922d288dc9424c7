import { PageMissing } from "#components/shell/page-state.tsx";

export default function FramedNotFound() {
  return <PageMissing />;
}
