import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { can } from "#server/identity/contract.ts";
import type { ProjectDto } from "#server/projects/contract.ts";

/** How programs outside reach the project: the clone line and the environment of an MLflow client. */
export function ConnectCard({ project, gitUrl }: { project: ProjectDto; gitUrl: string }) {
  const appUrl = gitUrl.slice(0, gitUrl.lastIndexOf("/git/"));
  const codes = can(project.scopes, "code:read");
  const tracks = can(project.scopes, "tracking:read");
  if (!codes && !tracks) return null;
  return (
    <Card
      title="Connect"
      description="Both ask for an API token of this project, or of all your projects; create one under API tokens"
    >
      <div className="max-w-3xl space-y-4 text-sm">
        {codes ? (
          <div className="space-y-1.5">
            <p>
              Git asks for a user and a password: any user name, and the token as password. It needs the scope code:read
              to clone and code:write to push.
            </p>
            <CodeBlock title="Clone" code={`git clone ${gitUrl}`} />
          </div>
        ) : null}
        {tracks ? (
          <div className="space-y-1.5">
            <p>
              An unmodified mlflow client logs to this project with these two lines. The token needs tracking:write, and
              registry:write to register models.
            </p>
            <CodeBlock
              title="MLflow"
              code={`export MLFLOW_TRACKING_URI=${appUrl}/p/${project.slug}\nexport MLFLOW_TRACKING_TOKEN=tst_…`}
            />
          </div>
        ) : null}
      </div>
    </Card>
  );
}
