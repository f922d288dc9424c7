import { AppError } from "#server/kernel/errors.ts";
import type { ModelDetail, VersionDto } from "#server/registry/contract.ts";
import { deleteAlias, getModel, getVersion, setAlias, updateVersion } from "#server/registry/index.ts";
import type { Call, Handler } from "./call.ts";
import { stageOf, STAGE_TAG, versionMessage } from "./registry-messages.ts";

// MLflow's stages, which it calls deprecated, said by what Touchstone has: Production is the champion, Staging the free alias `staging`, Archived a tag.

const STAGES = ["None", "Staging", "Production", "Archived"] as const;
type Stage = (typeof STAGES)[number];
const STAGING = "staging";

function stageNamed(text: string): Stage {
  const found = STAGES.find((stage) => stage.toLowerCase() === text.toLowerCase());
  if (found) return found;
  throw new AppError(
    "invalid_input",
    `Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(", ")}.`,
    { field: "stage", value: text },
  );
}

async function moveTo(call: Call, version: VersionDto, stage: Stage): Promise<void> {
  const { actor, project } = call;
  const of = { name: version.model, version: String(version.version) };
  if (stage === "Staging") await setAlias(actor, project, { ...of, alias: STAGING });
  else if (version.aliases.includes(STAGING)) await deleteAlias(actor, project, { name: of.name, alias: STAGING });
  const tagged = version.tags[STAGE_TAG] !== undefined;
  if (stage === "Archived") await updateVersion(actor, project, { ...of, tags: { [STAGE_TAG]: stage } });
  else if (tagged) await updateVersion(actor, project, { ...of, tags: { [STAGE_TAG]: null } });
}

/** Errors: forbidden for Production, and for moving the champion, which only promotions do; invalid_input for a stage that MLflow does not know. */
export const transitionStage: Handler = async (call) => {
  const { actor, project, fields } = call;
  const name = fields.required("name");
  const version = fields.required("version");
  const stage = stageNamed(fields.required("stage"));
  const found = await getVersion(actor, project, { name, version });
  const current = stageOf(found);
  if (current === stage) return { model_version: versionMessage(found) };
  if (stage === "Production" || current === "Production") {
    // Refused as the alias is, with the page where one asks: by what the token of an MLflow client may.
    await setAlias(actor, project, { name, version, alias: "champion" });
    throw new Error("unreachable: the champion moves by an approved promotion alone");
  }
  await moveTo(call, found, stage);
  return { model_version: versionMessage(await getVersion(actor, project, { name, version })) };
};

/** The newest version of each stage, or of the stages that are asked for. */
function newestByStage(model: ModelDetail, asked: readonly Stage[]): VersionDto[] {
  return STAGES.filter((stage) => asked.length === 0 || asked.includes(stage)).flatMap(
    (stage) => model.versions.find((version) => stageOf(version) === stage) ?? [],
  );
}

export const getLatestVersions: Handler = async ({ actor, project, fields }) => {
  const asked = fields.texts("stages").map(stageNamed);
  const model = await getModel(actor, project, { name: fields.required("name") });
  const newest = newestByStage(model, asked);
  return newest.length > 0 ? { model_versions: newest.map(versionMessage) } : {};
};
