import { makeEnvironment } from "./python-environment.ts";

// The Python in which the clients that others wrote speak with our endpoints; apart from mlflow's, whose pins they would fight.
const PACKAGES = ["tritonclient[http]==2.73.0", "kserve==0.21.0", "openapi-spec-validator==0.7.2"];

/** Makes the environment unless it is there. Returns why that failed, or null. */
export const makeServingClients = () => makeEnvironment("node_modules/.cache/serving-clients", PACKAGES);
