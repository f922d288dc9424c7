import { HomePage } from "#components/overview/home-page.tsx";
import { MlflowLink } from "#components/tracking/parts/mlflow-link.tsx";
import { pageSession } from "#server/http/page.ts";
import { getHome } from "#server/overview/index.ts";

/** Home: each role's own work. */
export default async function Page() {
  const { actor, person } = await pageSession();
  return (
    <>
      <MlflowLink />
      <HomePage home={await getHome(actor, {})} name={person.name} />
    </>
  );
}
