import { AppError } from "#server/kernel/errors.ts";

/** The Python that a model is loaded in. */
export interface PythonEnvironment {
  readonly interpreter: string;
  /** What a confined process must see to use it. */
  readonly folders: readonly string[];
}

export interface WantedEnvironment {
  /** Of the model, for messages. */
  readonly name: string;
  /** Text of a requirements file. */
  readonly requirements: string;
  /** A version specifier, such as "==3.11.*". */
  readonly python: string;
}

/** Gives the environment, built now unless it is there, which takes minutes. Throws what says in words why it cannot be had. */
export type EnvironmentProvider = (wanted: WantedEnvironment) => Promise<PythonEnvironment>;

let provider: EnvironmentProvider = () =>
  Promise.reject(
    new AppError("unavailable", "This process cannot run Python models.", { remedy: "Ask a worker to do it." }),
  );

/** Says who builds environments; once, where a worker starts. Runtimes know neither the database nor the tools that it takes. */
export function provideEnvironments(given: EnvironmentProvider): void {
  provider = given;
}

export function environmentFor(wanted: WantedEnvironment): Promise<PythonEnvironment> {
  return provider(wanted);
}
