/**
 * Where an address that an MLflow client prints leads: the fragment "#/experiments/3/runs/<id>" behind the project's own address. Null for one
 * that names nothing here. Experiments and models are counted per project, so only a project knows them.
 */
export function mlflowAddress(project: string, hash: string): string | null {
  const within = `/p/${project}`;
  const run = mlflowRun(hash);
  if (run !== null) return `${within}/experiments/runs/${run}`;
  const experiment = /^#\/experiments\/(\d{1,9})(?:$|[/?])/.exec(hash)?.[1];
  if (experiment !== undefined) return `${within}/experiments?experiment=${experiment}`;
  const [, model, version] = /^#\/models\/([^/?]+)(?:\/versions\/(\d{1,9}))?(?:$|[/?])/.exec(hash) ?? [];
  // The name stays as the client has encoded it.
  return model === undefined ? null : `${within}/models/${model}${version === undefined ? "" : `/${version}`}`;
}

/** The run that such an address names, of whatever project. */
export function mlflowRun(hash: string): string | null {
  return /^#\/experiments\/\d+\/runs\/([0-9a-f]{32})(?:$|[/?])/.exec(hash)?.[1] ?? null;
}
