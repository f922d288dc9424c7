import { MissingInProject } from "#components/shell/page-state.tsx";

export default function FramedNotFound() {
  return <MissingInProject />;
}
